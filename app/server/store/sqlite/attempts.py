"""Failed sign-ins in SQLite; see :mod:`app.server.store.attempts`."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from app.server.store.attempts import FORGET_S, MOST_NAMES, PATIENCE, Name, Tried
from app.server.store.sqlite.lane import Lane


def begin(db: sqlite3.Connection, names: Sequence[Name], now: float) -> float:
    counts = {name: _count(db, name, now) for name in names}
    wait = max((_wait(name, *counts[name], now) for name in names), default=0.0)
    if wait > 0:
        return wait
    for name, (count, _) in counts.items():
        sql = (
            "INSERT INTO attempts VALUES (?1, ?2, ?3, ?4) "
            "ON CONFLICT (kind, name) DO UPDATE SET failures = ?3, at = ?4"
        )
        db.execute(sql, (name.kind, name.hash, count + 1, now))
        if count == 0:
            _bound(db, name.kind)
    return 0.0


def _count(db: sqlite3.Connection, name: Name, now: float) -> tuple[int, float]:
    """Failures, and when the last one was; a clock that was set back makes nobody wait longer."""
    sql = "SELECT failures, at FROM attempts WHERE kind = ? AND name = ?"
    row = db.execute(sql, (name.kind, name.hash)).fetchone()
    if row is None or row[1] < _over(name.kind, now):
        return 0, now
    return row[0], min(row[1], now)


def _wait(name: Name, count: int, at: float, now: float) -> float:
    return at + PATIENCE[name.kind].delay(count) - now


def _over(kind: Tried, now: float) -> float:
    """Failures before this are forgotten."""
    return now - FORGET_S - PATIENCE[kind].longest


def _bound(db: sqlite3.Connection, kind: Tried) -> None:
    db.execute(
        "DELETE FROM attempts WHERE kind = ?1 AND name IN "
        "(SELECT name FROM attempts WHERE kind = ?1 ORDER BY at DESC LIMIT -1 OFFSET ?2)",
        (kind, MOST_NAMES),
    )


def succeeded(db: sqlite3.Connection, cleared: Sequence[Name], forgiven: Sequence[Name]) -> None:
    for name in cleared:
        db.execute("DELETE FROM attempts WHERE kind = ? AND name = ?", (name.kind, name.hash))
    for name in forgiven:
        at = (name.kind, name.hash)
        db.execute("UPDATE attempts SET failures = failures - 1 WHERE kind = ? AND name = ?", at)
        db.execute("DELETE FROM attempts WHERE kind = ? AND name = ? AND failures <= 0", at)


def prune(db: sqlite3.Connection, now: float) -> None:
    for kind in Tried:
        db.execute("DELETE FROM attempts WHERE kind = ? AND at < ?", (kind, _over(kind, now)))


class SqliteAttempts:
    """See :class:`app.server.store.attempts.AttemptStore`."""

    def __init__(self, write: Lane) -> None:
        self._write = write

    async def begin(self, names: Sequence[Name], now: float) -> float:
        return await self._write.run(lambda db: begin(db, names, now))

    async def succeeded(self, cleared: Sequence[Name], forgiven: Sequence[Name]) -> None:
        await self._write.run(lambda db: succeeded(db, cleared, forgiven))

    async def prune(self, now: float) -> None:
        await self._write.run(lambda db: prune(db, now))
