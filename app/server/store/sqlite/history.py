"""Pages of the table of alerts, and the facts that figures are made of."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import Any

from app.core.case_questions import AlertOutcome, AlertRecord
from app.core.figures import Fact
from app.core.model import GroupId, Level, PersonId, SpaceId
from app.core.policy import CaseKind
from app.core.report_questions import AlertFilter, Cursor
from app.core.text import search_key
from app.server.store.reports import Found
from app.server.store.sqlite.alert_rows import RECORD, to_record
from app.server.store.sqlite.schema_alerts import OUTCOME

CALLING = f"level IS NOT '{Level.YELLOW}'"
"""Alerts that call somebody."""
UNANSWERED = "(helped_at IS NULL OR nobody_at IS NOT NULL)"
"""In the words of the index ``alerts_unanswered``; its outcome says the rest."""

TOOK_PART = (
    "(asked_by = :person OR answered_by = :person "
    "OR id IN (SELECT alert FROM alert_answers WHERE person = :person))"
)


def page(
    db: sqlite3.Connection,
    space: SpaceId,
    only: AlertFilter,
    of: PersonId | None,
    after: Cursor | None,
    limit: int,
) -> Found:
    """``of``: alerts that this person asked for alone."""
    where, values = conditions(space, only, of)
    total: int | None = None
    if after is None:
        total = db.execute(f"SELECT count(*) FROM alerts WHERE {where}", values).fetchone()[0]
    else:
        where += " AND (opened_at, id) < (:at, :id)"
        values |= {"at": after.opened_at, "id": after.id}
    sql = f"SELECT {RECORD} FROM alerts WHERE {where} ORDER BY opened_at DESC, id DESC LIMIT :limit"
    rows = db.execute(sql, values | {"limit": limit + 1}).fetchall()
    records = [to_record(row) for row in rows[:limit]]
    more = Cursor(records[-1].opened_at, records[-1].id) if len(rows) > limit else None
    return Found(records, total, more)


def conditions(space: SpaceId, only: AlertFilter, of: PersonId | None) -> tuple[str, dict[str, Any]]:
    """What stands after WHERE, and its values."""
    parts: list[str] = ["space = :space"]
    values: dict[str, Any] = {"space": space}

    def need(value: object, condition: str, **named: object) -> None:
        if value is not None and value is not False and value != "":
            parts.append(condition)
            values.update(named)

    need(of, "asked_by = :of", of=of)
    need(only.since, "opened_at >= :since", since=only.since)
    need(only.until, "opened_at < :until", until=only.until)
    need(only.person, TOOK_PART, person=only.person)
    need(only.group, "id IN (SELECT alert FROM alert_groups WHERE group_id = :group)", group=only.group)
    need(only.kind, "kind = :kind", kind=only.kind)
    need(only.level, "level = :level", level=only.level)
    need(only.outcome, "outcome = :outcome", outcome=only.outcome)
    need(only.unanswered, f"{UNANSWERED} AND outcome <> :answered", answered=AlertOutcome.ANSWERED)
    key = search_key(only.text).strip()
    need(key, "instr(search_key, :text) > 0", text=key)
    return " AND ".join(parts), values


def facts(
    db: sqlite3.Connection, space: SpaceId, since: float, until: float, kind: CaseKind | None
) -> list[Fact]:
    """Of alerts that call somebody and wait no longer."""
    rows = _facts(db, "", space, since, until, kind)
    return [Fact(at, wait, AlertOutcome(outcome)) for at, wait, outcome in rows]


def group_facts(
    db: sqlite3.Connection, space: SpaceId, since: float, until: float, kind: CaseKind | None
) -> list[tuple[GroupId, float | None]]:
    """For each group that an alert called: how long it waited."""
    return [(GroupId(row[0]), row[2]) for row in _facts(db, "group_id", space, since, until, kind)]


def _facts(
    db: sqlite3.Connection, group: str, space: SpaceId, since: float, until: float, kind: CaseKind | None
) -> Iterator[tuple[Any, ...]]:
    joined = "alerts JOIN alert_groups ON alert = id" if group else "alerts"
    columns = f"{group}, opened_at" if group else "opened_at"
    sql = (
        f"SELECT {columns}, max(0, answered_at - opened_at), {OUTCOME} FROM {joined} WHERE space = :space "
        f"AND opened_at >= :since AND opened_at < :until AND {CALLING} AND {OUTCOME} <> :waiting"
    )
    if kind is not None:
        sql += " AND kind = :kind"
    values = {"space": space, "since": since, "until": until, "kind": kind}
    yield from db.execute(sql, values | {"waiting": AlertOutcome.WAITING})


def raised(db: sqlite3.Connection, space: SpaceId, since: float) -> int:
    """Hands and messages since then, yellow ones too."""
    sql = "SELECT count(*) FROM alerts WHERE space = ? AND opened_at >= ?"
    count: int = db.execute(sql, (space, since)).fetchone()[0]
    return count


def standing(db: sqlite3.Connection, space: SpaceId, limit: int) -> tuple[list[AlertRecord], int]:
    """Priority messages and lines' messages that wait, oldest first, and how many there are in all."""
    where = "space = ? AND ended_at IS NULL AND kind <> ? AND outcome <> ?"
    values = (space, CaseKind.ESCALATION, AlertOutcome.ANSWERED)
    sql = f"SELECT {RECORD} FROM alerts WHERE {where} ORDER BY opened_at, id LIMIT ?"
    records = [to_record(row) for row in db.execute(sql, (*values, limit))]
    total: int = db.execute(f"SELECT count(*) FROM alerts WHERE {where}", values).fetchone()[0]
    return records, total


def alone(db: sqlite3.Connection, space: SpaceId, limit: int) -> list[AlertRecord]:
    """Hands that are up and found nobody, oldest first."""
    sql = (
        f"SELECT {RECORD} FROM alerts WHERE space = ? AND ended_at IS NULL AND kind = ? AND outcome = ? "
        "ORDER BY opened_at, id LIMIT ?"
    )
    values = (space, CaseKind.ESCALATION, AlertOutcome.NOBODY, limit)
    return [to_record(row) for row in db.execute(sql, values)]
