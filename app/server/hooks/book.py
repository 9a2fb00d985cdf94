"""The webhooks of a server and their logs, for admins."""

from __future__ import annotations

import base64
from collections.abc import Sequence

from msgspec.structs import replace

from app.core.audit import Act, Change, Deed, Subject, changes
from app.core.errors import Code, Refused
from app.core.hook_questions import (
    POSTS,
    ListWebhooks,
    PostLog,
    ReadPosts,
    RemoveWebhook,
    RenewSecret,
    ResendPosts,
    Resent,
    SaveWebhook,
    SwitchWebhook,
    TryWebhook,
    Webhooks,
    WebhookSaved,
)
from app.core.hooks import CHOSEN, WEBHOOKS, HookEvent, HookPost, Webhook, WebhookId
from app.core.model import PersonId
from app.core.questions import Done
from app.server.api.documents import trial_message
from app.server.clock import Clock, Entropy
from app.server.hooks.addresses import host_of
from app.server.hooks.signing import SECRET_BYTES, shown_secret
from app.server.link import Link
from app.server.rights import admin, admin_of, administers
from app.server.service import Service
from app.server.spaces import Spaces
from app.server.store.base import Store
from app.server.store.hooks import KeptWebhook


class HookBook:
    """Answers admins, each about the spaces that they belong to.

    Args:
        inside: webhooks may go to addresses inside this server's own network.
    """

    def __init__(self, store: Store, spaces: Spaces, clock: Clock, entropy: Entropy, inside: bool) -> None:
        self._hooks, self._audit, self._spaces = store.hooks, store.audit, spaces
        self._clock, self._entropy, self._inside = clock, entropy, inside

    def register(self, service: Service) -> None:
        service.answers(ListWebhooks, self._list)
        service.answers(SaveWebhook, self._save)
        service.answers(RenewSecret, self._renew)
        service.answers(SwitchWebhook, self._switch)
        service.answers(RemoveWebhook, self._remove)
        service.answers(ReadPosts, self._read)
        service.answers(ResendPosts, self._resend)
        service.answers(TryWebhook, self._try)

    async def _list(self, link: Link, _: ListWebhooks) -> Webhooks:
        roster = self._spaces.roster
        by = admin(roster, link)
        mine = (kept.webhook for kept in await self._hooks.all())
        seen = tuple(webhook for webhook in mine if administers(roster, by, webhook.space))
        return Webhooks(seen, self._inside, administers(roster, by, None))

    async def _save(self, link: Link, query: SaveWebhook) -> WebhookSaved:
        if not query.webhook:
            by = admin_of(self._spaces.roster, link, query.space)
            if len(await self._hooks.all()) >= WEBHOOKS:
                raise Refused.of(Code.LIMIT_REACHED, limit=WEBHOOKS)
            kept = fresh_webhook(query, self._clock.now(), by, self._entropy, inside=self._inside)
            await self._hooks.save(kept, self._deed(Act.ADDED, by, kept, changed(None, kept)))
            return WebhookSaved(kept.webhook, shown_secret(kept.secret))
        by, before = await self._find(link, query.webhook)
        after = edited_webhook(before, query, inside=self._inside)
        await self._hooks.save(after, self._deed(Act.CHANGED, by, after, changed(before, after)))
        return WebhookSaved(after.webhook)

    async def _renew(self, link: Link, query: RenewSecret) -> WebhookSaved:
        by, before = await self._find(link, query.webhook)
        now = self._clock.now()
        after, deed = renewed_webhook(before, now, query.grace, by, self._entropy)
        await self._hooks.renew(query.webhook, after.secret, now + query.grace, deed)
        return WebhookSaved(after.webhook, shown_secret(after.secret))

    async def _switch(self, link: Link, query: SwitchWebhook) -> Done:
        by, kept = await self._find(link, query.webhook)
        if (kept.webhook.off is None) != query.on:
            change = Change("on", str(not query.on).lower(), str(query.on).lower())
            await self._hooks.switch(query.webhook, query.on, self._deed(Act.CHANGED, by, kept, (change,)))
        return Done()

    async def _remove(self, link: Link, query: RemoveWebhook) -> Done:
        by, kept = await self._find(link, query.webhook)
        await self._hooks.remove(query.webhook, self._deed(Act.REMOVED, by, kept, changed(kept, None)))
        return Done()

    async def _read(self, link: Link, query: ReadPosts) -> PostLog:
        by, kept = await self._find(link, query.webhook)
        posts = await self._hooks.posts(query.webhook, query.before, POSTS + 1)
        read = tuple(posts[:POSTS])
        await self._audit.note(read_deed(self._clock.now(), by, kept, read))
        return PostLog(read, more=len(posts) > POSTS)

    async def _resend(self, link: Link, query: ResendPosts) -> Resent:
        by, kept = await self._find(link, query.webhook)
        if kept.webhook.off is not None:
            raise Refused.of(Code.WEBHOOK_OFF)
        which = f"number {query.number}" if query.number is not None else f"since {query.since}"
        deed = self._deed(Act.RESENT, by, kept, (Change("messages", after=which),))
        return Resent(await self._hooks.resend(query.webhook, query.number, query.since, deed))

    async def _try(self, link: Link, query: TryWebhook) -> Done:
        by, kept = await self._find(link, query.webhook)
        if kept.webhook.off is not None:
            raise Refused.of(Code.WEBHOOK_OFF)
        deed = self._deed(Act.TESTED, by, kept)
        await self._hooks.queue(query.webhook, HookEvent.TEST, trial(kept, deed.at), deed)
        return Done()

    async def _find(self, link: Link, webhook: WebhookId) -> tuple[PersonId, KeptWebhook]:
        by = admin(self._spaces.roster, link)
        kept = await self._hooks.find(webhook)
        if kept is None or not administers(self._spaces.roster, by, kept.webhook.space):
            raise Refused.of(Code.NOT_FOUND)
        return by, kept

    def _deed(self, act: Act, by: PersonId, kept: KeptWebhook, changed: tuple[Change, ...] = ()) -> Deed:
        return webhook_deed(self._clock.now(), act, by, kept, changed)


