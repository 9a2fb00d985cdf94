"""Replies to customers as they are sent: the outbox of lines in SQLite.

A reply belongs to no case that could be answered meanwhile; else it goes the way of all that is sent (see
:mod:`app.server.store.sqlite.outbox`).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Any

from app.core.cases import SMS, CaseId, Send, SendId, SendState
from app.core.lines import LINE_SEND, CustomerId, LineText, LineTextId, Talk, customer_contact
from app.server.delivery.base import Receipt
from app.server.store.outbox import Outgoing
from app.server.store.sqlite import line_rows, outbox
from app.server.store.sqlite.lane import Lane

SEND_FOR = 600.0
"""s for which sending is tried."""
AHEAD_S = 300.0
"""s; no attempt is planned for so late. What is due later was written before the clock was set back."""
_COLUMNS = "id, talk, text, state, until, attempts, tried_at, reference"


def add(db: sqlite3.Connection, talk: Talk, text: LineText) -> None:
    sql = "INSERT INTO line_sends (id, talk, line, text, next_try, until) VALUES (?, ?, ?, ?, ?, ?)"
    db.execute(sql, (text.id, talk.id, talk.line, text.text, text.at, text.at + SEND_FOR))


def follow(db: sqlite3.Connection, text: LineTextId, state: SendState, reason: str) -> None:
    """What everybody was told of it."""
    db.execute("UPDATE line_sends SET state = ?, reason = ? WHERE id = ?", (state, reason, text))


class SqliteLineSends:
    """See :class:`app.server.store.lines.LineSends`."""

    def __init__(self, write: Lane, read: Lane) -> None:
        self._write, self._read = write, read

    async def claim(self, owner: str, now: float, lease: float, limit: int) -> Sequence[Outgoing]:
        sql = (
            "UPDATE line_sends SET lease_owner = ?1, lease_until = ?2 + ?3 WHERE id IN (SELECT id "
            "FROM line_sends WHERE (next_try <= ?2 OR next_try > ?2 + ?5) "
            "AND (lease_until <= ?2 OR lease_until > ?2 + ?3) "
            f"ORDER BY next_try LIMIT ?4) RETURNING {_COLUMNS}"
        )

        def lease_some(db: sqlite3.Connection) -> Sequence[Outgoing]:
            return [_outgoing(row) for row in db.execute(sql, (owner, now, lease, limit, AHEAD_S)).fetchall()]

        return await self._write.run(lease_some)

    async def begin(self, send: SendId, owner: str, now: float) -> bool | None:
        """``None``: the customer wants no texts any more, and it was never tried."""

        def count(db: sqlite3.Connection) -> bool | None:
            sql = "SELECT talk, attempts FROM line_sends WHERE id = ? AND lease_owner = ?"
            row = db.execute(sql, (_text(send), owner)).fetchone()
            if row is None:
                return False
            talk = line_rows.find(db, CustomerId(row[0]))
            if talk is None or talk.opted_out:
                return None if not row[1] else False
            sql = (
                "UPDATE line_sends SET attempts = attempts + 1, "
                "tried_at = iif(tried_at = 0, ?, tried_at) WHERE id = ?"
            )
            db.execute(sql, (now, _text(send)))
            return True

        return await self._write.run(count)

    async def holds(self, send: SendId, owner: str) -> bool:
        return await self._read.run(lambda db: _holds(db, send, owner))

    async def settle(self, send: SendId, receipt: Receipt, next_try: float | None, owner: str) -> None:
        def change(db: sqlite3.Connection) -> None:
            sql = "UPDATE line_sends SET reference = iif(?1 = '', reference, ?1) WHERE id = ?2"
            db.execute(sql, (receipt.reference, _text(send)))
            if receipt.state is SendState.DELIVERED or (owner and _holds(db, send, owner)):
                sql = "UPDATE line_sends SET next_try = ? WHERE id = ?"
                db.execute(sql, (next_try, _text(send)))
            sql = "UPDATE line_sends SET lease_owner = NULL, lease_until = 0 WHERE id = ? AND lease_owner = ?"
            db.execute(sql, (_text(send), owner))

        await self._write.run(change)

    async def find(self, send: SendId) -> tuple[Outgoing, CustomerId] | None:
        def look(db: sqlite3.Connection) -> tuple[Outgoing, CustomerId] | None:
            sql = f"SELECT {_COLUMNS} FROM line_sends WHERE id = ?"
            row = db.execute(sql, (_text(send),)).fetchone()
            return (_outgoing(row), CustomerId(row[1])) if row else None

        return await self._read.run(look)

    async def claim_reference(self, send: SendId, reference: str) -> bool:
        return await self._write.run(
            lambda db: outbox.claim_reference(db, "line_sends", _text(send), reference)
        )

    async def next_try(self) -> float | None:
        def look(db: sqlite3.Connection) -> float | None:
            sql = "SELECT min(next_try) FROM line_sends WHERE next_try IS NOT NULL"
            found: float | None = db.execute(sql).fetchone()[0]
            return found

        return await self._read.run(look)


def _holds(db: sqlite3.Connection, send: SendId, owner: str) -> bool:
    sql = "SELECT 1 FROM line_sends WHERE id = ? AND lease_owner = ?"
    return db.execute(sql, (_text(send), owner)).fetchone() is not None


def _text(send: SendId) -> str:
    return send.removeprefix(LINE_SEND)


def _outgoing(row: Sequence[Any]) -> Outgoing:
    text, talk, words, state, until, attempts, tried_at, reference = row
    contact = customer_contact(CustomerId(talk))
    send = Send(SendId(f"{LINE_SEND}{text}"), CaseId(""), SMS, words, contact=contact)
    return Outgoing(send, SendState(state), until, attempts, tried_at, reference)
