"""Server processes on one store, of which one is killed: who was connected through it is not, and nobody
else is touched."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from app.core.events import LinkLost
from app.core.model import PersonId
from app.core.wire import decode_space_event
from app.server.clock import SystemClock
from app.server.peers import BEAT, LEASE
from app.server.store.sqlite.store import FILE
from tests.helpers.caller import Caller, eventually
from tests.helpers.clock import FakeClock
from tests.helpers.running import furnish, running
from tests.helpers.server_process import ServerProcess


def lost(data: Path) -> list[PersonId]:
    """Whose connection was lost, in order."""
    sql = (
        "SELECT payload FROM events JOIN streams ON streams.id = stream WHERE key LIKE 'space:%' "
        "ORDER BY stream, events.seq"
    )
    with closing(sqlite3.connect(data / FILE)) as db:
        events = [decode_space_event(payload) for (payload,) in db.execute(sql)]
    return [event.person for event in events if isinstance(event, LinkLost)]


async def test_a_second_process_touches_nobody_and_one_that_is_back_loses_its_own(tmp_path: Path) -> None:
    """The other one is this process."""
    data = tmp_path / "data"
    ids = furnish(data)
    async with (
        ServerProcess(data) as first,
        await Caller.enter(first.url, "ann"),
        running(data, SystemClock()) as second,
        await Caller.enter(second.url, "bob") as bob,
    ):
        assert bob.space.is_here(ids.ann)
        assert lost(data) == []
        await first.kill()
        await first.start()
        assert lost(data) == [ids.ann], "at once, and nobody else"
        await bob.until(lambda: not bob.space.is_here(ids.ann))
        async with await Caller.enter(first.url, "ann"):
            await bob.until(lambda: bob.space.is_here(ids.ann))
            assert lost(data) == [ids.ann]


async def test_a_process_that_is_killed_loses_its_links_though_nobody_starts_it_again(tmp_path: Path) -> None:
    """Its end is real; the time that the other one waits is not."""
    data, clock = tmp_path / "data", FakeClock()
    ids = furnish(data)
    async with (
        running(data, clock) as here,
        ServerProcess(data) as there,
        await Caller.enter(here.url, "bob") as bob,
        await Caller.enter(there.url, "ann"),
    ):
        clock.at += BEAT
        await bob.until(lambda: bob.space.is_here(ids.ann))
        await there.kill()
        passed = 0.0
        while passed < LEASE + 2 * BEAT:
            await bob.keep_up(here)
            clock.at += BEAT
            passed += BEAT
            await eventually(lambda: here.peers._looked_at == clock.at)
        await bob.until(lambda: not bob.space.is_here(ids.ann))
        assert lost(data) == [ids.ann]
        assert bob.space.is_here(ids.bob)