def fresh_webhook(
    asked: SaveWebhook, now: float, by: PersonId | None, entropy: Entropy, *, inside: bool
) -> KeptWebhook:
    """Raises Refused ``name_missing``, ``no_events``, ``address_invalid``."""
    url = asked.url.strip()
    name, events = _label(asked.name), _chosen(asked.events)
    host = host_of(url, inside=inside)
    number = WebhookId(entropy(6).hex())
    webhook = Webhook(number, name, host, events, asked.space, now, by, texts=asked.texts)
    return KeptWebhook(webhook, url, entropy(SECRET_BYTES))


def edited_webhook(before: KeptWebhook, asked: SaveWebhook, *, inside: bool) -> KeptWebhook:
    """Raises Refused as above."""
    url = asked.url.strip() or before.url
    host = host_of(url, inside=inside) if url != before.url else before.webhook.shown
    name, events = _label(asked.name), _chosen(asked.events)
    webhook = replace(before.webhook, name=name, shown=host, events=events, texts=asked.texts)
    return KeptWebhook(webhook, url, before.secret)


def renewed_webhook(
    before: KeptWebhook, now: float, grace: float, by: PersonId | None, entropy: Entropy
) -> tuple[KeptWebhook, Deed]:
    """It with another secret, and what is written in the log. ``grace``: see :class:`RenewSecret`."""
    earlier = before.webhook.renewing
    until = max(now + grace, earlier or 0.0) if grace else None
    after = KeptWebhook(replace(before.webhook, renewing=until), before.url, entropy(SECRET_BYTES))
    sign_on = Change("old_secrets_sign_for", after=f"{grace / 3_600:g} h")
    return after, webhook_deed(now, Act.CHANGED, by, after, (*changed(before, after), sign_on))


def _label(name: str) -> str:
    if not name.strip():
        raise Refused.of(Code.NAME_MISSING)
    return name.strip()


def _chosen(events: tuple[HookEvent, ...]) -> tuple[HookEvent, ...]:
    chosen = tuple(event for event in CHOSEN if event in events)
    if not chosen:
        raise Refused.of(Code.NO_EVENTS)
    return chosen


def trial(kept: KeptWebhook, now: float) -> bytes:
    """A message that says it is a test."""
    return trial_message(now, kept.webhook.name)


def changed(before: KeptWebhook | None, after: KeptWebhook | None) -> tuple[Change, ...]:
    return changes(_fields(before), _fields(after), secret={"url", "secret"})


def _fields(kept: KeptWebhook | None) -> dict[str, object]:
    if kept is None:
        return {}
    webhook = kept.webhook
    return {
        "name": webhook.name,
        "host": webhook.shown,
        "events": " ".join(webhook.events),
        "texts": webhook.texts,
        "url": kept.url,
        "secret": base64.b64encode(kept.secret).decode(),
    }


def webhook_deed(
    now: float, act: Act, by: PersonId | None, kept: KeptWebhook, changed: tuple[Change, ...] = ()
) -> Deed:
    webhook = kept.webhook
    return Deed(now, act, Subject.HOOK, by, webhook.space, webhook.id, webhook.name, changes=changed)


def read_deed(now: float, by: PersonId | None, kept: KeptWebhook, posts: Sequence[HookPost]) -> Deed:
    """What a webhook was told was read: as numbers of its log. There are the words of people in it."""
    numbers = [post.number for post in posts]
    which = f"{min(numbers)}-{max(numbers)}" if numbers else "0"
    return webhook_deed(now, Act.READ, by, kept, (Change("messages", after=which),))
