"""Sign-ins in SQLite: families of tokens, of which one at a time is worth something.

Each use of a token makes the next one. The one before stays good until a successor is used, since the
answer that carried the successor may have been lost, and for ``OVERLAP`` beyond. After that it is used only
by somebody who copied it, or by who it was copied from: then nobody can tell whose the family is, and it
ends. A token that was used twice has two successors; the one that is used ends the other, and not the mere
use: that may have come late, over a connection that its client has given up.
"""

from __future__ import annotations

import sqlite3

from app.core.model import PersonId
from app.server.store.base import Family, Opened, Reused

SESSION_IDLE = 90 * 24 * 3600.0
"""s after which a sign-in that nobody used ends."""
OVERLAP = 60.0
"""s for which a replaced token is still taken: a program may end before it has put the new one away."""
RETIRED_AGE = 14 * 24 * 3600.0
"""s for which replaced tokens are known, to notice that one is used again."""


def open_family(db: sqlite3.Connection, family: Family, token: bytes) -> None:
    """A new sign-in. ``token`` is a hash, here and below."""
    row = (family.id, family.person, family.device, family.since, family.seen)
    db.execute("INSERT INTO families VALUES (?, ?, ?, ?, ?)", row)
    db.execute("INSERT INTO tokens VALUES (?, ?, NULL, NULL)", (token, family.id))


def rotate(db: sqlite3.Connection, used: bytes, fresh: bytes, now: float) -> Opened | Reused | None:
    """``used`` is shown; ``fresh`` takes its place. ``None``: it is worth nothing, or never was."""
    sql = (
        "SELECT f.id, f.person, f.device, t.retired_at FROM tokens t JOIN families f ON f.id = t.family "
        "WHERE t.hash = ? AND f.used_at > ?"
    )
    row = db.execute(sql, (used, now - SESSION_IDLE)).fetchone()
    if row is None:
        return None
    family, person, device, retired_at = row
    if retired_at is not None and now - retired_at > OVERLAP:
        db.execute("DELETE FROM families WHERE id = ?", (family,))
        return Reused(family)
    retire = (
        "UPDATE tokens SET retired_at = ? "
        "WHERE family = ? AND hash <> ? AND parent IS NOT ? AND retired_at IS NULL"
    )
    db.execute(retire, (now, family, used, used))
    db.execute("INSERT INTO tokens VALUES (?, ?, NULL, ?)", (fresh, family, used))
    db.execute("UPDATE families SET used_at = ? WHERE id = ?", (now, family))
    return Opened(family, PersonId(person), device)


def standing(db: sqlite3.Connection, used: bytes, now: float) -> Opened | None:
    """Whose token it is, without writing anything; ``None`` also for one that was replaced."""
    sql = (
        "SELECT f.id, f.person, f.device FROM tokens t JOIN families f ON f.id = t.family "
        "WHERE t.hash = ? AND t.retired_at IS NULL AND f.used_at > ?"
    )
    row = db.execute(sql, (used, now - SESSION_IDLE)).fetchone()
    return Opened(row[0], PersonId(row[1]), row[2]) if row else None


def families(db: sqlite3.Connection, person: PersonId) -> list[Family]:
    """Newest use first."""
    sql = (
        "SELECT id, person, device, created_at, used_at FROM families WHERE person = ? ORDER BY used_at DESC"
    )
    return [Family(number, PersonId(who), *rest) for number, who, *rest in db.execute(sql, (person,))]


def end_family(db: sqlite3.Connection, person: PersonId, family: str) -> bool:
    """Whether there was one."""
    sql = "DELETE FROM families WHERE id = ? AND person = ?"
    return db.execute(sql, (family, person)).rowcount > 0


def end_others(db: sqlite3.Connection, person: PersonId, kept: str) -> int:
    """How many there were."""
    return db.execute("DELETE FROM families WHERE person = ? AND id <> ?", (person, kept)).rowcount


def prune(db: sqlite3.Connection, now: float) -> None:
    db.execute("DELETE FROM families WHERE used_at < ?", (now - SESSION_IDLE,))
    db.execute("DELETE FROM tokens WHERE retired_at < ?", (now - RETIRED_AGE,))
