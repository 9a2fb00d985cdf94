"""The audit log in SQLite; see :mod:`app.server.store.audit`."""

from __future__ import annotations

import sqlite3

import msgspec

from app.core.audit import Act, Change, Deed, Subject
from app.core.model import PersonId, SpaceId
from app.server.store.audit import DeedPage, Wanted
from app.server.store.sqlite.lane import Lane

_changes = msgspec.msgpack.Decoder(tuple[Change, ...])


def note(db: sqlite3.Connection, deed: Deed) -> None:
    """Write it down; within the transaction of what it tells of."""
    sql = (
        "INSERT INTO audit (at, act, subject, by, space, thing, name, person, changes) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
    )
    what = (deed.at, deed.act, deed.subject, deed.by, deed.space, deed.thing, deed.name, deed.person)
    db.execute(sql, (*what, msgspec.msgpack.encode(deed.changes)))


def read(db: sqlite3.Connection, wanted: Wanted) -> DeedPage:
    sql = (
        "SELECT number, at, act, subject, by, space, thing, name, person, changes FROM audit "
        "WHERE (:before IS NULL OR number < :before) AND (:by IS NULL OR by = :by) "
        "AND (:subject IS NULL OR subject = :subject) AND (:since IS NULL OR at >= :since) "
        "AND (:until IS NULL OR at < :until) ORDER BY number DESC LIMIT :limit"
    )
    which = {
        "before": wanted.before,
        "by": wanted.by,
        "subject": wanted.subject,
        "since": wanted.since,
        "until": wanted.until,
        "limit": wanted.limit + 1,
    }
    rows = db.execute(sql, which).fetchall()
    return DeedPage([_deed(*row) for row in rows[: wanted.limit]], more=len(rows) > wanted.limit)


def _deed(
    number: int,
    at: float,
    act: str,
    subject: str,
    by: str | None,
    space: str | None,
    thing: str,
    name: str,
    person: str | None,
    changes: bytes,
) -> tuple[int, Deed]:
    return number, Deed(
        at,
        Act(act),
        Subject(subject),
        PersonId(by) if by else None,
        SpaceId(space) if space else None,
        thing,
        name,
        PersonId(person) if person else None,
        _changes.decode(changes),
    )


class SqliteAudit:
    """See :class:`app.server.store.audit.AuditLog`."""

    def __init__(self, writer: Lane, reader: Lane) -> None:
        self._write, self._read = writer, reader

    async def note(self, deed: Deed) -> None:
        await self._write.run(lambda db: note(db, deed))

    async def read(self, wanted: Wanted) -> DeedPage:
        return await self._read.run(lambda db: read(db, wanted))
