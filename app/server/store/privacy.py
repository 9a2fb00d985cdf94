"""What is kept of people: for how long, what there is of one of them, and how they are taken out of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from app.core.audit import Deed
from app.core.lines import CustomerId
from app.core.model import Frozen, PersonId, SpaceId
from app.core.privacy import Eraser, Kept

if TYPE_CHECKING:
    from app.server.store.base import StreamKey

BATCH = 200
"""Rows that are deleted or looked at in one turn of the writer, so that alerts never wait long for it."""


TABLES = (
    "messages",
    "conversations",
    "sends",
    "alerts",
    "cases",
    "case_notes",
    "contacts",
    "talks",
    "line_texts",
    "hook_posts",
    "api_answers",
    "policies",
    "audit",
)
"""Where rows tell of several people."""


@dataclass(frozen=True)
class Standing:
    """A stream that has events which its checkpoint does not have. ``at``: its number."""

    key: StreamKey
    at: int


class Traits(Frozen):
    """By what somebody is found."""

    handle: str
    name: str
    numbers: tuple[str, ...] = ()


class PrivacyStore(Protocol):
    """Every method may raise StoreError; nothing of it has happened then."""

    # For how long

    async def days(self) -> Mapping[Kept, int | None]:
        """Of each kind; ``None``: for ever."""
        ...

    async def set_days(self, kind: Kept, days: int | None, deed: Deed) -> None: ...

    async def readers_of_old(self, before: float) -> Sequence[PersonId]:
        """Who has messages from before (s)."""
        ...

    async def old_talks(self, before: float) -> Sequence[tuple[SpaceId, CustomerId]]:
        """Some conversations with customers in which nothing was written since (s), oldest first."""
        ...

    async def forget(self, kind: Kept, before: float) -> int:
        """Delete at most ``BATCH`` of what is older than ``before`` (s) and over; how many there were."""
        ...

    async def unsettled(self, before: float) -> Sequence[Standing]:
        """Some streams with events from before (s) that are not in their checkpoint."""
        ...

    # One person

    async def exported(self, person: PersonId) -> Mapping[str, Any]:
        """Everything there is of them: names of files -> what belongs there, ready for JSON."""
        ...

    async def traits(self, person: PersonId) -> Traits | None: ...

    async def withdraw(self, person: PersonId, deed: Deed) -> None:
        """Sign-ins, numbers, picture, seats, rights, memberships are gone; name and handle are the alias.
        What they were is known until :meth:`finished`."""
        ...

    async def unfinished(self) -> Sequence[tuple[PersonId, Traits]]:
        """Who was withdrawn and is not taken out of everything yet."""
        ...

    async def finished(self, person: PersonId) -> None:
        """They are; running servers look whether streams were rewritten."""
        ...

    async def erase_rows(self, eraser: Eraser, table: str, after: tuple[Any, ...]) -> tuple[Any, ...] | None:
        """Take them out of some rows of a table of ``TABLES``, those after a key (``()`` to begin); where to
        go on, ``None`` at the end."""
        ...

    async def streams(self) -> Sequence[StreamKey]: ...

    async def mentions(self, stream: StreamKey, eraser: Eraser) -> bool:
        """Whether anything of the person is in its checkpoint, or in any event that is kept."""
        ...

    async def rewrite(self, stream: StreamKey, at: int, state: bytes) -> bool:
        """Put another state in place of the one at number ``at``: nothing of earlier events is left, and
        the number rises by one, so that whoever has another state notices. ``False``: it moved on."""
        ...

    async def scrub(self) -> bool:
        """What was deleted is in no corner of the file any more; ``False``: another program was reading, so
        that it is to be tried again."""
        ...
