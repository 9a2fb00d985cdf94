"""What admins do: people, groups, spaces, maps. Works on the database while the server runs.

The running server notices a change within a second or so and tells everybody whom it concerns.
"""

from __future__ import annotations

import sqlite3
import unicodedata
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from argon2 import PasswordHasher

from app.core import maps
from app.core.limits import HANDLE_CHARS, NAME_CHARS
from app.core.maps import SpaceMap
from app.core.mentions import HANDLE, RESERVED
from app.core.model import GroupId, MapId, PersonId, Role, SpaceId
from app.server.auth import PASSWORD_CHARS
from app.server.clock import Entropy, system_entropy
from app.server.map_files import ImportedMap
from app.server.spaces import decode_map
from app.server.store.base import StoreError
from app.server.store.sqlite.store import FILE, connect

MIN_PASSWORD = 8
"""Characters."""


class AdminError(Exception):
    """It cannot be done; the message is a sentence for the admin."""


@dataclass(frozen=True)
class User:
    handle: str
    name: str
    role: Role
    disabled: bool
    spaces: tuple[str, ...]


@dataclass(frozen=True)
class GroupInfo:
    handle: str
    name: str
    members: tuple[str, ...]


@dataclass(frozen=True)
class SpaceInfo:
    name: str
    map: str
    members: int


