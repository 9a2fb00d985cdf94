"""People, groups, spaces and maps in SQLite, as the running server reads them."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any

from app.core.model import (
    AssetId,
    Group,
    GroupId,
    MapId,
    Person,
    PersonId,
    Place,
    Role,
    SeatId,
    Space,
    SpaceId,
    Status,
)
from app.server.store.base import Account, Desk, Roster
from app.server.store.keys import space_stream
from app.server.store.servers import ServerId
from app.server.store.sqlite import line_rows, sessions
from app.server.store.sqlite.permissions import permissions

COMMAND_AGE = 7 * 24 * 3600.0
"""s for which a command is known to have been carried out."""

_PERSON = "id, handle, name, role, picture"


def _person(row: tuple[str, str, str, str, str | None]) -> Person:
    number, handle, name, role, picture = row
    return Person(PersonId(number), handle, name, Role(role), AssetId(picture) if picture else None)


def epoch(db: sqlite3.Connection) -> str:
    value: str = db.execute("SELECT value FROM meta WHERE key = 'epoch'").fetchone()[0]
    return value


def roster_version(db: sqlite3.Connection) -> int:
    return int(db.execute("SELECT value FROM meta WHERE key = 'roster'").fetchone()[0])


def roster(db: sqlite3.Connection) -> Roster:
    rows = db.execute(f"SELECT {_PERSON}, credentials FROM people WHERE NOT disabled").fetchall()
    people = {PersonId(row[0]): _person(row[:5]) for row in rows}
    members_of: dict[str, list[PersonId]] = {}
    for group, person in db.execute("SELECT group_id, person FROM group_members ORDER BY person"):
        if person in people:
            members_of.setdefault(group, []).append(person)
    spaces = {
        SpaceId(number): Space(SpaceId(number), name, MapId(map_id))
        for number, name, map_id in db.execute("SELECT id, name, map FROM spaces")
    }
    members: dict[SpaceId, set[PersonId]] = {space: set() for space in spaces}
    for space, person in db.execute("SELECT space, person FROM space_members"):
        if person in people:
            members[space].add(person)
    return Roster(
        version=roster_version(db),
        people=people,
        credentials={PersonId(row[0]): row[5] for row in rows},
        groups={
            number: Group(GroupId(number), handle, name, tuple(members_of.get(number, ())))
            for number, handle, name in db.execute("SELECT id, handle, name FROM groups")
        },
        spaces=spaces,
        members={space: frozenset(people_in) for space, people_in in members.items()},
        permissions=permissions(db),
        lines=line_rows.all_lines(db),
    )


_ACCOUNT = f"SELECT {_PERSON}, password_hash, disabled, credentials FROM people WHERE"


def account(db: sqlite3.Connection, handle: str) -> Account | None:
    return _account(db.execute(f"{_ACCOUNT} handle_key = ?", (handle.casefold(),)).fetchone())


def account_of(db: sqlite3.Connection, person: PersonId) -> Account | None:
    return _account(db.execute(f"{_ACCOUNT} id = ?", (person,)).fetchone())


def _account(row: tuple[Any, ...] | None) -> Account | None:
    return Account(_person(row[:5]), row[5], bool(row[6]), row[7]) if row else None


def set_password_hash(db: sqlite3.Connection, person: PersonId, password_hash: str) -> None:
    db.execute("UPDATE people SET password_hash = ? WHERE id = ?", (password_hash, person))


def desk(db: sqlite3.Connection, space: SpaceId, person: PersonId) -> Desk:
    sql = "SELECT seat, x, y, status FROM desks WHERE space = ? AND person = ?"
    row = db.execute(sql, (space, person)).fetchone()
    return _desk(*row) if row else Desk()


def desks(db: sqlite3.Connection, space: SpaceId) -> Mapping[PersonId, Desk]:
    rows = db.execute("SELECT person, seat, x, y, status FROM desks WHERE space = ?", (space,))
    return {PersonId(person): _desk(*rest) for person, *rest in rows}


def _desk(seat: str | None, x: int | None, y: int | None, status: str) -> Desk:
    place = Place(x, y) if x is not None and y is not None else None
    return Desk(SeatId(seat) if seat else None, place, Status(status))


def last_space(db: sqlite3.Connection, person: PersonId) -> SpaceId | None:
    sql = "SELECT space FROM desks WHERE person = ? ORDER BY entered_at DESC LIMIT 1"
    row = db.execute(sql, (person,)).fetchone()
    return SpaceId(row[0]) if row else None


def save_places(
    db: sqlite3.Connection, space: SpaceId, places: Sequence[tuple[PersonId, Place]], at: int, by: ServerId
) -> bool:
    row = db.execute("SELECT seq FROM streams WHERE key = ?", (space_stream(space),)).fetchone()
    if row is None or row[0] != at:
        return False
    (step,) = db.execute("SELECT coalesce(max(step), 0) + 1 FROM desks WHERE space = ?", (space,)).fetchone()
    rows = ((place.x, place.y, step, by, space, person) for person, place in places)
    sql = "UPDATE desks SET x = ?, y = ?, step = ?, step_by = ? WHERE space = ? AND person = ?"
    db.executemany(sql, rows)
    return True


def map_document(db: sqlite3.Connection, map_id: MapId) -> bytes | None:
    row = db.execute("SELECT document FROM maps WHERE id = ?", (map_id,)).fetchone()
    return row[0] if row else None


def asset(db: sqlite3.Connection, asset_id: AssetId) -> bytes | None:
    row = db.execute("SELECT data FROM assets WHERE id = ?", (asset_id,)).fetchone()
    return row[0] if row else None


def drop_picture(db: sqlite3.Connection, picture: str | None) -> None:
    """One that nobody has any more, and no map shows."""
    sql = (
        "DELETE FROM assets WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM people WHERE picture = ?1) "
        "AND NOT EXISTS (SELECT 1 FROM maps WHERE instr(document, CAST(?1 AS BLOB)))"
    )
    db.execute(sql, (picture,))


def prune(db: sqlite3.Connection, now: float) -> None:
    db.execute("DELETE FROM commands WHERE at < ?", (now - COMMAND_AGE,))
    sessions.prune(db, now)
