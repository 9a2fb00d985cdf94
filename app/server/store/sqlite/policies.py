"""Policies and assignments in SQLite; see :mod:`app.server.store.policies`."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

import msgspec

from app.core.errors import Code, Refused
from app.core.model import PersonId, SpaceId
from app.core.policy import BUILT_IN, Assignment, CaseKind, Policy, PolicyId
from app.core.policy_questions import PolicyOutcome, StoredPolicy
from app.core.policy_rules import POLICIES, FlawKind
from app.server.store.policies import Moved, Told
from app.server.store.sqlite import audit
from app.server.store.sqlite.lane import Lane

_policy = msgspec.msgpack.Decoder(Policy)
EVERYBODY = ""


def run_for(db: sqlite3.Connection, space: SpaceId, kind: CaseKind, person: PersonId | None) -> Policy:
    """See :meth:`app.server.store.policies.PolicyStore.run_for`; within any transaction."""
    sql = (
        "SELECT p.payload FROM assignments a JOIN policies p ON p.space = a.space AND p.id = a.policy "
        "WHERE a.space = ? AND a.kind = ? AND a.person IN (?, '') ORDER BY a.person DESC LIMIT 1"
    )
    row = db.execute(sql, (space, kind, person or EVERYBODY)).fetchone()
    return _policy.decode(row[0]) if row else BUILT_IN[kind]


def of_space(db: sqlite3.Connection, space: SpaceId) -> list[StoredPolicy]:
    """By kind and name."""
    sql = "SELECT payload, changed_at, changed_by FROM policies WHERE space = ? ORDER BY kind, name_key"
    return [_stored(*row) for row in db.execute(sql, (space,))]


class SqlitePolicies:
    """See :class:`app.server.store.policies.PolicyStore`."""

    def __init__(self, writer: Lane, reader: Lane) -> None:
        self._write, self._read = writer, reader

    async def of_space(self, space: SpaceId) -> Sequence[StoredPolicy]:
        return await self._read.run(lambda db: of_space(db, space))

    async def assignments(self, space: SpaceId) -> Sequence[Assignment]:
        def find(db: sqlite3.Connection) -> Sequence[Assignment]:
            sql = "SELECT kind, policy, person FROM assignments WHERE space = ? ORDER BY kind, person"
            return [
                Assignment(space, CaseKind(kind), PolicyId(policy), PersonId(person) if person else None)
                for kind, policy, person in db.execute(sql, (space,))
            ]

        return await self._read.run(find)

    async def run_for(self, space: SpaceId, kind: CaseKind, person: PersonId | None) -> Policy:
        return await self._read.run(lambda db: run_for(db, space, kind, person))

    async def save(self, space: SpaceId, policy: Policy, told: Told) -> PolicyOutcome:
        return await self._write.run(lambda db: _save(db, space, policy, told))

    async def delete(self, space: SpaceId, policy: PolicyId, version: int, told: Told) -> PolicyOutcome:
        return await self._write.run(lambda db: _delete(db, space, policy, version, told))

    async def assign(self, assignment: Assignment, instead: PolicyId | None, moved: Moved) -> None:
        await self._write.run(lambda db: _assign(db, assignment, instead, moved))

    async def unassign(self, seen: Assignment, moved: Moved) -> None:
        await self._write.run(lambda db: _unassign(db, seen, moved))


def _stored(payload: bytes, at: float, by: str | None) -> StoredPolicy:
    return StoredPolicy(_policy.decode(payload), at, PersonId(by) if by else None)


def _find(db: sqlite3.Connection, space: SpaceId, policy: PolicyId) -> StoredPolicy | None:
    sql = "SELECT payload, changed_at, changed_by FROM policies WHERE space = ? AND id = ?"
    row = db.execute(sql, (space, policy)).fetchone()
    return _stored(*row) if row else None


def _save(db: sqlite3.Connection, space: SpaceId, policy: Policy, told: Told) -> PolicyOutcome:
    before = _find(db, space, policy.id)
    if (before.policy.version if before else 0) != policy.version:
        return PolicyOutcome(done=False, stored=before)
    after = msgspec.structs.replace(policy, version=policy.version + 1)
    _check(db, space, before, after)
    deed = told(before.policy if before else None, after)
    sql = (
        "INSERT INTO policies (id, space, kind, name_key, version, payload, changed_at, changed_by) "
        "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT (space, id) DO UPDATE "
        "SET name_key = ?4, version = ?5, payload = ?6, changed_at = ?7, changed_by = ?8"
    )
    written = (msgspec.msgpack.encode(after), deed.at, deed.by)
    db.execute(sql, (after.id, space, after.kind, after.name.casefold(), after.version, *written))
    audit.note(db, deed)
    return PolicyOutcome(done=True, stored=StoredPolicy(after, deed.at, deed.by))


def _check(db: sqlite3.Connection, space: SpaceId, before: StoredPolicy | None, after: Policy) -> None:
    """What only the tables know."""
    if before is not None and before.policy.kind is not after.kind:
        raise Refused.of(Code.POLICY_INVALID)
    sql = "SELECT 1 FROM policies WHERE space = ? AND kind = ? AND name_key = ? AND id != ?"
    if db.execute(sql, (space, after.kind, after.name.casefold(), after.id)).fetchone():
        raise Refused.of(Code.POLICY_INVALID, flaw=FlawKind.NAME_TAKEN)
    count = db.execute("SELECT count(*) FROM policies WHERE space = ?", (space,)).fetchone()[0]
    if before is None and count >= POLICIES:
        raise Refused.of(Code.TOO_MANY_POLICIES, limit=POLICIES)


def _delete(
    db: sqlite3.Connection, space: SpaceId, policy: PolicyId, version: int, told: Told
) -> PolicyOutcome:
    before = _find(db, space, policy)
    if before is None:
        return PolicyOutcome(done=True)
    if before.policy.version != version:
        return PolicyOutcome(done=False, stored=before)
    if db.execute("SELECT 1 FROM assignments WHERE space = ? AND policy = ?", (space, policy)).fetchone():
        raise Refused.of(Code.POLICY_ASSIGNED)
    db.execute("DELETE FROM policies WHERE space = ? AND id = ?", (space, policy))
    audit.note(db, told(before.policy, None))
    return PolicyOutcome(done=True)


def _assign(db: sqlite3.Connection, assignment: Assignment, instead: PolicyId | None, moved: Moved) -> None:
    found = _find(db, assignment.space, assignment.policy)
    if found is None or found.policy.kind is not assignment.kind:
        raise Refused.of(Code.NOT_FOUND)
    place = _place(assignment)
    before = _assigned(db, place)
    if before not in (assignment.policy, instead):
        raise Refused.of(Code.POLICY_MOVED)
    if before != assignment.policy:
        db.execute("INSERT OR REPLACE INTO assignments VALUES (?, ?, ?, ?)", (*place, assignment.policy))
        audit.note(db, moved(before, assignment.policy))


def _place(assignment: Assignment) -> tuple[str, str, str]:
    return assignment.space, assignment.kind, assignment.person or EVERYBODY


def _unassign(db: sqlite3.Connection, seen: Assignment, moved: Moved) -> None:
    place = _place(seen)
    before = _assigned(db, place)
    if before not in (seen.policy, None):
        raise Refused.of(Code.POLICY_MOVED)
    if before is not None:
        db.execute("DELETE FROM assignments WHERE space = ? AND kind = ? AND person = ?", place)
        audit.note(db, moved(before, None))


def _assigned(db: sqlite3.Connection, place: tuple[str, str, str]) -> PolicyId | None:
    sql = "SELECT policy FROM assignments WHERE space = ? AND kind = ? AND person = ?"
    row = db.execute(sql, place).fetchone()
    return PolicyId(row[0]) if row else None
