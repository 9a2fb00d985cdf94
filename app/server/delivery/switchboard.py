"""What phones say back: how far something came, keys that were pressed, texts that came in.

Everything may be said twice, late and in any order: a state never goes back, and an answer counts once.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Awaitable, Callable
from typing import Protocol

from app.core.cases import Case, CaseAnswer, CaseId, SendId
from app.core.policy import AnswerWay
from app.server.clock import Clock
from app.server.delivery.base import Receipt, Reply, TextIn
from app.server.delivery.numbers import target
from app.server.store.contacts import ContactStore
from app.server.store.outbox import Outbox

KEY_S = 900.0
"""s after a call was decided on in which a key counts; what comes later was recorded and played again."""
TEXT_S = 24 * 3_600.0
"""s for which a text message can be answered."""
REPORT_S = 48 * 3_600.0
"""s for which reports are taken."""
TEST = "test-"
CODE = re.compile(r"\b\d{4}\b")
NO = re.compile(
    r"\b(no|not|nope|can'?t|cannot|unable|busy)\b|いいえ|無理|不可|できません|出来ません|できない", re.I
)


class Answering(Protocol):
    """Writes down that a case was answered or declined, and tells the screens; see
    :class:`app.server.case_desk.CaseDesk`."""

    async def answered(self, case_id: CaseId, answer: CaseAnswer) -> bool:
        """False: it is over."""
        ...

    async def declined(self, case_id: CaseId, answer: CaseAnswer) -> bool: ...

    async def noted(self, case: Case) -> None:
        """Its timeline has more lines."""
        ...


TextHandler = Callable[[TextIn], Awaitable[Reply | None]]
"""Returns ``None`` where the text is not for it."""
ReportHandler = Callable[[SendId, Receipt], Awaitable[None]]


class Switchboard:
    """See :class:`app.server.delivery.base.Switchboard`."""

    def __init__(self, outbox: Outbox, answering: Answering, contacts: ContactStore, clock: Clock) -> None:
        self._outbox, self._answering = outbox, answering
        self._contacts, self._clock = contacts, clock
        self._texts: list[TextHandler] = []
        self._reports: dict[str, ReportHandler] = {}

    def on_text(self, handler: TextHandler) -> None:
        """``handler`` is shown every text that comes in and that answers none of ours by its code."""
        self._texts.append(handler)

    def on_report(self, prefix: str, handler: ReportHandler) -> None:
        """Reports about sends whose id begins so go to ``handler``."""
        self._reports[prefix] = handler

    async def reported(self, send: SendId, receipt: Receipt) -> None:
        for prefix, handler in self._reports.items():
            if send.startswith(prefix):
                await handler(send, receipt)
                return
        known, now = await self._outbox.find(send), self._clock.now()
        if known is None or now - known.tried_at > REPORT_S:
            return
        if await self._outbox.settle(send, receipt, now):
            case = await self._outbox.case_of(known.send.case)
            if case is not None:
                await self._answering.noted(case)

    async def pressed(self, send: SendId, coming: bool) -> Reply:
        if send.startswith(TEST) and await self._outbox.find(send) is None:
            return Reply.TESTED  # of a number; a policy that is tried has cases, which are answered
        return await self._answer(send, AnswerWay.KEY, coming, KEY_S)

    async def texted(self, text: TextIn) -> Reply | None:
        words, sender = unicodedata.normalize("NFKC", text.text), target(text.sender)
        # Before anybody else has it: the number that alerts come from may be a line's, too.
        for code in CODE.findall(words)[:3]:
            send = await self._contacts.send_of_code(sender, code)
            if send is not None:
                return await self._answer(send, AnswerWay.SMS, not NO.search(words), TEXT_S)
        for handler in self._texts:
            taken = await handler(text)
            if taken is not None:
                return taken
        # Nobody else gets an answer: it would be paid for, and whoever asks is not known.
        return Reply.UNKNOWN if await self._contacts.was_texted(sender) else None

    async def _answer(self, send: SendId, way: AnswerWay, coming: bool, within: float) -> Reply:
        known, now = await self._outbox.find(send), self._clock.now()
        case = await self._outbox.case_of(known.send.case) if known is not None else None
        if known is None or case is None or not case.open or now - known.tried_at > within:
            return Reply.OVER
        answer = CaseAnswer(way, now, known.send.person, known.send.contact)
        if any((a.person, a.contact) == (answer.person, answer.contact) for a in case.answers):
            if coming:
                return Reply.COMING  # said once more
        elif not case.waiting:
            return Reply.OVER
        if coming:
            return Reply.COMING if await self._answering.answered(case.id, answer) else Reply.OVER
        await self._answering.declined(case.id, answer)
        # Whoever declined does not answer any more.
        await self._outbox.settle(send, Receipt(known.state, over=True), now)
        return Reply.DECLINED
