"""The outbox in SQLite; see :class:`app.server.store.outbox.Outbox`."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Any

import msgspec

from app.core import case_answers
from app.core.case_answers import Followed
from app.core.case_steps import BACKWARDS
from app.core.cases import Case, CaseId, Send, SendId, SendState
from app.server.delivery.base import Receipt
from app.server.store.outbox import LAST, LEFT, Outgoing, further
from app.server.store.sqlite import cases
from app.server.store.sqlite.lane import Lane

_send = msgspec.msgpack.Decoder(Send)
_COLUMNS = "send, state, until, attempts, tried_at, reference"


def claim(db: sqlite3.Connection, owner: str, now: float, lease: float, limit: int) -> Sequence[Outgoing]:
    """See :func:`app.server.store.sqlite.cases.claim` about clocks that were set back."""
    sql = (
        "UPDATE sends SET lease_owner = ?1, lease_until = ?2 + ?3 WHERE id IN ("
        "SELECT id FROM (SELECT id FROM sends WHERE next_try <= ?2 AND {free} ORDER BY next_try LIMIT ?4) "
        "UNION SELECT id FROM (SELECT id FROM sends WHERE next_try > ?2 AND changed_at > ?2 + ?5 AND {free} "
        "LIMIT ?4)) RETURNING {columns}"
    ).format(free="(lease_until <= ?2 OR lease_until > ?2 + ?3)", columns=_COLUMNS)
    return [_outgoing(row) for row in db.execute(sql, (owner, now, lease, limit, BACKWARDS)).fetchall()]


def begin(db: sqlite3.Connection, send: SendId, owner: str, now: float) -> bool:
    sql = (
        "SELECT sends.state, sends.lease_owner, cases.waiting FROM sends "
        "JOIN cases ON cases.id = sends.case_id WHERE sends.id = ?"
    )
    row = db.execute(sql, (send,)).fetchone()
    if row is None or row[1] != owner:
        return False
    state, _, waiting = row
    if waiting:
        sql = (
            "UPDATE sends SET attempts = attempts + 1, tried_at = iif(tried_at = 0, ?, tried_at) WHERE id = ?"
        )
        db.execute(sql, (now, send))
        return True
    if state == SendState.WAITING:  # it certainly never left
        settle(db, send, Receipt(SendState.CANCELLED), now)
    return False


def settle(
    db: sqlite3.Connection,
    send: SendId,
    receipt: Receipt,
    now: float,
    next_try: float | None = None,
    owner: str = "",
) -> bool:
    known = find(db, send)
    if known is None or (owner and receipt.state not in LEFT and not _holds(db, send, owner)):
        return False
    state = further(known.state, receipt)
    sql = (
        "UPDATE sends SET state = ?1, reason = iif(?1 = state AND ?2 = '', reason, ?2), "
        "reference = iif(?3 = '', reference, ?3), changed_at = ?4 WHERE id = ?5"
    )
    db.execute(sql, (state, receipt.reason, receipt.reference, now, send))
    if state in LAST or state is SendState.DELIVERED or (owner and _holds(db, send, owner)):
        db.execute("UPDATE sends SET next_try = ? WHERE id = ?", (next_try, send))
    sql = "UPDATE sends SET lease_owner = NULL, lease_until = 0 WHERE id = ? AND lease_owner = ?"
    db.execute(sql, (send, owner))
    return _told(db, known, state, receipt, now)


def _holds(db: sqlite3.Connection, send: SendId, owner: str) -> bool:
    """Else somebody else has taken it over, or is done with it: their plan for it counts."""
    sql = "SELECT 1 FROM sends WHERE id = ? AND lease_owner = ?"
    return db.execute(sql, (send, owner)).fetchone() is not None


def _told(db: sqlite3.Connection, known: Outgoing, state: SendState, receipt: Receipt, now: float) -> bool:
    """The case and its timeline follow; whether there was anything new."""
    changed = False

    def happens(case: Case) -> Followed:
        nonlocal changed
        after, lines = case_answers.sent(case, known.send, state, now, receipt.reason, over=receipt.over)
        if state is known.state:
            lines = ()
        changed = bool(lines) or after != case
        return after, lines

    cases.follow(db, known.send.case, now, happens)
    return changed


def find(db: sqlite3.Connection, send: SendId) -> Outgoing | None:
    row = db.execute(f"SELECT {_COLUMNS} FROM sends WHERE id = ?", (send,)).fetchone()
    return _outgoing(row) if row else None


def claim_reference(db: sqlite3.Connection, table: str, key: str, reference: str) -> bool:
    """Args:
    table: ``sends``, or one like it.
    key: the row's id.
    """
    sql = f"SELECT 1 FROM {table} WHERE reference = ? AND reference <> '' AND id <> ?"
    if db.execute(sql, (reference, key)).fetchone() is not None:
        return False
    db.execute(f"UPDATE {table} SET reference = iif(?1 = '', reference, ?1) WHERE id = ?2", (reference, key))
    return True


def of_case(db: sqlite3.Connection, case: CaseId) -> Sequence[Outgoing]:
    sql = f"SELECT {_COLUMNS} FROM sends WHERE case_id = ? ORDER BY rowid"
    return [_outgoing(row) for row in db.execute(sql, (case,))]


def next_try(db: sqlite3.Connection) -> float | None:
    row = db.execute("SELECT min(next_try) FROM sends WHERE next_try IS NOT NULL").fetchone()
    found: float | None = row[0]
    return found


def _outgoing(row: Sequence[Any]) -> Outgoing:
    send, state, until, attempts, tried_at, reference = row
    return Outgoing(_send.decode(send), SendState(state), until, attempts, tried_at, reference)


class SqliteOutbox:
    def __init__(self, write: Lane, read: Lane) -> None:
        self._write, self._read = write, read

    async def claim(self, owner: str, now: float, lease: float, limit: int) -> Sequence[Outgoing]:
        return await self._write.run(lambda db: claim(db, owner, now, lease, limit))

    async def begin(self, send: SendId, owner: str, now: float) -> bool:
        return await self._write.run(lambda db: begin(db, send, owner, now))

    async def settle(
        self, send: SendId, receipt: Receipt, now: float, next_try: float | None = None, owner: str = ""
    ) -> bool:
        return await self._write.run(lambda db: settle(db, send, receipt, now, next_try, owner))

    async def find(self, send: SendId) -> Outgoing | None:
        return await self._read.run(lambda db: find(db, send))

    async def claim_reference(self, send: SendId, reference: str) -> bool:
        return await self._write.run(lambda db: claim_reference(db, "sends", send, reference))

    async def of_case(self, case: CaseId) -> Sequence[Outgoing]:
        return await self._read.run(lambda db: of_case(db, case))

    async def case_of(self, case: CaseId) -> Case | None:
        return await self._read.run(lambda db: cases.find(db, case))

    async def next_try(self) -> float | None:
        return await self._read.run(next_try)
