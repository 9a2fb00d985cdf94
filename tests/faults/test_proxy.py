"""The fault proxy does what it says: otherwise the runs over it prove nothing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable
from typing import TypeVar

import pytest

from tests.helpers.caller import PATIENCE, eventually
from tests.helpers.clock import FakeClock, settle
from tests.helpers.frames import BINARY, PING, FrameMarks, frame
from tests.helpers.proxy import FaultProxy, Way

T = TypeVar("T")
HEAD = b"GET / HTTP/1.1\r\nHost: here\r\n\r\n"


class Echo:
    """Sends back what it gets, and keeps it.

    Attributes:
        got: everything that arrived, over all connections.
        chunks: sizes of what arrived together.
        ends: how each connection ended: "eof" or "reset".
    """

    def __init__(self) -> None:
        self.got = bytearray()
        self.chunks: list[int] = []
        self.ends: list[str] = []
        self.url = ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(65_536):
                self.got += data
                self.chunks.append(len(data))
                writer.write(data)
                await writer.drain()
            self.ends.append("eof")
        except ConnectionResetError:
            self.ends.append("reset")
        writer.close()


@pytest.fixture
async def echo() -> AsyncIterator[Echo]:
    made = Echo()
    server = await asyncio.start_server(made.serve, "127.0.0.1", 0)
    made.url = f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    yield made
    server.close()


class Guest:
    """A client of the proxy."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer
        self.got = b""

    @classmethod
    async def dial(cls, proxy: FaultProxy) -> Guest:
        host, _, port = proxy.url.removeprefix("ws://").rpartition(":")
        guest = cls(*await asyncio.open_connection(host, int(port)))
        await eventually(lambda: bool(proxy.wires) or proxy.weather.refuse)
        return guest

    async def read(self, count: int) -> bytes:
        return await soon(self.reader.readexactly(count))

    async def end(self) -> str:
        """Read until it is over, and say how."""
        try:
            while data := await soon(self.reader.read(65_536)):
                self.got += data
        except ConnectionResetError:
            return "reset"
        finally:
            self.writer.transport.abort()
        return "eof"


async def soon(waiting: Awaitable[T]) -> T:
    async with asyncio.timeout(PATIENCE):
        return await waiting


async def test_everything_passes_unchanged_in_fine_weather(echo: Echo) -> None:
    async with FaultProxy(echo.url) as proxy:
        guest = await Guest.dial(proxy)
        sent = bytes(range(256)) * 2_000
        guest.writer.write(sent)
        assert await guest.read(len(sent)) == sent
        assert proxy.wires[0].passed(Way.UP) == proxy.wires[0].passed(Way.DOWN) == len(sent)
        guest.writer.close()
        await eventually(lambda: echo.ends == ["eof"])
        await eventually(lambda: not proxy.wires)


async def test_crumbs_are_the_same_bytes_in_many_pieces(echo: Echo) -> None:
    async with FaultProxy(echo.url) as proxy:
        proxy.weather.crumbs = 7
        guest = await Guest.dial(proxy)
        sent = bytes(range(256))
        guest.writer.write(sent)
        assert await guest.read(len(sent)) == sent
        assert bytes(echo.got) == sent
        assert len(echo.chunks) > 4
        guest.writer.close()


async def test_latency_holds_bytes_back_and_keeps_their_order(echo: Echo) -> None:
    clock = FakeClock()
    async with FaultProxy(echo.url, clock=clock) as proxy:
        guest = await Guest.dial(proxy)
        proxy.weather.latency = 3.0
        guest.writer.write(b"first ")
        await eventually(lambda: bool(clock._sleepers))
        await clock.advance(2.9)
        assert not echo.got
        guest.writer.write(b"second")
        await settle()
        await clock.advance(0.2)
        await eventually(lambda: bytes(echo.got) == b"first ")
        await clock.advance(3.0)
        await eventually(lambda: bytes(echo.got) == b"first second")
        guest.writer.close()


async def test_a_narrow_line_takes_its_time(echo: Echo) -> None:
    clock = FakeClock()
    async with FaultProxy(echo.url, clock=clock) as proxy:
        proxy.weather.rate, proxy.weather.crumbs = 100.0, 1
        guest = await Guest.dial(proxy)
        guest.writer.write(b"x" * 50)
        await eventually(lambda: bool(clock._sleepers))
        for _ in range(30):
            await clock.advance(0.01)
            await eventually(lambda: bool(clock._sleepers))
        assert 25 <= proxy.wires[0].passed(Way.UP) <= 32
        guest.writer.close()


