"""The HTTP side: limits, errors as problem details, no browsers, nothing secret in a log, a clean stop."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import httpx2
import pytest
from aiohttp import web

from app.core.errors import Code, Refused
from app.server.config import Config
from app.server.problems import OF_SOMEBODY
from app.server.settings_file import ConfigError
from app.server.store.base import StoreError
from app.server.web import BODY_BYTES, IDLE_S, Web
from tests.helpers.caller import PATIENCE
from tests.helpers.clock import FakeClock
from tests.helpers.running import Ids, running

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def serving(
    answer: Answer, clock: FakeClock | None = None, limit: float = PATIENCE
) -> AsyncIterator[tuple[Web, httpx2.AsyncClient]]:
    """A server that answers so at ``/it/{secret}``."""
    one = Web(clock or FakeClock(), limit)
    one.add("POST", "/it/{secret}", answer)
    await one.start("127.0.0.1", 0)
    try:
        async with httpx2.AsyncClient(base_url=one.url, trust_env=False, timeout=PATIENCE) as client:
            yield one, client
    finally:
        await one.stop()


async def echo(request: web.Request) -> web.Response:
    return web.Response(body=await request.read())


async def test_what_is_asked_is_answered_and_the_library_is_not_named() -> None:
    async with serving(echo) as (_, client):
        answer = await client.post("/it/1", content=b"hello")
        assert (answer.status_code, answer.content) == (200, b"hello")
        assert "server" not in answer.headers
        assert answer.headers["cache-control"] == "no-store"
        assert (await client.get("/healthz")).text == "ok\n"


@pytest.mark.parametrize(
    ("method", "path", "headers", "body", "status"),
    [
        ("POST", "/it/1", {}, b"x" * (BODY_BYTES + 1), 413),
        ("POST", "/it/1", {"Origin": "https://elsewhere.example"}, b"", 403),
        ("POST", "/nowhere", {}, b"", 404),
        ("GET", "/it/1", {}, b"", 405),
    ],
    ids=["too large", "a browser", "unknown", "wrong method"],
)
async def test_what_is_not_answered_is_said_as_a_problem(
    method: str, path: str, headers: dict[str, str], body: bytes, status: int
) -> None:
    async with serving(echo) as (_, client):
        answer = await client.request(method, path, headers=headers, content=body)
        assert answer.status_code == status
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["status"] == status
        assert answer.headers.get("allow", "POST") == "POST"


async def test_a_refusal_is_told_with_its_code_and_sentence() -> None:
    async def refuse(_: web.Request) -> web.Response:
        raise Refused.of(Code.TOO_MANY_REDS, seconds=17)

    async with serving(refuse) as (_, client):
        answer = await client.post("/it/1")
        assert (answer.status_code, answer.headers["retry-after"]) == (429, "17")
        told = answer.json()
        assert told["code"] == "too_many_reds"
        assert told["detail"] == OF_SOMEBODY[Code.TOO_MANY_REDS]
        assert told["fields"] == {"seconds": 17}


async def test_a_failing_store_is_said_and_may_be_asked_again() -> None:
    async def fail(_: web.Request) -> web.Response:
        raise StoreError("disk full")

    async with serving(fail) as (_, client):
        answer = await client.post("/it/1")
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
        assert "disk full" in answer.json()["detail"]


async def test_a_fault_is_logged_without_what_was_asked(caplog: pytest.LogCaptureFixture) -> None:
    async def fail(_: web.Request) -> web.Response:
        raise ZeroDivisionError

    with caplog.at_level(logging.DEBUG):
        async with serving(fail) as (_, client):
            answer = await client.post("/it/sesame?token=sesame", content=b"sesame")
    assert (answer.status_code, answer.json()["code"]) == (500, "internal")
    told = [record for record in caplog.records if not record.name.startswith(("httpx", "httpcore"))]
    assert any("/it/{secret}" in record.getMessage() for record in told)
    assert not any("sesame" in record.getMessage() for record in told)


async def test_a_request_that_takes_too_long_is_given_up() -> None:
    async def never(_: web.Request) -> web.Response:
        await asyncio.Event().wait()
        raise AssertionError

    async with serving(never, limit=0.001) as (_, client):
        assert (await client.post("/it/1")).status_code == 503


async def test_a_connection_without_a_request_is_closed_and_one_that_is_being_answered_is_not() -> None:
    clock, asked, answered = FakeClock(), asyncio.Event(), asyncio.Event()

    async def slow(_: web.Request) -> web.Response:
        asked.set()
        await answered.wait()
        return web.Response(text="at last")

    async with serving(slow, clock) as (one, client):
        async with asyncio.timeout(PATIENCE):
            reader, writer = await asyncio.open_connection(*one.url.removeprefix("http://").split(":"))
            writer.write(b"POST /it/1 HTTP/1.1\r\nHost: x\r\nX-Slow")
            await writer.drain()
            answer = asyncio.ensure_future(client.post("/it/1"))
            await asked.wait()
            one.look()
            clock.at += IDLE_S + 1
            one.look()
            assert await reader.read() == b""
            writer.close()
            answered.set()
            assert (await answer).text == "at last"


async def test_more_connections_than_there_is_room_for_are_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.server.web.CONNECTIONS", 1)
    async with serving(echo) as (one, client):
        assert (await client.post("/it/1")).status_code == 200  # and is kept alive
        with pytest.raises(httpx2.TransportError):
            async with httpx2.AsyncClient(trust_env=False, timeout=PATIENCE) as second:
                await second.post(one.url + "/it/1")


async def test_a_stop_answers_what_was_asked_and_is_not_held_up_by_what_takes_long(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("app.server.web.CLOSING_S", 0.1)
    asked = [asyncio.Event(), asyncio.Event()]
    answered = asyncio.Event()

    async def slow(request: web.Request) -> web.Response:
        number = int(request.match_info["secret"])
        asked[number].set()
        await (answered.wait() if number else asyncio.Event().wait())
        return web.Response(text="in time")

    async with serving(slow) as (one, client):
        tasks = [asyncio.ensure_future(client.post(f"/it/{number}")) for number in (0, 1)]
        async with asyncio.timeout(PATIENCE):
            for event in asked:
                await event.wait()
            stopping = asyncio.ensure_future(one.stop())
            answered.set()
            assert (await tasks[1]).text == "in time"
            await stopping
            with pytest.raises(httpx2.TransportError):
                await tasks[0]


async def test_the_server_has_it_only_where_it_was_asked_for(data: Path, ids: Ids) -> None:
    async with running(data) as without:
        assert without.web.url == ""
    async with running(data, http_port=0) as server:
        async with httpx2.AsyncClient(trust_env=False, timeout=PATIENCE) as client:
            assert (await client.get(server.web.url + "/healthz")).text == "ok\n"
        with pytest.raises(ConfigError, match="Cannot listen on"):
            async with running(data, http_port=int(server.web.url.rpartition(":")[2])):
                raise AssertionError


@pytest.mark.parametrize("port", [-1, 65_536, 7443])
def test_a_port_that_cannot_be_is_refused(port: int, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="--http-port"):
        Config(tmp_path, port=7443, http_port=port).check()
