"""Who may ask over the HTTP API, for what, and how often."""

from __future__ import annotations

import logging

from aiohttp import hdrs, web

from app.core.errors import Code, Refused
from app.core.hooks import ApiAction, Integration, IntegrationId
from app.server.api.tokens import hashed
from app.server.attempts import Attempts, by_address
from app.server.clock import Clock
from app.server.pace import Bucket
from app.server.store.attempts import AttemptStore, Tried
from app.server.store.base import StoreError
from app.server.store.hooks import IntegrationStore

log = logging.getLogger(__name__)

RATE, BURST = 10.0, 100
"""Requests of one integration: so many a second for long, and at once."""
NOTED_S = 60.0
"""s within which one use of a token is as good as another."""


class Access:
    """Knows integrations by their tokens."""

    def __init__(self, integrations: IntegrationStore, attempts: AttemptStore, clock: Clock) -> None:
        self._integrations, self._clock = integrations, clock
        self._paces: dict[IntegrationId, Bucket] = {}
        self._wrong = Attempts(attempts, clock)

    async def enter(self, request: web.Request, action: ApiAction) -> Integration:
        """Whose request it is, if they may do that.

        Raises:
            Refused: ``token_wrong``, ``not_allowed``, ``too_fast``, ``too_many_attempts``.
            StoreError: as it says.
        """
        known = await self._known(request)
        now = self._clock.monotonic()
        if not self._paces.setdefault(known.id, Bucket(RATE, BURST, now)).take(now):
            raise Refused.of(Code.TOO_FAST)
        if action not in known.actions:
            raise Refused.of(Code.NOT_ALLOWED)
        await self._note(known)
        return known

    async def _known(self, request: web.Request) -> Integration:
        scheme, _, token = request.headers.get(hdrs.AUTHORIZATION, "").partition(" ")
        known = None
        if scheme.casefold() == "bearer" and token.strip():
            known = await self._integrations.of_token(hashed(token.strip()))
        if known is not None:
            return known
        await self._wrong.begin(by_address(request.remote or "", Tried.API))
        raise Refused.of(Code.TOKEN_WRONG)

    async def _note(self, known: Integration) -> None:
        now = self._clock.now()
        if known.used is not None and 0 <= now - known.used < NOTED_S:
            return
        try:
            await self._integrations.used(known.id, now)
        except StoreError as error:
            log.warning("the use of an integration was not noted: %s", error.reason)
