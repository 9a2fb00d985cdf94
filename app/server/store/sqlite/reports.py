"""Reading the table of alerts: for history, board and charts."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence

from app.core.case_questions import AlertOutcome, AlertRecord
from app.core.cases import CaseId, Mark, Note
from app.core.errors import Code
from app.core.figures import by_day, by_hour, speed, speeds
from app.core.local_time import LocalTime
from app.core.model import AnswerKind, PersonId, SpaceId
from app.core.policy import AnswerWay
from app.core.report_questions import (
    OPEN_SHOWN,
    AlertFilter,
    Board,
    Capped,
    Charts,
    Cursor,
    GetBoard,
    GetCharts,
)
from app.server.store.contacts import CAP_S
from app.server.store.reports import Found
from app.server.store.sqlite import history
from app.server.store.sqlite.alert_rows import RECORD, to_record
from app.server.store.sqlite.lane import Lane


class SqliteReports:
    """See :class:`app.server.store.reports.ReportStore`.

    Args:
        read: a lane of its own, so that a year of figures holds up nobody who signs in.
    """

    def __init__(self, read: Lane) -> None:
        self._read = read

    async def close(self) -> None:
        await self._read.close()

    async def record(self, alert: CaseId) -> AlertRecord | None:
        return await self._read.run(lambda db: record(db, alert))

    async def hand_notes(self, alert: CaseId) -> Sequence[Note]:
        return await self._read.run(lambda db: hand_notes(db, alert))

    async def names(self, people: frozenset[PersonId]) -> Mapping[PersonId, str]:
        return await self._read.run(lambda db: names(db, people))

    async def page(
        self, space: SpaceId, only: AlertFilter, of: PersonId | None, after: Cursor | None, limit: int
    ) -> Found:
        return await self._read.run(lambda db: history.page(db, space, only, of, after, limit))

    async def charts(self, asked: GetCharts) -> Charts:
        return await self._read.run(lambda db: charts(db, asked))

    async def board(self, asked: GetBoard, now: float) -> Board:
        return await self._read.run(lambda db: board(db, asked, now))


def record(db: sqlite3.Connection, alert: CaseId) -> AlertRecord | None:
    row = db.execute(f"SELECT {RECORD} FROM alerts WHERE id = ?", (alert,)).fetchone()
    return to_record(row) if row else None


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


def charts(db: sqlite3.Connection, asked: GetCharts) -> Charts:
    local, where = LocalTime(asked.offsets), (asked.space, asked.since, asked.until, asked.kind)
    facts = history.facts(db, *where)
    groups = speeds(history.group_facts(db, *where))
    most = sorted(groups.items(), key=lambda entry: (-entry[1].answered - entry[1].unanswered, entry[0]))
    return Charts(by_hour(facts, local), tuple(most), by_day(facts, local))


def board(db: sqlite3.Connection, asked: GetBoard, now: float) -> Board:
    facts = history.facts(db, asked.space, asked.since, float("inf"), None)
    open_, waiting = history.standing(db, asked.space, OPEN_SHOWN)
    return Board(
        today=speed(fact.waited for fact in facts),
        raised=history.raised(db, asked.space, asked.since),
        nobody=sum(fact.outcome is AlertOutcome.NOBODY for fact in facts),
        open=tuple(open_),
        waiting=waiting,
        alone=tuple(history.alone(db, asked.space, OPEN_SHOWN)),
        capped=_capped(db, asked.space, now - CAP_S),
    )


def _capped(db: sqlite3.Connection, space: SpaceId, since: float) -> Capped | None:
    sql = (
        "SELECT s.changed_at, s.reason FROM sends s JOIN cases c ON c.id = s.case_id "
        "WHERE s.reason LIKE 'cap@_%' ESCAPE '@' AND NOT s.trial AND s.changed_at > ? AND c.space = ? "
        "ORDER BY s.changed_at"
    )
    found = db.execute(sql, (since, space)).fetchall()
    return Capped(len(found), found[-1][0], Code(found[-1][1])) if found else None
