"""The integrations of a server, for admins."""

from __future__ import annotations

from app.core.audit import Act
from app.core.errors import Code, Refused
from app.core.hook_questions import (
    AddIntegration,
    IntegrationAdded,
    Integrations,
    ListIntegrations,
    RevokeIntegration,
)
from app.core.hooks import INTEGRATIONS
from app.core.questions import Done
from app.server.api.tokens import fresh_integration, hashed, integration_deed
from app.server.clock import Clock, Entropy
from app.server.link import Link
from app.server.rights import admin, admin_of, administers
from app.server.service import Service
from app.server.spaces import Spaces
from app.server.store.base import Store


class IntegrationBook:
    """Answers admins, each about the spaces that they belong to."""

    def __init__(self, store: Store, spaces: Spaces, clock: Clock, entropy: Entropy) -> None:
        self._integrations, self._spaces = store.integrations, spaces
        self._clock, self._entropy = clock, entropy

    def register(self, service: Service) -> None:
        service.answers(ListIntegrations, self._list)
        service.answers(AddIntegration, self._add)
        service.answers(RevokeIntegration, self._revoke)

    async def _list(self, link: Link, _: ListIntegrations) -> Integrations:
        roster = self._spaces.roster
        by = admin(roster, link)
        return Integrations(
            tuple(one for one in await self._integrations.all() if administers(roster, by, one.space))
        )

    async def _add(self, link: Link, query: AddIntegration) -> IntegrationAdded:
        by = admin_of(self._spaces.roster, link, query.space)
        if len(await self._integrations.all()) >= INTEGRATIONS:
            raise Refused.of(Code.LIMIT_REACHED, limit=INTEGRATIONS)
        now = self._clock.now()
        integration, token = fresh_integration(query, now, by, self._entropy)
        deed = integration_deed(now, Act.ADDED, by, integration)
        await self._integrations.add(integration, hashed(token), deed)
        return IntegrationAdded(integration, token)

    async def _revoke(self, link: Link, query: RevokeIntegration) -> Done:
        by = admin(self._spaces.roster, link)
        known = next((one for one in await self._integrations.all() if one.id == query.integration), None)
        if known is None or not administers(self._spaces.roster, by, known.space):
            raise Refused.of(Code.NOT_FOUND)
        deed = integration_deed(self._clock.now(), Act.REMOVED, by, known)
        await self._integrations.revoke(query.integration, deed)
        return Done()
