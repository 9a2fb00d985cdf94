"""Sends what waits for webhooks: one message at a time to each, in order, several webhooks at a time."""

from __future__ import annotations

import logging

from app.core.hooks import HookTrouble, WebhookId
from app.server.clock import Clock, Entropy
from app.server.hooks.outgoing import Outgoing, PostError, Reply
from app.server.hooks.retrying import outcome
from app.server.hooks.signing import signed
from app.server.store.base import StoreError
from app.server.store.hooks import Claimed, HookStore
from app.server.store.servers import ServerId
from app.tasks import Tasks

log = logging.getLogger(__name__)

AT_ONCE = 16
"""Webhooks that are sent to at a time."""


class Poster:
    """Looks for what is due; several servers may do so on one store.

    Args:
        owner: the id of this server: what it holds is free once it is known to be dead.
    """

    def __init__(
        self,
        owner: ServerId,
        hooks: HookStore,
        outgoing: Outgoing,
        clock: Clock,
        entropy: Entropy,
        tasks: Tasks,
    ) -> None:
        self._owner = owner
        self._hooks, self._outgoing, self._clock = hooks, outgoing, clock
        self._entropy, self._tasks = entropy, tasks
        self._sending: set[WebhookId] = set()

    async def look(self) -> None:
        """Begin to send what is due; call about once a second. Raises StoreError."""
        room = AT_ONCE - len(self._sending)
        if room <= 0:
            return
        for claimed in await self._hooks.claim(self._owner, self._clock.now(), room):
            if claimed.webhook in self._sending:
                continue  # the clock was set forward; whoever sends here goes on
            self._sending.add(claimed.webhook)
            self._tasks.spawn(self._work_off(claimed), name=f"webhook {claimed.webhook}")

    async def stop(self) -> None:
        """Nothing is being sent any more; others need not wait until the leases are over."""
        try:
            await self._hooks.release(self._owner)
        except StoreError as error:
            log.warning("webhooks were not released: %s; others wait some seconds for them", error.reason)

    async def _work_off(self, claimed: Claimed) -> None:
        waiting: Claimed | None = claimed
        try:
            while waiting is not None:
                waiting = await self._send(waiting)
        except StoreError as error:
            log.error("webhook %s: %s; it is tried again", claimed.webhook, error.reason)
        finally:
            self._sending.discard(claimed.webhook)

    async def _send(self, claimed: Claimed) -> Claimed | None:
        headers = signed(claimed.id, self._clock.now(), claimed.body, *claimed.secrets)
        answer: Reply | HookTrouble
        try:
            answer = await self._outgoing.post(claimed.url, headers, claimed.body)
        except PostError as error:
            answer = error.trouble
        chance = int.from_bytes(self._entropy(2), "big") / 65_535
        what = outcome(claimed, answer, self._clock.now(), chance)
        if what.trouble is not None:
            log.info(
                "webhook %s: message %d: %s %s%s",
                claimed.webhook,
                claimed.number,
                what.trouble,
                what.status or "",
                "; nothing more is sent there" if what.off else "",
            )
        return await self._hooks.settle(claimed, what)
