"""What other programs have to do with this server: integrations and webhooks, put together."""

from __future__ import annotations

from app.server.api.book import IntegrationBook
from app.server.clock import Clock, Entropy
from app.server.hooks.book import HookBook
from app.server.service import Service
from app.server.spaces import Spaces
from app.server.store.base import Store


class Outside:
    """Args:
    inside: webhooks may go to addresses inside this server's own network.
    """

    def __init__(
        self, store: Store, spaces: Spaces, service: Service, clock: Clock, entropy: Entropy, inside: bool
    ) -> None:
        IntegrationBook(store, spaces, clock, entropy).register(service)
        HookBook(store, spaces, clock, entropy, inside).register(service)
