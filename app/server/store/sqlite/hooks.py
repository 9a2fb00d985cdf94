"""Webhooks and their logs in SQLite; see :class:`app.server.store.hooks.HookStore`."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Any

from app.core.audit import Deed
from app.core.hooks import HookEvent, HookPost, HookTrouble, PostState, Webhook, WebhookId
from app.core.model import PersonId, SpaceId
from app.server.store.hooks import KEPT_POSTS, KeptWebhook
from app.server.store.sqlite import audit

_COLUMNS = (
    "SELECT w.id, w.name, w.shown, w.events, w.space, w.made_at, w.made_by, "
    "(SELECT count(*) FROM hook_posts p WHERE p.webhook = w.id AND p.state = 'waiting'), "
    "w.failing_since, w.trouble, w.status, w.off_at, w.texts, "
    "(SELECT max(until) FROM webhook_secrets s WHERE s.webhook = w.id), w.url, w.secret FROM webhooks w "
)
SECRETS = 5
"""Of one webhook that sign at a time, at most."""


def everyone(db: sqlite3.Connection) -> list[KeptWebhook]:
    return [_kept(row) for row in db.execute(_COLUMNS + "ORDER BY w.name, w.id")]


def find(db: sqlite3.Connection, webhook: WebhookId) -> KeptWebhook | None:
    row = db.execute(_COLUMNS + "WHERE w.id = ?", (webhook,)).fetchone()
    return _kept(row) if row else None


def _kept(row: Sequence[Any]) -> KeptWebhook:
    number, name, shown, events, space, since, by, waiting, failing, trouble, status, *more = row
    off, texts, renewing, url, secret = more
    webhook = Webhook(
        WebhookId(number),
        name,
        shown,
        tuple(HookEvent(event) for event in events.split()),
        SpaceId(space) if space is not None else None,
        since,
        PersonId(by) if by is not None else None,
        waiting,
        failing,
        HookTrouble(trouble) if trouble is not None else None,
        status,
        off,
        bool(texts),
        renewing,
    )
    return KeptWebhook(webhook, url, secret)


def save(db: sqlite3.Connection, kept: KeptWebhook, deed: Deed) -> None:
    """An address that was changed is tried at once."""
    webhook = kept.webhook
    sql = (
        "INSERT INTO webhooks (id, name, shown, url, secret, events, texts, space, made_at, made_by) "
        "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) ON CONFLICT (id) DO UPDATE SET name = ?2, "
        "shown = ?3, events = ?6, texts = ?7, due_at = iif(url = ?4 OR due_at IS NULL, due_at, 0), "
        "failures = iif(url = ?4, failures, 0), url = ?4"
    )
    values = (webhook.id, webhook.name, webhook.shown, kept.url, kept.secret, " ".join(webhook.events))
    db.execute(sql, (*values, webhook.texts, webhook.space, webhook.since, webhook.by))
    audit.note(db, deed)


def renew(db: sqlite3.Connection, webhook: WebhookId, secret: bytes, until: float, deed: Deed) -> None:
    """Without a time in which they sign as well, all that were before are forgotten."""
    kept = SECRETS - 1 if until > deed.at else 0
    sql = "INSERT INTO webhook_secrets SELECT id, ?, secret FROM webhooks WHERE id = ?"
    db.execute(sql, (until, webhook))
    latest = "SELECT rowid FROM webhook_secrets WHERE webhook = ?1 ORDER BY rowid DESC LIMIT ?2"
    sql = f"DELETE FROM webhook_secrets WHERE webhook = ?1 AND rowid NOT IN ({latest})"
    db.execute(sql, (webhook, kept))
    db.execute("UPDATE webhooks SET secret = ? WHERE id = ?", (secret, webhook))
    audit.note(db, deed)


def secrets(db: sqlite3.Connection, webhook: WebhookId, now: float) -> tuple[bytes, ...]:
    """All that sign, the newest first."""
    sql = (
        "SELECT secret FROM webhooks WHERE id = ?1 UNION ALL SELECT secret FROM (SELECT secret "
        "FROM webhook_secrets WHERE webhook = ?1 AND until > ?2 ORDER BY rowid DESC)"
    )
    return tuple(secret for (secret,) in db.execute(sql, (webhook, now)))


def switch(db: sqlite3.Connection, webhook: WebhookId, on: bool, deed: Deed) -> None:
    """What waits is held while it is off; on again, only what happens from then on is sent."""
    if on:
        sql = "UPDATE webhooks SET off_at = NULL, failures = 0, failing_since = NULL, trouble = NULL, "
        db.execute(sql + "status = NULL WHERE id = ?", (webhook,))
    else:
        turn_off(db, webhook, deed.at)
    audit.note(db, deed)


def turn_off(db: sqlite3.Connection, webhook: WebhookId, now: float) -> None:
    sql = "UPDATE webhooks SET off_at = coalesce(off_at, ?), due_at = NULL, held_until = 0 WHERE id = ?"
    db.execute(sql, (now, webhook))
    sql = "UPDATE hook_posts SET state = 'held' WHERE webhook = ? AND state = 'waiting'"
    db.execute(sql, (webhook,))


def remove(db: sqlite3.Connection, webhook: WebhookId, deed: Deed) -> None:
    db.execute("DELETE FROM webhooks WHERE id = ?", (webhook,))
    audit.note(db, deed)


def posts(db: sqlite3.Connection, webhook: WebhookId, before: int | None, limit: int) -> list[HookPost]:
    """Newest first."""
    sql = (
        "SELECT number, id, event, at, state, body, tries, done_at, trouble, status FROM hook_posts "
        "WHERE webhook = ?1 AND (?2 IS NULL OR number < ?2) ORDER BY number DESC LIMIT ?3"
    )
    return [_post(row) for row in db.execute(sql, (webhook, before, limit))]


def _post(row: Sequence[Any]) -> HookPost:
    number, name, event, at, state, body, tries, done, trouble, status = row
    return HookPost(
        number,
        name,
        HookEvent(event),
        at,
        PostState(state),
        body.decode(),
        tries,
        done,
        HookTrouble(trouble) if trouble is not None else None,
        status,
    )


def resend(
    db: sqlite3.Connection, webhook: WebhookId, number: int | None, since: float | None, deed: Deed
) -> int:
    sql = (
        "UPDATE hook_posts SET state = 'waiting', tries = 0, done_at = NULL, trouble = NULL, status = NULL "
        "WHERE webhook = ?1 AND state <> 'waiting' AND (number = ?2 OR at >= ?3)"
    )
    count = db.execute(sql, (webhook, number, since)).rowcount
    if count:
        db.execute("UPDATE webhooks SET due_at = 0 WHERE id = ?", (webhook,))
        audit.note(db, deed)
    return count


def queue(db: sqlite3.Connection, webhook: WebhookId, event: HookEvent, body: bytes, now: float) -> None:
    """One more message for this webhook; it waits, unless the webhook is off."""
    sql = (
        "UPDATE webhooks SET last = last + 1, due_at = iif(off_at IS NULL, coalesce(due_at, 0), NULL) "
        "WHERE id = ? RETURNING last, off_at"
    )
    ((number, off),) = db.execute(sql, (webhook,)).fetchall()
    state = PostState.WAITING if off is None else PostState.HELD
    sql = "INSERT INTO hook_posts (webhook, number, id, event, at, body, state) VALUES (?, ?, ?, ?, ?, ?, ?)"
    db.execute(sql, (webhook, number, f"msg_{webhook}_{number}", event, now, body, state))


def prune(db: sqlite3.Connection, now: float) -> None:
    """Secrets that sign nothing any more, and what is too much, are forgotten; what is old, when admins say
    (:class:`app.core.privacy.Kept`)."""
    db.execute("DELETE FROM webhook_secrets WHERE until <= ?", (now,))
    sql = (
        "DELETE FROM hook_posts WHERE EXISTS (SELECT 1 FROM webhooks w "
        "WHERE w.id = hook_posts.webhook AND hook_posts.number <= w.last - ?)"
    )
    db.execute(sql, (KEPT_POSTS,))
