"""What the store keeps for phones: contacts of spaces, people's own numbers, and what was sent to which.

Numbers and addresses come out of here for whoever sends something, and for nobody else.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from app.core.audit import Deed
from app.core.cases import SendId
from app.core.errors import Code
from app.core.model import PersonId, SpaceId
from app.core.phone_questions import QuietHours
from app.core.policy import Contact, ContactId

CAP_S = 3_600.0
"""s that a cap looks back."""
CODE_TRIES = 5
"""Attempts at one code."""


@dataclass(frozen=True)
class KeptContact:
    """A contact with what the server alone knows: E.164 number, Apprise URL or https address."""

    space: SpaceId
    contact: Contact
    address: str


@dataclass(frozen=True)
class Waiting:
    """A number whose code has not been brought yet. ``until``: s."""

    number: str
    until: float
    tries: int


@dataclass(frozen=True)
class OwnPhone:
    """Attributes:
    number: E.164, verified; "" where there is none.
    """

    number: str = ""
    quiet: QuietHours | None = None
    waiting: Waiting | None = None


class Caps(NamedTuple):
    """Texts and calls within an hour at most: to one number, to one person, and of the whole server."""

    target: int = 20
    person: int = 20
    server: int = 300


@dataclass(frozen=True)
class Charge:
    """A text or call that is about to be paid for.

    Attributes:
        target: the number, hashed.
    """

    at: float
    channel: str
    target: str
    person: PersonId | None = None
    contact: ContactId | None = None


class ContactStore(Protocol):
    """Every method may raise :class:`app.server.store.base.StoreError`; nothing of it has happened then."""

    async def of_space(self, space: SpaceId) -> Sequence[KeptContact]:
        """By name."""
        ...

    async def contact(self, contact: ContactId) -> KeptContact | None: ...

    async def save(self, kept: KeptContact, deed: Deed) -> None:
        """Make it, or change it; it stays in the space where it was made."""
        ...

    async def delete(self, kept: KeptContact, deed: Deed) -> bool:
        """Whether it was still there."""
        ...

    async def phone(self, person: PersonId) -> OwnPhone: ...

    async def verified(self, space: SpaceId) -> frozenset[PersonId]:
        """Members of the space whose own number is verified."""
        ...

    async def set_quiet(self, person: PersonId, hours: QuietHours | None, deed: Deed) -> None: ...

    async def await_code(
        self, person: PersonId, number: str, code_hash: bytes, now: float, until: float
    ) -> None:
        """A code was made for a number; an earlier one is worth nothing any more."""
        ...

    async def bring_code(self, person: PersonId, code_hash: bytes, deed: Deed) -> int | None:
        """An attempt at the code, at the time of the deed, which is written down if it is right.

        Returns:
            ``None``: it is the code, and its number is the person's from now on. Else how many attempts are
            left, 0 also where no code is awaited.
        """
        ...

    async def remove_phone(self, person: PersonId, deed: Deed) -> None:
        """The number, and one that waits for its code."""
        ...

    async def charge(self, charge: Charge, caps: Caps) -> Code | None:
        """Count a text or call, unless a cap is reached: then which one, and nothing is counted.

        Counting and looking are one: however many servers send at a time, no cap is passed.
        """
        ...

    async def code_for(self, target: str, send: SendId, fresh: str, now: float) -> str:
        """The code with which ``send`` can be answered from a number: ``fresh``, or the one it has."""
        ...

    async def send_of_code(self, target: str, code: str) -> SendId | None: ...

    async def was_texted(self, target: str) -> bool:
        """Whether a number was given a code lately."""
        ...

    async def first_time(self, sid: str, now: float) -> bool:
        """Whether what a gateway calls ``sid`` has not been :meth:`handled`."""
        ...

    async def handled(self, sid: str, now: float) -> None:
        """What a gateway calls ``sid`` was dealt with; it is known for a month."""
        ...

    async def prune(self, now: float) -> None: ...
