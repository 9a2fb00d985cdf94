"""Contacts, people's phones and caps in SQLite."""

from __future__ import annotations

import hmac
import sqlite3
from collections.abc import Sequence

from app.core.audit import Deed
from app.core.cases import SendId
from app.core.errors import Code
from app.core.model import PersonId, SpaceId
from app.core.phone_questions import QuietHours
from app.core.policy import Contact, ContactId, ContactKind
from app.server.store.contacts import (
    CAP_S,
    CODE_TRIES,
    Caps,
    Charge,
    KeptContact,
    OwnPhone,
    Waiting,
)
from app.server.store.lines import FORWARDS_S
from app.server.store.sqlite import audit
from app.server.store.sqlite.lane import Lane

HANDLED_S = 31 * 24 * 3_600.0
"""s for which a text that came in is known."""
CODES_S = 2 * 24 * 3_600.0
"""s for which codes are known."""
LEAST_CODE, CODES = 1_000, 9_000
"""Codes have four digits."""

_CONTACT = "SELECT id, space, name, kind, address, shown FROM contacts WHERE"


def of_space(db: sqlite3.Connection, space: SpaceId) -> list[KeptContact]:
    """By name."""
    rows = db.execute(f"{_CONTACT} space = ? ORDER BY name, id", (space,))
    return [_contact(*row) for row in rows]


def save(db: sqlite3.Connection, kept: KeptContact, deed: Deed) -> None:
    """It stays in the space where it was made."""
    sql = (
        "INSERT INTO contacts (id, space, name, kind, address, shown) VALUES (?1, ?2, ?3, ?4, ?5, ?6) "
        "ON CONFLICT (id) DO UPDATE SET name = ?3, kind = ?4, address = ?5, shown = ?6 WHERE space = ?2"
    )
    contact = kept.contact
    db.execute(sql, (contact.id, kept.space, contact.name, contact.kind, kept.address, contact.shown))
    audit.note(db, deed)


def delete(db: sqlite3.Connection, kept: KeptContact, deed: Deed) -> bool:
    """Whether it was still there."""
    sql = "DELETE FROM contacts WHERE space = ? AND id = ?"
    gone = db.execute(sql, (kept.space, kept.contact.id)).rowcount > 0
    if gone:
        audit.note(db, deed)
    return gone


class SqliteContacts:
    """See :class:`app.server.store.contacts.ContactStore`."""

    def __init__(self, write: Lane, read: Lane) -> None:
        self._write, self._read = write, read

    async def of_space(self, space: SpaceId) -> Sequence[KeptContact]:
        return await self._read.run(lambda db: of_space(db, space))

    async def contact(self, contact: ContactId) -> KeptContact | None:
        def find(db: sqlite3.Connection) -> KeptContact | None:
            row = db.execute(f"{_CONTACT} id = ?", (contact,)).fetchone()
            return _contact(*row) if row else None

        return await self._read.run(find)

    async def save(self, kept: KeptContact, deed: Deed) -> None:
        await self._write.run(lambda db: save(db, kept, deed))

    async def delete(self, kept: KeptContact, deed: Deed) -> bool:
        return await self._write.run(lambda db: delete(db, kept, deed))

    async def phone(self, person: PersonId) -> OwnPhone:
        return await self._read.run(lambda db: _phone(db, person))

    async def verified(self, space: SpaceId) -> frozenset[PersonId]:
        def find(db: sqlite3.Connection) -> frozenset[PersonId]:
            sql = (
                "SELECT p.person FROM phones p JOIN space_members m ON m.person = p.person WHERE m.space = ?"
            )
            return frozenset(PersonId(person) for (person,) in db.execute(sql, (space,)))

        return await self._read.run(find)

    async def set_quiet(self, person: PersonId, hours: QuietHours | None, deed: Deed) -> None:
        def change(db: sqlite3.Connection) -> None:
            if hours is None:
                db.execute("DELETE FROM quiet_hours WHERE person = ?", (person,))
            else:
                row = (person, hours.start, hours.end, hours.zone)
                db.execute("INSERT OR REPLACE INTO quiet_hours VALUES (?, ?, ?, ?)", row)
            audit.note(db, deed)

        await self._write.run(change)

    async def await_code(
        self, person: PersonId, number: str, code_hash: bytes, now: float, until: float
    ) -> None:
        def change(db: sqlite3.Connection) -> None:
            row = (person, number, code_hash, now, until)
            db.execute("INSERT OR REPLACE INTO phone_codes VALUES (?, ?, ?, ?, ?, 0)", row)

        await self._write.run(change)

    async def bring_code(self, person: PersonId, code_hash: bytes, deed: Deed) -> int | None:
        return await self._write.run(lambda db: _bring_code(db, person, code_hash, deed))

    async def remove_phone(self, person: PersonId, deed: Deed) -> None:
        def change(db: sqlite3.Connection) -> None:
            db.execute("DELETE FROM phone_codes WHERE person = ?", (person,))
            _leave(db, person, deed.at)
            if db.execute("DELETE FROM phones WHERE person = ?", (person,)).rowcount:
                audit.note(db, deed)

        await self._write.run(change)

    async def charge(self, charge: Charge, caps: Caps) -> Code | None:
        return await self._write.run(lambda db: _charge(db, charge, caps))

    async def code_for(self, target: str, send: SendId, fresh: str, now: float) -> str:
        def find(db: sqlite3.Connection) -> str:
            sql = "SELECT code FROM answer_codes WHERE target = ? AND send = ?"
            row = db.execute(sql, (target, send)).fetchone()
            if row is not None:
                return str(row[0])
            code = _unused(db, target, fresh)
            db.execute("INSERT OR REPLACE INTO answer_codes VALUES (?, ?, ?, ?)", (target, code, send, now))
            return code

        return await self._write.run(find)

    async def send_of_code(self, target: str, code: str) -> SendId | None:
        def find(db: sqlite3.Connection) -> SendId | None:
            sql = "SELECT send FROM answer_codes WHERE target = ? AND code = ?"
            row = db.execute(sql, (target, code)).fetchone()
            return SendId(row[0]) if row else None

        return await self._read.run(find)

    async def was_texted(self, target: str) -> bool:
        sql = "SELECT 1 FROM answer_codes WHERE target = ?"
        return await self._read.run(lambda db: db.execute(sql, (target,)).fetchone() is not None)

    async def first_time(self, sid: str, now: float) -> bool:
        sql = "SELECT 1 FROM handled WHERE sid = ? AND at > ?"
        row = (sid, now - HANDLED_S)
        return await self._read.run(lambda db: db.execute(sql, row).fetchone() is None)

    async def handled(self, sid: str, now: float) -> None:
        def keep(db: sqlite3.Connection) -> None:
            db.execute("INSERT OR REPLACE INTO handled VALUES (?, ?)", (sid, now))

        await self._write.run(keep)

    async def prune(self, now: float) -> None:
        def forget(db: sqlite3.Connection) -> None:
            db.execute("DELETE FROM charges WHERE at < ?", (now - 2 * CAP_S,))
            db.execute("DELETE FROM phone_codes WHERE until < ?", (now,))
            db.execute("DELETE FROM answer_codes WHERE at < ?", (now - CODES_S,))
            db.execute("DELETE FROM handled WHERE at < ?", (now - HANDLED_S,))
            db.execute("DELETE FROM line_forward_cells WHERE at < ?", (now - FORWARDS_S,))

        await self._write.run(forget)


