"""Lines on the phone: replies go out from a line's number, and what nobody touches goes to its cell phone."""

from __future__ import annotations

from collections.abc import Sequence

from app.core.cases import Case, CaseId, Send, SendId, SendState
from app.core.errors import Code, Refusal, Refused
from app.core.line_rules import delivered
from app.core.lines import CUSTOMER_CONTACT, LINE_CONTACT, LINE_SEND, CustomerId, Line, LineId, LineTextId
from app.core.model import SpaceId
from app.core.policy import BUILT_IN, CaseKind
from app.server.clock import Clock, Entropy
from app.server.delivery.base import Receipt
from app.server.delivery.sender import Sender
from app.server.delivery.switchboard import Switchboard
from app.server.delivery.targets import Target, Targets
from app.server.ledger import Asked, Decide, Ledger
from app.server.phones import Phones
from app.server.spaces import Spaces
from app.server.store.base import Store, StoreError
from app.server.store.outbox import LEFT, Outgoing, further


class LineOutbox:
    """See :class:`app.server.store.outbox.Outbox`: replies, whose state everybody in the space sees."""

    def __init__(self, store: Store, spaces: Spaces, ledger: Ledger) -> None:
        self._sends, self._lines = store.lines.sends, store.lines
        self._spaces, self._ledger = spaces, ledger

    async def claim(self, owner: str, now: float, lease: float, limit: int) -> Sequence[Outgoing]:
        return await self._sends.claim(owner, now, lease, limit)

    async def begin(self, send: SendId, owner: str, now: float) -> bool:
        begun = await self._sends.begin(send, owner, now)
        if begun is None:
            await self.settle(send, Receipt(SendState.FAILED, reason=Code.OPTED_OUT, over=True), now)
        return bool(begun)

    async def settle(
        self, send: SendId, receipt: Receipt, now: float, next_try: float | None = None, owner: str = ""
    ) -> bool:
        """Everybody is told first: what happens twice is told once, and what is not told happens again."""
        found = await self._sends.find(send)
        if found is None:
            return False
        if owner and receipt.state not in LEFT and not await self._sends.holds(send, owner):
            return False  # whoever goes on with it knows better
        known, talk = found
        state = further(known.state, receipt)
        news = state is not known.state
        if news:
            await self._tell(talk, LineTextId(send.removeprefix(LINE_SEND)), state, receipt.reason)
        await self._sends.settle(send, receipt, next_try, owner)
        return news

    async def _tell(self, talk: CustomerId, text: LineTextId, state: SendState, reason: str) -> None:
        known = await self._lines.talk(talk)
        line = self._spaces.roster.lines.get(known.line) if known is not None else None
        if line is not None:
            await commit(
                self._spaces,
                self._ledger,
                line.space,
                lambda scene, now: delivered(scene, talk, text, state, reason),
            )

    async def find(self, send: SendId) -> Outgoing | None:
        found = await self._sends.find(send)
        return found[0] if found is not None else None

    async def claim_reference(self, send: SendId, reference: str) -> bool:
        return await self._sends.claim_reference(send, reference)

    async def case_of(self, case: CaseId) -> Case | None:
        """A reply belongs to none: it is sent whatever happens meanwhile."""
        return Case(case, CaseKind.LINE, SpaceId(""), BUILT_IN[CaseKind.LINE], 0.0)

    async def next_try(self) -> float | None:
        return await self._sends.next_try()


class LinePhones:
    """Attributes:
    sender: carries out the replies.
    """

    def __init__(
        self, store: Store, spaces: Spaces, ledger: Ledger, phones: Phones, clock: Clock, entropy: Entropy
    ) -> None:
        self._lines, self._spaces, self._ledger, self._clock = store.lines, spaces, ledger, clock
        self._outbox = LineOutbox(store, spaces, ledger)
        phones.targets.add(LINE_CONTACT, self._cell)
        targets = Targets(store.contacts, clock, lambda _: False)
        targets.add(CUSTOMER_CONTACT, self._customer)
        self.sender = Sender(
            entropy(8).hex(), self._outbox, store.contacts, phones.carriers, targets, _nothing, clock, entropy
        )

    def connect(self, board: Switchboard) -> None:
        """From now on gateways can say what became of replies."""
        board.on_report(LINE_SEND, self._reported)

    async def _reported(self, send: SendId, receipt: Receipt) -> None:
        await self._outbox.settle(send, receipt, self._clock.now())

    async def _cell(self, send: Send) -> Target:
        """The cell phone of a line, from the line's own number."""
        line = self._line(LineId((send.contact or "").removeprefix(LINE_CONTACT)))
        setting = await self._lines.setting(line.id)
        if not setting.cell:
            raise Refused.of(Code.NO_NUMBER)
        return Target(send.channel, setting.cell, line.number)

    async def _customer(self, send: Send) -> Target:
        talk_id = CustomerId((send.contact or "").removeprefix(CUSTOMER_CONTACT))
        talk, number = await self._lines.talk(talk_id), await self._lines.number_of(talk_id)
        if talk is None or number is None:
            raise Refused.of(Code.CONTACT_GONE)
        return Target(send.channel, number, self._line(talk.line).number)

    def _line(self, line: LineId) -> Line:
        known = self._spaces.roster.lines.get(line)
        if known is None:
            raise Refused.of(Code.CONTACT_GONE)
        return known


async def _nothing(_: Case) -> None:
    """Everybody was told by :meth:`LineOutbox.settle`."""


async def commit(spaces: Spaces, ledger: Ledger, space: SpaceId, rule: Decide) -> None:
    """Raises StoreError where it could not be written down."""
    room = spaces.room(space)
    if room is None:
        raise StoreError("the line's space is not loaded yet")
    outcome = await ledger.commit(room, Asked(rule))
    if isinstance(outcome, Refusal):
        raise StoreError(str(outcome.fields.get("reason", outcome.code)))
