"""Where a name stands in what people typed: in names of things, and in texts of others."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from app.core.maps import SpaceMap
from app.core.model import PersonId, SpaceId
from app.core.privacy import Trace, Where
from app.core.text import search_key
from app.server.store.sqlite.words import TRIGRAM, quoted

MOST = 1_000
"""Texts that are counted of a kind."""
_map = msgspec.msgpack.Decoder(SpaceMap)
_NAMED = {
    Where.GROUP: "SELECT id, NULL, name, handle FROM groups ORDER BY handle_key",
    Where.SPACE: "SELECT id, id, name, '' FROM spaces ORDER BY name",
    Where.LINE: "SELECT id, space, name, '' FROM lines ORDER BY name",
    Where.CONTACT: "SELECT id, space, name, '' FROM contacts ORDER BY name",
    Where.INTEGRATION: "SELECT id, space, name, '' FROM integrations ORDER BY name",
    Where.WEBHOOK: "SELECT id, space, name, '' FROM webhooks ORDER BY name",
}
"""Id, space, name, and what else it is called by."""
RENAMED = {
    Where.GROUP: "UPDATE groups SET name = ? WHERE id = ?",
    Where.SPACE: "UPDATE spaces SET name = ? WHERE id = ?",
    Where.LINE: "UPDATE lines SET name = ? WHERE id = ?",
}
"""What gets another name here; the others have views of their own."""


def traces(db: sqlite3.Connection, words: Sequence[str], person: PersonId) -> Sequence[Trace]:
    """Where one of the words stands by itself, but in what the person wrote."""
    if not words:
        return ()
    pattern = re.compile("|".join(map(_alone, words)), re.IGNORECASE)
    found = [*_names(db, pattern), *_policies(db, pattern), *_places(db, pattern)]
    for where, count in (
        (Where.MESSAGE, _messages(db, words, pattern, person)),
        (Where.HAND, _hands(db, words, pattern, person)),
        (Where.TEXT, _texts(db, words, pattern, person)),
    ):
        if count:
            found.append(Trace(where, count=count))
    return found


def _alone(word: str) -> str:
    """Between letters and digits it is a part of another word, in scripts where one can see words."""
    bare = re.escape(word)
    return rf"(?<![^\W_]){bare}(?![^\W_])" if word.isascii() else bare


def _names(db: sqlite3.Connection, pattern: re.Pattern[str]) -> Iterator[Trace]:
    for where, sql in _NAMED.items():
        for thing, space, name, other in db.execute(sql).fetchall():
            if pattern.search(name) or pattern.search(other):
                called = f"{name} (@{other})" if other else name
                yield Trace(where, called, thing, SpaceId(space) if space else None)


def _policies(db: sqlite3.Connection, pattern: re.Pattern[str]) -> Iterator[Trace]:
    for number, space, payload in db.execute("SELECT id, space, payload FROM policies ORDER BY name_key"):
        policy = msgspec.msgpack.decode(payload)
        if any(map(pattern.search, _strings(policy))):
            yield Trace(Where.POLICY, policy.get("name", ""), number, SpaceId(space))


def _places(db: sqlite3.Connection, pattern: re.Pattern[str]) -> Iterator[Trace]:
    """Rooms and seats of maps in use."""
    sql = "SELECT s.id, m.document FROM spaces s JOIN maps m ON m.id = s.map ORDER BY s.name"
    for space, document in db.execute(sql).fetchall():
        drawn = _map.decode(document)
        zones, seats = (zone.name for zone in drawn.zones), (seat.name for seat in drawn.seats)
        for name in dict.fromkeys((*zones, *seats)):
            if pattern.search(name):
                yield Trace(Where.MAP, name, "", SpaceId(space))


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for part in value.values():
            yield from _strings(part)
    elif isinstance(value, list):
        for part in value:
            yield from _strings(part)


def _messages(
    db: sqlite3.Connection, words: Sequence[str], pattern: re.Pattern[str], person: PersonId
) -> int:
    found = set()
    for key in {search_key(word) for word in words}:
        if len(key) >= TRIGRAM:
            sql = (
                "SELECT m.number, m.payload FROM message_search s JOIN messages m ON m.number = s.rowid "
                "WHERE message_search MATCH ? LIMIT ?"
            )
            rows = db.execute(sql, (quoted(key), MOST))
        else:
            sql = "SELECT number, payload FROM messages WHERE instr(search_key, ?) LIMIT ?"
            rows = db.execute(sql, (key, MOST))
        found |= {number for number, payload in rows if _by_another(payload, pattern, person)}
    return len(found)


def _by_another(payload: bytes, pattern: re.Pattern[str], person: PersonId) -> bool:
    text = msgspec.msgpack.decode(payload)
    return text.get("author") != person and pattern.search(text.get("text", "")) is not None


def _hands(db: sqlite3.Connection, words: Sequence[str], pattern: re.Pattern[str], person: PersonId) -> int:
    found = set()
    sql = "SELECT id, text FROM alerts WHERE asked_by IS NOT ? AND instr(search_key, ?) LIMIT ?"
    for word in words:
        rows = db.execute(sql, (person, search_key(word), MOST))
        found |= {number for number, text in rows if pattern.search(text)}
    return len(found)


def _texts(db: sqlite3.Connection, words: Sequence[str], pattern: re.Pattern[str], person: PersonId) -> int:
    """Of conversations with customers."""
    found = set()
    sql = "SELECT id, text FROM line_texts WHERE instr(text, CAST(? AS BLOB)) LIMIT ?"
    for way in {way for word in words for way in (word, word.casefold(), word.capitalize(), word.upper())}:
        rows = db.execute(sql, (way, MOST))
        found |= {number for number, payload in rows if _by_another(payload, pattern, person)}
    return len(found)
