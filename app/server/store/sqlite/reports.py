"""Reading the table of alerts: for history, board and charts."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any

from app.core.case_questions import AlertOutcome, AlertRecord
from app.core.cases import CaseId, Mark, Note
from app.core.model import AnswerKind, EndReason, GroupId, Level, PersonId, SpaceId
from app.core.policy import AnswerWay, CaseKind
from app.server.store.sqlite.lane import Lane

RECORD = (
    "id, kind, space, opened_at, outcome, asked_by, level, text, answered_at, answered_by, way, nobody_at, "
    "ended_at, reason, (SELECT group_concat(group_id, ' ') FROM alert_groups WHERE alert = alerts.id)"
)


class SqliteReports:
    """See :class:`app.server.store.reports.ReportStore`."""

    def __init__(self, read: Lane) -> None:
        self._read = read

    async def record(self, alert: CaseId) -> AlertRecord | None:
        return await self._read.run(lambda db: record(db, alert))

    async def hand_notes(self, alert: CaseId) -> Sequence[Note]:
        return await self._read.run(lambda db: hand_notes(db, alert))

    async def names(self, people: frozenset[PersonId]) -> Mapping[PersonId, str]:
        return await self._read.run(lambda db: names(db, people))


def record(db: sqlite3.Connection, alert: CaseId) -> AlertRecord | None:
    row = db.execute(f"SELECT {RECORD} FROM alerts WHERE id = ?", (alert,)).fetchone()
    return to_record(row) if row else None


def to_record(row: Sequence[Any]) -> AlertRecord:
    """A row of the columns ``RECORD``."""
    case, kind, space, opened, outcome, asked_by, level, text, *rest = row
    answered, answered_by, way, nobody, ended, reason, groups = rest
    return AlertRecord(
        id=CaseId(case),
        kind=CaseKind(kind),
        space=SpaceId(space),
        opened_at=opened,
        outcome=AlertOutcome(outcome),
        asked_by=PersonId(asked_by) if asked_by else None,
        level=Level(level) if level else None,
        text=text,
        groups=tuple(GroupId(group) for group in sorted(groups.split())) if groups else (),
        answered_at=answered,
        answered_by=PersonId(answered_by) if answered_by else None,
        way=AnswerWay(way) if way else None,
        nobody_at=nobody,
        ended_at=ended,
        reason=EndReason(reason) if reason else None,
    )


def hand_notes(db: sqlite3.Connection, alert: CaseId) -> Sequence[Note]:
    row = db.execute("SELECT opened_at, ended_at, asked_by FROM alerts WHERE id = ?", (alert,)).fetchone()
    if row is None:
        return ()
    opened_at, ended_at, asked_by = row
    notes = [Note(opened_at, Mark.OPENED, (PersonId(asked_by),))]
    sql = "SELECT person, kind, at FROM alert_answers WHERE alert = ? ORDER BY number"
    for person, kind, at in db.execute(sql, (alert,)):
        if AnswerKind(kind).helps:
            notes.append(Note(at, Mark.ANSWERED, (PersonId(person),), way=AnswerWay(kind)))
        else:
            notes.append(Note(at, Mark.DECLINED, (PersonId(person),)))
    if ended_at is not None:
        notes.append(Note(ended_at, Mark.ENDED))
    return notes


def names(db: sqlite3.Connection, people: frozenset[PersonId]) -> Mapping[PersonId, str]:
    known: dict[PersonId, str] = {}
    for person in people:
        row = db.execute("SELECT name, handle FROM people WHERE id = ?", (person,)).fetchone()
        if row is not None:
            known[person] = row[0] or row[1]
    return known
