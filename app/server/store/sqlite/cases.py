"""Cases in SQLite; see :mod:`app.server.store.cases`.

The functions are for jobs that write other things as well: whoever opens, answers or ends a case does it in
the transaction of what it follows from.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import partial

import msgspec

from app.core import case_answers, case_steps
from app.core.audit import Deed
from app.core.case_answers import Followed
from app.core.case_steps import LAST_WAIT
from app.core.cases import Case, CaseAnswer, CaseId, Mark, Move, Note, SendState, encoded
from app.core.model import PersonId
from app.core.policy import CaseKind
from app.server.store.base import StaleError
from app.server.store.cases import Claimed, Health
from app.server.store.sqlite import alerts, audit, outbox_rows
from app.server.store.sqlite.lane import Lane

LAST_FORWARD = 600.0
"""s for which forwarding a customer's message is tried: nothing else is done about it afterwards."""
_case = msgspec.msgpack.Decoder(Case)
_note = msgspec.msgpack.Decoder(Note)
_encode = msgspec.msgpack.Encoder().encode


def open_case(db: sqlite3.Connection, opened: Followed, next_look: float | None) -> None:
    """Raises sqlite3.IntegrityError where there is a case with this id."""
    case, lines = opened
    sql = (
        "INSERT INTO cases (id, kind, space, state, waiting, opened_at, next_look, looked_at, trial) "
        "VALUES (?, ?, ?, ?, 1, ?, ?, ?, ?)"
    )
    values = (case.id, case.kind, case.space, encoded(case), case.opened_at, next_look, case.opened_at)
    db.execute(sql, (*values, case.tester is not None))
    _calls(db, case.id, case.called)
    notes(db, case.id, lines)
    alerts.followed(db, case)


def find(db: sqlite3.Connection, case: CaseId) -> Case | None:
    row = db.execute("SELECT state FROM cases WHERE id = ?", (case,)).fetchone()
    return _case.decode(row[0]) if row else None


def follow(
    db: sqlite3.Connection, case_id: CaseId, at: float, happens: Callable[[Case], Followed]
) -> Case | None:
    """Something happened to a case at ``at`` (s); what is due then is looked at at once.

    Returns:
        What it is now; ``None`` where there is none.
    """
    before = find(db, case_id)
    if before is None:
        return None
    case, lines = happens(before)
    notes(db, case_id, lines)
    if before.waiting and not case.waiting:
        case = _spared(db, case, at)
    if case != before:
        _write(db, before, case, at if case.waiting else case_steps.next_look(case), at)
        _calls(db, case_id, case.called[len(before.called) :])
    return case


def _spared(db: sqlite3.Connection, case: Case, at: float) -> Case:
    """What was about to be sent is not, now that somebody answered."""
    for send in outbox_rows.cancel(db, case.id, at):
        case, lines = case_answers.sent(case, send, SendState.CANCELLED, at)
        notes(db, case.id, lines)
    return case


def _write(
    db: sqlite3.Connection, before: Case, case: Case, next_look: float | None, at: float, version: int = 0
) -> bool:
    """``version``: only while it is that one; returns whether it was."""
    sql = (
        "UPDATE cases SET state = ?2, version = version + 1, waiting = ?3, exhausted_at = ?4, ended_at = ?5, "
        "next_look = ?6, looked_at = ?7, lease_owner = NULL, lease_until = 0 "
        "WHERE id = ?1 AND (?8 = 0 OR version = ?8)"
    )
    values = (case.id, encoded(case), case.waiting, case.exhausted_at, case.ended_at, next_look, at, version)
    if db.execute(sql, values).rowcount == 0:
        return False
    told = (case.answers, case.exhausted_at, case.ended_at)
    if told != (before.answers, before.exhausted_at, before.ended_at):
        alerts.followed(db, case)
    if not case.open:
        db.execute("DELETE FROM case_called WHERE case_id = ?", (case.id,))
    return True


