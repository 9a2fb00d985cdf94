"""Integrations and webhooks from the server's own command line. See :class:`app.server.admin.Admin`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import NoReturn

from app.core.audit import Act, Change
from app.core.errors import Refused
from app.core.hook_questions import POSTS, AddIntegration, SaveWebhook
from app.core.hooks import (
    CHOSEN,
    INTEGRATIONS,
    LONGEST_GRACE_S,
    WEBHOOKS,
    ApiAction,
    HookEvent,
    HookPost,
    Integration,
    Webhook,
)
from app.core.model import SpaceId
from app.server.admin import Admin, AdminError
from app.server.api.tokens import fresh_integration, hashed, integration_deed
from app.server.clock import Clock, SystemClock
from app.server.hooks.book import changed, fresh_webhook, read_deed, renewed_webhook, trial, webhook_deed
from app.server.hooks.signing import shown_secret
from app.server.store.hooks import KeptWebhook
from app.server.store.sqlite import audit, hooks, integrations


class HookAdmin:
    """Every method raises AdminError, and has changed nothing then."""

    def __init__(self, admin: Admin, clock: Clock | None = None) -> None:
        self._admin, self._now = admin, (clock or SystemClock()).now

    # Integrations

    def add_integration(self, name: str, actions: Sequence[ApiAction], space: str | None) -> tuple[str, str]:
        """Its id and its token, which nobody can be told again."""
        with self._admin.change() as registry, _said():
            where = self._space(space)
            if len(registry.run(integrations.everyone)) >= INTEGRATIONS:
                raise AdminError(f"There can be at most {INTEGRATIONS} integrations.")
            now = self._now()
            asked = AddIntegration(name, tuple(actions), where)
            made, token = fresh_integration(asked, now, None, self._admin.entropy)
            deed = integration_deed(now, Act.ADDED, None, made)
            registry.run(lambda db: integrations.add(db, made, hashed(token), deed))
            return made.id, token

    def integrations(self) -> list[Integration]:
        with self._admin.change() as registry:
            return registry.run(integrations.everyone)

    def revoke(self, integration: str) -> str:
        """By id or name; returns the name."""
        with self._admin.change() as registry:
            known = registry.run(integrations.everyone)
            found = [one for one in known if integration in (one.id, one.name)]
            if len(found) != 1:
                _not_one("integration", integration, len(found))
            deed = integration_deed(self._now(), Act.REMOVED, None, found[0])
            registry.run(lambda db: integrations.revoke(db, found[0].id, deed))
            return found[0].name

    # Webhooks

    def add_webhook(
        self,
        name: str,
        url: str,
        events: Sequence[HookEvent],
        space: str | None,
        *,
        inside: bool,
        texts: bool = False,
    ) -> tuple[str, str]:
        """Its id and its secret. Without ``events`` it is told of all; without ``space``, of every space.

        Args:
            inside: it may be in the server's own network.
            texts: it is told what people and customers wrote, too.
        """
        with self._admin.change() as registry, _said():
            where = self._space(space)
            if len(registry.run(hooks.everyone)) >= WEBHOOKS:
                raise AdminError(f"There can be at most {WEBHOOKS} webhooks.")
            now = self._now()
            asked = SaveWebhook(name, tuple(events) or CHOSEN, url, where, texts=texts)
            kept = fresh_webhook(asked, now, None, self._admin.entropy, inside=inside)
            deed = webhook_deed(now, Act.ADDED, None, kept, changed(None, kept))
            registry.run(lambda db: hooks.save(db, kept, deed))
            return kept.webhook.id, shown_secret(kept.secret)

    def renew(self, webhook: str, grace: float) -> str:
        """Another secret, which is returned; those before it sign as well for ``grace`` s."""
        if not 0 <= grace <= LONGEST_GRACE_S:
            days = int(LONGEST_GRACE_S / 86_400)
            raise AdminError(f"Old secrets sign for {days} days at most. Nothing was changed.")
        with self._admin.change() as registry:
            before, now = self._find(webhook), self._now()
            after, deed = renewed_webhook(before, now, grace, None, self._admin.entropy)
            number = before.webhook.id
            registry.run(lambda db: hooks.renew(db, number, after.secret, now + grace, deed))
            return shown_secret(after.secret)

    def webhooks(self) -> list[Webhook]:
        with self._admin.change() as registry:
            return [kept.webhook for kept in registry.run(hooks.everyone)]

    def posts(self, webhook: str, before: int | None = None) -> list[HookPost]:
        """The newest first; that they were read is noted."""
        with self._admin.change() as registry:
            kept = self._find(webhook)
            posts = registry.run(lambda db: hooks.posts(db, kept.webhook.id, before, POSTS))
            registry.note(read_deed(self._now(), None, kept, posts))
            return posts

    def resend(self, webhook: str, number: int | None, within: float | None) -> int:
        """One message, or all of the last ``within`` s; returns how many."""
        with self._admin.change() as registry:
            kept = self._find(webhook, on=True)
            since = None if within is None else self._now() - within
            which = f"number {number}" if number is not None else f"since {since}"
            deed = webhook_deed(self._now(), Act.RESENT, None, kept, (Change("messages", after=which),))
            return registry.run(lambda db: hooks.resend(db, kept.webhook.id, number, since, deed))

    def switch(self, webhook: str, on: bool) -> None:
        with self._admin.change() as registry:
            kept = self._find(webhook)
            if (kept.webhook.off is None) != on:
                change = Change("on", str(not on).lower(), str(on).lower())
                deed = webhook_deed(self._now(), Act.CHANGED, None, kept, (change,))
                registry.run(lambda db: hooks.switch(db, kept.webhook.id, on, deed))

    def test(self, webhook: str) -> None:
        with self._admin.change() as registry:
            kept, now = self._find(webhook, on=True), self._now()
            body = trial(kept, now)
            registry.run(lambda db: hooks.queue(db, kept.webhook.id, HookEvent.TEST, body, now))
            deed = webhook_deed(now, Act.TESTED, None, kept)
            registry.run(lambda db: audit.note(db, deed))

    def remove(self, webhook: str) -> str:
        """With its log; returns its name."""
        with self._admin.change() as registry:
            kept = self._find(webhook)
            deed = webhook_deed(self._now(), Act.REMOVED, None, kept, changed(kept, None))
            registry.run(lambda db: hooks.remove(db, kept.webhook.id, deed))
            return kept.webhook.name

    def _space(self, name: str | None) -> SpaceId | None:
        return None if name is None else self._admin.space_called(name)

    def _find(self, webhook: str, *, on: bool = False) -> KeptWebhook:
        """By id or name, within a change. ``on``: it has to be."""
        known = self._admin.registry.run(hooks.everyone)
        found = [kept for kept in known if webhook in (kept.webhook.id, kept.webhook.name)]
        if len(found) != 1:
            _not_one("webhook", webhook, len(found))
        if on and found[0].webhook.off is not None:
            raise AdminError(f"{found[0].webhook.name} is off. Turn it on first.")
        return found[0]


def _not_one(kind: str, wanted: str, count: int) -> NoReturn:
    if count:
        raise AdminError(f"More than one {kind} is called {wanted}; give its id.")
    raise AdminError(f"There is no {kind} called {wanted}.")


@contextmanager
def _said() -> Iterator[None]:
    try:
        yield
    except Refused as refused:
        raise AdminError(str(refused)) from refused
