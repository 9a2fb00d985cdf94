"""What is kept of people: for how long, what there is of one of them, and how they are taken out of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from app.core.audit import Deed
from app.core.erasing import Eraser
from app.core.lines import CustomerId, LineId
from app.core.model import Frozen, PersonId, SpaceId
from app.core.privacy import Kept, Trace, Where
from app.server.store.keys import StreamKey

BATCH = 200
"""Rows that are deleted or looked at in one turn of the writer, so that alerts never wait long for it."""


TABLES = (
    "groups",
    "spaces",
    "lines",
    "integrations",
    "webhooks",
    "messages",
    "conversations",
    "cases",  # before what is sent for them
    "sends",
    "alerts",
    "case_notes",
    "contacts",
    "talks",
    "line_texts",
    "line_sends",
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


class PersonTraits(Frozen, tag="person"):
    """By what a person is found who is erased.

    Attributes:
        numbers: of their phones, those of before too, E.164.
        former: handles and names that they had before.
        namesakes: other people with one of the names.
    """

    person: PersonId
    handle: str
    name: str
    numbers: tuple[str, ...] = ()
    former: tuple[tuple[str, str], ...] = ()
    namesakes: tuple[PersonId, ...] = ()

    @property
    def key(self) -> str:
        return self.person


class CustomerTraits(Frozen, tag="customer"):
    """By what a customer is found who is erased.

    Attributes:
        number: E.164, or what a gateway has instead.
        talks: their conversations when that began; whoever writes again is somebody new.
    """

    number: str
    talks: tuple[tuple[SpaceId, CustomerId], ...] = ()

    @property
    def key(self) -> str:
        return f"customer:{self.number}"


Traits = PersonTraits | CustomerTraits


@dataclass(frozen=True)
class KnownTalk:
    """A conversation of a customer.

    Attributes:
        name: of the line.
        texts: how many messages and notes there are.
        first_at, last_at: s; 0 if nothing was written.
        open: it is not resolved.
    """

    space: SpaceId
    talk: CustomerId
    line: LineId
    name: str
    texts: int
    first_at: float
    last_at: float
    open: bool

    @property
    def between(self) -> Sequence[float]:
        """When they begin and end, s; empty if nothing was written."""
        return [at for at in dict.fromkeys((self.first_at, self.last_at)) if at]


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

    async def old_talks(
        self, before: float, after: CustomerId | None
    ) -> Sequence[tuple[SpaceId, CustomerId]]:
        """Some conversations with customers in which nothing was written since (s), those after an id."""
        ...

    async def forget(self, kind: Kept, before: float) -> int:
        """Delete at most ``BATCH`` of what is older than ``before`` (s) and over; how many there were."""
        ...

    async def forget_numbers(self, before: float) -> int:
        """Numbers that were somebody's until before (s), unless a contact or a line's setting has one."""
        ...

    async def unsettled(self, before: float) -> Sequence[Standing]:
        """Some streams with events from before (s) that are not in their checkpoint."""
        ...

    # One person

    async def exported(self, person: PersonId) -> Mapping[str, Any]:
        """Everything the tables have of them: names of files -> what belongs there, ready for JSON."""
        ...

    async def traits(self, person: PersonId) -> PersonTraits | None: ...

    async def withdraw(self, person: PersonId, deed: Deed) -> None:
        """Sign-ins, numbers, picture, seats, rights, memberships are gone; name and handle are the alias.
        What they were is known until :meth:`finished`."""
        ...

    async def traces(self, words: Sequence[str], person: PersonId) -> Sequence[Trace]:
        """Where one of the words stands in what others than the person typed."""
        ...

    async def rename(self, where: Where, thing: str, name: str, deed: Deed) -> bool:
        """Give a group, a space or a line another name; ``False``: there is none."""
        ...

    # One customer

    async def customer(self, number: str) -> Sequence[KnownTalk]:
        """The conversations with whoever has this number (E.164)."""
        ...

    async def exported_customer(self, number: str) -> Mapping[str, Any]:
        """Everything there is of them, as :meth:`exported`."""
        ...

    async def begin_customer(self, number: str, deed: Deed) -> CustomerTraits | None:
        """From now on they are being erased, until :meth:`finished`; ``None``: nobody has that number."""
        ...

    async def forget_talk(self, talk: CustomerId) -> None:
        """A conversation of a space that has no stream to tell of it."""
        ...

    # Either

    async def unfinished(self) -> Sequence[Traits]:
        """Who is being erased and is not taken out of everything yet."""
        ...

    async def finished(self, traits: Traits) -> None:
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

    async def owed(self) -> bool:
        """Whether something that was deleted may still stand in a corner of the files."""
        ...

    async def scrub(self) -> bool:
        """What was deleted is in no corner of the files any more; ``False``: another program was reading, so
        that it is still owed and to be tried again."""
        ...