class Admin:
    """The database of a data folder, made if it is not there. Close it after use (``with``)."""

    def __init__(
        self, data: Path, *, hasher: PasswordHasher | None = None, entropy: Entropy = system_entropy
    ) -> None:
        """Raises AdminError where the database cannot be used."""
        self._hasher, self._entropy = hasher or PasswordHasher(), entropy
        try:
            data.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._db = connect(data / FILE)
        except OSError as error:
            raise AdminError(f"{data} cannot be used: {error.strerror or error}.") from error
        except StoreError as error:
            raise AdminError(f"{error.reason}.") from error

    def __enter__(self) -> Admin:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._db.close()

    # People

    def add_user(
        self, handle: str, name: str, password: str, role: Role = Role.AGENT, spaces: tuple[str, ...] = ()
    ) -> PersonId:
        """Without ``spaces`` the new person belongs to the only space, if there is only one."""
        handle, name = _handle(handle), _name(name)
        hashed = self._hasher.hash(_password(password))
        with self._writing():
            self._check_free(handle)
            person = PersonId(self._new_id())
            sql = (
                "INSERT INTO people (id, handle, handle_key, name, role, password_hash) "
                "VALUES (?, ?, ?, ?, ?, ?)"
            )
            self._db.execute(sql, (person, handle, handle.casefold(), name, role, hashed))
            for space in [self._space(each) for each in spaces] or self._only_space():
                self._db.execute("INSERT OR IGNORE INTO space_members VALUES (?, ?)", (space, person))
            return person

    def set_role(self, handle: str, role: Role) -> None:
        with self._writing():
            self._db.execute("UPDATE people SET role = ? WHERE id = ?", (role, self._person(handle)))

    def rename_user(self, handle: str, name: str) -> None:
        with self._writing():
            self._db.execute("UPDATE people SET name = ? WHERE id = ?", (_name(name), self._person(handle)))

    def set_password(self, handle: str, password: str) -> None:
        """All of the person's machines are signed out."""
        hashed = self._hasher.hash(_password(password))
        with self._writing():
            person = self._person(handle)
            self._db.execute("UPDATE people SET password_hash = ? WHERE id = ?", (hashed, person))
            self._sign_out(person)

    def set_disabled(self, handle: str, disabled: bool) -> None:
        """A disabled person is signed out and is nowhere; their history stays."""
        with self._writing():
            person = self._person(handle)
            self._db.execute("UPDATE people SET disabled = ? WHERE id = ?", (disabled, person))
            self._sign_out(person)

    def users(self) -> list[User]:
        sql = "SELECT id, handle, name, role, disabled FROM people ORDER BY handle_key"
        where = (
            "SELECT s.name FROM space_members m JOIN spaces s ON s.id = m.space "
            "WHERE m.person = ? ORDER BY s.name"
        )
        with self._reading():
            return [
                User(handle, name, Role(role), bool(disabled), self._names(where, person))
                for person, handle, name, role, disabled in self._db.execute(sql).fetchall()
            ]

    def _sign_out(self, person: PersonId) -> None:
        self._db.execute("UPDATE people SET credentials = credentials + 1 WHERE id = ?", (person,))
        self._db.execute("DELETE FROM sessions WHERE person = ?", (person,))

    # Groups

    def add_group(self, handle: str, name: str) -> GroupId:
        handle, name = _handle(handle), _name(name)
        with self._writing():
            self._check_free(handle)
            group = GroupId(self._new_id())
            sql = "INSERT INTO groups (id, handle, handle_key, name) VALUES (?, ?, ?, ?)"
            self._db.execute(sql, (group, handle, handle.casefold(), name))
            return group

    def remove_group(self, handle: str) -> None:
        with self._writing():
            self._db.execute("DELETE FROM groups WHERE id = ?", (self._group(handle),))

    def add_member(self, group: str, person: str) -> None:
        with self._writing():
            row = (self._group(group), self._person(person))
            self._db.execute("INSERT OR IGNORE INTO group_members VALUES (?, ?)", row)

    def remove_member(self, group: str, person: str) -> None:
        with self._writing():
            row = (self._group(group), self._person(person))
            done = self._db.execute("DELETE FROM group_members WHERE group_id = ? AND person = ?", row)
            if not done.rowcount:
                raise AdminError(f"@{person} is not a member of @{group}.")

    def groups(self) -> list[GroupInfo]:
        who = (
            "SELECT p.handle FROM group_members m JOIN people p ON p.id = m.person "
            "WHERE m.group_id = ? ORDER BY p.handle_key"
        )
        with self._reading():
            rows = self._db.execute("SELECT id, handle, name FROM groups ORDER BY handle_key").fetchall()
            return [GroupInfo(handle, name, self._names(who, group)) for group, handle, name in rows]

    # Spaces

    def add_space(self, name: str, imported: ImportedMap) -> SpaceId:
        name = _name(name)
        with self._writing():
            if self._db.execute("SELECT 1 FROM spaces WHERE name = ?", (name,)).fetchone():
                raise AdminError(f"There is a space called {name} already.")
            self._keep_map(imported)
            space = SpaceId(self._new_id())
            self._db.execute("INSERT INTO spaces VALUES (?, ?, ?)", (space, name, imported.map.id))
            return space

    def set_map(self, space: str, imported: ImportedMap) -> None:
        """The space gets another map; whoever is in it stands as near as can be to where they stood."""
        with self._writing():
            self._keep_map(imported)
            row = (imported.map.id, self._space(space))
            self._db.execute("UPDATE spaces SET map = ? WHERE id = ?", row)

    def add_to_space(self, space: str, person: str) -> None:
        with self._writing():
            row = (self._space(space), self._person(person))
            self._db.execute("INSERT OR IGNORE INTO space_members VALUES (?, ?)", row)

    def remove_from_space(self, space: str, person: str) -> None:
        with self._writing():
            row = (self._space(space), self._person(person))
            done = self._db.execute("DELETE FROM space_members WHERE space = ? AND person = ?", row)
            if not done.rowcount:
                raise AdminError(f"@{person} is not a member of {space}.")

    def set_seat(self, space: str, person: str, seat: str | None) -> None:
        """The home seat, by its id or its name on the map; it counts when the person enters the next time."""
        with self._writing():
            space_id, person_id = self._space(space), self._person(person)
            seat_id = self._seat(space_id, seat) if seat is not None else None
            sql = (
                "INSERT INTO desks (space, person, seat) VALUES (?1, ?2, ?3) "
                "ON CONFLICT (space, person) DO UPDATE SET seat = ?3"
            )
            self._db.execute(sql, (space_id, person_id, seat_id))

    def spaces(self) -> list[SpaceInfo]:
        sql = (
            "SELECT s.name, s.map, (SELECT count(*) FROM space_members m WHERE m.space = s.id) "
            "FROM spaces s ORDER BY s.name"
        )
        with self._reading():
            rows = self._db.execute(sql).fetchall()
            return [SpaceInfo(name, self._map(MapId(map_id)).name, count) for name, map_id, count in rows]

    def _keep_map(self, imported: ImportedMap) -> None:
        sql = "INSERT OR IGNORE INTO maps VALUES (?, ?)"
        self._db.execute(sql, (imported.map.id, maps.encode(imported.map)))
        self._db.executemany("INSERT OR IGNORE INTO assets VALUES (?, ?)", imported.assets.items())

    def _map(self, map_id: MapId) -> SpaceMap:
        (document,) = self._db.execute("SELECT document FROM maps WHERE id = ?", (map_id,)).fetchone()
        return decode_map(document)

    def _seat(self, space: SpaceId, wanted: str) -> str:
        (map_id,) = self._db.execute("SELECT map FROM spaces WHERE id = ?", (space,)).fetchone()
        seats = self._map(MapId(map_id)).seats
        found = [seat.id for seat in seats if wanted in (seat.id, seat.name)]
        if len(found) != 1:
            problem = "no seat" if not found else "more than one seat"
            raise AdminError(f"The map of this space has {problem} called {wanted}.")
        return found[0]

    # Helpers

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[None]:
        try:
            self._db.execute(begin)
            try:
                yield
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")
        except sqlite3.Error as error:
            raise AdminError(f"The database could not do it: {error}. Nothing was changed.") from error

    def _writing(self) -> AbstractContextManager[None]:
        return self._transaction("BEGIN IMMEDIATE")

    def _reading(self) -> AbstractContextManager[None]:
        return self._transaction("BEGIN")

    def _new_id(self) -> str:
        return self._entropy(6).hex()

    def _names(self, sql: str, key: str) -> tuple[str, ...]:
        return tuple(name for (name,) in self._db.execute(sql, (key,)))

    def _check_free(self, handle: str) -> None:
        for table, what in (("people", "a person"), ("groups", "a group")):
            row = self._db.execute(f"SELECT 1 FROM {table} WHERE handle_key = ?", (handle.casefold(),))
            if row.fetchone():
                raise AdminError(f"@{handle} is already the handle of {what}.")

    def _person(self, handle: str) -> PersonId:
        key = handle.removeprefix("@").casefold()
        return PersonId(self._find("people", "handle_key", key, f"user {handle}"))

    def _group(self, handle: str) -> GroupId:
        key = handle.removeprefix("@").casefold()
        return GroupId(self._find("groups", "handle_key", key, f"group {handle}"))

    def _space(self, name: str) -> SpaceId:
        return SpaceId(self._find("spaces", "name", name, f"space called {name}"))

    def _only_space(self) -> list[SpaceId]:
        rows = self._db.execute("SELECT id FROM spaces LIMIT 2").fetchall()
        return [SpaceId(rows[0][0])] if len(rows) == 1 else []

    def _find(self, table: str, column: str, value: str, what: str) -> str:
        row = self._db.execute(f"SELECT id FROM {table} WHERE {column} = ?", (value,)).fetchone()
        if row is None:
            raise AdminError(f"There is no {what}.")
        found: str = row[0]
        return found


def _handle(handle: str) -> str:
    handle = unicodedata.normalize("NFC", handle.removeprefix("@"))
    if not HANDLE.fullmatch(handle):
        raise AdminError(
            f"{handle!r} cannot be a handle: letters, digits, and . - _ after the first character, "
            f"{HANDLE_CHARS} at most."
        )
    if handle.casefold() in RESERVED:
        raise AdminError(f"@{handle} has a meaning of its own and cannot be a handle.")
    return handle


def _name(name: str) -> str:
    name = unicodedata.normalize("NFC", name).strip()
    if not 0 < len(name) <= NAME_CHARS:
        raise AdminError(f"A name has between 1 and {NAME_CHARS} characters.")
    if any(unicodedata.category(c) in ("Cc", "Cs") for c in name):
        raise AdminError("A name must not contain control characters.")
    return name


def _password(password: str) -> str:
    if not MIN_PASSWORD <= len(password) <= PASSWORD_CHARS:
        raise AdminError(f"A password has between {MIN_PASSWORD} and {PASSWORD_CHARS} characters.")
    return password
