"""People, groups, spaces and maps in SQLite, as admins change them; one transaction for each change.

Opens a connection of its own, so that it works beside a running server.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from app.core.audit import Deed
from app.core.lines import LineId
from app.core.model import AssetId, GroupId, MapId, PersonId, Role, SeatId, SpaceId
from app.core.permissions import Least, Permissions, Right
from app.server.store.base import StoreError
from app.server.store.sqlite import audit, people, permissions, repeated
from app.server.store.sqlite.store import FILE, connect

T = TypeVar("T")


class Registry:
    """Call it within :meth:`transaction`; nothing is checked here but what the tables check."""

    def __init__(self, data: Path) -> None:
        """Open, or make, the database of a data folder. Raises StoreError."""
        try:
            data.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise StoreError(f"{data} cannot be used: {error.strerror or error}") from error
        self._db = connect(data / FILE)

    def close(self) -> None:
        self._db.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All of what is done within, or nothing. Raises StoreError."""
        try:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")
        except sqlite3.Error as error:
            raise StoreError(f"the database could not do it: {error}") from error

    def run(self, job: Callable[[sqlite3.Connection], T]) -> T:
        """A job as the running store does them, within the transaction."""
        return job(self._db)

    # Finding

    def person(self, handle: str) -> PersonId | None:
        found = self._id("people", "handle_key", handle.casefold())
        return PersonId(found) if found else None

    def group(self, handle: str) -> GroupId | None:
        found = self._id("groups", "handle_key", handle.casefold())
        return GroupId(found) if found else None

    def space(self, name: str) -> SpaceId | None:
        found = self._id("spaces", "name", name)
        return SpaceId(found) if found else None

    def space_ids(self) -> list[SpaceId]:
        return [SpaceId(number) for (number,) in self._db.execute("SELECT id FROM spaces ORDER BY name")]

    def map_of(self, space: SpaceId) -> bytes:
        sql = "SELECT m.document FROM spaces s JOIN maps m ON m.id = s.map WHERE s.id = ?"
        document: bytes = self._db.execute(sql, (space,)).fetchone()[0]
        return document

    def _id(self, table: str, column: str, value: str) -> str | None:
        row = self._db.execute(f"SELECT id FROM {table} WHERE {column} = ?", (value,)).fetchone()
        return row[0] if row else None

    # People

    def add_person(self, person: PersonId, handle: str, name: str, role: Role, password_hash: str) -> None:
        sql = (
            "INSERT INTO people (id, handle, handle_key, name, role, password_hash) VALUES (?, ?, ?, ?, ?, ?)"
        )
        self._db.execute(sql, (person, handle, handle.casefold(), name, role, password_hash))

    def set_role(self, person: PersonId, role: Role) -> None:
        self._db.execute("UPDATE people SET role = ? WHERE id = ?", (role, person))

    def set_name(self, person: PersonId, name: str) -> None:
        self._db.execute("UPDATE people SET name = ? WHERE id = ?", (name, person))

    def set_password_hash(self, person: PersonId, password_hash: str) -> None:
        self._db.execute("UPDATE people SET password_hash = ? WHERE id = ?", (password_hash, person))

    def link(self, person: PersonId, issuer: str, subject: str) -> None:
        self._db.execute("INSERT OR REPLACE INTO identities VALUES (?, ?, ?)", (issuer, subject, person))

    def name_of(self, person: PersonId) -> str:
        name: str = self._db.execute("SELECT name FROM people WHERE id = ?", (person,)).fetchone()[0]
        return name

    def set_picture(self, person: PersonId, picture: AssetId, data: bytes) -> None:
        self._db.execute("INSERT OR IGNORE INTO assets VALUES (?, ?)", (picture, data))
        sql = "SELECT picture FROM people WHERE id = ?"
        (before,) = self._db.execute(sql, (person,)).fetchone()
        self._db.execute("UPDATE people SET picture = ? WHERE id = ?", (picture, person))
        people.drop_picture(self._db, before)

    def set_disabled(self, person: PersonId, disabled: bool) -> None:
        self._db.execute("UPDATE people SET disabled = ? WHERE id = ?", (disabled, person))

    def sign_out(self, person: PersonId) -> None:
        """End all sessions; the server closes the connections that were opened with them."""
        self._db.execute("UPDATE people SET credentials = credentials + 1 WHERE id = ?", (person,))
        self._db.execute("DELETE FROM families WHERE person = ?", (person,))

    def handles(self) -> dict[PersonId, str]:
        return {
            PersonId(person): handle for person, handle in self._db.execute("SELECT id, handle FROM people")
        }

    def people(self) -> list[tuple[str, str, Role, bool, tuple[str, ...]]]:
        """Handle, name, role, disabled, names of spaces."""
        spaces = (
            "SELECT s.name FROM space_members m JOIN spaces s ON s.id = m.space "
            "WHERE m.person = ? ORDER BY s.name"
        )
        rows = self._db.execute("SELECT id, handle, name, role, disabled FROM people ORDER BY handle_key")
        return [
            (handle, name, Role(role), bool(disabled), self._column(spaces, person))
            for person, handle, name, role, disabled in rows.fetchall()
        ]

    # Groups

    def add_group(self, group: GroupId, handle: str, name: str) -> None:
        sql = "INSERT INTO groups (id, handle, handle_key, name) VALUES (?, ?, ?, ?)"
        self._db.execute(sql, (group, handle, handle.casefold(), name))

    def set_group(self, group: GroupId, handle: str, name: str) -> None:
        sql = "UPDATE groups SET handle = ?, handle_key = ?, name = ? WHERE id = ?"
        self._db.execute(sql, (handle, handle.casefold(), name, group))

    def remove_group(self, group: GroupId) -> None:
        self._db.execute("DELETE FROM groups WHERE id = ?", (group,))

    def add_member(self, group: GroupId, person: PersonId) -> None:
        self._db.execute("INSERT OR IGNORE INTO group_members VALUES (?, ?)", (group, person))

    def remove_member(self, group: GroupId, person: PersonId) -> bool:
        """Whether they were a member."""
        sql = "DELETE FROM group_members WHERE group_id = ? AND person = ?"
        return self._db.execute(sql, (group, person)).rowcount > 0

    def groups(self) -> list[tuple[str, str, tuple[str, ...]]]:
        """Handle, name, handles of members."""
        members = (
            "SELECT p.handle FROM group_members m JOIN people p ON p.id = m.person "
            "WHERE m.group_id = ? ORDER BY p.handle_key"
        )
        rows = self._db.execute("SELECT id, handle, name FROM groups ORDER BY handle_key").fetchall()
        return [(handle, name, self._column(members, group)) for group, handle, name in rows]

    # Spaces

    def add_space(self, space: SpaceId, name: str, map_id: MapId) -> None:
        self._db.execute("INSERT INTO spaces VALUES (?, ?, ?)", (space, name, map_id))

    def set_space_name(self, space: SpaceId, name: str) -> None:
        self._db.execute("UPDATE spaces SET name = ? WHERE id = ?", (name, space))

    def set_map(self, space: SpaceId, map_id: MapId) -> None:
        self._db.execute("UPDATE spaces SET map = ? WHERE id = ?", (map_id, space))

    def keep_map(self, map_id: MapId, document: bytes, assets: Mapping[AssetId, bytes]) -> None:
        self._db.execute("INSERT OR IGNORE INTO maps VALUES (?, ?)", (map_id, document))
        self._db.executemany("INSERT OR IGNORE INTO assets VALUES (?, ?)", assets.items())

    def add_to_space(self, space: SpaceId, person: PersonId) -> None:
        self._db.execute("INSERT OR IGNORE INTO space_members VALUES (?, ?)", (space, person))

    def remove_from_space(self, space: SpaceId, person: PersonId) -> bool:
        """Whether they belonged to it."""
        sql = "DELETE FROM space_members WHERE space = ? AND person = ?"
        return self._db.execute(sql, (space, person)).rowcount > 0

    def set_seat(self, space: SpaceId, person: PersonId, seat: SeatId | None) -> None:
        sql = (
            "INSERT INTO desks (space, person, seat) VALUES (?1, ?2, ?3) "
            "ON CONFLICT (space, person) DO UPDATE SET seat = ?3"
        )
        self._db.execute(sql, (space, person, seat))

    def spaces(self) -> list[tuple[SpaceId, str, int]]:
        """Id, name, number of members."""
        sql = (
            "SELECT s.id, s.name, (SELECT count(*) FROM space_members m WHERE m.space = s.id) "
            "FROM spaces s ORDER BY s.name"
        )
        return [(SpaceId(number), name, count) for number, name, count in self._db.execute(sql).fetchall()]

    # Lines

    def line(self, number: str) -> LineId | None:
        found = self._id("lines", "number", number)
        return LineId(found) if found else None

    def add_line(self, line: LineId, name: str, number: str, space: SpaceId) -> None:
        self._db.execute("INSERT INTO lines VALUES (?, ?, ?, ?)", (line, name, number, space))

    def set_line(self, line: LineId, name: str, space: SpaceId) -> None:
        self._db.execute("UPDATE lines SET name = ?, space = ? WHERE id = ?", (name, space, line))

    def remove_line(self, line: LineId) -> None:
        repeated.of_line(self._db, line)
        self._db.execute("DELETE FROM lines WHERE id = ?", (line,))

    def lines(self) -> list[tuple[LineId, str, str, str, int]]:
        """Id, name, number, name of the space, conversations."""
        sql = (
            "SELECT l.id, l.name, l.number, s.name, (SELECT count(*) FROM talks t WHERE t.line = l.id) "
            "FROM lines l JOIN spaces s ON s.id = l.space ORDER BY l.name, l.id"
        )
        return [(LineId(row[0]), *row[1:]) for row in self._db.execute(sql).fetchall()]

    # Permissions

    def permissions(self) -> Permissions:
        return permissions.permissions(self._db)

    def set_least(self, right: Right, least: Least) -> None:
        permissions.set_least(self._db, right, least)

    def set_own_right(self, person: PersonId, right: Right, allowed: bool | None) -> None:
        permissions.set_own(self._db, person, right, allowed)

    def handle_of(self, person: PersonId) -> str:
        (handle,) = self._column("SELECT handle FROM people WHERE id = ?", person)
        return handle

    def note(self, deed: Deed) -> None:
        """For the audit log."""
        audit.note(self._db, deed)

    def _column(self, sql: str, key: str) -> tuple[str, ...]:
        return tuple(value for (value,) in self._db.execute(sql, (key,)))
