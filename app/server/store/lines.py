"""What the store keeps for lines: conversations with customers, their numbers, and what is forwarded where.

Conversations follow the space's events, in the same transaction. Numbers come out of here for whoever texts
or works on a conversation, and for nobody else.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from app.core.audit import Deed
from app.core.cases import SendId
from app.core.lines import CustomerId, LineId, LineText, LineTextId, Talk
from app.core.model import PersonId, SpaceId
from app.server.delivery.base import Receipt
from app.server.store.outbox import Outgoing

FORWARDS_S = 24 * 3_600.0
"""s for which a text from the cell phone belongs to what was forwarded to it last."""


@dataclass(frozen=True)
class KeptSetting:
    """What is done about messages of a line that nobody touches.

    Attributes:
        cell: E.164; empty: none is known.
        minutes: that a message waits before it goes to the cell phone.
        version: rises with each change.
    """

    enabled: bool = False
    cell: str = ""
    minutes: int = 10
    version: int = 0


class LineSends(Protocol):
    """Replies as they are sent; see :class:`app.server.store.outbox.Outbox`."""

    async def claim(self, owner: str, now: float, lease: float, limit: int) -> Sequence[Outgoing]: ...

    async def begin(self, send: SendId, owner: str, now: float) -> bool | None:
        """``None``: the customer wants no texts any more, and it was never tried."""
        ...

    async def holds(self, send: SendId, owner: str) -> bool:
        """Whether the lease is still theirs."""
        ...

    async def settle(self, send: SendId, receipt: Receipt, next_try: float | None, owner: str) -> None:
        """Everything but its state, which follows the event that tells of it."""
        ...

    async def find(self, send: SendId) -> tuple[Outgoing, CustomerId] | None: ...

    async def claim_reference(self, send: SendId, reference: str) -> bool:
        """See :class:`app.server.store.outbox.Outbox`."""
        ...

    async def next_try(self) -> float | None: ...


class LineStore(Protocol):
    """Every method may raise :class:`app.server.store.base.StoreError`; nothing of it has happened then."""

    @property
    def sends(self) -> LineSends: ...

    async def customer(self, line: LineId, number: str, fresh: CustomerId) -> CustomerId:
        """Whose number that is on the line; a customer who is new there gets the id ``fresh``."""
        ...

    async def number_of(self, talk: CustomerId) -> str | None:
        """E.164."""
        ...

    async def talk(self, talk: CustomerId) -> Talk | None: ...

    async def talks(self, space: SpaceId, before: float | None) -> tuple[Sequence[Talk], bool]:
        """A page, newest first, and whether there are older ones."""
        ...

    async def texts(self, talk: CustomerId, before: float | None) -> tuple[Sequence[LineText], bool]:
        """A page, oldest first, and whether there are older ones."""
        ...

    async def text_known(self, text: LineTextId) -> bool: ...

    async def holder(self, number: str, space: SpaceId) -> PersonId | None:
        """The one member of the space whose own verified phone that is."""
        ...

    async def last_forward(self, line: LineId, since: float) -> CustomerId | None:
        """The conversation that went to the cell phone last, after ``since`` (s)."""
        ...

    async def forwarded_to(self, line: LineId, cell: str, since: float) -> CustomerId | None:
        """The conversation that went from the line to this number last, after ``since`` (s), also when
        another cell phone is set by now.

        Args:
            cell: the number, hashed.
        """
        ...

    async def forwarded_text(self, talk: CustomerId) -> LineTextId | None:
        """The customer's text that went to the cell phone last."""
        ...

    async def setting(self, line: LineId) -> KeptSetting: ...

    async def set_setting(self, line: LineId, setting: KeptSetting, deed: Deed) -> None:
        """Cases that are open keep what they began with; ``version`` is set here."""
        ...
