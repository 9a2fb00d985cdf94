"""Connections between clients and the server: late, torn, half open, slow to be read; in order otherwise.

A connection is a stream, as TCP's: frames arrive in order and whole, or the connection is over.
"""

from __future__ import annotations

import asyncio
import random
from collections import deque
from collections.abc import AsyncIterator, Callable, Coroutine
from dataclasses import dataclass
from typing import Any

import msgspec

from app.net.address import ServerAddress
from app.net.problems import ConnectionProblem, Trouble
from app.server.wire_out import HIGH_WATER, Lane, Packet
from tests.sim.loop import PROCESS, Process

WINDOW = 65_536
"""Bytes that the way holds before the sender has to wait (what kernels buffer, made small)."""
HOPELESS = 10.0
"""s after which an attempt to connect is given up (``app.net.websocket.OPEN_SECONDS``)."""
EPSILON = 1e-7
"""s between two frames, so that none overtakes."""
REPEATABLE = frozenset({"do", "beat", "seen", "walk", "events", "accepted", "refused", "places"})
"""Frames that may come twice; the others would be out of turn."""


class OverError(Exception):
    """The connection is over."""


class Tag(msgspec.Struct):
    type: str


_tag = msgspec.msgpack.Decoder(Tag)


def kind_of(frame: bytes) -> str:
    return _tag.decode(frame).type


@dataclass
class Weather:
    """What the network is like for one device. Times in s.

    Attributes:
        latency, jitter: of one frame, one way.
        refused: nobody answers.
        black_hole: attempts to connect hang.
        stalled_until: the client reads nothing until then.
        pause: between two frames that the client reads.
        tear_up, tear_down: so many frames from now the connection tears in the middle of one; ``None``: no.
        repeat: probability that a frame comes twice.
        repeats: so many did.
    """

    latency: float = 0.01
    jitter: float = 0.0
    refused: bool = False
    black_hole: bool = False
    stalled_until: float = 0.0
    pause: float = 0.0
    tear_up: int | None = None
    tear_down: int | None = None
    repeat: float = 0.0
    repeats: int = 0

    def clear_up(self) -> None:
        """From now on it is fine."""
        self.__dict__.update(Weather(repeats=self.repeats).__dict__)


class Way:
    """One direction of a connection."""

    def __init__(self, dice: random.Random, weather: Weather, reader: Process) -> None:
        self._loop = asyncio.get_running_loop()
        self._dice, self._weather, self._reader = dice, weather, reader
        self._inbox: deque[bytes] = deque()
        self._waiting: asyncio.Future[None] | None = None
        self._rooms: list[asyncio.Future[None]] = []
        self._last = 0.0
        self._ready_at = 0.0
        self.unread = 0
        self.arrived = 0
        self.eager: Callable[[bytes], bool] | None = None
        self.muted = False
        self.cut = False
        self.over = False

    @property
    def backlog(self) -> bool:
        """Something has arrived and is not read."""
        return bool(self._inbox)

    def late(self) -> float:
        weather = self._weather
        return weather.latency + (self._dice.random() * weather.jitter if weather.jitter else 0.0)

    def send(self, frame: bytes, copies: int = 1) -> None:
        for _ in range(copies):
            self.unread += len(frame)
            if not (self.muted or self.cut or self.over):
                self._last = max(self._last + EPSILON, self._loop.time() + self.late())
                self._loop.call_at(self._last, self._arrive, frame)

    async def until_room(self) -> None:
        """Wait while too much is unread."""
        while self.unread > WINDOW and not self.over:
            room = self._loop.create_future()
            self._rooms.append(room)
            await room

    async def take(self, *, slow: bool) -> bytes:
        """The next frame. Raises OverError."""
        while True:
            if self._inbox:
                wait = self._held_back() if slow else 0.0
                if wait <= 0:
                    break
                self._loop.call_later(wait, self._wake)
            elif self.over:
                raise OverError
            self._waiting = self._loop.create_future()
            await self._waiting
        frame = self._inbox.popleft()
        self.unread -= len(frame)
        if slow:
            self._ready_at = self._loop.time() + self._weather.pause
        self._make_room()
        return frame

    def finish(self) -> None:
        """After what is on the way, nothing comes any more."""
        if not self.muted:
            self._last = max(self._last + EPSILON, self._loop.time() + self.late())
            self._loop.call_at(self._last, self.end)

    def tear(self) -> None:
        """What is on the way is lost; the reader hears of it a little later."""
        self.cut = True
        if not self.muted:
            self._loop.call_later(self.late(), self.end)

    def end(self, *, lose: bool = False) -> None:
        self.over = True
        if lose:
            self._inbox.clear()
        self._wake()
        self._make_room()

    def _make_room(self) -> None:
        rooms, self._rooms = self._rooms, []
        for room in rooms:
            if not room.done():
                room.set_result(None)

    def _held_back(self) -> float:
        return max(self._weather.stalled_until, self._ready_at) - self._loop.time()

    def _arrive(self, frame: bytes) -> None:
        if self.cut or self.over or self.muted or not self._reader.alive:
            return
        self.arrived += len(frame)
        eager = self.eager
        if eager is not None and not self._inbox and self._reader.run(lambda: eager(frame)):
            self.unread -= len(frame)
            self._make_room()
            return
        self._inbox.append(frame)
        self._wake()

    def _wake(self) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(None)


