"""Streams in SQLite: append, load, replay, checkpoint, forget; and the history written with them."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import msgspec

from app.core import events as ev
from app.core.line_events import LineEvent
from app.core.model import PersonId, SpaceId
from app.core.text import search_key
from app.server.store.base import Batch, ClashError, Entry, Stored, TakenError
from app.server.store.keys import StreamKey
from app.server.store.sqlite import alerts, case_events, cases, hook_outbox, lines, servers


@dataclass(frozen=True)
class Keep:
    """How many events a stream keeps below its checkpoint, for clients that come back.

    Attributes:
        age: s
    """

    count: int = 2_000
    age: float = 24 * 3600.0


def append(db: sqlite3.Connection, batch: Batch) -> Mapping[StreamKey, int]:
    by_stream: dict[StreamKey, list[Entry]] = {}
    for entry in batch.entries:
        by_stream.setdefault(entry.stream, []).append(entry)
    for stream, at in batch.expected.items():
        row = db.execute("SELECT seq FROM streams WHERE key = ?", (stream,)).fetchone()
        if (row[0] if row else 0) != at:
            raise TakenError(stream)
    cases.move(db, batch.moves, batch.at)
    try:
        numbers = {stream: _extend(db, stream, entries, batch.at) for stream, entries in by_stream.items()}
        if batch.command is not None:
            row = (batch.command.person, batch.command.id, batch.command.fingerprint, batch.at)
            db.execute("INSERT INTO commands (person, id, fingerprint, at) VALUES (?, ?, ?, ?)", row)
    except sqlite3.IntegrityError as error:
        raise TakenError(str(error)) from error
    try:
        _project(db, batch)
    except sqlite3.IntegrityError as error:
        raise ClashError(str(error)) from error
    places = ((place.x, place.y, batch.space, person) for person, place in batch.places)
    db.executemany("UPDATE desks SET x = ?, y = ? WHERE space = ? AND person = ?", places)
    return numbers


def _extend(db: sqlite3.Connection, stream: StreamKey, entries: Sequence[Entry], now: float) -> int:
    sql = (
        "INSERT INTO streams (key, seq) VALUES (?1, ?2) "
        "ON CONFLICT (key) DO UPDATE SET seq = seq + ?2 RETURNING id, seq"
    )
    ((number, last),) = db.execute(sql, (stream, len(entries))).fetchall()
    first: int = last - len(entries) + 1
    rows = ((number, seq, now, entry.payload) for seq, entry in enumerate(entries, first))
    db.executemany("INSERT INTO events (stream, seq, at, payload) VALUES (?, ?, ?, ?)", rows)
    return first


def load(db: sqlite3.Connection, stream: StreamKey) -> Stored:
    row = db.execute("SELECT id, checkpoint_at, checkpoint FROM streams WHERE key = ?", (stream,)).fetchone()
    if row is None:
        return Stored(exists=False)
    number, at, checkpoint = row
    return Stored(True, at, checkpoint, _payloads(db, number, at))


def events_after(db: sqlite3.Connection, stream: StreamKey, after: int) -> Sequence[bytes] | None:
    row = db.execute("SELECT id, seq FROM streams WHERE key = ?", (stream,)).fetchone()
    number, head = row or (None, 0)
    if not 0 <= after <= head:
        return None
    events = _payloads(db, number, after)
    return events if len(events) == head - after else None


def heads(db: sqlite3.Connection, keys: Collection[StreamKey]) -> Mapping[StreamKey, int]:
    sql = "SELECT key, seq FROM streams WHERE key IN (SELECT value FROM json_each(?))"
    return {StreamKey(key): seq for key, seq in db.execute(sql, (json.dumps(list(keys)),))}


def _payloads(db: sqlite3.Connection, stream: int | None, after: int) -> Sequence[bytes]:
    sql = "SELECT payload FROM events WHERE stream = ? AND seq > ? ORDER BY seq"
    return [payload for (payload,) in db.execute(sql, (stream, after))]


def checkpoint(
    db: sqlite3.Connection, stream: StreamKey, at: int, state: bytes, now: float, keep: Keep
) -> None:
    sql = (
        "INSERT INTO streams (key, seq, checkpoint_at, checkpoint) VALUES (?1, ?2, ?2, ?3) "
        "ON CONFLICT (key) DO UPDATE SET checkpoint_at = ?2, checkpoint = ?3 "
        "WHERE checkpoint_at <= ?2 RETURNING id, seq"
    )
    row = db.execute(sql, (stream, at, state)).fetchone()
    if row is None:
        return  # there is a newer one already
    number, head = row
    db.execute(
        "DELETE FROM events WHERE stream = ? AND seq <= ? AND (seq <= ? OR at < ?)",
        (number, at, head - keep.count, now - keep.age),
    )


PRUNED_TOGETHER = 100
"""Streams whose old events are deleted in one turn of the writer, so that alerts never wait long for it."""


def prune(db: sqlite3.Connection, after: int, now: float, keep: Keep) -> int | None:
    """Forget what is too old in streams that nothing is written to any more: a checkpoint does it elsewhere.

    Args:
        after: the id of the stream that the turn before ended with; 0 to begin.

    Returns:
        Where to go on; ``None`` at the end.
    """
    sql = "SELECT id, checkpoint_at FROM streams WHERE id > ? ORDER BY id LIMIT ?"
    streams = db.execute(sql, (after, PRUNED_TOGETHER)).fetchall()
    sql = "DELETE FROM events WHERE stream = ? AND seq <= ? AND at < ?"
    db.executemany(sql, ((number, at, now - keep.age) for number, at in streams))
    return streams[-1][0] if streams else None


def _project(db: sqlite3.Connection, batch: Batch) -> None:
    """What lists, search and reports read, from the events it follows from."""
    messages: dict[str, int] = {}
    for entry in batch.entries:
        if isinstance(entry.event, ev.MessageArrived):
            _message(db, entry.stream, entry.event, messages)
        else:
            _project_one(db, batch.space, entry.event, batch.at)
            servers.follow(db, batch.server, batch.space, entry.event)
    case_events.project(db, batch)
    hook_outbox.project(db, batch)


def _project_one(
    db: sqlite3.Connection, space: SpaceId, event: ev.SpaceEvent | ev.PersonalEvent, now: float
) -> None:
    match event:
        case ev.EscalationRaised(escalation=escalation):
            alerts.raised(db, space, escalation)
        case ev.EscalationAnswered(escalation=escalation_id, answer=answer):
            alerts.answered(db, escalation_id, answer)
        case ev.EscalationAnsweredOutside(escalation=escalation_id, answer=outside):
            alerts.answered_outside(db, escalation_id, outside)
        case ev.EscalationEnded(escalation=escalation_id, reason=reason, at=at):
            alerts.ended(db, escalation_id, reason, at)
        case ev.Entered(occupant=occupant, place=place):
            sql = (
                "INSERT INTO desks (space, person, seat, x, y, status, entered_at) "
                "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (space, person) DO UPDATE "
                "SET seat = ?3, x = ?4, y = ?5, status = ?6, entered_at = ?7"
            )
            who = (space, occupant.person, occupant.seat)
            db.execute(sql, (*who, place.x, place.y, occupant.status, now))
        case ev.SeatTaken(person=person, seat=seat):
            _desk(db, space, person, "seat", seat)
        case ev.StatusSet(person=person, status=status):
            _desk(db, space, person, "status", status)
        case event if isinstance(event, LineEvent):
            lines.project(db, event)
        case _:
            pass


def _desk(db: sqlite3.Connection, space: SpaceId, person: PersonId, column: str, value: str | None) -> None:
    db.execute(f"UPDATE desks SET {column} = ? WHERE space = ? AND person = ?", (value, space, person))


def _message(
    db: sqlite3.Connection, stream: StreamKey, event: ev.MessageArrived, written: dict[str, int]
) -> None:
    """The same message arrives at each of its audience: it is written once, and once for each of them."""
    message = event.message
    if message.id not in written:
        between = msgspec.msgpack.encode(event.with_)
        db.execute("INSERT OR IGNORE INTO conversations VALUES (?, ?)", (message.conversation, between))
        key = search_key(message.text)
        sql = (
            "INSERT INTO messages (id, conversation, sent_at, search_key, payload) "
            "VALUES (?, ?, ?, ?, ?) RETURNING number"
        )
        values = (message.id, message.conversation, message.sent_at, key, msgspec.msgpack.encode(message))
        ((written[message.id],),) = db.execute(sql, values).fetchall()
        row = (written[message.id], key)
        db.execute("INSERT INTO message_search (rowid, search_key) VALUES (?, ?)", row)
    audience = (stream.removeprefix("person:"), message.sent_at, written[message.id])
    db.execute("INSERT INTO message_audience VALUES (?, ?, ?)", audience)
