"""Escalations as other programs are told of them, read from the tables of alerts."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence

from app.core.lines import CustomerId, LineText
from app.core.model import (
    Answer,
    AnswerKind,
    EndReason,
    EscalationId,
    Level,
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
    PersonDocument,
    SpaceDocument,
    StepDocument,
    moment,
    moment_or_none,
)

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
    """The latest of each person, in the order in which they first answered."""
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
    return tuple(latest.values())


def answer(db: sqlite3.Connection, given: Answer) -> AnswerDocument:
    [who] = _people(db, (given.person,))
    return AnswerDocument(person=who, name=who.name, kind=given.kind, at=moment(given.at))


def step(db: sqlite3.Connection, taken: TakenStep) -> StepDocument:
    return StepDocument(what=taken.what, at=moment(taken.at), people=_people(db, taken.people))


def _people(db: sqlite3.Connection, people: Iterable[PersonId]) -> tuple[PersonDocument, ...]:
    sql = "SELECT id, handle, name FROM people WHERE id = ?"
    rows = [db.execute(sql, (person,)).fetchone() or (person, "", "") for person in people]
    return tuple(PersonDocument(id=person, handle=handle, name=name) for person, handle, name in rows)


def line_data(db: sqlite3.Connection, talk: CustomerId, text: LineText) -> LineData | None:
    sql = "SELECT l.id, l.name, l.number FROM talks t JOIN lines l ON l.id = t.line WHERE t.id = ?"
    row = db.execute(sql, (talk,)).fetchone()
    if row is None:
        return None
    number, name, address = row
    line = LineDocument(id=number, name=name, number=address)
    return LineData(line=line, conversation=talk, text=text.text)


def _time(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) else None
