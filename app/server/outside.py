"""What other programs have to do with this server, put together: API, webhooks, metrics."""

from __future__ import annotations

from app.server.api.access import Access
from app.server.api.acts import Acts
from app.server.api.book import IntegrationBook
from app.server.api.routes import Api
from app.server.auditor import Auditor
from app.server.clock import Entropy
from app.server.config import Config
from app.server.delivery.carriers import Carriers
from app.server.engine import Engine
from app.server.heartbeat import Heartbeat
from app.server.hooks.book import HookBook
from app.server.hooks.gateway import WebhookGateway
from app.server.hooks.outgoing import Outgoing
from app.server.hooks.poster import Poster
from app.server.ledger import Ledger
from app.server.metrics import Metrics
from app.server.store.servers import ServerId
from app.server.talk import Services
from app.server.web import Web


class Outside:
    """Everything that listens to, or tells, other programs; phones have a side of their own."""

    def __init__(
        self,
        me: ServerId,
        services: Services,
        ledger: Ledger,
        web: Web,
        carriers: Carriers,
        entropy: Entropy,
        engine: Engine,
        auditor: Auditor,
        config: Config,
    ) -> None:
        store, spaces, clock = services.store, services.spaces, services.clock
        inside, tasks = config.inside, services.tasks
        outgoing = Outgoing(inside=inside)
        self._poster = Poster(me, store.hooks, outgoing, clock, entropy, tasks)
        carriers.add("webhook", WebhookGateway(outgoing, clock))
        IntegrationBook(store, spaces, clock, entropy).register(services.service)
        HookBook(store, spaces, clock, entropy, inside).register(services.service)
        access = Access(store.integrations, store.attempts, clock)
        Api(store.integrations, access, Acts(spaces, ledger), clock, entropy).register(web)
        self._metrics = Metrics(store, spaces, services.hub, engine, auditor, carriers, clock)
        self._metrics.register(web, access)
        self._heartbeat = Heartbeat(config.heartbeat, auditor, Outgoing(inside=True), clock, tasks)

    async def look(self, late: float) -> None:
        """What is done about once a second; ``late``: s by which it comes too late. Raises StoreError."""
        self._metrics.lagged(late)
        self._heartbeat.look()
        await self._poster.look()

    async def stop(self) -> None:
        """Call when the tasks are closed and the store is not."""
        await self._poster.stop()
