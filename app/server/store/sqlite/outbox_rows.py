"""Rows of the outbox: what a case decides to send, and no longer wants to be sent."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence

import msgspec

from app.core.cases import CaseId, Send

_send = msgspec.msgpack.Decoder(Send)


def add(db: sqlite3.Connection, fresh: Iterable[Send], now: float, until: float) -> None:
    """``until``: when the next step's turn comes, s."""
    rows = (
        (send.id, send.case, send.channel, msgspec.msgpack.encode(send), now, until, now) for send in fresh
    )
    sql = (
        "INSERT INTO sends (id, case_id, channel, send, next_try, until, changed_at, trial) "
        "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, (SELECT trial FROM cases WHERE id = ?2))"
    )
    db.executemany(sql, rows)


def cancel(db: sqlite3.Connection, case: CaseId, now: float) -> Sequence[Send]:
    """The case was answered: what nobody has begun to send is not sent. Who has begun asks right before.

    What was begun by somebody who did not live to write down what came of it may have left: the gateway is
    asked first, as at each further attempt, and only then is it not sent.

    Returns:
        What is not sent.
    """
    sql = (
        "UPDATE sends SET state = 'cancelled', next_try = NULL, changed_at = ?1 "
        "WHERE case_id = ?2 AND state = 'waiting' AND attempts = 0 AND lease_until < ?1 RETURNING send"
    )
    return [_send.decode(send) for (send,) in db.execute(sql, (now, case)).fetchall()]
