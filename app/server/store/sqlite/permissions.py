"""Permissions in SQLite; see :mod:`app.server.store.permissions`."""

from __future__ import annotations

import sqlite3

from app.core.audit import Deed
from app.core.model import PersonId
from app.core.permissions import DEFAULTS, Least, OwnRight, Permissions, Right
from app.server.store.sqlite import audit
from app.server.store.sqlite.lane import Lane


def permissions(db: sqlite3.Connection) -> Permissions:
    """What an unknown word says, written by a newer program, is passed over."""
    rights, leasts = set(Right), set(Least)
    least = {
        Right(right): Least(value)
        for right, value in db.execute("SELECT right, least FROM rights")
        if right in rights and value in leasts
    }
    own = tuple(
        OwnRight(PersonId(person), Right(right), bool(allowed))
        for person, right, allowed in db.execute(
            "SELECT person, right, allowed FROM own_rights ORDER BY person, right"
        )
        if right in rights
    )
    chosen = DEFAULTS | least
    return Permissions(chosen[Right.PRIORITY], chosen[Right.PHONES], own)


def set_least(db: sqlite3.Connection, right: Right, least: Least) -> None:
    db.execute(
        "INSERT INTO rights VALUES (?1, ?2) ON CONFLICT (right) DO UPDATE SET least = ?2", (right, least)
    )


def set_own(db: sqlite3.Connection, person: PersonId, right: Right, allowed: bool | None) -> None:
    if allowed is None:
        db.execute("DELETE FROM own_rights WHERE person = ? AND right = ?", (person, right))
        return
    sql = "INSERT INTO own_rights VALUES (?1, ?2, ?3) ON CONFLICT (person, right) DO UPDATE SET allowed = ?3"
    db.execute(sql, (person, right, allowed))


class SqlitePermissions:
    """See :class:`app.server.store.permissions.PermissionStore`."""

    def __init__(self, write: Lane) -> None:
        self._write = write

    async def set_least(self, right: Right, least: Least, deed: Deed) -> None:
        def change(db: sqlite3.Connection) -> None:
            set_least(db, right, least)
            audit.note(db, deed)

        await self._write.run(change)

    async def set_own(self, person: PersonId, right: Right, allowed: bool | None, deed: Deed) -> None:
        def change(db: sqlite3.Connection) -> None:
            set_own(db, person, right, allowed)
            audit.note(db, deed)

        await self._write.run(change)
