"""Reading mention chats from SQLite: only messages whose audience has the person."""

from __future__ import annotations

import sqlite3

import msgspec

from app.core.limits import PAGE
from app.core.model import ConversationId, Message, PersonId, Recipients
from app.core.text import search_key
from app.server.store.base import Page
from app.server.store.sqlite.words import TRIGRAM, quoted

_message = msgspec.msgpack.Decoder(Message)
_recipients = msgspec.msgpack.Decoder(Recipients)

_MINE = (
    "SELECT m.payload, c.id, c.between_whom FROM message_audience a "
    "JOIN messages m ON m.number = a.message JOIN conversations c ON c.id = m.conversation "
    "WHERE a.person = :person AND (:before IS NULL OR a.sent_at < :before) AND {which} "
    "ORDER BY a.sent_at DESC LIMIT :limit"
)


def history(
    db: sqlite3.Connection, person: PersonId, conversation: ConversationId, before: float | None
) -> Page:
    return _page(db, person, "m.conversation = :what", conversation, before)


def search(db: sqlite3.Connection, person: PersonId, text: str, before: float | None) -> Page:
    """Width, case, accents and the two kana alphabets do not matter."""
    key = search_key(text).strip()
    if not key:
        return Page()
    if len(key) >= TRIGRAM:
        which = "m.number IN (SELECT rowid FROM message_search WHERE message_search MATCH :what)"
        return _page(db, person, which, quoted(key), before)
    # Shorter ones, as most Japanese words are, are compared one by one.
    return _page(db, person, "instr(m.search_key, :what) > 0", key, before)


def _page(db: sqlite3.Connection, person: PersonId, which: str, what: str, before: float | None) -> Page:
    values = {"person": person, "before": before, "what": what, "limit": PAGE + 1}
    rows = db.execute(_MINE.format(which=which), values).fetchall()
    return Page(
        messages=[_message.decode(payload) for payload, _, _ in rows[:PAGE]],
        conversations={ConversationId(cid): _recipients.decode(whom) for _, cid, whom in rows[:PAGE]},
        more=len(rows) > PAGE,
    )
