"""Client, server and provider as they are: signing in at a page, another password, devices."""

from __future__ import annotations

import asyncio
import random
from pathlib import Path

import httpx2
import pytest

from app.core.errors import Code, Refused
from app.core.model import Role
from app.core.wire import Way
from app.net.assets import MemoryCache
from app.net.client import Client, Link
from app.net.clock import SystemClock
from app.net.problems import ConnectionProblem
from app.net.websocket import WebSocketConnector
from app.server.config import Config
from app.server.main import Server
from app.server.oidc_config import OidcConfig
from app.server.store.sqlite.store import FILE, SqliteStore
from app.tasks import Tasks
from tests.helpers.oidc.provider import CLIENT_ID, provider
from tests.helpers.running import FAST, HASHER, PASSWORD, furnish

NEW = "a better horse"


def make_client(device: str) -> Client:
    return Client(
        connect=WebSocketConnector(),
        clock=SystemClock(),
        rng=random.Random(device),
        tasks=Tasks(device),
        cache=MemoryCache(),
        app="test",
        device=device,
    )


async def test_a_person_signs_in_at_the_page_and_comes_back_with_the_token(tmp_path: Path) -> None:
    furnish(tmp_path)
    with provider() as known:
        oidc = OidcConfig(
            name="Example Corp",
            issuer=known.issuer,
            client_id=CLIENT_ID,
            role_claim="groups",
            roles={"supervisors": Role.SUPERVISOR},
            create=True,
        )
        server = Server(
            Config(tmp_path, port=0, tuning=FAST, oidc=oidc), SqliteStore(tmp_path / FILE), hasher=HASHER
        )
        await server.start()
        client = make_client("laptop")
        try:
            assert await client.ways(server.url) == (Way("oidc", "Example Corp"),)
            opened: asyncio.Queue[str] = asyncio.Queue()
            coro = client.sign_in_through(server.url, Way("oidc", "Example Corp"), opened.put_nowait, "Done.")
            signing_in = asyncio.ensure_future(coro)
            back = await known.sign_in(await opened.get(), "mia")
            async with httpx2.AsyncClient(trust_env=False) as browser:
                assert "Done." in (await browser.get(back)).text
            first = await signing_in
            assert client.connection.link is Link.PROTECTED
            assert client.person is not None
            assert (client.person.handle, client.person.role) == ("mia.jansen", Role.SUPERVISOR)
            with pytest.raises(Refused) as refused:
                await client.change_password("", NEW)
            assert refused.value.refusal.code is Code.NO_PASSWORD
            await client.resume(server.url, first)
            assert client.token != first
        finally:
            await client.close(leave=False)
            await server.stop()


async def test_another_password_signs_the_other_machine_out(tmp_path: Path) -> None:
    furnish(tmp_path)
    server = Server(Config(tmp_path, port=0, tuning=FAST), SqliteStore(tmp_path / FILE), hasher=HASHER)
    await server.start()
    here, there = make_client("here"), make_client("there")
    out = asyncio.Event()
    there.listen(lambda _: out.set() if there.connection.link is Link.OFFLINE else None)
    try:
        for client in (here, there):
            await client.sign_in(server.url, "ann", PASSWORD)
        out.clear()
        assert [device.name for device in await here.devices()] == ["here", "there"]
        assert await here.change_password(PASSWORD, NEW) == 1
        async with asyncio.timeout(5):
            await out.wait()
        assert there.connection.refusal is not None
        assert there.connection.refusal.code is Code.SIGNED_OUT
        assert [device.name for device in await here.devices()] == ["here"]
        with pytest.raises(Refused, match="password is wrong"):
            await there.sign_in(server.url, "ann", PASSWORD)
        await there.sign_in(server.url, "ann", NEW)
        (mine, other) = await there.devices()
        assert (mine.here, other.name) == (True, "here")
        await there.end_device(other.id)
        with pytest.raises((Refused, ConnectionProblem)):
            await here.devices()
    finally:
        await here.close(leave=False)
        await there.close(leave=False)
        await server.stop()