def move(db: sqlite3.Connection, moves: Sequence[Move], at: float) -> None:
    """Write down what the engine decided. Raises StaleError where anything has happened since."""
    stale = [step.case.id for step in moves if not _moved(db, step, at)]
    if stale:
        raise StaleError(stale)


def _moved(db: sqlite3.Connection, step: Move, at: float) -> bool:
    case = step.case
    before = find(db, case.id)
    if before is None or not _write(db, before, case, step.next_look, at, step.version):
        return False
    _calls(db, case.id, case.called[len(before.called) :])
    notes(db, case.id, step.notes)
    if step.sends:
        last = LAST_FORWARD if case.kind is CaseKind.LINE else LAST_WAIT
        outbox_rows.add(db, step.sends, at, at + last if step.next_look is None else step.next_look)
    return True


def _calls(db: sqlite3.Connection, case: CaseId, people: Iterable[PersonId]) -> None:
    rows = ((person, case) for person in people)
    db.executemany("INSERT OR IGNORE INTO case_called (person, case_id) VALUES (?, ?)", rows)


def gone(db: sqlite3.Connection, person: PersonId, at: float) -> None:
    """Somebody may not be there from ``at`` (s) on: what waits for them is looked at then."""
    sql = (
        "UPDATE cases SET next_look = ?1, version = version + 1 WHERE waiting AND next_look > ?1 "
        "AND id IN (SELECT case_id FROM case_called WHERE person = ?2)"
    )
    db.execute(sql, (at, person))


def notes(db: sqlite3.Connection, case: CaseId, lines: Iterable[Note]) -> None:
    rows = ((case, note.at, _encode(note)) for note in lines)
    db.executemany("INSERT INTO case_notes (case_id, at, note) VALUES (?, ?, ?)", rows)


def claim(db: sqlite3.Connection, owner: str, now: float, lease: float, limit: int) -> Sequence[Claimed]:
    """A lease further ahead than ``lease`` was made before the clock was set back, and counts for nothing."""
    sql = (
        "UPDATE cases SET lease_owner = ?1, lease_until = ?2 + ?3 WHERE id IN ("
        "SELECT id FROM (SELECT id, next_look FROM cases WHERE next_look <= ?2 AND {free} "
        "ORDER BY next_look LIMIT ?4) UNION SELECT id FROM (SELECT id FROM cases "
        "WHERE looked_at > ?2 + ?5 AND next_look IS NOT NULL AND {free} LIMIT ?4)) "
        "RETURNING next_look, version, state"
    ).format(free="(lease_until <= ?2 OR lease_until > ?2 + ?3)")
    rows = db.execute(sql, (owner, now, lease, limit, case_steps.BACKWARDS)).fetchall()
    return [Claimed(_case.decode(state), version, at) for at, version, state in sorted(rows)]


def next_look(db: sqlite3.Connection) -> float | None:
    row = db.execute("SELECT min(next_look) FROM cases WHERE next_look IS NOT NULL").fetchone()
    found: float | None = row[0]
    return found


def timeline(db: sqlite3.Connection, case: CaseId) -> Sequence[Note]:
    sql = "SELECT note FROM case_notes WHERE case_id = ? ORDER BY number"
    return [_note.decode(note) for (note,) in db.execute(sql, (case,))]


def health(db: sqlite3.Connection, now: float, late: float) -> Health:
    sql = (
        "SELECT kind, waiting, count(*), min(opened_at) FROM cases INDEXED BY cases_open "
        "WHERE ended_at IS NULL AND NOT trial GROUP BY kind, waiting"
    )
    opened: Counter[str] = Counter()
    waiting, oldest = 0, None
    for kind, waits, count, first in db.execute(sql):
        opened[kind] += count
        if waits:
            waiting += count
            oldest = first if oldest is None else min(oldest, first)
    sql = "SELECT count(*), min(next_look) FROM cases WHERE next_look < ? AND NOT trial"
    overdue, earliest = db.execute(sql, (now - late,)).fetchone()
    return Health(
        open=dict(opened),
        waiting=waiting,
        oldest_waiting=oldest,
        late=overdue,
        latest=now - earliest if earliest is not None else 0.0,
        sends=dict(db.execute("SELECT state, count(*) FROM sends WHERE NOT trial GROUP BY state").fetchall()),
    )


