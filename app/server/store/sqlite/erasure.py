"""Taking a person out of what SQLite keeps: counts and times stay, nothing that says who it was."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import msgspec

from app.core import case_answers
from app.core.cases import CaseId
from app.core.erasing import Eraser, alias_of
from app.core.model import PersonId
from app.core.text import search_key
from app.server.store.keys import StreamKey
from app.server.store.privacy import BATCH, CustomerTraits, PersonTraits, Traits
from app.server.store.sqlite import cases, customers, people

_OWN_ROWS = (
    "families",
    "identities",
    "phones",
    "phone_codes",
    "former_numbers",
    "quiet_hours",
    "own_rights",
    "assignments",
    "desks",
    "group_members",
    "space_members",
)
"""Rows that are about one person and nothing else, by the column ``person``."""
_traits: msgspec.msgpack.Decoder[Traits] = msgspec.msgpack.Decoder(Traits)
MERGED_PAGES = 200
"""Pages of the search index that are merged in one turn: what was deleted stands in it until then."""
SCRUB_WAIT_MS = 200
"""ms that readers are waited for: meanwhile nobody can write, so it is better to come again."""


def traits(db: sqlite3.Connection, person: PersonId) -> PersonTraits | None:
    """By what the person is found; ``None`` if there is nobody like that."""
    row = db.execute("SELECT traits FROM erasures WHERE key = ?", (person,)).fetchone()
    known = _traits.decode(row[0]) if row is not None else None
    if isinstance(known, PersonTraits):
        return known
    row = db.execute("SELECT handle, name FROM people WHERE id = ?", (person,)).fetchone()
    if row is None:
        return None
    numbers = numbers_of(db, person)
    former = _former(db, person)
    names = {row[1].casefold(), *(name.casefold() for _, name in former)}
    others = db.execute("SELECT id, name FROM people WHERE id <> ? AND disabled = 0", (person,))
    namesakes = tuple(PersonId(other) for other, name in others if name.casefold() in names)
    return PersonTraits(person, row[0], row[1], numbers, former, namesakes)


def numbers_of(db: sqlite3.Connection, person: PersonId) -> tuple[str, ...]:
    """Of the person's phones, those of before too; one that is somebody else's by now is theirs."""
    sql = (
        "SELECT number FROM phones WHERE person = ?1 UNION SELECT number FROM phone_codes WHERE person = ?1 "
        "UNION SELECT number FROM former_numbers f WHERE person = ?1 AND NOT EXISTS "
        "(SELECT 1 FROM phones p WHERE p.number = f.number AND p.person <> ?1)"
    )
    return tuple(number for (number,) in db.execute(sql, (person,)))


def _former(db: sqlite3.Connection, person: PersonId) -> tuple[tuple[str, str], ...]:
    """Handles and names that the person had before; a handle that is somebody else's by now is theirs."""
    sql = (
        "SELECT iif(EXISTS (SELECT 1 FROM people p WHERE p.handle = f.handle AND p.id <> f.person), "
        "'', f.handle), f.name FROM former_names f WHERE f.person = ? ORDER BY f.handle, f.name"
    )
    return tuple(db.execute(sql, (person,)).fetchall())


def unfinished(db: sqlite3.Connection) -> list[Traits]:
    return [_traits.decode(known) for (known,) in db.execute("SELECT traits FROM erasures ORDER BY key")]


def _begin(db: sqlite3.Connection, known: Traits) -> None:
    db.execute("INSERT OR REPLACE INTO erasures VALUES (?, ?)", (known.key, msgspec.msgpack.encode(known)))


def begin_customer(db: sqlite3.Connection, number: str) -> CustomerTraits | None:
    known = customers.traits(db, number)
    if known is not None:
        _begin(db, known)
    return known


def finished(db: sqlite3.Connection, known: Traits) -> None:
    db.execute("DELETE FROM erasures WHERE key = ?", (known.key,))
    db.execute("UPDATE meta SET value = CAST(value AS INTEGER) + 1 WHERE key = 'roster'")
    owe(db)