def _unused(db: sqlite3.Connection, target: str, fresh: str) -> str:
    """``fresh`` or the next code that no other text to this number has; a code answers one alert."""
    used = {code for (code,) in db.execute("SELECT code FROM answer_codes WHERE target = ?", (target,))}
    first = int(fresh) - LEAST_CODE
    codes = (str((first + more) % CODES + LEAST_CODE) for more in range(CODES))
    return next((code for code in codes if code not in used), fresh)


def _contact(number: str, space: str, name: str, kind: str, address: str, shown: str) -> KeptContact:
    return KeptContact(SpaceId(space), Contact(ContactId(number), name, ContactKind(kind), shown), address)


def _phone(db: sqlite3.Connection, person: PersonId) -> OwnPhone:
    number = db.execute("SELECT number FROM phones WHERE person = ?", (person,)).fetchone()
    quiet = db.execute("SELECT start, end, zone FROM quiet_hours WHERE person = ?", (person,)).fetchone()
    sql = "SELECT number, until, tries FROM phone_codes WHERE person = ?"
    waiting = db.execute(sql, (person,)).fetchone()
    return OwnPhone(
        number[0] if number else "",
        QuietHours(*quiet) if quiet else None,
        Waiting(*waiting) if waiting else None,
    )


def _bring_code(db: sqlite3.Connection, person: PersonId, code_hash: bytes, deed: Deed) -> int | None:
    sql = "SELECT number, code_hash FROM phone_codes WHERE person = ? AND until > ? AND tries < ?"
    row = db.execute(sql, (person, deed.at, CODE_TRIES)).fetchone()
    if row is None:
        return 0
    number, right = row
    if hmac.compare_digest(right, code_hash):
        _leave(db, person, deed.at)
        db.execute("INSERT OR REPLACE INTO phones VALUES (?, ?, ?)", (person, number, deed.at))
        db.execute("DELETE FROM former_numbers WHERE person = ? AND number = ?", (person, number))
        db.execute("DELETE FROM phone_codes WHERE person = ?", (person,))
        audit.note(db, deed)
        return None
    sql = "UPDATE phone_codes SET tries = tries + 1 WHERE person = ? RETURNING tries"
    ((tries,),) = db.execute(sql, (person,)).fetchall()
    return max(0, CODE_TRIES - int(tries))


def _leave(db: sqlite3.Connection, person: PersonId, now: float) -> None:
    """The number is not the person's any more, and is remembered as long as something may have it."""
    sql = "INSERT OR REPLACE INTO former_numbers SELECT person, number, ? FROM phones WHERE person = ?"
    db.execute(sql, (now, person))


def _charge(db: sqlite3.Connection, charge: Charge, caps: Caps) -> Code | None:
    """What lies more than an hour ahead was counted before the clock was set back: without a limit there,
    nothing more would be sent until the clock has come so far again."""
    past, ahead = charge.at - CAP_S, charge.at + CAP_S
    for column, value, most, code in (
        ("target", charge.target, caps.target, Code.CAP_TARGET),
        ("person", charge.person, caps.person, Code.CAP_PERSON),
    ):
        sql = f"SELECT count(*) FROM charges WHERE {column} = ? AND at > ? AND at <= ?"
        if value is not None and db.execute(sql, (value, past, ahead)).fetchone()[0] >= most:
            return code
    sql = "SELECT count(*) FROM charges WHERE at > ? AND at <= ?"
    if db.execute(sql, (past, ahead)).fetchone()[0] >= caps.server:
        return Code.CAP_SERVER
    row = (charge.at, charge.channel, charge.target, charge.person, charge.contact)
    db.execute("INSERT INTO charges (at, channel, target, person, contact) VALUES (?, ?, ?, ?, ?)", row)
    return None
