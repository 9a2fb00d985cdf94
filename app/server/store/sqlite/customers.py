"""What SQLite has of one customer, by their phone number: on every line that they wrote to."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from app.core.lines import CustomerId, Handling, LineId, Talk
from app.core.model import SpaceId
from app.server.store.privacy import CustomerTraits, KnownTalk

_talk = msgspec.msgpack.Decoder(Talk)


def known(db: sqlite3.Connection, number: str) -> Sequence[KnownTalk]:
    """The conversations with whoever has this number (E.164), those of the most used line first."""
    sql = (
        "SELECT l.space, c.id, l.id, l.name, t.talk, count(x.id), min(x.at) FROM customers c "
        "JOIN lines l ON l.id = c.line LEFT JOIN talks t ON t.id = c.id LEFT JOIN line_texts x "
        "ON x.talk = c.id WHERE c.number = ? GROUP BY c.id ORDER BY count(x.id) DESC, l.name"
    )
    return [_known(*row) for row in db.execute(sql, (number,))]


def _known(
    space: str, talk: str, line: str, name: str, state: bytes | None, texts: int, first_at: float | None
) -> KnownTalk:
    held = _talk.decode(state) if state is not None else None
    return KnownTalk(
        SpaceId(space),
        CustomerId(talk),
        LineId(line),
        name,
        texts,
        first_at or 0.0,
        held.active_at if held is not None else 0.0,
        held is not None and held.state is not Handling.RESOLVED,
    )


def traits(db: sqlite3.Connection, number: str) -> CustomerTraits | None:
    found = known(db, number)
    return CustomerTraits(number, tuple((one.space, one.talk) for one in found)) if found else None


def exported(db: sqlite3.Connection, number: str) -> Mapping[str, Any]:
    """Everything there is of them, as values for JSON."""
    found = known(db, number)
    files: dict[str, Any] = {"customer": {"number": number}, "conversations": [], "messages": []}
    for one in found:
        (state,) = db.execute("SELECT talk FROM talks WHERE id = ?", (one.talk,)).fetchone() or (None,)
        talk = msgspec.msgpack.decode(state) if state else {"id": one.talk}
        talk.pop("last", None)  # they are all in another file
        files["conversations"].append({"line_name": one.name, **talk})
        rows = db.execute("SELECT text FROM line_texts WHERE talk = ? ORDER BY at", (one.talk,))
        files["messages"] += [{"conversation": one.talk, **msgspec.msgpack.decode(text)} for (text,) in rows]
    files["alerts"] = _rows(db, _ALERTS, number)
    files["forwarded"] = _rows(db, _FORWARDED, number)
    return files


_ALERTS = (
    "SELECT a.id, a.text, a.opened_at, a.answered_at, a.way, a.nobody_at, a.ended_at, a.reason "
    "FROM customers c JOIN line_texts t ON t.talk = c.id JOIN alerts a ON a.id = t.id "
    "WHERE c.number = ? ORDER BY a.opened_at"
)
_FORWARDED = (
    "SELECT s.channel, s.state, s.changed_at AS at FROM customers c JOIN line_texts t ON t.talk = c.id "
    "JOIN sends s ON s.case_id = t.id WHERE c.number = ? ORDER BY s.changed_at"
)


def _rows(db: sqlite3.Connection, sql: str, number: str) -> list[dict[str, Any]]:
    cursor = db.execute(sql, (number,))
    columns = [column[0] for column in cursor.description]
    return [dict(zip(columns, row, strict=True)) for row in cursor]
