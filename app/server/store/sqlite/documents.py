"""Escalations, priority messages and lines as other programs are told of them, read from the tables."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence

import msgspec

from app.core.calls import Answered
from app.core.cases import Case, CaseId
from app.core.lines import CustomerId, LineText, LineTextId
from app.core.model import (
    Answer,
    AnswerKind,
    EndReason,
    EscalationId,
    Level,
    MessageId,
    PersonId,
    SpaceId,
    TakenStep,
)
from app.core.policy import CaseKind
from app.server.api.documents import (
    AnswerDocument,
    EscalationDocument,
    LineData,
    LineDocument,
    MessageAnswerDocument,
    MessageDocument,
    PersonDocument,
    SpaceDocument,
    StepDocument,
    moment,
    moment_or_none,
)
from app.server.store.sqlite import cases

_line_text = msgspec.msgpack.Decoder(LineText)
OPEN = 1_000
"""Open escalations of one space that are told at most."""

_COLUMNS = (
    "SELECT a.id, s.id, s.name, p.id, p.handle, p.name, a.level, a.text, a.opened_at, a.answered_at, "
    "a.nobody_at, a.ended_at, a.reason FROM alerts a JOIN spaces s ON s.id = a.space "
    "JOIN people p ON p.id = a.asked_by "
)


def escalation(db: sqlite3.Connection, escalation: str) -> EscalationDocument | None:
    """One that is open or was."""
    row = db.execute(_COLUMNS + "WHERE a.id = ? AND a.kind = ?", (escalation, CaseKind.ESCALATION)).fetchone()
    return _document(db, row) if row else None


def open_escalations(db: sqlite3.Connection, space: SpaceId) -> list[EscalationDocument]:
    """The longest waiting first."""
    sql = _COLUMNS + (
        "WHERE a.space = ? AND a.ended_at IS NULL AND a.kind = ? ORDER BY a.opened_at, a.id LIMIT ?"
    )
    rows = db.execute(sql, (space, CaseKind.ESCALATION, OPEN)).fetchall()
    return [_document(db, row) for row in rows]


def _document(db: sqlite3.Connection, row: Sequence[object]) -> EscalationDocument:
    number, space, space_name, raiser, handle, name, level, text, *times, reason = row
    raised, answered, nobody, ended = map(_time, times)
    return EscalationDocument(
        id=str(number),
        space=SpaceDocument(id=str(space), name=str(space_name)),
        raiser=PersonDocument(id=str(raiser), handle=str(handle), name=str(name)),
        level=Level(str(level)),
        message=str(text),
        raised_at=moment(raised or 0.0),
        answered_at=moment_or_none(answered),
        answers=_answers(db, EscalationId(str(number))),
        nobody_at=moment_or_none(nobody),
        ended_at=moment_or_none(ended),
        reason=EndReason(str(reason)) if reason is not None else None,
    )


def _answers(db: sqlite3.Connection, escalation: EscalationId) -> tuple[AnswerDocument, ...]:
    """The latest of each one, in the order in which they first answered: people, then those from outside."""
    sql = (
        "SELECT p.id, p.handle, p.name, n.kind, n.at FROM alert_answers n JOIN people p ON p.id = n.person "
        "WHERE n.alert = ? ORDER BY n.number"
    )
    latest = {
        person: AnswerDocument(
            person=PersonDocument(id=person, handle=handle, name=name),
            name=name,
            kind=AnswerKind(kind),
            at=moment(at),
        )
        for person, handle, name, kind, at in db.execute(sql, (escalation,))
    }
    sql = "SELECT coalesce(contact, name), name, kind, at FROM outside_answers WHERE alert = ? ORDER BY rowid"
    rows = db.execute(sql, (escalation,))
    outside = {who: outside_answer(name, AnswerKind(kind), at) for who, name, kind, at in rows}
    return (*latest.values(), *outside.values())


def outside_answer(name: str, kind: AnswerKind, at: float) -> AnswerDocument:
    """Of whoever is known by a contact or as a program alone."""
    return AnswerDocument(person=None, name=name, kind=kind, at=moment(at))


def answer(db: sqlite3.Connection, given: Answer) -> AnswerDocument:
    who = person(db, given.person)
    return AnswerDocument(person=who, name=who.name, kind=given.kind, at=moment(given.at))


def step(db: sqlite3.Connection, taken: TakenStep) -> StepDocument:
    return StepDocument(what=taken.what, at=moment(taken.at), people=people(db, taken.people))


def person(db: sqlite3.Connection, who: PersonId) -> PersonDocument:
    row = db.execute("SELECT id, handle, name FROM people WHERE id = ?", (who,)).fetchone()
    number, handle, name = row or (who, "", "")
    return PersonDocument(id=number, handle=handle, name=name)


def people(db: sqlite3.Connection, these: Iterable[PersonId]) -> tuple[PersonDocument, ...]:
    return tuple(person(db, who) for who in these)


def _space(db: sqlite3.Connection, space: SpaceId) -> SpaceDocument:
    ((name,),) = db.execute("SELECT name FROM spaces WHERE id = ?", (space,)).fetchall()
    return SpaceDocument(id=space, name=name)


# Priority messages


def case_of(db: sqlite3.Connection, number: MessageId) -> Case | None:
    """Of a priority message; ``None`` where it is no longer kept."""
    return cases.find(db, CaseId(number))


def message(db: sqlite3.Connection, case: Case, *, texts: bool) -> MessageDocument | None:
    """A priority message as its case knows it."""
    if case.kind is not CaseKind.PRIORITY or case.asked_by is None:
        return None
    return MessageDocument(
        id=case.id,
        space=_space(db, case.space),
        author=person(db, case.asked_by),
        people=people(db, case.called),
        text=case.text if texts else None,
        sent_at=moment(case.opened_at),
        answered_at=moment_or_none(case.answer.at if case.answer is not None else None),
        nobody_at=moment_or_none(case.exhausted_at),
    )


def message_answer(db: sqlite3.Connection, given: Answered) -> MessageAnswerDocument:
    """Who is known by a contact alone is told by its name."""
    who = person(db, given.person) if given.person is not None else None
    name = who.name if who is not None else given.name
    return MessageAnswerDocument(person=who, name=name, way=given.way, at=moment(given.at))


# Lines


def line_data(db: sqlite3.Connection, talk: CustomerId) -> LineData | None:
    """Which conversation on which line something is about; ``None``: the line was removed."""
    sql = "SELECT l.id, l.name, l.number, l.space FROM talks t JOIN lines l ON l.id = t.line WHERE t.id = ?"
    row = db.execute(sql, (talk,)).fetchone()
    if row is None:
        return None
    number, name, address, space = row
    line = LineDocument(id=number, name=name, number=address)
    return LineData(space=_space(db, space), line=line, conversation=talk)


def line_text(db: sqlite3.Connection, text: LineTextId) -> str | None:
    """What was written; ``None`` where it is no longer kept."""
    row = db.execute("SELECT text FROM line_texts WHERE id = ?", (text,)).fetchone()
    return _line_text.decode(row[0]).text if row else None


def _time(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) else None