def withdraw(db: sqlite3.Connection, person: PersonId, at: float) -> None:
    """Everything that is about them alone is gone; a step or a line that reached them by number reaches
    nobody there any more. Nobody is called for them from now on: what was sent would say who they were."""
    known = traits(db, person)
    if known is None:
        return
    _begin(db, known)
    for table in _OWN_ROWS:
        db.execute(f"DELETE FROM {table} WHERE person = ?", (person,))
    db.execute("UPDATE charges SET target = '' WHERE person = ?", (person,))
    sql = "SELECT c.id FROM cases c JOIN alerts a ON a.id = c.id WHERE a.asked_by = ? AND c.ended_at IS NULL"
    for (case,) in db.execute(sql, (person,)).fetchall():
        cases.follow(db, CaseId(case), at, partial(case_answers.ended, at=at))
    for number in known.numbers:
        db.execute("UPDATE contacts SET address = '', shown = '' WHERE address = ?", (number,))
        db.execute(
            "UPDATE line_settings SET enabled = 0, cell = '', version = version + 1 WHERE cell = ?", (number,)
        )
    picture = db.execute("SELECT picture FROM people WHERE id = ?", (person,)).fetchone()[0]
    sql = (
        "UPDATE people SET handle = ?1, handle_key = ?1, name = ?2, role = 'agent', password_hash = '', "
        "disabled = 1, picture = NULL, credentials = credentials + 1 WHERE id = ?3"
    )
    db.execute(sql, (*alias_of(person), person))
    db.execute("DELETE FROM former_names WHERE person = ?", (person,))  # the last one came just now
    people.drop_picture(db, picture)


# Rows that tell of many people


Values = tuple[Any, ...]


@dataclass(frozen=True)
class Table:
    """Attributes:
    key: the columns by which its rows are told apart.
    columns: those that may hold something of a person.
    change: these columns as they are from now on.
    besides: what else is set in a row that changes.
    """

    name: str
    key: tuple[str, ...]
    columns: tuple[str, ...]
    change: Callable[[Eraser, sqlite3.Connection, Values, Values], Values]
    besides: str = ""


def rows(db: sqlite3.Connection, eraser: Eraser, table: Table, after: Values) -> Values | None:
    """Look at some rows, those after a key (``()`` to begin); where to go on, ``None`` at the end."""
    key, columns = ", ".join(table.key), ", ".join(table.columns)
    beyond = f"WHERE ({key}) > ({', '.join('?' * len(after))})" if after else ""
    sql = f"SELECT {key}, {columns} FROM {table.name} {beyond} ORDER BY {key} LIMIT ?"
    found = db.execute(sql, (*after, BATCH)).fetchall()
    settings = ", ".join(f"{column} = ?" for column in table.columns) + table.besides
    this = " AND ".join(f"{column} = ?" for column in table.key)
    for row in found:
        at, values = row[: len(table.key)], row[len(table.key) :]
        fresh = table.change(eraser, db, at, values)
        if fresh != values:
            db.execute(f"UPDATE {table.name} SET {settings} WHERE {this}", (*fresh, *at))
    return found[-1][: len(table.key)] if found else None


def _packed(eraser: Eraser, value: bytes) -> bytes:
    """A value of the core, as it is stored."""
    if not eraser.concerns(value):
        return value
    return msgspec.msgpack.encode(eraser.value(msgspec.msgpack.decode(value)))


def _json(eraser: Eraser, value: bytes) -> bytes:
    if not eraser.concerns(value):
        return value
    try:
        return json.dumps(eraser.value(json.loads(value)), ensure_ascii=False, separators=(",", ":")).encode()
    except ValueError:
        return eraser.text(value.decode("utf-8", "replace")).encode()


def _texts(eraser: Eraser, _: sqlite3.Connection, __: Values, values: Values) -> Values:
    """Plain texts and values of the core, as they are."""
    return tuple(
        _packed(eraser, value) if isinstance(value, bytes) else eraser.text(value or "") for value in values
    )


def _policy(eraser: Eraser, _: sqlite3.Connection, __: Values, values: Values) -> Values:
    """It is told apart by its name, however that is written."""
    payload = values[1]
    fresh = _packed(eraser, payload)
    return values if fresh == payload else (msgspec.msgpack.decode(fresh)["name"].casefold(), fresh)


def _documents(eraser: Eraser, _: sqlite3.Connection, __: Values, values: Values) -> Values:
    return tuple(_json(eraser, value) for value in values)


def _message(eraser: Eraser, db: sqlite3.Connection, key: Values, values: Values) -> Values:
    """Its words stand in the index too, which is told what it had."""
    before, payload = values
    fresh = _packed(eraser, payload)
    if fresh == payload:
        return values
    words = search_key(msgspec.msgpack.decode(fresh)["text"])
    if words != before:
        sql = "INSERT INTO message_search (message_search, rowid, search_key) VALUES ('delete', ?, ?)"
        db.execute(sql, (*key, before))
        db.execute("INSERT INTO message_search (rowid, search_key) VALUES (?, ?)", (*key, words))
    return words, fresh


def _alert(eraser: Eraser, _: sqlite3.Connection, __: Values, values: Values) -> Values:
    asked_by, text, _key = values
    fresh = "" if eraser.wrote(asked_by) else eraser.text(text)
    return values if fresh == text else (asked_by, fresh, search_key(fresh))


