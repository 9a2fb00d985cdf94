"""Answers to cases that come from outside the program: by phone, by text, through the HTTP interface.

They take the way of every answer: an event, from which the case, the screens and the history follow.
"""

from __future__ import annotations

import asyncio
import logging

from app.core import priority
from app.core.calls import Answered
from app.core.case_screens import heard, noted
from app.core.cases import Case, CaseAnswer, CaseId, SendState
from app.core.errors import Refusal
from app.core.hands import answered_from_afar, answered_outside
from app.core.line_rules import forward_heard
from app.core.lines import CustomerId, LineTextId
from app.core.model import Answer, AnswerKind, EscalationId, MessageId, OutsideAnswer, PersonId
from app.core.policy import CaseKind
from app.core.scene import NOTHING, Decision, Scene
from app.server.ledger import Asked, Decide, Ledger
from app.server.spaces import Spaces
from app.server.store.base import Store, StoreError

log = logging.getLogger(__name__)

AGAIN_S = 30.0
"""s between two looks for what was not told; the first one comes with the start."""
_ON_THE_WAY = frozenset({SendState.WAITING, SendState.UNKNOWN, SendState.SENT})


class CaseDesk:
    """For whoever hears from phones and other programs."""

    def __init__(self, store: Store, spaces: Spaces, ledger: Ledger) -> None:
        self._store, self._spaces, self._ledger = store, spaces, ledger

    async def answered(self, case_id: CaseId, answer: CaseAnswer) -> bool:
        """Somebody helps, or says that they will. The same answer may come more than once.

        Returns:
            False: it is over, or there is no such case.

        Raises:
            StoreError: it was not written down.
        """
        case = await self._store.cases.case(case_id)
        if case is None or not case.open:
            return False
        if case.tester is not None:
            return await self._trial(case, answer)
        match case.kind:
            case CaseKind.ESCALATION:
                return await self._hand(case, answer, AnswerKind(answer.way.value))
            case CaseKind.PRIORITY:
                return await self._message(case, answer)
            case CaseKind.LINE:
                after = await self._store.cases.answered(case_id, answer)
                return after is not None and bool(after.answers)

    async def declined(self, case_id: CaseId, answer: CaseAnswer) -> bool:
        """Somebody cannot; ``answer.way`` is how they said so. As above."""
        case = await self._store.cases.case(case_id)
        if case is None or not case.open:
            return False
        if case.kind is CaseKind.ESCALATION and case.tester is None:
            return await self._hand(case, answer, AnswerKind.DECLINE)
        after = await self._store.cases.declined(case_id, answer)
        await self.noted(case)
        return after is not None and after.open

    async def _trial(self, case: Case, answer: CaseAnswer) -> bool:
        """The first answer to a test ends it."""
        after = await self._store.cases.answered(case.id, answer)
        await self._store.cases.end(case.id, answer.at)
        await self.noted(case)
        return after is not None and bool(after.answers)

    async def noted(self, case: Case) -> None:
        """The timeline of a case has more lines; who looks at it hears of it. Raises StoreError."""
        if case.kind is CaseKind.LINE:
            await self._forwarded(case)
        elif case.tester is None:
            notes = await self._store.cases.timeline(case.id)
            author = () if case.asked_by is None else (case.asked_by,)
            await self._commit(case, lambda scene, now: heard(scene, case, notes), *author)
        else:
            await self._commit(case, lambda scene, now: noted(case))

    async def run(self) -> None:
        """Tell what was written down and not told, since a server died in between; until it is cancelled."""
        while True:
            try:
                await self.catch_up()
            except StoreError as error:
                log.error("what became of forwarded texts: %s; it is tried again", error.reason)
            await asyncio.sleep(AGAIN_S)

    async def catch_up(self) -> None:
        """What became of texts that go to lines' cell phones. Raises StoreError."""
        for room in self._spaces.rooms:
            talks = room.state.inbox.talks.values()
            for talk in [talk.id for talk in talks if talk.forward and talk.forward.state in _ON_THE_WAY]:
                text = await self._store.lines.forwarded_text(talk)
                case = await self._store.cases.case(CaseId(text)) if text is not None else None
                if case is not None:
                    await self._forwarded(case)

    async def _forwarded(self, case: Case) -> None:
        """What became of a message that goes to a line's cell phone."""
        notes = await self._store.cases.timeline(case.id)
        last = next((note for note in reversed(notes) if note.send is not None), None)
        if last is None:
            return
        talk, text, state = CustomerId(case.topic), LineTextId(case.id), SendState(last.mark.value)
        await self._commit(case, lambda scene, now: forward_heard(scene, talk, text, state, last.reason))

    async def _hand(self, case: Case, answer: CaseAnswer, kind: AnswerKind) -> bool:
        name = await self._name(answer)
        over = False

        def rule(scene: Scene, now: float) -> Decision:
            nonlocal over
            hand = scene.space.escalations.get(EscalationId(case.id))
            over = hand is None
            if hand is None:
                return NOTHING
            if answer.person in scene.space.people and answer.person != hand.raiser:
                assert answer.person is not None
                return answered_from_afar(scene, hand, Answer(answer.person, kind, now))
            if answer.person is not None:
                over = True  # they have left the space meanwhile: nobody there would see them come
                return NOTHING
            return answered_outside(hand, OutsideAnswer(name, kind, now, answer.contact))

        await self._commit(case, rule)
        return not over

    async def _message(self, case: Case, answer: CaseAnswer) -> bool:
        author = case.asked_by
        if author is None:
            return False
        name = await self._name(answer) if answer.person is None else ""
        told = Answered(answer.way, answer.at, answer.person, name, answer.contact)

        def rule(scene: Scene, _: float) -> Decision:
            return priority.answered(scene, author, MessageId(case.id), told)

        await self._commit(case, rule, author)
        return True

    async def _commit(self, case: Case, rule: Decide, *reads: PersonId) -> None:
        room = self._spaces.room(case.space)
        outcome = await self._ledger.commit(room, Asked(rule, lambda _: reads)) if room else None
        if isinstance(outcome, Refusal):
            raise StoreError(str(outcome.fields.get("reason", outcome.code)))

    async def _name(self, answer: CaseAnswer) -> str:
        kept = await self._store.contacts.contact(answer.contact) if answer.contact is not None else None
        return kept.contact.name if kept else ""
