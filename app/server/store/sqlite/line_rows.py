"""Lines, their settings and conversations as rows: what others read of them within their own transactions."""

from __future__ import annotations

import sqlite3

import msgspec

from app.core.lines import CustomerId, Line, LineId, Talk
from app.core.model import SpaceId
from app.server.store.lines import KeptSetting

_talk = msgspec.msgpack.Decoder(Talk)


def all_lines(db: sqlite3.Connection) -> dict[LineId, Line]:
    """For the roster."""
    rows = db.execute("SELECT id, name, number, space FROM lines")
    return {
        LineId(number): Line(LineId(number), name, phone, SpaceId(space))
        for number, name, phone, space in rows
    }


def setting_of(db: sqlite3.Connection, line: LineId) -> KeptSetting:
    sql = "SELECT enabled, cell, minutes, version FROM line_settings WHERE line = ?"
    row = db.execute(sql, (line,)).fetchone()
    return KeptSetting(bool(row[0]), *row[1:]) if row else KeptSetting()


def find(db: sqlite3.Connection, key: CustomerId) -> Talk | None:
    row = db.execute("SELECT talk FROM talks WHERE id = ?", (key,)).fetchone()
    return _talk.decode(row[0]) if row else None