Heard = Callable[[str, bytes], None]
"""Which way ("->", "<-"), and the frame."""


class Link:
    """One connection. ``up`` leads to the server.

    Attributes:
        client, server: the processes at both ends.
        quick: the server's end can write and hear without waiting, as it mostly can.
    """

    def __init__(
        self, name: str, dice: random.Random, weather: Weather, client: Process, server: Process, heard: Heard
    ) -> None:
        self.quick = dice.random() < 0.8
        self.name, self.client, self.server = name, client, server
        self.up = Way(dice, weather, server)
        self.down = Way(dice, weather, client)
        self._dice, self._weather, self._heard = dice, weather, heard

    @property
    def sound(self) -> bool:
        """Both ends are there, and what one says reaches the other."""
        ways = (self.up, self.down)
        dead = any(way.over or way.cut or way.muted for way in ways)
        return self.client.alive and self.server.alive and not dead

    @property
    def unread(self) -> bool:
        """The client still has something to read, so it cannot know yet that nothing else comes."""
        return self.client.alive and self.down.backlog

    @property
    def open(self) -> bool:
        return not (self.up.over and self.down.over)

    def cut(self) -> None:
        """The connection breaks, and both ends hear of it."""
        self.up.tear()
        self.down.tear()

    def mute(self) -> None:
        """Half open: what is said disappears, and nobody hears of it."""
        self.up.muted = self.down.muted = True

    def say(self, frame: bytes, *, up: bool) -> None:
        way = self.up if up else self.down
        self._heard("->" if up else "<-", frame)
        if self._torn(up):
            self._heard("~>" if up else "<~", frame)
            self.cut()
            return
        weather = self._weather
        again = weather.repeat and self._dice.random() < weather.repeat and kind_of(frame) in REPEATABLE
        if again:
            weather.repeats += 1
            self._heard("=>" if up else "<=", frame)
        way.send(frame, 2 if again else 1)

    def _torn(self, up: bool) -> bool:
        weather = self._weather
        left = weather.tear_up if up else weather.tear_down
        if left is None:
            return False
        if up:
            weather.tear_up = left - 1 if left else None
        else:
            weather.tear_down = left - 1 if left else None
        return left == 0


