"""Takes what people wrote out of the alerts, cases and sends that repeat it, when it is gone elsewhere."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

import msgspec

from app.core.cases import Case, Send
from app.core.lines import CustomerId, LineId
from app.core.policy import CaseKind
from app.core.privacy import Kept
from app.server.store.privacy import BATCH

_case, _send = msgspec.msgpack.Decoder(Case), msgspec.msgpack.Decoder(Send)
_encode = msgspec.msgpack.Encoder().encode
_KINDS = {
    Kept.HANDS: CaseKind.ESCALATION,
    Kept.MESSAGES: CaseKind.PRIORITY,
    Kept.LINES: CaseKind.LINE,
}
"""Whose words the cases of a kind repeat."""


def take_out(db: sqlite3.Connection, alerts: Iterable[str]) -> None:
    """Of alerts whose words are gone elsewhere. Counts and times stay."""
    for alert in alerts:
        db.execute("UPDATE alerts SET text = '', search_key = '' WHERE id = ? AND text <> ''", (alert,))
        row = db.execute("SELECT state FROM cases WHERE id = ?", (alert,)).fetchone()
        if row is not None:
            state = _encode(msgspec.structs.replace(_case.decode(row[0]), text=""))
            sql = "UPDATE cases SET state = ?, wordless = 1, version = version + 1 WHERE id = ?"
            db.execute(sql, (state, alert))
        sends = db.execute("SELECT id, send FROM sends WHERE case_id = ?", (alert,)).fetchall()
        for number, send in sends:
            spoken = _encode(msgspec.structs.replace(_send.decode(send), text=""))
            db.execute("UPDATE sends SET send = ? WHERE id = ?", (spoken, number))


def of_talk(db: sqlite3.Connection, talk: CustomerId) -> None:
    """Before a conversation with a customer goes."""
    take_out(db, [text for (text,) in db.execute("SELECT id FROM line_texts WHERE talk = ?", (talk,))])


def of_line(db: sqlite3.Connection, line: LineId) -> None:
    """Before a line goes, with all its conversations."""
    for (talk,) in db.execute("SELECT id FROM talks WHERE line = ?", (line,)).fetchall():
        of_talk(db, talk)


def forget(db: sqlite3.Connection, kind: Kept, before: float) -> int:
    """Of at most ``BATCH`` alerts that are over and older than ``before`` (s), where what they repeat is of
    this kind; how many there were."""
    if kind not in _KINDS:
        return 0
    sql = (
        "SELECT id FROM cases WHERE kind = ? AND opened_at < ? AND wordless = 0 "
        "AND ended_at IS NOT NULL LIMIT ?"
    )
    found = [number for (number,) in db.execute(sql, (_KINDS[kind], before, BATCH))]
    if kind is Kept.LINES:  # history may keep them longer than their case
        sql = (
            "SELECT id FROM alerts WHERE kind = 'line' AND text <> '' AND opened_at < ? "
            "AND ended_at IS NOT NULL LIMIT ?"
        )
        found += [number for (number,) in db.execute(sql, (before, BATCH)) if number not in found]
    take_out(db, found)
    return len(found)
