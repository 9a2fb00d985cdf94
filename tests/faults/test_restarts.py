"""Servers that are killed or stopped while people work: what was accepted is there, once; all come back."""

from __future__ import annotations

import asyncio
import random
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from pathlib import Path

from app.core.commands import RaiseEscalation, SendMessage
from app.server.store.sqlite.store import FILE
from app.tasks import Tasks
from tests.faults.sizes import size
from tests.helpers.fleet import Fleet, Member, Work, each_alert_once
from tests.helpers.proxy import FaultProxy, Way
from tests.helpers.running import Ids, furnish
from tests.helpers.server_process import ServerProcess

KILLS, STOPS = size(60, 200), size(6, 30)
HANDLES = ("ann", "bob", "chie", "dev")
BYTES = 4_000
"""How much the clients say, at most, from one end of the server to the next."""


@dataclass(frozen=True)
class Day:
    """People at work over a proxy, before a server that does not last."""

    data: Path
    ids: Ids
    server: ServerProcess
    proxy: FaultProxy
    fleet: Fleet
    work: Work
    people: Tasks
    evening: asyncio.Event

    async def restart(self, end: Callable[[], Awaitable[None]], said: int) -> None:
        """End the server once the clients have said so many bytes more; start it again; wait for all."""
        await self.proxy.until_passed(Way.UP, said)
        await end()
        self.proxy.target = await self.server.start()
        await self.fleet.until(lambda: all(member.live for member in self.fleet.members))

    async def verify(self) -> None:
        self.evening.set()
        await self.people.idle()
        await self.fleet.agree(self.server.url)
        each_alert_once(self.fleet, self.work)
        assert not any(member.replaced for member in self.fleet.members), "somebody did not resume"
        await self.server.stop(within=5)
        self._in_the_store()

    def _in_the_store(self) -> None:
        with closing(sqlite3.connect(self.data / FILE)) as db:
            commands = {number for (number,) in db.execute("SELECT id FROM commands")}
            hands = {number for (number,) in db.execute("SELECT id FROM alerts")}
            messages = [number for (number,) in db.execute("SELECT id FROM messages")]
            numbers = db.execute(
                "SELECT s.key, count(*), min(e.seq), max(e.seq), s.seq FROM events e "
                "JOIN streams s ON s.id = e.stream GROUP BY s.key"
            ).fetchall()
        for number, (_, command) in self.work.accepted.items():
            if isinstance(command, RaiseEscalation):
                assert number in hands
                assert number in commands
            elif isinstance(command, SendMessage):
                assert number in messages
                assert number in commands
        known = {*self.work.accepted, *self.work.unsure}
        assert hands | set(messages) <= known, "something that nobody asked for"
        for key, count, first, last, head in numbers:
            assert (count, last) == (last - first + 1, head), f"{key} has a gap"


@asynccontextmanager
async def day(folder: Path) -> AsyncIterator[Day]:
    data = folder / "data"
    ids = furnish(data)
    work = Work(ids, seed=11)
    async with (
        ServerProcess(data) as server,
        FaultProxy(server.url) as proxy,
        Fleet(proxy.url, HANDLES) as fleet,
        Tasks("people") as people,
    ):
        evening = asyncio.Event()

        async def keep_working(member: Member) -> None:
            while not evening.is_set():
                await work.one(member)

        for member in fleet.members:
            people.spawn(keep_working(member), name=member.handle)
        yield Day(data, ids, server, proxy, fleet, work, people, evening)


async def test_a_killed_server_has_everything_that_it_accepted(tmp_path: Path) -> None:
    rng = random.Random(12)
    async with day(tmp_path) as today:
        for _ in range(KILLS):
            await today.restart(today.server.kill, rng.randint(1, BYTES))
        await today.verify()


async def test_a_server_that_is_stopped_says_so_and_loses_nothing_that_was_under_way(tmp_path: Path) -> None:
    rng = random.Random(13)
    async with day(tmp_path) as today:
        for _ in range(STOPS):
            await today.restart(lambda: today.server.stop(within=5), rng.randint(1, BYTES))
        for member in today.fleet.members:
            assert member.troubles["server_stopping"] == STOPS, "somebody did not hear the goodbye"
        await today.verify()
        assert not today.work.unsure, "somebody was left without an answer"
