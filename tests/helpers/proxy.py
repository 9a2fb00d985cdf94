"""A TCP proxy that misbehaves on demand: late, narrow, in crumbs, half-open, cut, reset.

It stands between real clients and a real server. What it does is set by :class:`Weather`, for all
connections and changeable while they run, and by the methods of one :class:`Wire`. Chance comes from a seed.
"""

from __future__ import annotations

import asyncio
import enum
import random
import socket
import struct
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from types import TracebackType

from app.net.clock import Clock, SystemClock
from app.tasks import Tasks
from tests.helpers.frames import FrameMarks

CHUNK = 65_536
"""Bytes taken at a time."""
HELD = 8
"""Chunks under way at most in each direction; then the sender feels it."""


class Way(enum.Enum):
    UP = "from the client to the server"
    DOWN = "from the server to the client"


@dataclass
class Weather:
    """Attributes:
    latency: s that bytes take, each way.
    rate: bytes/s, each way; 0 for as many as there are.
    crumbs: bytes of the largest segment that is passed on at once; 0 for as they come.
    swallow: ways in which everything disappears without a word (a half-open link).
    refuse: new connections are reset at once.
    """

    latency: float = 0.0
    rate: float = 0.0
    crumbs: int = 0
    swallow: frozenset[Way] = frozenset()
    refuse: bool = False


@dataclass
class _Plan:
    """How a direction is to end: after so many more bytes, or inside the next frame."""

    after: int | None = None
    in_frame: bool = False
    reset: bool = False


