"""Texts that come in on lines: a gateway hands them over, customers' go to the inbox, the cell phone's too.

Whatever a gateway repeats counts once, by its own name for the message.
"""

from __future__ import annotations

import enum
import logging
from collections.abc import Sequence
from dataclasses import dataclass

from app.core.errors import Code, Refusal
from app.core.line_rules import customer_wrote, phone_answered
from app.core.lines import CustomerId, Line, LineTextId, Media, Talk
from app.core.scene import Decision, Scene
from app.server.clock import Clock, Entropy
from app.server.delivery.numbers import target as number_hash
from app.server.ledger import Asked, Ledger
from app.server.spaces import Spaces
from app.server.store.base import Store, StoreError
from app.server.store.lines import FORWARDS_S

log = logging.getLogger(__name__)

TRIES = 3


@dataclass(frozen=True)
class InboundText:
    """A text message as a gateway reports it.

    Attributes:
        sid: the gateway's own name for it; the same for each repetition.
        to: the line's number, E.164.
        sender: who sent it, E.164 (or what a gateway has instead); never logged.
    """

    sid: str
    to: str
    sender: str
    text: str
    media: Sequence[Media] = ()


class Taken(enum.Enum):
    """What became of an inbound text."""

    STORED = "stored"
    REPEATED = "repeated"
    NO_LINE = "no_line"
    NOTHING_FORWARDED = "nothing_forwarded"


class LineInbound:
    """Attributes:
    counts: what became of inbound texts, since the start.
    """

    def __init__(self, store: Store, spaces: Spaces, ledger: Ledger, clock: Clock, entropy: Entropy) -> None:
        self._lines, self._spaces, self._ledger = store.lines, spaces, ledger
        self._clock, self._entropy = clock, entropy
        self.counts = dict.fromkeys(Taken, 0)

    async def receive(self, inbound: InboundText) -> Taken:
        """Store a text; it is on the disk when this returns.

        Raises:
            StoreError: it was not stored; the gateway shall bring it again.
        """
        taken = await self._receive(inbound)
        self.counts[taken] += 1
        return taken

    async def _receive(self, inbound: InboundText) -> Taken:
        line = next((one for one in self._spaces.roster.lines.values() if one.number == inbound.to), None)
        if line is None:
            log.warning("a text came for a number that is no line's")
            return Taken.NO_LINE
        key = LineTextId(f"in-{inbound.sid}")
        if await self._lines.text_known(key):
            return Taken.REPEATED
        setting, since = await self._lines.setting(line.id), self._clock.now() - FORWARDS_S
        if setting.cell and inbound.sender == setting.cell:
            return await self._from_phone(line, key, inbound, await self._lines.last_forward(line.id, since))
        # Another cell phone may have been set since something was forwarded to this one.
        earlier = await self._lines.forwarded_to(line.id, number_hash(inbound.sender), since)
        if earlier is not None:
            return await self._from_phone(line, key, inbound, earlier)
        return await self._from_customer(line, key, inbound)

    async def _from_customer(self, line: Line, key: LineTextId, inbound: InboundText) -> Taken:
        for _ in range(TRIES):
            taken = await self._begin_or_go_on(line, key, inbound)
            if taken is not Taken.REPEATED or await self._lines.text_known(key):
                return taken
            # Its conversation was forgotten just now: a new one begins.
        raise StoreError("the conversation is forgotten again and again")

    async def _begin_or_go_on(self, line: Line, key: LineTextId, inbound: InboundText) -> Taken:
        fresh = CustomerId(self._entropy(12).hex())
        talk_id = await self._lines.customer(line.id, inbound.sender, fresh)
        beginning = await self._lines.talk(talk_id)
        beginning = beginning or Talk(talk_id, line.id, f"…{inbound.sender[-3:]}")

        def rule(scene: Scene, now: float) -> Decision:
            return customer_wrote(scene, beginning, key, inbound.text, inbound.media, now)

        return await self._commit(line, Asked(rule))

    async def _from_phone(
        self, line: Line, key: LineTextId, inbound: InboundText, talk_id: CustomerId | None
    ) -> Taken:
        """Its answers belong to what was forwarded last. Where nothing was, there is nothing that they could
        be a note of: they are stored nowhere and the sender is told so."""
        talk = await self._lines.talk(talk_id) if talk_id is not None else None
        if talk is None:
            return Taken.NOTHING_FORWARDED
        holder = await self._lines.holder(inbound.sender, line.space)

        def rule(scene: Scene, now: float) -> Decision:
            return phone_answered(scene, talk, key, inbound.text, holder, now)

        return await self._commit(line, Asked(rule))

    async def _commit(self, line: Line, asked: Asked) -> Taken:
        room = self._spaces.room(line.space)
        if room is None:
            raise StoreError("the line's space is not loaded yet")
        outcome = await self._ledger.commit(room, asked)
        if not isinstance(outcome, Refusal):
            return Taken.STORED
        if outcome.code is Code.ID_REUSED:
            return Taken.REPEATED
        raise StoreError(str(outcome.fields.get("reason", outcome.code)))
