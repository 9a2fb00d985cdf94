"""What other programs have to do with this server, put together: integrations, webhooks."""

from __future__ import annotations

from app.server.api.book import IntegrationBook
from app.server.clock import Clock, Entropy
from app.server.delivery.carriers import Carriers
from app.server.hooks.book import HookBook
from app.server.hooks.gateway import WebhookGateway
from app.server.hooks.outgoing import Outgoing
from app.server.hooks.poster import Poster
from app.server.service import Service
from app.server.spaces import Spaces
from app.server.store.base import Store
from app.tasks import Tasks


class Outside:
    """Args:
    inside: webhooks may go to addresses inside this server's own network.
    """

    def __init__(
        self,
        store: Store,
        spaces: Spaces,
        service: Service,
        carriers: Carriers,
        clock: Clock,
        entropy: Entropy,
        tasks: Tasks,
        inside: bool,
    ) -> None:
        outgoing = Outgoing(inside=inside)
        self._poster = Poster(store.hooks, outgoing, clock, entropy, tasks)
        carriers.add("webhook", WebhookGateway(outgoing, clock))
        IntegrationBook(store, spaces, clock, entropy).register(service)
        HookBook(store, spaces, clock, entropy, inside).register(service)

    async def look(self) -> None:
        """What is done about once a second. Raises StoreError."""
        await self._poster.look()

    async def stop(self) -> None:
        """Call when the tasks are closed and the store is not."""
        await self._poster.stop()