@dataclass
class _Side:
    """One direction of a wire."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    queue: asyncio.Queue[tuple[float, bytes]] = field(default_factory=lambda: asyncio.Queue(HELD))
    marks: FrameMarks = field(default_factory=FrameMarks)
    plan: _Plan = field(default_factory=_Plan)
    passed: int = 0


class Wire:
    """One connection through the proxy.

    Attributes:
        over: done once nothing passes any more.
    """

    def __init__(
        self,
        proxy: FaultProxy,
        client: tuple[asyncio.StreamReader, asyncio.StreamWriter],
        server: tuple[asyncio.StreamReader, asyncio.StreamWriter],
    ) -> None:
        self._proxy = proxy
        self._sides = {Way.UP: _Side(client[0], server[1]), Way.DOWN: _Side(server[0], client[1])}
        self.over = asyncio.Event()

    def passed(self, way: Way) -> int:
        """Bytes that were passed on."""
        return self._sides[way].passed

    def cut(self) -> None:
        """An orderly end towards both sides; what was passed on still arrives."""
        for side in self._sides.values():
            side.writer.close()
        self.over.set()

    def reset(self) -> None:
        """Both sides see "connection reset by peer"; what is still under way is lost."""
        for side in self._sides.values():
            _reset(side.writer)
        self.over.set()

    def cut_after(self, way: Way, count: int, *, reset: bool = False) -> None:
        """End after exactly ``count`` more bytes in that direction."""
        self._sides[way].plan = _Plan(after=count, reset=reset)

    def cut_in_frame(self, way: Way, *, reset: bool = False) -> None:
        """End somewhere inside the next WebSocket frame that goes that way."""
        self._sides[way].plan = _Plan(in_frame=True, reset=reset)

    async def run(self) -> None:
        async with Tasks("wire") as own:
            for way, side in self._sides.items():
                own.spawn(self._take(side), name=f"take {way.name}")
                own.spawn(self._give(way, side), name=f"give {way.name}")
            await self.over.wait()
        for side in self._sides.values():
            if not side.writer.is_closing():
                side.writer.close()

    async def _take(self, side: _Side) -> None:
        while True:
            try:
                data = await side.reader.read(CHUNK)
            except OSError:
                self.reset()
                return
            await side.queue.put((self._proxy.clock.monotonic() + self._proxy.weather.latency, data))
            if not data:
                return

    async def _give(self, way: Way, side: _Side) -> None:
        clock = self._proxy.clock
        while not self.over.is_set():
            due, data = await side.queue.get()
            if due > clock.monotonic():
                await clock.sleep(due - clock.monotonic())
            if way in self._proxy.weather.swallow:
                side.marks.lost()
                continue
            ends = side.plan
            data, done = self._planned(side, data)
            try:
                await self._pass_on(way, side, data)
            except OSError:
                self.reset()
                return
            if done:
                self.reset() if ends.reset else self.cut()
            elif not data:
                self.cut()  # one side has hung up, and nobody here speaks after that

    def _planned(self, side: _Side, data: bytes) -> tuple[bytes, bool]:
        """What of ``data`` still passes, and whether that is the end."""
        plan, frames = side.plan, side.marks.feed(data)
        if plan.after is not None:
            if len(data) >= plan.after:
                return data[: plan.after], True
            plan.after -= len(data)
        if plan.in_frame:
            for start, end in frames:
                first, last = max(start + 1, 0), min(end, len(data)) - 1
                if first <= last:
                    return data[: self._proxy.rng.randint(first, last)], True
        return data, False

    async def _pass_on(self, way: Way, side: _Side, data: bytes) -> None:
        for crumb in self._crumbs(data):
            side.writer.write(crumb)
            await side.writer.drain()
            side.passed += len(crumb)
            self._proxy.note_passed(way, len(crumb))
            rate = self._proxy.weather.rate
            if rate:
                await self._proxy.clock.sleep(len(crumb) / rate)
            elif len(crumb) < len(data):
                await asyncio.sleep(0)

    def _crumbs(self, data: bytes) -> Iterator[bytes]:
        largest = self._proxy.weather.crumbs or CHUNK
        while data:
            size = self._proxy.rng.randint(1, largest) if self._proxy.weather.crumbs else largest
            yield data[:size]
            data = data[size:]


class FaultProxy:
    """``async with FaultProxy(url) as proxy``: clients use ``proxy.url``.

    Args:
        target: the server's ``ws://host:port``.
        seed: for the sizes of crumbs and the places of cuts.

    Attributes:
        target: may be changed (a server that comes back on another port).
        weather: see :class:`Weather`.
        wires: the connections that live, oldest first.
        accepted: how many there ever were.
        passed: bytes that were passed on, over all of them.
    """

    def __init__(self, target: str, seed: int = 1, clock: Clock | None = None) -> None:
        self.target = target
        self.rng = random.Random(seed)
        self.clock: Clock = clock or SystemClock()
        self.weather = Weather()
        self.wires: list[Wire] = []
        self.accepted = 0
        self.passed: Counter[Way] = Counter()
        self.url = ""
        self._moved = asyncio.Event()
        self._tasks = Tasks("proxy")
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> FaultProxy:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0, backlog=4_096)
        self.url = f"ws://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._server.close()
        for wire in list(self.wires):
            wire.reset()
        await self._tasks.close()

    def note_passed(self, way: Way, count: int) -> None:
        self.passed[way] += count
        self._moved.set()

    async def until_passed(self, way: Way, count: int) -> None:
        """Wait until so many more bytes went that way, over all connections."""
        goal = self.passed[way] + count
        while self.passed[way] < goal:
            self._moved.clear()
            await self._moved.wait()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.accepted += 1
        if self.weather.refuse or self._tasks.closed:
            _reset(writer)
            return
        host, _, port = self.target.removeprefix("ws://").rpartition(":")
        try:
            server = await asyncio.open_connection(host, int(port))
        except OSError:
            _reset(writer)  # as if the server's machine had refused
            return
        wire = Wire(self, (reader, writer), server)
        self.wires.append(wire)
        await asyncio.wait({self._tasks.spawn(wire.run(), name="wire")})
        self.wires.remove(wire)


def _reset(writer: asyncio.StreamWriter) -> None:
    """Send RST instead of FIN."""
    sock = writer.get_extra_info("socket")
    if sock is not None and not writer.is_closing():
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
