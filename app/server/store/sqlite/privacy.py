"""How long things are kept, and what there is of one person, in SQLite; see
:mod:`app.server.store.privacy`."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from app.core.audit import Deed
from app.core.erasing import Eraser
from app.core.lines import CustomerId
from app.core.model import PersonId, SpaceId
from app.core.privacy import DEFAULT_DAYS, Kept, Trace, Where
from app.server.store.keys import StreamKey
from app.server.store.privacy import BATCH, CustomerTraits, KnownTalk, PersonTraits, Standing, Traits
from app.server.store.sqlite import audit, customers, erasure, export, lines, repeated, traces
from app.server.store.sqlite.lane import Lane
from app.tasks import Workers

SCRUB_S = 30.0
"""s that emptying the log of changes may take; it cannot be done within a transaction."""

_OLD = {
    Kept.HANDS: "DELETE FROM alerts WHERE rowid IN "
    "(SELECT rowid FROM alerts WHERE ended_at < ? AND ended_at IS NOT NULL LIMIT ?)",
    Kept.CASES: "DELETE FROM cases WHERE rowid IN "
    "(SELECT rowid FROM cases WHERE ended_at < ? AND ended_at IS NOT NULL LIMIT ?)",
    Kept.NOTES: "DELETE FROM case_notes WHERE number IN (SELECT n.number FROM case_notes n "
    "JOIN cases c ON c.id = n.case_id WHERE n.at < ? AND c.ended_at IS NOT NULL LIMIT ?)",
    Kept.SENDS: "DELETE FROM sends WHERE rowid IN "
    "(SELECT rowid FROM sends WHERE changed_at < ? AND next_try IS NULL LIMIT ?)",
    Kept.LINES: "DELETE FROM line_texts WHERE id IN (SELECT id FROM line_texts t WHERE at < ? AND NOT EXISTS "
    "(SELECT 1 FROM cases c WHERE c.id = t.id AND c.ended_at IS NULL) LIMIT ?)",
    Kept.WEBHOOKS: "DELETE FROM hook_posts WHERE (webhook, number) IN "
    "(SELECT webhook, number FROM hook_posts WHERE at < ? AND state <> 'waiting' LIMIT ?)",
    Kept.AUDIT: "DELETE FROM audit WHERE number IN (SELECT number FROM audit WHERE at < ? LIMIT ?)",
}
"""What is over and older than a time; an alert that still runs is never old."""


def days(db: sqlite3.Connection) -> Mapping[Kept, int | None]:
    known = set(Kept)
    rows = db.execute("SELECT kind, days FROM retention").fetchall()
    return DEFAULT_DAYS | {Kept(kind): number or None for kind, number in rows if kind in known}


def set_days(db: sqlite3.Connection, kind: Kept, number: int | None) -> None:
    sql = "INSERT INTO retention VALUES (?1, ?2) ON CONFLICT (kind) DO UPDATE SET days = ?2"
    db.execute(sql, (kind, number or 0))


def forget(db: sqlite3.Connection, kind: Kept, before: float) -> int:
    forgotten = repeated.forget(db, kind, before)
    if kind is Kept.MESSAGES:
        forgotten += _forget_messages(db, before)
    else:
        forgotten += db.execute(_OLD[kind], (before, BATCH)).rowcount
    if kind is Kept.LINES and not forgotten:
        # Whose conversation was never written down.
        sql = "DELETE FROM customers WHERE NOT EXISTS (SELECT 1 FROM talks t WHERE t.id = customers.id)"
        forgotten = db.execute(sql).rowcount
    if forgotten:
        erasure.owe(db)
    return forgotten


def _forget_messages(db: sqlite3.Connection, before: float) -> int:
    sql = "SELECT number, search_key FROM messages WHERE sent_at < ? LIMIT ?"
    rows = db.execute(sql, (before, BATCH)).fetchall()
    sql = "INSERT INTO message_search (message_search, rowid, search_key) VALUES ('delete', ?, ?)"
    db.executemany(sql, rows)
    db.executemany("DELETE FROM messages WHERE number = ?", [(number,) for number, _ in rows])
    if not rows:
        db.execute(
            "DELETE FROM conversations WHERE NOT EXISTS "
            "(SELECT 1 FROM messages m WHERE m.conversation = conversations.id)"
        )
    return len(rows)


class SqlitePrivacy:
    """See :class:`app.server.store.privacy.PrivacyStore`."""

    def __init__(self, writer: Lane, reader: Lane, path: Path) -> None:
        self._write, self._read, self._path = writer, reader, path
        self._apart = Workers("store scrub", limit=1)

    async def days(self) -> Mapping[Kept, int | None]:
        return await self._read.run(days)

    async def set_days(self, kind: Kept, number: int | None, deed: Deed) -> None:
        def change(db: sqlite3.Connection) -> None:
            set_days(db, kind, number)
            audit.note(db, deed)

        await self._write.run(change)

    async def readers_of_old(self, before: float) -> Sequence[PersonId]:
        sql = (
            "SELECT id FROM people WHERE EXISTS "
            "(SELECT 1 FROM message_audience a WHERE a.person = people.id AND a.sent_at < ?)"
        )
        return await self._read.run(lambda db: [PersonId(person) for (person,) in db.execute(sql, (before,))])

    async def old_talks(
        self, before: float, after: CustomerId | None
    ) -> Sequence[tuple[SpaceId, CustomerId]]:
        sql = (
            "SELECT l.space, t.id FROM talks t JOIN lines l ON l.id = t.line "
            "WHERE t.active_at < ? AND t.id > ? ORDER BY t.id LIMIT ?"
        )
        return await self._read.run(
            lambda db: [
                (SpaceId(space), CustomerId(talk))
                for space, talk in db.execute(sql, (before, after or "", BATCH))
            ]
        )

    async def forget(self, kind: Kept, before: float) -> int:
        return await self._write.run(lambda db: forget(db, kind, before))

    async def forget_numbers(self, before: float) -> int:
        sql = (
            "DELETE FROM former_numbers WHERE left_at < ? "
            "AND NOT EXISTS (SELECT 1 FROM contacts c WHERE c.address = former_numbers.number) "
            "AND NOT EXISTS (SELECT 1 FROM line_settings s WHERE s.cell = former_numbers.number)"
        )

        def forget(db: sqlite3.Connection) -> int:
            forgotten = db.execute(sql, (before,)).rowcount
            if forgotten:
                erasure.owe(db)
            return forgotten

        return await self._write.run(forget)

    async def unsettled(self, before: float) -> Sequence[Standing]:
        sql = (
            "SELECT s.key, s.seq FROM streams s WHERE s.seq > s.checkpoint_at AND EXISTS "
            "(SELECT 1 FROM events e WHERE e.stream = s.id AND e.seq = s.checkpoint_at + 1 AND e.at < ?) "
            "LIMIT ?"
        )
        return await self._read.run(
            lambda db: [Standing(StreamKey(key), at) for key, at in db.execute(sql, (before, BATCH))]
        )

    async def exported(self, person: PersonId) -> Mapping[str, Any]:
        return await self._read.run(lambda db: export.exported(db, person))

    async def traits(self, person: PersonId) -> PersonTraits | None:
        return await self._read.run(lambda db: erasure.traits(db, person))

    async def withdraw(self, person: PersonId, deed: Deed) -> None:
        def change(db: sqlite3.Connection) -> None:
            erasure.withdraw(db, person, deed.at)
            audit.note(db, deed)

        await self._write.run(change)

    async def traces(self, words: Sequence[str], person: PersonId) -> Sequence[Trace]:
        return await self._read.run(lambda db: traces.traces(db, words, person))

    async def rename(self, where: Where, thing: str, name: str, deed: Deed) -> bool:
        def change(db: sqlite3.Connection) -> bool:
            found = db.execute(traces.RENAMED[where], (name, thing)).rowcount > 0
            if found:
                audit.note(db, deed)
            return found

        return await self._write.run(change)

    async def customer(self, number: str) -> Sequence[KnownTalk]:
        return await self._read.run(lambda db: customers.known(db, number))

    async def exported_customer(self, number: str) -> Mapping[str, Any]:
        return await self._read.run(lambda db: customers.exported(db, number))

    async def begin_customer(self, number: str, deed: Deed) -> CustomerTraits | None:
        def change(db: sqlite3.Connection) -> CustomerTraits | None:
            known = erasure.begin_customer(db, number)
            if known is not None:
                audit.note(db, deed)
            return known

        return await self._write.run(change)

    async def forget_talk(self, talk: CustomerId) -> None:
        await self._write.run(lambda db: lines.forget_talk(db, talk))

    async def unfinished(self) -> Sequence[Traits]:
        return await self._read.run(erasure.unfinished)

    async def finished(self, traits: Traits) -> None:
        await self._write.run(lambda db: erasure.finished(db, traits))

    async def mentions(self, stream: StreamKey, eraser: Eraser) -> bool:
        return await self._read.run(lambda db: erasure.mentions(db, stream, eraser))

    async def erase_rows(self, eraser: Eraser, table: str, after: tuple[Any, ...]) -> tuple[Any, ...] | None:
        return await self._write.run(lambda db: erasure.rows(db, eraser, erasure.TABLES[table], after))

    async def streams(self) -> Sequence[StreamKey]:
        sql = "SELECT key FROM streams ORDER BY id"
        return await self._read.run(lambda db: [StreamKey(key) for (key,) in db.execute(sql)])

    async def rewrite(self, stream: StreamKey, at: int, state: bytes) -> bool:
        return await self._write.run(lambda db: erasure.rewrite(db, stream, at, state))

    async def owed(self) -> bool:
        return await self._read.run(erasure.owed) is not None

    async def scrub(self) -> bool:
        owed = await self._read.run(erasure.owed)
        while await self._write.run(erasure.merge_search):
            pass
        try:
            emptied = await self._apart.run(lambda: erasure.scrub(self._path), timeout_s=SCRUB_S)
        except (TimeoutError, sqlite3.Error):
            return False
        if emptied and owed is not None:
            await self._write.run(lambda db: erasure.paid(db, owed))
        return emptied
