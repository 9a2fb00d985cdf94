"""What other programs have to do with this server, put together: the HTTP API, integrations, webhooks."""

from __future__ import annotations

from app.server.api.access import Access
from app.server.api.acts import Acts
from app.server.api.book import IntegrationBook
from app.server.api.routes import Api
from app.server.clock import Entropy
from app.server.delivery.carriers import Carriers
from app.server.hooks.book import HookBook
from app.server.hooks.gateway import WebhookGateway
from app.server.hooks.outgoing import Outgoing
from app.server.hooks.poster import Poster
from app.server.ledger import Ledger
from app.server.talk import Services
from app.server.web import Web


class Outside:
    """Args:
    inside: webhooks may go to addresses inside this server's own network.
    """

    def __init__(
        self,
        services: Services,
        ledger: Ledger,
        web: Web,
        carriers: Carriers,
        entropy: Entropy,
        inside: bool,
    ) -> None:
        store, spaces, clock = services.store, services.spaces, services.clock
        outgoing = Outgoing(inside=inside)
        self._poster = Poster(store.hooks, outgoing, clock, entropy, services.tasks)
        carriers.add("webhook", WebhookGateway(outgoing, clock))
        IntegrationBook(store, spaces, clock, entropy).register(services.service)
        HookBook(store, spaces, clock, entropy, inside).register(services.service)
        access = Access(store.integrations, clock)
        Api(store.integrations, access, Acts(spaces, ledger), clock, entropy).register(web)

    async def look(self) -> None:
        """What is done about once a second. Raises StoreError."""
        await self._poster.look()

    async def stop(self) -> None:
        """Call when the tasks are closed and the store is not."""
        await self._poster.stop()
