"""Carries out the sends that the engine decided on: each is claimed by lease, handed to a gateway, retried,
and asked about where an answer was lost.

Right before a send is handed over it is looked whether its case still waits, so that nothing is sent after an
answer was stored. A crash between handing over and writing that down makes it happen twice at most.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from app.core.cases import Case, SendId, SendState
from app.core.errors import Code, Refused
from app.server.clock import Clock, Entropy
from app.server.delivery.base import GatewayError, GatewayUnsureError, Parcel, Receipt
from app.server.delivery.carriers import Carriers
from app.server.delivery.numbers import target as number_hash
from app.server.delivery.targets import Targets
from app.server.store.base import StoreError
from app.server.store.contacts import ContactStore
from app.server.store.outbox import Outbox, Outgoing
from app.tasks import Tasks

log = logging.getLogger(__name__)

LEASE_S = 10.0
"""s; longer than a gateway may take, and what a crash delays a send by."""
AT_ONCE = 20
"""Sends that are being handed over at a time."""
LONGEST_S = 600.0
"""s for which a send without a step after it is tried."""
MOST_BACKOFF_S = 60.0
ASK_S = 5.0
"""s after which a gateway is asked about a send whose answer was lost; it may report by itself before."""
CHECK_S, CHECKS_S = 60.0, 900.0
"""s after which it is asked about one of which nothing more was heard, and for how long."""
LATE_S = 1.0
"""s of a lease that asking may take; after more of them the lease might end while it is sent."""


@dataclass(frozen=True)
class _Outcome:
    """What is known of a send now, and when it is looked at again, s."""

    receipt: Receipt
    next_try: float | None = None


class Sender:
    """Args:
    owner: a name that no other sender on this store has.
    noted: tells the screens that a case's timeline has more lines.
    """

    def __init__(
        self,
        owner: str,
        outbox: Outbox,
        contacts: ContactStore,
        carriers: Carriers,
        targets: Targets,
        noted: Callable[[Case], Awaitable[None]],
        clock: Clock,
        entropy: Entropy,
    ) -> None:
        self._owner, self._outbox, self._contacts = owner, outbox, contacts
        self._carriers, self._targets, self._noted = carriers, targets, noted
        self._clock, self._entropy = clock, entropy
        self._tasks = Tasks("sender")
        self._carried: set[SendId] = set()

    async def run(self, pause: float) -> None:
        """Until it is cancelled; ``pause``: s between two looks."""
        while True:
            try:
                if await self._outbox.next_try() is not None:
                    await self.look()
            except StoreError as error:
                log.error("sends: %s; it is tried again", error.reason)
            await asyncio.sleep(pause)

    async def look(self) -> int:
        """Begin what is due; returns how many there were."""
        room = AT_ONCE - len(self._tasks)
        if room <= 0 or self._tasks.closed:
            return 0
        claimed = await self._outbox.claim(self._owner, self._clock.now(), LEASE_S, room)
        # A lease may end while its send is still being handed over here: a slow disk, a clock that was set.
        fresh = [known for known in claimed if known.send.id not in self._carried]
        for known in fresh:
            self._carried.add(known.send.id)
            self._tasks.spawn(self._carry(known), name=f"send {known.send.id}")
        return len(fresh)

    async def idle(self) -> None:
        """Until nothing is being handed over."""
        await self._tasks.idle()

    async def close(self) -> None:
        await self._tasks.close()

    async def _carry(self, known: Outgoing) -> None:
        """What was not written down is done again when the lease is over."""
        send = known.send.id
        try:
            outcome = await self._outcome(known)
            now = self._clock.now()
            if await self._outbox.settle(send, outcome.receipt, now, outcome.next_try, self._owner):
                case = await self._outbox.case_of(known.send.case)
                if case is not None:
                    await self._noted(case)
        except StoreError as error:
            log.error("%s: %s; it is tried again", send, error.reason)
        finally:
            self._carried.discard(send)

    async def _outcome(self, known: Outgoing) -> _Outcome:
        """Do what is to be done about it now, and say what came of it."""
        begun = self._clock.now()
        case = await self._outbox.case_of(known.send.case)
        if case is None:
            return _Outcome(Receipt(SendState.CANCELLED))
        try:
            where = await self._targets.find(known.send, case.space)
        except Refused as refused:
            return self._given_up(known, refused.refusal.code)
        if not self._carriers.has(where.channel):
            return self._given_up(known, Code.NO_PHONES)
        coded = where.channel == "sms" and not where.sender  # what goes from a line is answered as it is
        code = await self._code(known, where.address) if coded else ""
        send = known.send
        parcel = Parcel(
            send.id, where.channel, where.address, send.text, where.sender, code, send.case, known.tried_at
        )
        if known.attempts:  # it may have been handed over by somebody who did not live to write that down
            heard = await self._ask(known, parcel)
            if heard is not None:
                return heard
            if self._clock.now() - begun > LATE_S:
                return _Outcome(Receipt(known.state), self._clock.now())
        return await self._send(known, parcel)

    async def _code(self, known: Outgoing, address: str) -> str:
        fresh = f"{int.from_bytes(self._entropy(8)) % 9_000 + 1_000}"
        return await self._contacts.code_for(number_hash(address), known.send.id, fresh, self._clock.now())

    # Handing over

    async def _send(self, known: Outgoing, parcel: Parcel) -> _Outcome:
        if known.attempts and self._clock.now() >= self._last_moment(known):
            return self._given_up(known, Code.STEP_OVER)
        try:
            await self._carriers.charge(parcel, known.send.person, known.send.contact)
            # The last thing before it leaves: somebody may have answered.
            if not await self._outbox.begin(known.send.id, self._owner, self._clock.now()):
                return _Outcome(Receipt(known.state))
            receipt = await self._carriers.send(parcel)
        except Refused as refused:
            return self._given_up(known, refused.refusal.code)
        except GatewayError as error:
            return self._again(known, error)
        except GatewayUnsureError as error:
            return _Outcome(Receipt(SendState.UNKNOWN, reason=error.reason), self._clock.now() + ASK_S)
        return self._told(known, receipt)

    def _again(self, known: Outgoing, error: GatewayError) -> _Outcome:
        """It was not sent: once more within the step's time, else it has failed and the next step comes."""
        if error.retry_after is not None:
            wait = max(error.retry_after, min(MOST_BACKOFF_S, 2.0**known.attempts))
            next_try = self._clock.now() + wait
            if next_try < self._last_moment(known):
                return _Outcome(Receipt(known.state, reason=error.reason), next_try)
        log.warning("%s could not be sent (%s)", known.send.id, error.reason)
        return self._given_up(known, error.reason)

    def _given_up(self, known: Outgoing, reason: str) -> _Outcome:
        """It is not sent any more. An earlier attempt may have come through: then what is known of it stays,
        and nobody waits for it."""
        if known.state is SendState.WAITING:
            return _Outcome(Receipt(SendState.FAILED, reason=reason, over=True))
        return _Outcome(Receipt(known.state, over=known.state is SendState.UNKNOWN))

    def _last_moment(self, known: Outgoing) -> float:
        return min(known.until, (known.tried_at or self._clock.now()) + LONGEST_S)

    def _told(self, known: Outgoing, receipt: Receipt) -> _Outcome:
        now = self._clock.now()
        ended = receipt.over or receipt.state is not SendState.SENT or not receipt.reference
        late = known.attempts > 0 and now - known.tried_at > CHECKS_S
        return _Outcome(receipt, None if ended or late else now + CHECK_S)

    # Asking

    async def _ask(self, known: Outgoing, parcel: Parcel) -> _Outcome | None:
        """What the gateway knows of it; ``None``: it has never had it."""
        try:
            receipts = await self._carriers.look_up(parcel, known.reference)
        except (GatewayError, GatewayUnsureError) as error:
            return self._still(known, error.reason)
        for receipt in receipts:
            if await self._outbox.claim_reference(known.send.id, receipt.reference):
                return self._told(known, receipt)
        return self._still(known, "") if known.state is SendState.SENT else None

    def _still(self, known: Outgoing, reason: str) -> _Outcome:
        """Nothing new is known."""
        now = self._clock.now()
        if now - known.tried_at > CHECKS_S:
            # Of what waits and was begun, whoever handed it over did not live to say what came of it.
            state = SendState.UNKNOWN if known.state is SendState.WAITING else known.state
            return _Outcome(Receipt(state, reason=reason, over=True))
        pause = CHECK_S if known.state is SendState.SENT else ASK_S
        return _Outcome(Receipt(known.state, reason=reason), now + pause)
