"""Who comes in through a provider, in SQLite: found by the provider's own name for them, linked, or made.

What that makes or changes is in the audit log: the person who came in did it, through the provider.
"""

from __future__ import annotations

import sqlite3

from app.core.audit import Act, Change, Deed, Subject
from app.core.model import PersonId
from app.server.store.base import Account, Identity
from app.server.store.sqlite import audit
from app.server.store.sqlite.people import account_of


def admit(db: sqlite3.Connection, who: Identity, fresh: PersonId, now: float) -> Account | None:
    """``fresh`` is the id of a person who has to be made. ``None``: there is none, and none may be made."""
    sql = "SELECT person FROM identities WHERE issuer = ? AND subject = ?"
    row = db.execute(sql, (who.issuer, who.subject)).fetchone()
    person = PersonId(row[0]) if row else _bind(db, who, fresh, now)
    if person is None:
        return None
    found = account_of(db, person)
    if found is not None and not found.disabled and who.follow_role and found.person.role is not who.role:
        db.execute("UPDATE people SET role = ? WHERE id = ?", (who.role, person))
        _note(db, who, Act.CHANGED, person, now, Change("role", found.person.role, who.role))
        return account_of(db, person)
    return found


def _bind(db: sqlite3.Connection, who: Identity, fresh: PersonId, now: float) -> PersonId | None:
    person = _by_handle(db, who.handle) if who.handle else None
    if person is not None:
        if not who.link or db.execute("SELECT 1 FROM identities WHERE person = ?", (person,)).fetchone():
            return None  # the handle is somebody's who never came this way, or came as somebody else
        _note(db, who, Act.CHANGED, person, now, Change("sign_on", "", who.issuer))
    elif who.create and who.handle and not _is_group(db, who.handle):
        person = fresh
        columns = "(id, handle, handle_key, name, role, password_hash)"
        row = (person, who.handle, who.handle.casefold(), who.name, who.role)
        db.execute(f"INSERT INTO people {columns} VALUES (?, ?, ?, ?, ?, '')", row)
        spaces = _spaces(db, who)
        db.executemany("INSERT INTO space_members VALUES (?, ?)", [(space, person) for space, _ in spaces])
        joined = [Change("space", "", name) for _, name in spaces]
        _note(db, who, Act.ADDED, person, now, Change("role", "", who.role), *joined)
    else:
        return None
    db.execute("INSERT INTO identities VALUES (?, ?, ?)", (who.issuer, who.subject, person))
    return person


def _by_handle(db: sqlite3.Connection, handle: str) -> PersonId | None:
    row = db.execute("SELECT id FROM people WHERE handle_key = ?", (handle.casefold(),)).fetchone()
    return PersonId(row[0]) if row else None


def _is_group(db: sqlite3.Connection, handle: str) -> bool:
    sql = "SELECT 1 FROM groups WHERE handle_key = ?"
    return db.execute(sql, (handle.casefold(),)).fetchone() is not None


def _spaces(db: sqlite3.Connection, who: Identity) -> list[tuple[str, str]]:
    """Ids and names."""
    every = {name: number for number, name in db.execute("SELECT id, name FROM spaces")}
    chosen = who.spaces or (every if len(every) == 1 else ())
    return [(every[name], name) for name in dict.fromkeys(chosen) if name in every]


def _note(
    db: sqlite3.Connection, who: Identity, act: Act, person: PersonId, now: float, *changes: Change
) -> None:
    through = Change("through", after=who.issuer)
    audit.note(db, Deed(now, act, Subject.PERSON, person, person=person, changes=(*changes, through)))
