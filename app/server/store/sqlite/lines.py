"""Lines in SQLite; see :mod:`app.server.store.lines`."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

import msgspec

from app.core import line_events as ev
from app.core.audit import Deed
from app.core.inbox import Inbox
from app.core.limits import PAGE
from app.core.lines import CustomerId, LineId, LineText, LineTextId, Talk, TextKind
from app.core.model import PersonId, SpaceId
from app.server.delivery.numbers import target as number_hash
from app.server.store.lines import KeptSetting
from app.server.store.sqlite import audit, line_rows, line_sends, repeated
from app.server.store.sqlite.lane import Lane

_talk = msgspec.msgpack.Decoder(Talk)
_text = msgspec.msgpack.Decoder(LineText)
_encode = msgspec.msgpack.Encoder().encode


class SqliteLines:
    """See :class:`app.server.store.lines.LineStore`."""

    def __init__(self, write: Lane, read: Lane) -> None:
        self._write, self._read = write, read
        self.sends = line_sends.SqliteLineSends(write, read)

    async def customer(self, line: LineId, number: str, fresh: CustomerId) -> CustomerId:
        def find_or_add(db: sqlite3.Connection) -> CustomerId:
            db.execute("INSERT OR IGNORE INTO customers VALUES (?, ?, ?)", (fresh, line, number))
            sql = "SELECT id FROM customers WHERE line = ? AND number = ?"
            ((found,),) = db.execute(sql, (line, number)).fetchall()
            return CustomerId(found)

        return await self._write.run(find_or_add)

    async def number_of(self, talk: CustomerId) -> str | None:
        def find(db: sqlite3.Connection) -> str | None:
            row = db.execute("SELECT number FROM customers WHERE id = ?", (talk,)).fetchone()
            return row[0] if row else None

        return await self._read.run(find)

    async def talk(self, talk: CustomerId) -> Talk | None:
        return await self._read.run(lambda db: line_rows.find(db, talk))

    async def talks(self, space: SpaceId, before: float | None) -> tuple[Sequence[Talk], bool]:
        sql = (
            "SELECT t.talk FROM talks t JOIN lines l ON l.id = t.line WHERE l.space = ?1 "
            "AND (?2 IS NULL OR t.active_at < ?2) ORDER BY t.active_at DESC LIMIT ?3"
        )

        def page(db: sqlite3.Connection) -> tuple[Sequence[Talk], bool]:
            rows = db.execute(sql, (space, before, PAGE + 1)).fetchall()
            return [_talk.decode(blob) for (blob,) in rows[:PAGE]], len(rows) > PAGE

        return await self._read.run(page)

    async def texts(self, talk: CustomerId, before: float | None) -> tuple[Sequence[LineText], bool]:
        sql = (
            "SELECT text FROM line_texts WHERE talk = ?1 AND (?2 IS NULL OR at < ?2) "
            "ORDER BY at DESC, id DESC LIMIT ?3"
        )

        def page(db: sqlite3.Connection) -> tuple[Sequence[LineText], bool]:
            rows = db.execute(sql, (talk, before, PAGE + 1)).fetchall()
            return [_text.decode(blob) for (blob,) in reversed(rows[:PAGE])], len(rows) > PAGE

        return await self._read.run(page)

    async def text_known(self, text: LineTextId) -> bool:
        sql = "SELECT 1 FROM line_texts WHERE id = ?"
        return await self._read.run(lambda db: db.execute(sql, (text,)).fetchone() is not None)

    async def holder(self, number: str, space: SpaceId) -> PersonId | None:
        sql = (
            "SELECT p.person FROM phones p JOIN space_members m ON m.person = p.person "
            "WHERE p.number = ? AND m.space = ? LIMIT 2"
        )

        def find(db: sqlite3.Connection) -> PersonId | None:
            found = db.execute(sql, (number, space)).fetchall()
            return PersonId(found[0][0]) if len(found) == 1 else None

        return await self._read.run(find)

    async def last_forward(self, line: LineId, since: float) -> CustomerId | None:
        def find(db: sqlite3.Connection) -> CustomerId | None:
            sql = "SELECT talk FROM line_forwards WHERE line = ? AND at > ? ORDER BY at DESC LIMIT 1"
            row = db.execute(sql, (line, since)).fetchone()
            return CustomerId(row[0]) if row else None

        return await self._read.run(find)

    async def forwarded_to(self, line: LineId, cell: str, since: float) -> CustomerId | None:
        def find(db: sqlite3.Connection) -> CustomerId | None:
            sql = (
                "SELECT talk FROM line_forward_cells WHERE line = ? AND cell = ? AND at > ? "
                "ORDER BY at DESC LIMIT 1"
            )
            row = db.execute(sql, (line, cell, since)).fetchone()
            return CustomerId(row[0]) if row else None

        return await self._read.run(find)

    async def forwarded_text(self, talk: CustomerId) -> LineTextId | None:
        def find(db: sqlite3.Connection) -> LineTextId | None:
            sql = "SELECT text FROM line_forwards WHERE talk = ? ORDER BY at DESC LIMIT 1"
            row = db.execute(sql, (talk,)).fetchone()
            return LineTextId(row[0]) if row else None

        return await self._read.run(find)

    async def setting(self, line: LineId) -> KeptSetting:
        return await self._read.run(lambda db: line_rows.setting_of(db, line))

    async def set_setting(self, line: LineId, setting: KeptSetting, deed: Deed) -> None:
        def change(db: sqlite3.Connection) -> None:
            sql = (
                "INSERT INTO line_settings VALUES (?1, ?2, ?3, ?4, 1) "
                "ON CONFLICT (line) DO UPDATE "
                "SET enabled = ?2, cell = ?3, minutes = ?4, version = version + 1"
            )
            db.execute(sql, (line, setting.enabled, setting.cell, setting.minutes))
            audit.note(db, deed)

        await self._write.run(change)


def project(db: sqlite3.Connection, event: ev.LineEvent) -> None:
    """The conversations as lists and pages read them, from the events they follow from."""
    match event:
        case ev.LineChanged() | ev.LineRemoved():
            pass  # the tables were first
        case ev.TalkAdded(talk=talk):
            sql = "INSERT OR IGNORE INTO talks VALUES (?, ?, ?, ?)"
            db.execute(sql, (talk.id, talk.line, talk.active_at, _encode(talk)))
        case ev.TalkForgotten(talk=key):
            forget_talk(db, key)
        case _:
            known = line_rows.find(db, event.talk)
            if known is not None:
                _follow(db, known, event)


def forget_talk(db: sqlite3.Connection, talk: CustomerId) -> None:
    """With all that was written in it, wherever that is repeated; counts and times stay."""
    repeated.of_talk(db, talk)
    db.execute("DELETE FROM customers WHERE id = ?", (talk,))


def _follow(db: sqlite3.Connection, talk: Talk, event: ev.LineEvent) -> None:
    _project_text(db, talk, event)
    inbox = Inbox(talks=(talk,))
    inbox.apply(event)
    after = inbox.talks[talk.id]
    sql = "UPDATE talks SET active_at = ?, talk = ? WHERE id = ?"
    db.execute(sql, (after.active_at, _encode(after), talk.id))


def _project_text(db: sqlite3.Connection, talk: Talk, event: ev.LineEvent) -> None:
    match event:
        case ev.LineWritten(text=text):
            values = (text.id, talk.id, text.at, _encode(text))
            db.execute("INSERT INTO line_texts VALUES (?, ?, ?, ?)", values)
            if text.kind is TextKind.OUT:
                line_sends.add(db, talk, text)
        case ev.LineSent(text=key, state=state, reason=reason):
            sql = "SELECT text FROM line_texts WHERE id = ?"
            row = db.execute(sql, (key,)).fetchone()
            if row is not None:
                known = msgspec.structs.replace(_text.decode(row[0]), state=state, reason=reason)
                db.execute("UPDATE line_texts SET text = ? WHERE id = ?", (_encode(known), key))
                line_sends.follow(db, key, state, reason)
        case ev.TalkForwarded(text=key, at=at):
            sql = "INSERT OR REPLACE INTO line_forwards VALUES (?, ?, ?, ?)"
            db.execute(sql, (key, talk.line, talk.id, at))
            _went_to(db, talk, key, at)
        case _:
            pass


def _went_to(db: sqlite3.Connection, talk: Talk, text: str, at: float) -> None:
    """To the cell phone that is set now."""
    cell = line_rows.setting_of(db, talk.line).cell
    sql = "INSERT OR IGNORE INTO line_forward_cells VALUES (?, ?, ?, ?, ?)"
    db.execute(sql, (talk.line, number_hash(cell), text, talk.id, at))
