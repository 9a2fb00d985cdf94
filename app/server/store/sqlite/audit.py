"""The audit log in SQLite; see :mod:`app.server.store.audit`."""

from __future__ import annotations

import sqlite3

import msgspec

from app.core.audit import Act, Change, Deed, Subject
from app.core.model import PersonId, SpaceId
from app.server.store.audit import PART_S, DeedPage, Wanted
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


def note_part(db: sqlite3.Connection, deed: Deed, rows: int, after: str) -> None:
    """See :class:`app.server.store.audit.AuditLog`. What does not go on from where an export stopped is
    another one: nobody can read on without a line that says so."""
    sql = (
        "SELECT number, changes FROM audit WHERE at > ? AND thing = ? AND act = ? AND subject = ? "
        "AND by IS ? AND space IS ? AND person IS ? ORDER BY number DESC"
    )
    same = (deed.at - PART_S, after, deed.act, deed.subject, deed.by, deed.space, deed.person)
    found = db.execute(sql, same).fetchall() if after else []
    for number, stored in found:
        *asked, so_far, _ = _changes.decode(stored)
        if tuple(asked) == deed.changes:
            fresh = (*asked, *_read(int(so_far.after) + rows, deed))
            sql = "UPDATE audit SET thing = ?, changes = ? WHERE number = ?"
            db.execute(sql, (deed.thing, msgspec.msgpack.encode(fresh), number))
            return
    note(db, msgspec.structs.replace(deed, changes=(*deed.changes, *_read(rows, deed))))


def _read(rows: int, deed: Deed) -> tuple[Change, Change]:
    return Change("rows", after=str(rows)), Change("complete", after=str(not deed.thing).lower())


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

    async def note_part(self, deed: Deed, rows: int, after: str) -> None:
        await self._write.run(lambda db: note_part(db, deed, rows, after))

    async def read(self, wanted: Wanted) -> DeedPage:
        return await self._read.run(lambda db: read(db, wanted))
