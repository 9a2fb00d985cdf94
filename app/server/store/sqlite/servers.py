"""Servers and who is connected through them, in SQLite; see :mod:`app.server.store.servers`."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable, Mapping, Sequence

from app.core import events as ev
from app.core.model import PersonId, Place, SpaceId
from app.server.store.servers import Peer, Seat, ServerId
from app.server.store.sqlite.lane import Lane


def follow(
    db: sqlite3.Connection, server: str, space: SpaceId, event: ev.SpaceEvent | ev.PersonalEvent
) -> None:
    """Who comes and goes through ``server``, with the event that tells of it."""
    match event:
        case ev.Entered(occupant=occupant):
            _attend(db, server, [(space, occupant.person)])
        case ev.LinkRestored(person=person):
            _attend(db, server, [(space, person)])
        case ev.LinkLost(person=person):
            _leave(db, server, [(space, person)])
        case ev.Left(person=person):
            db.execute("DELETE FROM attendances WHERE space = ? AND person = ?", (space, person))
        case _:
            pass


def _attend(db: sqlite3.Connection, server: str, seats: Iterable[Seat]) -> None:
    """Nothing is written for one that was taken for dead: it enlists again with all that it has."""
    sql = "INSERT OR IGNORE INTO attendances SELECT ?, ?, id FROM servers WHERE id = ?"
    db.executemany(sql, ((space, person, server) for space, person in seats))


def _leave(db: sqlite3.Connection, server: str, seats: Iterable[Seat]) -> None:
    sql = "DELETE FROM attendances WHERE space = ? AND person = ? AND server = ?"
    db.executemany(sql, ((space, person, server) for space, person in seats))


class SqliteServers:
    """See :class:`app.server.store.servers.ServerStore`."""

    def __init__(self, write: Lane, read: Lane) -> None:
        self._write, self._read = write, read

    async def enlist(self, server: ServerId, place: str, seats: Collection[Seat]) -> None:
        def change(db: sqlite3.Connection) -> None:
            sql = "INSERT INTO servers (id, place) VALUES (?1, ?2) ON CONFLICT (id) DO UPDATE SET place = ?2"
            db.execute(sql, (server, place))
            _attend(db, server, seats)

        await self._write.run(change)

    async def beat(self, server: ServerId) -> bool:
        sql = "UPDATE servers SET beats = beats + 1 WHERE id = ?"
        return await self._write.run(lambda db: db.execute(sql, (server,)).rowcount > 0)

    async def peers(self) -> Sequence[Peer]:
        sql = "SELECT id, place, beats FROM servers ORDER BY id"
        return await self._read.run(lambda db: [Peer(*row) for row in db.execute(sql)])

    async def strike(self, servers: Collection[ServerId]) -> None:
        def change(db: sqlite3.Connection) -> None:
            gone = [(server,) for server in servers]
            db.executemany("DELETE FROM servers WHERE id = ?", gone)
            db.executemany("UPDATE webhooks SET held_until = 0 WHERE owner = ?", gone)

        await self._write.run(change)

    async def attend(self, server: ServerId, seats: Collection[Seat], *, gone: Collection[Seat] = ()) -> None:
        def change(db: sqlite3.Connection) -> None:
            _attend(db, server, seats)
            _leave(db, server, gone)

        await self._write.run(change)

    async def through(self, seat: Seat) -> Collection[ServerId]:
        sql = "SELECT server FROM attendances WHERE space = ? AND person = ?"
        return await self._read.run(lambda db: [ServerId(row[0]) for row in db.execute(sql, seat)])

    async def steps(
        self, space: SpaceId, after: int, me: ServerId
    ) -> tuple[Sequence[tuple[PersonId, Place]], int]:
        sql = "SELECT person, x, y, step, step_by FROM desks WHERE space = ? AND step > ?"

        def find(db: sqlite3.Connection) -> tuple[Sequence[tuple[PersonId, Place]], int]:
            rows = db.execute(sql, (space, after)).fetchall()
            steps = [(PersonId(person), Place(x, y)) for person, x, y, _, by in rows if by != me]
            return steps, max((row[3] for row in rows), default=after)

        return await self._read.run(find)

    async def attended(self) -> Mapping[ServerId, Collection[Seat]]:
        def find(db: sqlite3.Connection) -> Mapping[ServerId, Collection[Seat]]:
            found: dict[ServerId, set[Seat]] = {}
            for space, person, server in db.execute("SELECT space, person, server FROM attendances"):
                found.setdefault(ServerId(server), set()).add((SpaceId(space), PersonId(person)))
            return found

        return await self._read.run(find)