@pytest.mark.parametrize("way", Way)
async def test_a_half_open_link_swallows_one_way_and_nobody_hears_of_it(echo: Echo, way: Way) -> None:
    async with FaultProxy(echo.url) as proxy:
        guest = await Guest.dial(proxy)
        proxy.weather.swallow = frozenset({way})
        guest.writer.write(b"lost")
        if way is Way.DOWN:
            await eventually(lambda: bytes(echo.got) == b"lost")
        wire = proxy.wires[0]
        await eventually(lambda: not wire._sides[way].queue.qsize())
        await settle()
        proxy.weather.swallow = frozenset()
        guest.writer.write(b"heard")
        assert await guest.read(5) == b"heard"
        assert not echo.ends
        guest.writer.close()


async def test_a_cut_is_an_orderly_end_for_both_sides(echo: Echo) -> None:
    async with FaultProxy(echo.url) as proxy:
        guest = await Guest.dial(proxy)
        guest.writer.write(b"hello")
        assert await guest.read(5) == b"hello"
        proxy.wires[0].cut()
        assert await guest.end() == "eof"
        await eventually(lambda: echo.ends == ["eof"])


async def test_a_reset_is_one_for_both_sides(echo: Echo) -> None:
    async with FaultProxy(echo.url) as proxy:
        guest = await Guest.dial(proxy)
        guest.writer.write(b"hello")
        assert await guest.read(5) == b"hello"
        proxy.wires[0].reset()
        assert await guest.end() == "reset"
        await eventually(lambda: echo.ends == ["reset"])


async def test_a_cut_comes_after_exactly_so_many_bytes(echo: Echo) -> None:
    async with FaultProxy(echo.url) as proxy:
        guest = await Guest.dial(proxy)
        proxy.wires[0].cut_after(Way.DOWN, 1_003)
        guest.writer.write(b"x" * 1_000)
        guest.writer.write(b"y" * 1_000)
        assert await guest.end() == "eof"
        assert guest.got == b"x" * 1_000 + b"yyy"


@pytest.mark.parametrize("seed", range(5))
async def test_a_cut_in_a_frame_leaves_it_half_done(echo: Echo, seed: int) -> None:
    first, second = frame(BINARY, b"a" * 70_000), frame(BINARY, b"b" * 300)
    async with FaultProxy(echo.url, seed) as proxy:
        guest = await Guest.dial(proxy)
        guest.writer.write(HEAD + first)
        await guest.read(len(HEAD + first))
        proxy.wires[0].cut_in_frame(Way.UP)
        guest.writer.write(second)
        await guest.end()
        half = bytes(echo.got)[len(HEAD + first) :]
        assert 0 < len(half) < len(second)
        assert second.startswith(half)


async def test_refused_connections_are_reset_at_once(echo: Echo) -> None:
    async with FaultProxy(echo.url) as proxy:
        proxy.weather.refuse = True
        guest = await Guest.dial(proxy)
        assert await guest.end() == "reset"
        assert not proxy.wires
        assert proxy.accepted == 1


async def test_a_server_that_is_away_looks_refused(echo: Echo) -> None:
    async with FaultProxy(echo.url) as proxy:
        proxy.target = "ws://127.0.0.1:1"
        proxy.weather.refuse = False
        host, _, port = proxy.url.removeprefix("ws://").rpartition(":")
        guest = Guest(*await asyncio.open_connection(host, int(port)))
        assert await guest.end() == "reset"


@pytest.mark.parametrize("step", [1, 2, 3, 5, 1_000])
def test_frames_are_found_however_the_bytes_are_cut_up(step: int) -> None:
    frames = [
        frame(BINARY, b"x" * size, masked=masked)
        for size in (0, 1, 125, 126, 70_000)
        for masked in (False, True)
    ]
    frames.append(frame(PING, b"p"))
    stream = HEAD + b"".join(frames)
    starts, at = [], len(HEAD)
    for one in frames:
        starts.append((at, at + len(one)))
        at += len(one)
    marks, found = FrameMarks(), []
    for offset in range(0, len(stream), step):
        found += [(offset + a, offset + b) for a, b in marks.feed(stream[offset : offset + step])]
    assert found == starts