def _send(eraser: Eraser, db: sqlite3.Connection, __: Values, values: Values) -> Values:
    """What was to be said speaks with the words of whoever asked for it."""
    case, send, reason = values
    row = db.execute("SELECT asked_by FROM alerts WHERE id = ?", (case,)).fetchone()
    if row is None or not eraser.wrote(row[0]):
        return case, _packed(eraser, send), eraser.text(reason)
    return case, msgspec.msgpack.encode(msgspec.msgpack.decode(send) | {"text": ""}), eraser.text(reason)


def _reply(eraser: Eraser, db: sqlite3.Connection, key: Values, values: Values) -> Values:
    """A reply to a customer, as it is sent."""
    text, reason = values
    row = db.execute("SELECT text FROM line_texts WHERE id = ?", key).fetchone()
    mine = row is not None and eraser.wrote(msgspec.msgpack.decode(row[0]).get("author"))
    return "" if mine else eraser.text(text), eraser.text(reason)


_ALL = (
    *(Table(name, ("id",), ("name",), _texts) for name in ("groups", "spaces", "lines", "webhooks")),
    Table("integrations", ("id",), ("name",), _texts),
    Table("messages", ("number",), ("search_key", "payload"), _message),
    Table("conversations", ("id",), ("between_whom",), _texts),
    Table("sends", ("id",), ("case_id", "send", "reason"), _send),
    Table("alerts", ("id",), ("asked_by", "text", "search_key"), _alert),
    # Whoever has read a case and is about to write it, or to send something, begins anew.
    Table("cases", ("id",), ("state",), _texts, ", version = version + 1"),
    Table("case_notes", ("number",), ("note",), _texts),
    Table("contacts", ("id",), ("name",), _texts),
    Table("talks", ("id",), ("talk",), _texts),
    Table("line_texts", ("id",), ("text",), _texts),
    Table("line_sends", ("id",), ("text", "reason"), _reply),
    Table("hook_posts", ("webhook", "number"), ("body",), _documents),
    Table("outside_answers", ("rowid",), ("name",), _texts),
    Table("api_answers", ("integration", "key"), ("body",), _documents),
    Table("policies", ("space", "id"), ("name_key", "payload"), _policy),
    Table("audit", ("number",), ("name", "changes"), _texts),
)
TABLES = {table.name: table for table in _ALL}


# Streams


def mentions(db: sqlite3.Connection, stream: StreamKey, eraser: Eraser) -> bool:
    row = db.execute("SELECT id, checkpoint FROM streams WHERE key = ?", (stream,)).fetchone()
    if row is None:
        return False
    if eraser.concerns(row[1] or b""):
        return True
    events = db.execute("SELECT payload FROM events WHERE stream = ?", (row[0],))
    return any(eraser.concerns(payload) for (payload,) in events)


def rewrite(db: sqlite3.Connection, stream: StreamKey, at: int, state: bytes) -> bool:
    sql = (
        "UPDATE streams SET seq = ?2 + 1, checkpoint_at = ?2 + 1, checkpoint = ?3 "
        "WHERE key = ?1 AND seq = ?2 RETURNING id"
    )
    row = db.execute(sql, (stream, at, state)).fetchone()
    if row is None:
        return False
    db.execute("DELETE FROM events WHERE stream = ?", row)
    return True


# The file


def merge_search(db: sqlite3.Connection) -> bool:
    """A part of the indexes of texts, so that nothing is left there of what was deleted; whether there
    is more to do."""
    more = [_merge(db, index) for index in ("message_search", "alert_search")]
    return any(more)


def _merge(db: sqlite3.Connection, index: str) -> bool:
    before = db.total_changes
    db.execute(f"INSERT INTO {index} ({index}, rank) VALUES ('merge', ?)", (-MERGED_PAGES,))
    return db.total_changes - before > 1


def owe(db: sqlite3.Connection) -> None:
    """Something was deleted that still stands in the log of changes."""
    sql = (
        "INSERT INTO meta VALUES ('overwrite', '1') ON CONFLICT (key) "
        "DO UPDATE SET value = CAST(value AS INTEGER) + 1"
    )
    db.execute(sql)


def owed(db: sqlite3.Connection) -> str | None:
    """Another text each time that something was deleted; ``None``: all of it is overwritten."""
    row = db.execute("SELECT value FROM meta WHERE key = 'overwrite'").fetchone()
    return row[0] if row else None


def paid(db: sqlite3.Connection, owed: str) -> None:
    """What was owed then is overwritten."""
    db.execute("DELETE FROM meta WHERE key = 'overwrite' AND value = ?", (owed,))


def scrub(path: Path) -> bool:
    """Empty the log of changes, where the pages still stand as they were; whether readers let it be."""
    db = sqlite3.connect(path, isolation_level=None)
    try:
        db.execute(f"PRAGMA busy_timeout = {SCRUB_WAIT_MS}")
        blocked: int = db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
        return not blocked
    finally:
        db.close()
