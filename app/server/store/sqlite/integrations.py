"""Integrations in SQLite; see :class:`app.server.store.hooks.IntegrationStore`."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Any

from app.core.audit import Deed
from app.core.hooks import ApiAction, Integration, IntegrationId
from app.core.model import EscalationId, PersonId, SpaceId
from app.server.api.documents import EscalationDocument
from app.server.store.hooks import ANSWERS_KEPT_S, KeptAnswer
from app.server.store.sqlite import audit, documents
from app.server.store.sqlite.lane import Lane

_COLUMNS = "SELECT id, name, shown, actions, space, made_at, made_by, used_at FROM integrations "


def everyone(db: sqlite3.Connection) -> list[Integration]:
    return [_integration(row) for row in db.execute(_COLUMNS + "ORDER BY name, id")]


def add(db: sqlite3.Connection, integration: Integration, token_hash: bytes, deed: Deed) -> None:
    sql = (
        "INSERT INTO integrations (id, name, token_hash, shown, actions, space, made_at, made_by) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
    )
    actions = " ".join(integration.actions)
    values = (integration.id, integration.name, token_hash, integration.shown, actions)
    db.execute(sql, (*values, integration.space, integration.since, integration.by))
    audit.note(db, deed)


def revoke(db: sqlite3.Connection, integration: IntegrationId, deed: Deed) -> bool:
    gone = db.execute("DELETE FROM integrations WHERE id = ?", (integration,)).rowcount > 0
    if gone:
        audit.note(db, deed)
    return gone


def of_token(db: sqlite3.Connection, token_hash: bytes) -> Integration | None:
    row = db.execute(_COLUMNS + "WHERE token_hash = ?", (token_hash,)).fetchone()
    return _integration(row) if row else None


def _integration(row: Sequence[Any]) -> Integration:
    number, name, shown, actions, space, since, by, used = row
    return Integration(
        IntegrationId(number),
        name,
        shown,
        tuple(ApiAction(action) for action in actions.split()),
        SpaceId(space) if space is not None else None,
        since,
        PersonId(by) if by is not None else None,
        used,
    )


def answer(db: sqlite3.Connection, integration: IntegrationId, key: str) -> KeptAnswer | None:
    sql = "SELECT fingerprint, status, body FROM api_answers WHERE integration = ? AND key = ?"
    row = db.execute(sql, (integration, key)).fetchone()
    return KeptAnswer(*row) if row else None


def keep_answer(
    db: sqlite3.Connection, integration: IntegrationId, key: str, kept: KeptAnswer, now: float
) -> KeptAnswer:
    """Two requests with the same key may be carried out at a time; what was kept first counts."""
    sql = "INSERT OR IGNORE INTO api_answers VALUES (?, ?, ?, ?, ?, ?)"
    if db.execute("SELECT 1 FROM integrations WHERE id = ?", (integration,)).fetchone() is None:
        return kept  # it was revoked meanwhile
    db.execute(sql, (integration, key, now, kept.fingerprint, kept.status, kept.body))
    return answer(db, integration, key) or kept


def prune(db: sqlite3.Connection, now: float) -> None:
    db.execute("DELETE FROM api_answers WHERE at < ?", (now - ANSWERS_KEPT_S,))


class SqliteIntegrations:
    """See :class:`app.server.store.hooks.IntegrationStore`."""

    def __init__(self, writer: Lane, reader: Lane) -> None:
        self._write, self._read = writer, reader

    async def all(self) -> Sequence[Integration]:
        return await self._read.run(everyone)

    async def add(self, integration: Integration, token_hash: bytes, deed: Deed) -> None:
        await self._write.run(lambda db: add(db, integration, token_hash, deed))

    async def revoke(self, integration: IntegrationId, deed: Deed) -> bool:
        return await self._write.run(lambda db: revoke(db, integration, deed))

    async def of_token(self, token_hash: bytes) -> Integration | None:
        return await self._read.run(lambda db: of_token(db, token_hash))

    async def used(self, integration: IntegrationId, now: float) -> None:
        def job(db: sqlite3.Connection) -> None:
            db.execute("UPDATE integrations SET used_at = ? WHERE id = ?", (now, integration))

        await self._write.run(job)

    async def answer(self, integration: IntegrationId, key: str) -> KeptAnswer | None:
        return await self._read.run(lambda db: answer(db, integration, key))

    async def keep_answer(
        self, integration: IntegrationId, key: str, kept: KeptAnswer, now: float
    ) -> KeptAnswer:
        return await self._write.run(lambda db: keep_answer(db, integration, key, kept, now))

    async def prune(self, now: float) -> None:
        await self._write.run(lambda db: prune(db, now))

    async def escalation(self, escalation: EscalationId) -> EscalationDocument | None:
        return await self._read.run(lambda db: documents.escalation(db, escalation))

    async def open_escalations(self, space: SpaceId) -> Sequence[EscalationDocument]:
        return await self._read.run(lambda db: documents.open_escalations(db, space))
