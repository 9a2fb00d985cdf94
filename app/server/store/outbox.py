"""What the sender (:mod:`app.server.delivery.sender`) needs of the store: the sends that were decided on.

A send is written in the transaction that decided on it. It is claimed by lease, and handed to a gateway only
after :meth:`Outbox.begin` has seen, in one transaction, that its case still waits for an answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from app.core.cases import Case, CaseId, Send, SendId, SendState
from app.server.delivery.base import Receipt

_ORDER = (SendState.WAITING, SendState.UNKNOWN, SendState.SENT, SendState.DELIVERED)
LAST = frozenset({SendState.FAILED, SendState.CANCELLED})
"""States that nothing more becomes of."""
LEFT = frozenset({SendState.UNKNOWN, SendState.SENT, SendState.DELIVERED})
"""States of what a gateway has, or may have."""


@dataclass(frozen=True)
class Outgoing:
    """A send as it stands in the outbox.

    Attributes:
        attempts: times that it was handed to a gateway.
        tried_at: when it was first, s; 0 before that.
        reference: the gateway's own name for it, as far as it was told.
        until: s; from then on the next step has its turn, and trying again makes no sense.
    """

    send: Send
    state: SendState
    until: float
    attempts: int = 0
    tried_at: float = 0.0
    reference: str = ""


class Outbox(Protocol):
    """Every method may raise :class:`app.server.store.base.StoreError`; nothing of it has happened then."""

    async def claim(self, owner: str, now: float, lease: float, limit: int) -> Sequence[Outgoing]:
        """Lease sends whose ``next_try`` has come and that nobody has leased: waiting ones, and unknown ones
        that are to be asked about.

        Args:
            lease: s; after it somebody else may claim them.
        """
        ...

    async def begin(self, send: SendId, owner: str, now: float) -> bool:
        """It is handed to a gateway now: counted as an attempt, unless the lease was lost or its case waits
        for no answer any more. Then it was cancelled, if it was never tried, and False is returned."""
        ...

    async def settle(
        self, send: SendId, receipt: Receipt, now: float, next_try: float | None = None, owner: str = ""
    ) -> bool:
        """Write down what is known of it, with a line in the case's timeline if that is news, and give the
        lease back. A state never goes back: not from delivered to sent, nor away from failed or cancelled.

        Args:
            next_try: s; when it is tried again, or asked about again; ``None``: never.
            owner: whose lease it was; "" where a gateway reported by itself. Who has lost the lease meanwhile
                says what has left, and nothing else: whoever goes on with it knows better.

        Returns:
            False: nothing was new.
        """
        ...

    async def find(self, send: SendId) -> Outgoing | None: ...

    async def claim_reference(self, send: SendId, reference: str) -> bool:
        """The gateway's name is that of this send from now on; False where it is another one's. Of two with
        the same words for one phone, asked about at the same time, each gets one of its own."""
        ...

    async def case_of(self, case: CaseId) -> Case | None: ...

    async def next_try(self) -> float | None:
        """When the next send is due, s; ``None`` where nothing waits."""
        ...


def further(known: SendState, receipt: Receipt) -> SendState:
    """Reports come late and in any order: what is known does not become less.

    What was given up may have arrived all the same; but a call that ended well had a voice box at its end.
    """
    told = receipt.state
    if known is SendState.FAILED and told is SendState.DELIVERED and not receipt.over:
        return told
    if known in LAST:
        return known
    if told in LAST:
        return told
    return max(known, told, key=_ORDER.index)
