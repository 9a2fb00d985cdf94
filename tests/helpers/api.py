"""A program that uses the HTTP API, and checks every request and answer against the served description."""

from __future__ import annotations

import functools
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from types import TracebackType
from typing import Any

import httpx2
import msgspec
from openapi_core import Config, OpenAPI
from openapi_core.testing import MockRequest, MockResponse
from openapi_schema_validator import OAS31Validator

from app.core.hook_questions import AddIntegration, IntegrationAdded
from app.core.hooks import ApiAction
from app.core.model import SpaceId
from app.server.main import Server
from tests.helpers.caller import PATIENCE, Caller

ALL = (ApiAction.READ, ApiAction.RAISE, ApiAction.ANSWER, ApiAction.END)
ESCALATIONS = "/api/v1/escalations"


class Program:
    """Attributes:
    token: what it shows.
    """

    def __init__(self, url: str, token: str, described: OpenAPI) -> None:
        self.token, self._described = token, described
        self.http = httpx2.AsyncClient(base_url=url, trust_env=False, timeout=PATIENCE)

    async def __aenter__(self) -> Program:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.http.aclose()

    async def get(self, path: str) -> httpx2.Response:
        return await self._send("GET", path, b"", {})

    async def post(self, path: str, body: Any, key: str = "") -> httpx2.Response:
        headers = {"Idempotency-Key": key} if key else {}
        return await self._send("POST", path, msgspec.json.encode(body), headers)

    async def wrong(self, path: str, body: bytes, **headers: str) -> httpx2.Response:
        """A request that the description does not allow; the answer is still one that it knows."""
        return await self._send("POST", path, body, headers, as_described=False)

    async def _send(
        self, method: str, path: str, body: bytes, headers: dict[str, str], as_described: bool = True
    ) -> httpx2.Response:
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json", **headers}
        content = body if method == "POST" else None
        asked = MockRequest(str(self.http.base_url), method.lower(), path, headers=headers, data=content)
        if as_described:
            self._described.validate_request(asked)
        answer = await self.http.request(method, path, content=content, headers=headers)
        told = MockResponse(
            answer.content,
            status_code=answer.status_code,
            headers=dict(answer.headers),
            content_type=answer.headers["content-type"].partition(";")[0],
        )
        self._described.validate_response(asked, told)
        return answer


async def described(server: Server) -> OpenAPI:
    """The description as the server gives it to anybody."""
    async with httpx2.AsyncClient(trust_env=False, timeout=PATIENCE) as http:
        answer = await http.get(server.web.url + "/api/openapi.json")
        return _read(answer.content)


@functools.cache
def _read(description: bytes) -> OpenAPI:
    """Checking a description takes longer than all that a test asks."""
    readers: dict[str, Callable[[bytes], Any]] = {"application/problem+json": msgspec.json.decode}
    return OpenAPI.from_dict(
        msgspec.json.decode(description), config=Config(extra_media_type_deserializers=readers)
    )


async def message_checker(server: Server) -> OAS31Validator:
    """Of what webhooks are told, by the description that the server gives to anybody."""
    async with httpx2.AsyncClient(trust_env=False, timeout=PATIENCE) as http:
        answer = await http.get(server.web.url + "/api/openapi.json")
    document = msgspec.json.decode(answer.content)
    media = document["webhooks"]["message"]["post"]["requestBody"]["content"]["application/json"]
    return OAS31Validator({**media["schema"], "components": document["components"]})


async def integrated(
    server: Server, space: SpaceId | None, actions: tuple[ApiAction, ...] = ALL, name: str = "PBX"
) -> IntegrationAdded:
    """An integration that an admin has made."""
    async with await Caller.enter(server.url, "eva") as eva:
        added = await eva.ask(AddIntegration(name, actions, space))
        assert isinstance(added, IntegrationAdded)
        return added


@asynccontextmanager
async def program(
    server: Server, space: SpaceId | None, actions: tuple[ApiAction, ...] = ALL
) -> AsyncIterator[Program]:
    added = await integrated(server, space, actions)
    async with Program(server.web.url, added.token, await described(server)) as made:
        yield made
