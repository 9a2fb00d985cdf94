"""What webhooks are told of an event: read from the tables that follow from it, in its transaction."""

from __future__ import annotations

import sqlite3

import msgspec

from app.core import events as ev
from app.core import line_events as le
from app.core.calls import Answered, Pursuit
from app.core.hooks import HookEvent
from app.core.lines import TextKind
from app.core.model import EscalationId, MessageId
from app.server.api.documents import (
    AnswerDocument,
    EscalationData,
    EscalationMessage,
    EscalationType,
    LineData,
    LineMessage,
    LineType,
    MessageData,
    PriorityMessage,
    PriorityType,
    PursuitDocument,
    StepDocument,
    moment,
)
from app.server.store.base import Entry
from app.server.store.keys import person_stream
from app.server.store.sqlite import documents

Told = EscalationMessage | PriorityMessage | LineMessage

EVENTS: dict[type, HookEvent] = {
    ev.EscalationRaised: HookEvent.RAISED,
    ev.EscalationAnswered: HookEvent.ANSWERED,
    ev.EscalationAnsweredOutside: HookEvent.ANSWERED,
    ev.EscalationStepped: HookEvent.STEP,
    ev.NobodyAvailable: HookEvent.NOBODY,
    ev.EscalationEnded: HookEvent.ENDED,
    ev.PriorityStarted: HookEvent.PRIORITY_SENT,
    ev.PriorityAnswered: HookEvent.PRIORITY_ANSWERED,
    ev.PriorityPursued: HookEvent.PRIORITY_ESCALATED,
    ev.PriorityExhausted: HookEvent.PRIORITY_NOBODY,
    le.LineWritten: HookEvent.LINE,
    le.TalkForwarded: HookEvent.LINE_FORWARDED,
    le.TalkResolved: HookEvent.LINE_RESOLVED,
}
"""What they may be told of. A reply is a :class:`LineWritten` as well."""


def told_of(entry: Entry) -> HookEvent | None:
    """What webhooks are told of it; ``None``: nothing.

    What concerns all of a priority message is told of what its author is told, once.
    """
    kind = EVENTS.get(type(entry.event))
    match entry.event:
        case le.LineWritten(text=text):
            return {TextKind.IN: HookEvent.LINE, TextKind.OUT: HookEvent.LINE_REPLIED}.get(text.kind)
        case _:
            return kind


def body(db: sqlite3.Connection, entry: Entry, now: float, *, texts: bool) -> bytes | None:
    """Of an event that they are :func:`told_of`; ``None``: there is nothing to tell.

    Args:
        texts: with what people and customers wrote.
    """
    told = _escalation(db, entry, now) or _priority(db, entry, now, texts) or _line(db, entry, now, texts)
    return msgspec.json.encode(told) if told is not None else None


# Escalations


def _escalation(db: sqlite3.Connection, entry: Entry, now: float) -> Told | None:
    match entry.event:
        case ev.EscalationRaised(escalation=raised):
            return _hand(db, "escalation.raised", raised.id, now)
        case ev.EscalationAnswered(escalation=number, answer=given):
            return _hand(db, "escalation.answered", number, now, answer=documents.answer(db, given))
        case ev.EscalationAnsweredOutside(escalation=number, answer=outside):
            answer = documents.outside_answer(outside.name, outside.kind, outside.at)
            return _hand(db, "escalation.answered", number, now, answer=answer)
        case ev.EscalationStepped(escalation=number, taken=taken):
            return _hand(db, "escalation.step", number, now, step=documents.step(db, taken))
        case ev.NobodyAvailable(escalation=number):
            return _hand(db, "escalation.nobody", number, now)
        case ev.EscalationEnded(escalation=number):
            return _hand(db, "escalation.ended", number, now)
        case _:
            return None


def _hand(
    db: sqlite3.Connection,
    kind: EscalationType,
    number: EscalationId,
    now: float,
    *,
    answer: AnswerDocument | None = None,
    step: StepDocument | None = None,
) -> Told | None:
    escalation = documents.escalation(db, number)
    if escalation is None:
        return None
    data = EscalationData(escalation=escalation, answer=answer, step=step)
    return EscalationMessage(type=kind, timestamp=moment(now), data=data)


# Priority messages


def _priority(db: sqlite3.Connection, entry: Entry, now: float, texts: bool) -> Told | None:
    match entry.event:
        case ev.PriorityStarted(message=message):
            return _message(db, entry, "priority.sent", message.id, now, texts)
        case ev.PriorityAnswered(message=number, answer=given):
            return _message(db, entry, "priority.answered", number, now, texts, answer=given)
        case ev.PriorityPursued(message=number, pursuit=done):
            return _message(db, entry, "priority.escalated", number, now, texts, pursuit=done)
        case ev.PriorityExhausted(message=number):
            return _message(db, entry, "priority.nobody", number, now, texts)
        case _:
            return None


def _message(
    db: sqlite3.Connection,
    entry: Entry,
    kind: PriorityType,
    number: MessageId,
    now: float,
    texts: bool,
    *,
    answer: Answered | None = None,
    pursuit: Pursuit | None = None,
) -> Told | None:
    case = documents.case_of(db, number)
    if case is None or case.asked_by is None or entry.stream != person_stream(case.asked_by):
        return None
    message = documents.message(db, case, texts=texts)
    if message is None:
        return None
    data = MessageData(
        message=message,
        answer=documents.message_answer(db, answer) if answer is not None else None,
        pursuit=_pursuit(db, pursuit) if pursuit is not None else None,
    )
    return PriorityMessage(type=kind, timestamp=moment(now), data=data)


def _pursuit(db: sqlite3.Connection, done: Pursuit) -> PursuitDocument:
    return PursuitDocument(
        people=documents.people(db, done.people),
        contacts=done.contacts,
        ways=done.ways,
        by_hand=done.by_hand,
        at=moment(done.at),
    )


# Lines


def _line(db: sqlite3.Connection, entry: Entry, now: float, texts: bool) -> Told | None:
    match entry.event:
        case le.LineWritten(talk=talk, text=text):
            data = documents.line_data(db, talk)
            data = data and msgspec.structs.replace(
                data,
                message=text.id,
                text=text.text if texts else None,
                author=documents.person(db, text.author) if text.author is not None else None,
            )
            return _told(data, "line.message" if text.kind is TextKind.IN else "line.replied", now)
        case le.TalkForwarded(talk=talk, text=number, state=state):
            data = documents.line_data(db, talk)
            words = documents.line_text(db, number) if texts else None
            data = data and msgspec.structs.replace(data, message=number, text=words, state=state)
            return _told(data, "line.forwarded", now)
        case le.TalkResolved(talk=talk, by=by):
            data = documents.line_data(db, talk)
            data = data and msgspec.structs.replace(data, by=documents.person(db, by))
            return _told(data, "line.resolved", now)
        case _:
            return None


def _told(data: LineData | None, kind: LineType, now: float) -> Told | None:
    """``None``: the line was removed meanwhile."""
    return LineMessage(type=kind, timestamp=moment(now), data=data) if data is not None else None
