"""Pages of the table of alerts, and the facts that figures are made of."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from app.core.case_questions import AlertOutcome, AlertRecord
from app.core.figures import Fact
from app.core.model import GroupId, Level, PersonId, SpaceId
from app.core.policy import CaseKind
from app.core.report_questions import COUNTED, AlertFilter, Cursor
from app.core.text import search_key
from app.server.store.reports import Found
from app.server.store.sqlite.alert_rows import RECORD, to_record
from app.server.store.sqlite.schema_alerts import OUTCOME
from app.server.store.sqlite.schema_history import NOT_ANSWERED
from app.server.store.sqlite.words import LAST, TRIGRAM, quoted

CALLING = f"level IS NOT '{Level.YELLOW}'"
"""Alerts that call somebody."""
RARE = 2_000
"""Alerts with the words looked for, up to which they are fetched and put in order; where there are more, the
newest are soon found by going back in time."""


@dataclass(frozen=True)
class Way:
    """How rows are reached, newest first.

    Attributes:
        rows: what stands after FROM.
        space, at, id: the columns that they are in order by.
    """

    rows: str
    space: str = "space"
    at: str = "opened_at"
    id: str = "id"


_TIME = Way("alerts INDEXED BY alerts_time")
_UNANSWERED = Way("alerts INDEXED BY alerts_unanswered")
_OWN = Way("alerts INDEXED BY alerts_asked_by")
_NUMBERS = Way("(SELECT value AS found FROM json_each(:numbers)) CROSS JOIN alerts ON alerts.number = found")
_WHO = Way("alert_who CROSS JOIN alerts ON alerts.id = alert", "hall", "began", "alert")


def page(
    db: sqlite3.Connection,
    space: SpaceId,
    only: AlertFilter,
    of: PersonId | None,
    after: Cursor | None,
    limit: int,
) -> Found:
    """``of``: alerts that this person asked for alone."""
    search = _Search(db, space, only, of)
    total = search.count() if after is None else None
    way, where, values = search.way, search.where(search.way), search.values
    if after is not None:
        where += f" AND ({way.at}, {way.id}) < (:at, :id)"
        values = values | {"at": after.opened_at, "id": after.id}
    order = f"ORDER BY {way.at} DESC, {way.id} DESC LIMIT :limit"
    sql = f"SELECT {RECORD} FROM {way.rows} WHERE {where} {order}"
    rows = db.execute(sql, values | {"limit": limit + 1}).fetchall()
    records = [to_record(row) for row in rows[:limit]]
    more = Cursor(records[-1].opened_at, records[-1].id) if len(rows) > limit else None
    return Found(records, total, more)


class _Search:
    """What is looked for, and the shortest way to it.

    Attributes:
        way: by which a page is read.
    """

    def __init__(
        self, db: sqlite3.Connection, space: SpaceId, only: AlertFilter, of: PersonId | None
    ) -> None:
        self._db, self._only, self._of = db, only, of
        self._key = search_key(only.text).strip()
        self.values: dict[str, Any] = {"space": space}
        self._common = False
        self.way = self._choose()

    def _choose(self) -> Way:
        if self._key:
            sql, values = with_words(self._key)
            numbers = [number for (number,) in self._db.execute(f"{sql} LIMIT {RARE + 1}", values)]
            if len(numbers) <= RARE:
                self.values["numbers"] = json.dumps(numbers)
                return _NUMBERS
            self._common = True
        if self._of is not None:
            return _OWN
        if self._only.person is not None or self._only.group is not None:
            return _WHO
        return _UNANSWERED if self._only.unanswered else _TIME

    def count(self) -> int:
        """How many there are, or one more than is counted."""
        way = self.way
        if self._common and way in (_TIME, _UNANSWERED):
            sql, values = with_words(self._key)
            way = Way(f"({sql}) CROSS JOIN alerts ON alerts.number = found")
            self.values |= values
        where = self.where(way)
        if way is _WHO and not self._needs_rows():
            way = replace(way, rows="alert_who")
        sql = f"SELECT count(*) FROM (SELECT 1 FROM {way.rows} WHERE {where} LIMIT {COUNTED + 1})"
        count: int = self._db.execute(sql, self.values).fetchone()[0]
        return count

    def _needs_rows(self) -> bool:
        """Whether more is asked than who took part, and when."""
        only = self._only
        rest = (only.kind, only.level, only.outcome, only.unanswered or None, self._key or None)
        return any(part is not None for part in rest) or None not in (only.person, only.group)

    def where(self, way: Way) -> str:
        """What stands after WHERE; its values are among :attr:`values`."""
        only, parts = self._only, [f"{way.space} = :space"]

        def need(value: object, condition: str, name: str = "") -> None:
            if value is not None and value is not False:
                parts.append(condition)
                if name:
                    self.values[name] = value

        need(self._of, "asked_by = :of", "of")
        need(only.since, f"{way.at} >= :since", "since")
        need(only.until, f"{way.at} < :until", "until")
        parts.extend(self._took_part(way))
        need(only.kind, "kind = :kind", "kind")
        need(only.level, "level = :level", "level")
        need(only.outcome, f"{OUTCOME} = :outcome", "outcome")
        need(only.unanswered, NOT_ANSWERED)
        if self._common and way in (_TIME, _UNANSWERED, _OWN, _WHO):
            need(self._key, "instr(search_key, :text) > 0", "text")
        return " AND ".join(parts)

    def _took_part(self, way: Way) -> Iterator[str]:
        """The first of person and group leads the way, where it is that one."""
        leads = way is _WHO
        for name, mark, value in (("person", "p", self._only.person), ("group", "g", self._only.group)):
            if value is None:
                continue
            self.values[name] = f"{mark}:{value}"
            where = (
                f"who = :{name} AND hall = alerts.space AND began = alerts.opened_at AND alert = alerts.id"
            )
            yield f"who = :{name}" if leads else f"EXISTS (SELECT 1 FROM alert_who WHERE {where})"
            leads = False


def with_words(key: str) -> tuple[str, dict[str, Any]]:
    """What finds the numbers of alerts that have these words in them, whatever their space, and its values.

    Args:
        key: a search key.
    """
    if len(key) >= TRIGRAM:
        sql = "SELECT rowid AS found FROM alert_search WHERE alert_search MATCH :match"
        return sql, {"match": quoted(key)}
    sql = "SELECT DISTINCT doc AS found FROM alert_terms WHERE term >= :first AND term < :last"
    return sql, {"first": key, "last": key + LAST}


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
