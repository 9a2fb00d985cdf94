"""The HTTP API: paths, methods, and what is answered (described by :mod:`.description`)."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Awaitable, Callable
from http import HTTPStatus

import msgspec
from aiohttp import web

from app.core.errors import Code, Refused
from app.core.hooks import ApiAction, Integration
from app.core.model import EscalationId
from app.server.api.access import Access
from app.server.api.acts import Acts
from app.server.api.description import OPENAPI
from app.server.api.documents import EscalationDocument, EscalationsDocument
from app.server.api.requests import AnswerRequest, EndRequest, RaiseRequest, read
from app.server.clock import Clock, Entropy
from app.server.problems import refusal_response
from app.server.store.hooks import IntegrationStore, KeptAnswer
from app.server.web import Web

BASE = "/api/v1/escalations"
KEY_HEADER = "Idempotency-Key"
REPLAYED_HEADER = "Idempotency-Replayed"
KEY = re.compile(r"[\x21-\x7e]{1,255}")
JSON = "application/json"
PASSING = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.UNAUTHORIZED})
"""Answers that say nothing about the request itself."""

Act = Callable[[Integration, str, bytes], Awaitable[EscalationId]]
"""(who asks, the request's name, its body) -> the escalation that it was about."""


class Api:
    """Answers at :data:`BASE`, and with its own description."""

    def __init__(
        self, integrations: IntegrationStore, access: Access, acts: Acts, clock: Clock, entropy: Entropy
    ) -> None:
        self._integrations, self._access, self._acts = integrations, access, acts
        self._clock, self._entropy = clock, entropy

    def register(self, web: Web) -> None:
        web.add("GET", "/api/openapi.json", _description)
        web.add("GET", BASE, self._list)
        web.add("GET", BASE + "/{escalation}", self._show)
        web.add("POST", BASE, self._raise)
        web.add("POST", BASE + "/{escalation}/answers", self._answer)
        web.add("POST", BASE + "/{escalation}/end", self._end)

    async def _list(self, request: web.Request) -> web.Response:
        by = await self._access.enter(request, ApiAction.READ)
        assert by.space is not None
        found = await self._integrations.open_escalations(by.space)
        return _json(HTTPStatus.OK, msgspec.json.encode(EscalationsDocument(escalations=tuple(found))))

    async def _show(self, request: web.Request) -> web.Response:
        by = await self._access.enter(request, ApiAction.READ)
        return _json(HTTPStatus.OK, msgspec.json.encode(await self._found(by, _named(request))))

    async def _raise(self, request: web.Request) -> web.Response:
        by = await self._access.enter(request, ApiAction.RAISE)

        async def act(by: Integration, name: str, body: bytes) -> EscalationId:
            return await self._acts.raise_hand(by, name, read(body, RaiseRequest))

        return await self._once(request, by, act, HTTPStatus.CREATED)

    async def _answer(self, request: web.Request) -> web.Response:
        by = await self._access.enter(request, ApiAction.ANSWER)
        escalation = _named(request)

        async def act(by: Integration, name: str, body: bytes) -> EscalationId:
            asked = read(body, AnswerRequest)
            await self._found(by, escalation)
            await self._acts.answer(by, name, escalation, asked)
            return escalation

        return await self._once(request, by, act, HTTPStatus.OK)

    async def _end(self, request: web.Request) -> web.Response:
        by = await self._access.enter(request, ApiAction.END)
        escalation = _named(request)

        async def act(by: Integration, name: str, body: bytes) -> EscalationId:
            read(body, EndRequest)
            await self._found(by, escalation)
            await self._acts.end(by, name, escalation)
            return escalation

        return await self._once(request, by, act, HTTPStatus.OK)

    async def _found(self, by: Integration, escalation: EscalationId) -> EscalationDocument:
        """Those of other spaces do not exist."""
        document = await self._integrations.escalation(escalation)
        if document is None or document.space.id != by.space:
            raise Refused.of(Code.NOT_FOUND)
        return document

    async def _once(
        self, request: web.Request, by: Integration, act: Act, status: HTTPStatus
    ) -> web.Response:
        """Do it, unless a request with its key was answered before.

        What is done is written down under a name that follows from the key. So a request that was carried out
        and not answered, since the server died, does nothing the second time and gets its answer.
        """
        if request.content_type != JSON:
            raise web.HTTPUnsupportedMediaType(reason=f"Send JSON, with the header Content-Type: {JSON}.")
        key, body = request.headers.get(KEY_HEADER), await request.read()
        if key is not None and not KEY.fullmatch(key):
            raise Refused.of(Code.BAD_REQUEST, reason=f"{KEY_HEADER} must be 1 to 255 ASCII characters")
        fingerprint = hashlib.sha256(b"\0".join((request.path.encode(), body))).digest()
        known = await self._integrations.answer(by.id, key) if key is not None else None
        if known is not None:
            return _replayed(known, fingerprint)
        seed = f"{by.id} {key}".encode() if key is not None else self._entropy(16)
        name = "api-" + hashlib.sha256(seed).hexdigest()[:32]
        answer = await self._carried_out(by, name, body, act, status)
        assert isinstance(answer.body, bytes)
        kept = KeptAnswer(fingerprint, answer.status, answer.body)
        if key is not None and answer.status < 500 and answer.status not in PASSING:
            first = await self._integrations.keep_answer(by.id, key, kept, self._clock.now())
            if first != kept:
                return _replayed(first, fingerprint)
        return answer

    async def _carried_out(
        self, by: Integration, name: str, body: bytes, act: Act, status: HTTPStatus
    ) -> web.Response:
        try:
            escalation = await act(by, name, body)
            document = await self._found(by, escalation)
        except Refused as refused:
            if refused.refusal.code is Code.ID_REUSED:
                raise  # the key is another request's, whose answer is kept
            return refusal_response(refused.refusal)
        return _json(status, msgspec.json.encode(document))


async def _description(_: web.Request) -> web.Response:
    return _json(HTTPStatus.OK, OPENAPI)


def _named(request: web.Request) -> EscalationId:
    return EscalationId(request.match_info["escalation"])


def _json(status: int, body: bytes) -> web.Response:
    return web.Response(status=status, body=body, content_type=JSON)


def _replayed(known: KeptAnswer, fingerprint: bytes) -> web.Response:
    """What was answered before; another request with the same key is refused."""
    if known.fingerprint != fingerprint:
        return refusal_response(Refused.of(Code.ID_REUSED).refusal)
    kind = JSON if known.status < 400 else "application/problem+json"
    answer = web.Response(status=known.status, body=known.body, content_type=kind)
    answer.headers[REPLAYED_HEADER] = "true"
    return answer
