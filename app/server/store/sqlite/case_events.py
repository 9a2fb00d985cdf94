"""Cases follow what happens, in the transaction of the events: opened, answered, declined, ended.

What the engine itself tells of (steps, repeats, nobody available) comes with a move and is not followed.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from functools import partial

from app.core import case_answers, case_steps
from app.core import events as ev
from app.core.calls import Answered, Pursuit
from app.core.case_answers import Followed
from app.core.case_steps import LINK_LOST, by_hand, case_words
from app.core.cases import Case, CaseAnswer, CaseId, Note, way_of
from app.core.line_events import LineEvent
from app.core.model import (
    Answer,
    Escalation,
    Level,
    Message,
    MessageId,
    OutsideAnswer,
    PersonId,
    Rung,
    SpaceId,
    Step,
)
from app.core.policy import AnswerWay, CaseKind
from app.server.store.base import Batch, Entry
from app.server.store.keys import StreamKey, person_stream
from app.server.store.sqlite import alerts, cases, line_cases, outbox_rows
from app.server.store.sqlite.policies import run_for

HAND_FOR = 600.0
"""s within which what was asked for by hand is tried again where a gateway fails."""


def project(db: sqlite3.Connection, batch: Batch) -> None:
    # When a server starts, all are lost at once and most are back in a moment. Whoever is not leaves when the
    # grace time is over; for all the others no alert need be looked at.
    lost_alone = sum(isinstance(entry.event, ev.LinkLost) for entry in batch.entries) == 1
    for entry in batch.entries:
        match entry.event:
            case ev.EscalationRaised(escalation=hand) if hand.level is Level.RED:
                _raised(db, batch.space, hand)
            case ev.EscalationAnswered(escalation=hand_id, answer=answer):
                _answered(db, hand_id, answer)
            case ev.EscalationAnsweredOutside(escalation=hand_id, answer=outside):
                _answered(db, hand_id, outside)
            case ev.EscalationEnded(escalation=hand_id, at=at):
                cases.follow(db, CaseId(hand_id), at, partial(case_answers.ended, at=at))
            case ev.LinkLost(person=person) if lost_alone:
                cases.gone(db, person, batch.at + LINK_LOST)
            case ev.Left(person=person):
                cases.gone(db, person, batch.at)
            case ev.LadderClimbed(escalation=hand_id, steps=steps):
                _shown(db, CaseId(hand_id), steps, batch.at)
            case event if isinstance(event, LineEvent):
                line_cases.project(db, batch.space, event, batch.at)
            case _:
                _priority(db, entry, batch.at)


def _raised(db: sqlite3.Connection, space: SpaceId, hand: Escalation) -> None:
    policy = run_for(db, space, CaseKind.ESCALATION, hand.raiser)
    case, notes = case_answers.opened_by_hand(space, hand, policy)
    alone = set(hand.notified) == set(hand.unreached)
    cases.open_case(db, (case, notes), hand.raised_at if alone else case_steps.next_look(case))


def _answered(db: sqlite3.Connection, hand: str, answer: Answer | OutsideAnswer) -> None:
    person, contact = (answer.person, None) if isinstance(answer, Answer) else (None, answer.contact)

    def happens(case: Case) -> Followed:
        if not answer.kind.helps:
            return case_answers.declined(case, answer.at, person, contact)
        return case_answers.answered(case, CaseAnswer(way_of(answer.kind), answer.at, person, contact))

    cases.follow(db, CaseId(hand), answer.at, happens)


def _shown(db: sqlite3.Connection, case: CaseId, steps: Iterable[Step], at: float) -> None:
    people = {step.person: None for step in steps if step.rung is Rung.SHOWN}
    if people and (known := cases.find(db, case)) is not None:
        cases.notes(db, case, case_answers.shown(known, tuple(people), at)[1])


# Priority messages: what concerns all of one is told to its author, once


def _priority(db: sqlite3.Connection, entry: Entry, at: float) -> None:
    match entry.event:
        case ev.PriorityStarted(message=message, people=people):
            _started(db, message, people)
        case ev.PriorityAnswered(message=message_id, answer=answer):
            _message_answered(db, entry.stream, message_id, answer)
        case ev.PriorityClimbed(message=message_id, steps=steps):
            _shown(db, CaseId(message_id), steps, at)
        case ev.PriorityPursued(message=message_id, pursuit=pursuit) if pursuit.by_hand:
            _pursued(db, CaseId(message_id), pursuit)
        case _:
            pass


def _started(db: sqlite3.Connection, message: Message, people: Iterable[PersonId]) -> None:
    policy = run_for(db, message.space, CaseKind.PRIORITY, message.author)
    opened = case_answers.opened_by_message(message, tuple(people), policy)
    cases.open_case(db, opened, message.sent_at)  # nobody has looked yet whether they are there
    alerts.called(db, message.id, message.to.groups)


def _message_answered(
    db: sqlite3.Connection, stream: StreamKey, message: MessageId, answer: Answered
) -> None:
    case_id = CaseId(message)
    case = cases.find(db, case_id)
    if case is None or case.asked_by is None or stream != person_stream(case.asked_by):
        return

    def happens(known: Case) -> Followed:
        if answer.way is AnswerWay.READ and answer.person is not None:
            return case_answers.read(known, answer.person, answer.at)
        given = CaseAnswer(answer.way, answer.at, answer.person, answer.contact)
        return case_answers.answered(known, given)

    cases.follow(db, case_id, answer.at, happens)


def _pursued(db: sqlite3.Connection, case_id: CaseId, pursuit: Pursuit) -> None:
    """Its author had more done."""
    case = cases.find(db, case_id)
    if case is None:
        return
    row = db.execute("SELECT name FROM people WHERE id = ?", (case.asked_by,)).fetchone()
    words = case_words(case, row[0] if row else "")
    changed = by_hand(case, pursuit, words)

    def happens(_: Case) -> tuple[Case, tuple[Note, ...]]:
        return changed.case, changed.notes

    cases.follow(db, case_id, pursuit.at, happens)
    outbox_rows.add(db, changed.sends, pursuit.at, pursuit.at + HAND_FOR)
