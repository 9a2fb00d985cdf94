"""What the simulation is made of keeps its promises too: time, processes, the network, the disk."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import pytest

from app.core.wire import Beat, Hello, encode
from app.server.store.sqlite.store import SqliteOptions, SqliteStore
from tests.sim.disk import Crash, Disk, ServerProcess, SimLane
from tests.sim.loop import Process, StuckError, VirtualLoop
from tests.sim.network import WINDOW, ClientEnd, Link, ServerEnd, Weather
from tests.sim.runner import Stage


def played(play: Coroutine[Any, Any, None]) -> float:
    """Run it on virtual time; returns how long it took, s."""
    loop = VirtualLoop()
    try:
        loop.run_until_complete(play)
        return loop.time()
    finally:
        loop.unwind()
        loop.close()


def test_time_jumps_and_two_timers_of_the_same_moment_keep_their_order() -> None:
    order: list[int] = []

    async def play() -> None:
        loop = asyncio.get_running_loop()
        for number in range(20):
            loop.call_at(3_600.0, order.append, number)
        await asyncio.sleep(7_200.0)

    assert played(play()) == 7_200.0
    assert order == list(range(20))


def test_waiting_for_nothing_is_noticed() -> None:
    async def play() -> None:
        await asyncio.get_running_loop().create_future()

    with pytest.raises(StuckError, match="nothing is left"):
        played(play())


def test_going_round_in_circles_is_noticed() -> None:
    async def play() -> None:
        while True:  # noqa: ASYNC110  that is the fault
            await asyncio.sleep(0)

    with pytest.raises(StuckError, match="time does not pass"):
        played(play())


def test_a_killed_process_has_no_effect_any_more() -> None:
    done: list[str] = []

    async def tidy() -> None:
        try:
            await asyncio.sleep(10.0)
            done.append("slept")
        finally:
            asyncio.get_running_loop().create_task(asyncio.sleep(0), name="too late")

    async def play() -> None:
        process = Process("program")
        process.start(tidy(), name="tidy")
        await asyncio.sleep(1.0)
        process.kill()
        await process.reap()
        await asyncio.sleep(20.0)

    assert played(play()) == 21.0
    assert done == []


def link(weather: Weather) -> tuple[Link, ClientEnd, ServerEnd]:
    made = Link("ann/1", random.Random(1), weather, Process("client"), Process("server"), lambda *_: None)
    return made, ClientEnd(made), ServerEnd(made)


def test_frames_arrive_late_in_order_and_up_to_where_the_connection_tears() -> None:
    async def play() -> None:
        made, client, server = link(Weather(latency=0.5, jitter=1.0, tear_up=3))
        for number in range(3):
            await client.send(encode(Beat(number)))
        for number in range(3):
            assert await server.recv() == encode(Beat(number))
        await client.send(encode(Beat(3)))
        with pytest.raises(ConnectionResetError):
            await server.recv()
        assert not made.sound

    assert 0.5 <= played(play()) <= 4.5


def test_a_half_open_link_swallows_what_is_said() -> None:
    async def play() -> None:
        made, client, server = link(Weather())
        made.mute()
        await client.send(encode(Hello(1)))
        client.abort()
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(60.0):
                await server.recv()

    assert played(play()) == 60.0


def test_who_does_not_read_holds_the_sender_up() -> None:
    async def play() -> None:
        _, client, server = link(Weather(stalled_until=5.0))

        async def read() -> None:
            while True:
                await client.receive()

        reading = asyncio.get_running_loop().create_task(read())
        await server.send(bytes(WINDOW))
        assert asyncio.get_running_loop().time() == 0.0
        await server.send(bytes(WINDOW))
        reading.cancel()

    assert 5.0 <= played(play()) <= 5.1


@pytest.mark.parametrize("after", [False, True])
def test_a_crash_comes_before_a_commit_or_after_it_and_nobody_is_told(
    here: Stage, tmp_path: Path, after: bool
) -> None:
    struck: list[str] = []
    outcomes: list[object] = []

    async def play() -> None:
        def crashed(when: str) -> None:
            struck.append(when)
            process.kill()

        disk = Disk(tmp_path, random.Random(1), lambda *_: None, lambda *_: None, crashed)
        disk.install(here.furniture, "epoch-1")
        process = ServerProcess("server", disk)

        async def write() -> None:
            store = SqliteStore(disk.file, SqliteOptions(lane=SimLane))
            await store.end_family(here.furniture.people["ann"], "none")
            disk.armed = Crash(0, after)
            outcomes.append(await store.end_family(here.furniture.people["ann"], "none"))

        process.start(write(), name="write")
        await asyncio.sleep(1.0)
        assert disk.commits == (2 if after else 1)
        disk.pull_the_plug()
        await process.reap()

    played(play())
    assert len(struck) == 1
    assert outcomes == []
