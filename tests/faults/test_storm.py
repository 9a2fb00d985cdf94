"""Everybody comes back at once after the server was away: within 30 s, by number, and nothing else stops."""

from __future__ import annotations

import asyncio
import random
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from app.net.assets import MemoryCache
from app.net.client import Client, ClientChange, Link, StateReplaced
from app.net.clock import SystemClock
from app.net.websocket import WebSocketConnector
from app.tasks import Tasks
from tests.faults.sizes import size
from tests.helpers.crowded import Seat, furnish_crowd
from tests.helpers.server_process import ServerProcess

SPACES, PEOPLE = size(8, 40), 50
BACK_SECONDS = 30.0
COMING_SECONDS = 120.0


class Crowd:
    """Real clients, each of another person.

    Attributes:
        replaced: whole states that came since everybody was there.
    """

    def __init__(self, seats: list[Seat]) -> None:
        self._seats = seats
        self.replaced = 0
        self._stirred = asyncio.Event()
        self._cache = MemoryCache()
        self.clients = [self._client(number) for number in range(len(seats))]

    def _client(self, number: int) -> Client:
        client = Client(
            connect=WebSocketConnector(), clock=SystemClock(), rng=random.Random(number),
            tasks=Tasks("crowd"), cache=self._cache, app="crowd",
        )  # fmt: skip
        client.listen(self._hear)
        return client

    def _hear(self, changes: tuple[ClientChange, ...]) -> None:
        self.replaced += sum(isinstance(change, StateReplaced) for change in changes)
        self._stirred.set()

    def count(self, link: Link) -> int:
        return sum(client.connection.link is link for client in self.clients)

    async def until_all(self, link: Link, within: float) -> None:
        async with asyncio.timeout(within):
            while self.count(link) < len(self.clients) or any(client.map is None for client in self.clients):
                self._stirred.clear()
                await self._stirred.wait()

    async def come(self, url: str) -> None:
        gate = asyncio.Semaphore(50)

        async def one(client: Client, seat: Seat) -> None:
            async with gate:
                await client.resume(url, seat.token)

        await asyncio.gather(*map(one, self.clients, self._seats))
        await self.until_all(Link.PROTECTED, COMING_SECONDS)
        self.replaced = 0

    async def go(self) -> None:
        await asyncio.gather(*(client.close(leave=False) for client in self.clients))


@contextmanager
def many_files(wanted: int) -> Iterator[None]:
    """As many open files as the storm needs, for this process and those it starts."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < wanted:
        pytest.skip(f"only {hard} files may be open at a time here")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, wanted), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


async def test_a_storm_of_reconnects_is_over_in_30_s(tmp_path: Path) -> None:
    seats = await furnish_crowd(tmp_path / "data", SPACES, PEOPLE)
    crowd = Crowd(seats)
    with many_files(len(seats) * 2 + 500):
        async with ServerProcess(tmp_path / "data") as server:
            try:
                await crowd.come(server.url)
                await server.kill()
                await crowd.until_all(Link.NOT_PROTECTED, BACK_SECONDS)
                await server.start()
                await crowd.until_all(Link.PROTECTED, BACK_SECONDS)
                assert not crowd.replaced, "somebody who could resume was sent a snapshot"
            finally:
                await crowd.go()