class ClientEnd:
    """:class:`app.net.connection.Connection`."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self._closed = False

    @property
    def received(self) -> int:
        return self._link.down.arrived

    async def send(self, frame: bytes) -> None:
        link = self._link
        if self._closed or link.down.over:
            raise ConnectionProblem(Trouble.LOST)
        link.say(frame, up=True)
        await link.up.until_room()

    async def receive(self) -> bytes:
        try:
            return await self._link.down.take(slow=True)
        except OverError as error:
            raise ConnectionProblem(Trouble.LOST) from error

    async def close(self) -> None:
        if not self._closed and self._link.client.alive:
            self._link.up.finish()
        self._end()

    def abort(self) -> None:
        if not self._closed and self._link.client.alive:
            self._link.up.tear()
        self._end()

    def _end(self) -> None:
        self._closed = True
        self._link.down.end(lose=True)


class ServerEnd:
    """:class:`app.server.link.Peer`."""

    lane: Lane | None = None

    def __init__(self, link: Link) -> None:
        self._link = link
        self._closed = False

    @property
    def address(self) -> str:
        return f"sim {self._link.name.partition('/')[0]}"

    @property
    def quick(self) -> bool:
        return self._link.quick

    @property
    def waiting(self) -> int:
        """Bytes that the way does not take yet."""
        return max(0, self._link.down.unread - WINDOW)

    def write_now(self, packet: Packet) -> bool:
        link = self._link
        if not link.quick or self._closed or link.up.over or self.waiting > HIGH_WATER:
            return False
        link.say(packet.data, up=False)
        return True

    def listen_early(self, eager: Callable[[bytes], bool]) -> None:
        if self._link.quick:
            self._link.up.eager = eager

    async def recv(self, decode: bool | None = None) -> str | bytes:
        try:
            return await self._link.up.take(slow=False)
        except OverError as error:
            raise ConnectionResetError from error

    async def send(self, data: bytes | AsyncIterator[bytes]) -> None:
        link = self._link
        if not isinstance(data, bytes):
            data = b"".join([piece async for piece in data])
        if self._closed or link.up.over:
            raise ConnectionResetError
        link.say(data, up=False)
        await link.down.until_room()

    async def close(self, code: int, reason: str) -> None:
        if not self._closed and self._link.server.alive:
            self._link.down.finish()
        self._end()

    def abort(self) -> None:
        if not self._closed and self._link.server.alive:
            self._link.down.tear()
        self._end()

    def _end(self) -> None:
        self._closed = True
        self._link.up.end(lose=True)


@dataclass
class Listening:
    """Where a server takes connections.

    Attributes:
        serve: one connection from its first frame to its end.
    """

    process: Process
    serve: Callable[[ServerEnd], Coroutine[Any, Any, None]]


class Network:
    """Attributes:
    listening: the server, while it takes connections.
    links: connections that are open, or half so, in the order in which they were made.
    made_at: when each device's newest one was made, s.
    """

    def __init__(self, dice: random.Random, heard: Callable[[str, str, bytes], None]) -> None:
        self.listening: Listening | None = None
        self.links: list[Link] = []
        self.made_at: dict[str, float] = {}
        self._dice, self._heard = dice, heard

    def links_of(self, name: str) -> list[Link]:
        return [link for link in self.links if link.name == name]

    async def connect(self, name: str, weather: Weather, server: ServerAddress) -> ClientEnd:
        """Raises ConnectionProblem."""
        nowhere = ConnectionProblem(Trouble.NO_ANSWER, host=server.host, port=server.port)
        await asyncio.sleep(weather.latency)
        if weather.black_hole:
            await asyncio.sleep(HOPELESS)
            raise nowhere
        listening, client = self.listening, PROCESS.get()
        if weather.refused or listening is None or not listening.process.alive:
            raise nowhere
        assert client is not None
        link = Link(
            name,
            self._dice,
            weather,
            client,
            listening.process,
            lambda way, frame: self._heard(name, way, frame),
        )
        self.links = [known for known in self.links if known.open]
        self.links.append(link)
        self.made_at[name] = asyncio.get_running_loop().time()
        listening.process.start(listening.serve(ServerEnd(link)), name=f"connection of {name}")
        await asyncio.sleep(weather.latency)
        if link.up.cut or link.down.over:
            raise ConnectionProblem(Trouble.LOST)
        return ClientEnd(link)

    def process_gone(self, process: Process, *, silently: bool) -> None:
        """A process ended: its kernel resets its connections; or the whole machine is gone without a word."""
        for link in self.links:
            if process in (link.client, link.server) and link.open:
                if silently:
                    link.mute()
                else:
                    link.cut()
                # Nobody reads there any more.
                (link.up if process is link.server else link.down).end(lose=True)
