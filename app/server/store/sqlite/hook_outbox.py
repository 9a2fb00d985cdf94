"""The outbox of webhooks in SQLite: written with the events, claimed by lease, settled in order."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any

from app.core.audit import Deed
from app.core.hooks import HookEvent, HookPost, PostState, WebhookId
from app.server.store.base import Batch
from app.server.store.hooks import LATEST_S, LEASE_S, Claimed, KeptWebhook, Outcome
from app.server.store.sqlite import audit, hooks
from app.server.store.sqlite.hook_bodies import body, told_of
from app.server.store.sqlite.lane import Lane


def project(db: sqlite3.Connection, batch: Batch) -> None:
    """What webhooks are to be told of a batch; after the tables that it is read from were written."""
    told = [(kind, entry) for entry in batch.entries if (kind := told_of(entry)) is not None]
    if not told:
        return
    sql = "SELECT id, events, texts FROM webhooks WHERE space IS NULL OR space = ?"
    listening = [
        (WebhookId(webhook), events.split(), bool(texts))
        for webhook, events, texts in db.execute(sql, (batch.space,))
    ]
    for kind, entry in told:
        for texts in (False, True):
            wanted = [webhook for webhook, events, has in listening if kind in events and has is texts]
            written = body(db, entry, batch.at, texts=texts) if wanted else None
            if written is not None:
                for webhook in wanted:
                    hooks.queue(db, webhook, kind, written, batch.at)


_NEXT = (
    "SELECT w.owner, w.url, p.number, p.id, p.body, p.tries, w.failures, w.failing_since "
    "FROM webhooks w JOIN hook_posts p ON p.webhook = w.id AND p.state = 'waiting' "
    "WHERE w.id = ? ORDER BY p.number LIMIT 1"
)


def claim(db: sqlite3.Connection, owner: str, now: float, limit: int) -> list[Claimed]:
    """A time that lies too far ahead was written before the clock was set back."""
    sql = (
        "UPDATE webhooks SET owner = :owner, held_until = :until WHERE id IN (SELECT id FROM webhooks "
        "WHERE off_at IS NULL AND (due_at <= :now OR due_at > :latest) "
        "AND (held_until <= :now OR held_until > :until) ORDER BY due_at LIMIT :limit) RETURNING id"
    )
    times = {"owner": owner, "now": now, "until": now + LEASE_S, "latest": now + 2 * LATEST_S, "limit": limit}
    found = [next_of(db, WebhookId(webhook), now) for (webhook,) in db.execute(sql, times).fetchall()]
    return [claimed for claimed in found if claimed is not None]


def next_of(db: sqlite3.Connection, webhook: WebhookId, now: float) -> Claimed | None:
    """The next message; where there is none, the webhook is not due and nobody holds it."""
    row: Sequence[Any] | None = db.execute(_NEXT, (webhook,)).fetchone()
    if row is None:
        db.execute("UPDATE webhooks SET due_at = NULL, held_until = 0 WHERE id = ?", (webhook,))
        return None
    owner, url, *rest = row
    return Claimed(owner, webhook, url, hooks.secrets(db, webhook, now), *rest)


def settle(db: sqlite3.Connection, claimed: Claimed, outcome: Outcome) -> Claimed | None:
    sql = (
        "UPDATE hook_posts SET tries = tries + 1, state = ?, done_at = ?, trouble = ?, status = ? "
        "WHERE webhook = ? AND number = ? AND state = 'waiting'"
    )
    done = None if outcome.state is PostState.WAITING else outcome.at
    which = (claimed.webhook, claimed.number)
    db.execute(sql, (outcome.state, done, outcome.trouble, outcome.status, *which))
    sql = "SELECT 1 FROM webhooks WHERE id = ? AND owner = ? AND off_at IS NULL"
    if db.execute(sql, (claimed.webhook, claimed.owner)).fetchone() is None:
        return None  # it took so long that somebody else goes on, or nothing is sent there any more
    waits = outcome.state is PostState.WAITING
    sql = (
        "UPDATE webhooks SET held_until = :until, due_at = :due, trouble = :trouble, status = :status, "
        "failures = iif(:good, 0, failures + 1), "
        "failing_since = iif(:good, NULL, coalesce(failing_since, :at)) WHERE id = :webhook"
    )
    after = {
        "webhook": claimed.webhook,
        "at": outcome.at,
        "due": outcome.again_at if waits else outcome.at,
        "until": 0.0 if waits else outcome.at + LEASE_S,
        "good": outcome.state is PostState.DELIVERED,
        "trouble": outcome.trouble,
        "status": outcome.status,
    }
    db.execute(sql, after)
    if outcome.off:
        hooks.turn_off(db, claimed.webhook, outcome.at)
        return None
    return None if waits else next_of(db, claimed.webhook, outcome.at)


class SqliteHooks:
    """See :class:`app.server.store.hooks.HookStore`."""

    def __init__(self, writer: Lane, reader: Lane) -> None:
        self._write, self._read = writer, reader

    async def all(self) -> Sequence[KeptWebhook]:
        return await self._read.run(hooks.everyone)

    async def find(self, webhook: WebhookId) -> KeptWebhook | None:
        return await self._read.run(lambda db: hooks.find(db, webhook))

    async def save(self, kept: KeptWebhook, deed: Deed) -> None:
        await self._write.run(lambda db: hooks.save(db, kept, deed))

    async def renew(self, webhook: WebhookId, secret: bytes, until: float, deed: Deed) -> None:
        await self._write.run(lambda db: hooks.renew(db, webhook, secret, until, deed))

    async def switch(self, webhook: WebhookId, on: bool, deed: Deed) -> None:
        await self._write.run(lambda db: hooks.switch(db, webhook, on, deed))

    async def remove(self, webhook: WebhookId, deed: Deed) -> None:
        await self._write.run(lambda db: hooks.remove(db, webhook, deed))

    async def posts(self, webhook: WebhookId, before: int | None, limit: int) -> Sequence[HookPost]:
        return await self._read.run(lambda db: hooks.posts(db, webhook, before, limit))

    async def resend(self, webhook: WebhookId, number: int | None, since: float | None, deed: Deed) -> int:
        return await self._write.run(lambda db: hooks.resend(db, webhook, number, since, deed))

    async def queue(self, webhook: WebhookId, event: HookEvent, body: bytes, deed: Deed) -> None:
        def job(db: sqlite3.Connection) -> None:
            hooks.queue(db, webhook, event, body, deed.at)
            audit.note(db, deed)

        await self._write.run(job)

    async def claim(self, owner: str, now: float, limit: int) -> Sequence[Claimed]:
        """Asked often and rarely with anything to do, so it is looked for before it is written."""
        sql = "SELECT 1 FROM webhooks WHERE due_at IS NOT NULL LIMIT 1"
        if await self._read.run(lambda db: db.execute(sql).fetchone()) is None:
            return []
        return await self._write.run(lambda db: claim(db, owner, now, limit))

    async def settle(self, claimed: Claimed, outcome: Outcome) -> Claimed | None:
        return await self._write.run(lambda db: settle(db, claimed, outcome))

    async def release(self, owner: str) -> None:
        def job(db: sqlite3.Connection) -> None:
            db.execute("UPDATE webhooks SET held_until = 0 WHERE owner = ?", (owner,))

        await self._write.run(job)

    async def prune(self, now: float) -> None:
        await self._write.run(lambda db: hooks.prune(db, now))

    async def waiting(self) -> Mapping[WebhookId, int]:
        sql = "SELECT webhook, count(*) FROM hook_posts WHERE state = 'waiting' GROUP BY webhook"
        return await self._read.run(lambda db: dict(db.execute(sql).fetchall()))