def forgotten(
    db: sqlite3.Connection, after: CaseId, now: float, limit: int
) -> tuple[Sequence[CaseId], CaseId]:
    """A next look that is earlier than it need be is valid: somebody may have gone."""
    sql = (
        "SELECT id, state FROM cases INDEXED BY cases_suspect "
        "WHERE ended_at IS NULL AND next_look IS NULL AND waiting AND exhausted_at IS NULL"
    )
    suspects = [(case, state, None) for case, state in db.execute(sql)]
    sql = "SELECT id, state, next_look FROM cases WHERE ended_at IS NULL AND id > ? ORDER BY id LIMIT ?"
    page = db.execute(sql, (after, limit)).fetchall()
    wrong: dict[CaseId, None] = {}
    for case, state, at in (*suspects, *page):
        right = case_steps.next_look(_case.decode(state))
        if right is not None and (at is None or at > max(right, now)):
            wrong[CaseId(case)] = None
    return tuple(wrong), CaseId(page[-1][0] if len(page) == limit else "")


def mend(db: sqlite3.Connection, cases: Sequence[CaseId], now: float) -> None:
    for case in cases:
        sql = "UPDATE cases SET next_look = ?, version = version + 1 WHERE id = ? AND ended_at IS NULL"
        db.execute(sql, (now, case))
        notes(db, case, [Note(now, Mark.MENDED)])


class SqliteCases:
    """See :class:`app.server.store.cases.CaseStore`."""

    def __init__(self, write: Lane, read: Lane) -> None:
        self._write, self._read = write, read

    async def claim(self, owner: str, now: float, lease: float, limit: int) -> Sequence[Claimed]:
        return await self._write.run(lambda db: claim(db, owner, now, lease, limit))

    async def next_look(self) -> float | None:
        return await self._read.run(next_look)

    async def case(self, case: CaseId) -> Case | None:
        return await self._read.run(lambda db: find(db, case))

    async def timeline(self, case: CaseId) -> Sequence[Note]:
        return await self._read.run(lambda db: timeline(db, case))

    async def open(self, case: Case, deed: Deed) -> None:
        def begin(db: sqlite3.Connection) -> None:
            opened = case_answers.opened(case)
            open_case(db, opened, case_steps.next_look(opened[0]))
            audit.note(db, deed)

        await self._write.run(begin)

    async def end(self, case: CaseId, at: float) -> None:
        await self._write.run(lambda db: follow(db, case, at, partial(case_answers.ended, at=at)))

    async def answered(self, case: CaseId, answer: CaseAnswer) -> Case | None:
        return await self._write.run(
            lambda db: follow(db, case, answer.at, lambda known: case_answers.answered(known, answer))
        )

    async def declined(self, case: CaseId, answer: CaseAnswer) -> Case | None:
        def happens(known: Case) -> Followed:
            return case_answers.declined(known, answer.at, answer.person, answer.contact)

        return await self._write.run(lambda db: follow(db, case, answer.at, happens))

    async def health(self, now: float, late: float) -> Health:
        return await self._read.run(lambda db: health(db, now, late))

    async def forgotten(self, after: CaseId, now: float, limit: int) -> tuple[Sequence[CaseId], CaseId]:
        return await self._read.run(lambda db: forgotten(db, after, now, limit))

    async def mend(self, cases: Sequence[CaseId], now: float) -> None:
        await self._write.run(lambda db: mend(db, cases, now))
