"""The bus of several servers on one store: a channel of a Redis server (publish/subscribe, nothing is kept).

What is to be said is gathered, so that each of the others gets at most one message in ``GATHER`` s, with the
newest number of each stream and the newest place of each person. While Redis is slow, newer ones replace what
still waits, and past ``MOST`` of each the rest is left out: the store has it all.

A server hears itself too. That is how it knows that the bus works: when it has not for ``DEAF`` s, it counts
as broken and is opened anew, and steps cross through the store (:mod:`app.server.walkers`).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress

import msgspec
from redis.asyncio import Redis
from redis.exceptions import RedisError

from app.core import wire
from app.core.errors import Refused
from app.core.limits import SERVER_FRAME_BYTES
from app.core.model import PersonId, Place, SpaceId
from app.core.wire import Pixel
from app.server.bus.address import BusAddress
from app.server.bus.base import Heard, HeardSteps
from app.server.store.keys import StreamKey
from app.server.store.servers import ServerId
from app.tasks import Tasks

log = logging.getLogger(__name__)

GATHER = 0.02
"""s between two messages of a server."""
BEAT = 2.0
"""s after which it says something in any case."""
DEAF = 3 * BEAT
TIMEOUT = 2.0
"""s that Redis may take for an answer."""
AGAIN = 1.0
"""s until a connection that broke is tried again."""
MOST = 10_000
"""Streams, and people, of which a message tells at most."""


class Frame(msgspec.Struct, frozen=True, array_like=True):
    """A message. Attributes:
    server: whose it is.
    streams: the number of the newest event of each.
    steps: where people stand, px.
    """

    server: ServerId
    streams: dict[StreamKey, int]
    steps: dict[SpaceId, dict[PersonId, tuple[Pixel, Pixel]]]


_decoder: msgspec.msgpack.Decoder[Frame] = msgspec.msgpack.Decoder(Frame)
_encode = msgspec.msgpack.Encoder().encode


class RedisBus:
    """See :class:`app.server.bus.base.Bus`."""

    def __init__(self, address: BusAddress, epoch: str, me: ServerId, tasks: Tasks) -> None:
        """Args:
        epoch: of the store; servers on another one use another channel.
        """
        self._address, self._me, self._tasks = address, me, tasks
        self._channel = f"handraise:{epoch}"
        self._streams: dict[StreamKey, int] = {}
        self._steps: dict[SpaceId, dict[PersonId, tuple[int, int]]] = {}
        self._waiting = 0  # people in them
        self._news = asyncio.Event()
        self._listeners: list[Heard] = []
        self._watchers: list[HeardSteps] = []
        self._heard_at = float("-inf")  # oneself, on the loop's clock
        self._broken = False

    @property
    def up(self) -> bool:
        return asyncio.get_running_loop().time() - self._heard_at < DEAF

    def listen(self, heard: Heard) -> None:
        self._listeners.append(heard)

    def listen_to_steps(self, heard: HeardSteps) -> None:
        self._watchers.append(heard)

    def tell(self, stream: StreamKey, at: int) -> None:
        if self.up and (stream in self._streams or len(self._streams) < MOST):
            self._streams[stream] = at
            self._news.set()

    def show(self, space: SpaceId, person: PersonId, place: Place) -> None:
        if self.up and (self._waiting < MOST or person in self._steps.get(space, ())):
            steps = self._steps.setdefault(space, {})
            self._waiting += person not in steps
            steps[person] = (place.x, place.y)
            self._news.set()

    async def run(self) -> None:
        self._tasks.spawn(self._keep(self._speak), name="speaking on the bus")
        await self._keep(self._hear)

    async def _keep(self, go: Callable[[Redis], Awaitable[None]]) -> None:
        """Each way has a connection of its own, and opens it again when it breaks."""
        while True:
            redis = self._address.open(TIMEOUT)
            try:
                await go(redis)
            except (RedisError, OSError, TimeoutError) as error:
                self._heard_at = float("-inf")
                if not self._broken:
                    log.warning("the bus at %s: %s; it is tried again", self._address.place, error)
                self._broken = True
            finally:
                await redis.aclose()
            await asyncio.sleep(AGAIN)

    async def _speak(self, redis: Redis) -> None:
        while True:
            await redis.publish(self._channel, self._take())
            await asyncio.sleep(GATHER)
            with suppress(TimeoutError):
                async with asyncio.timeout(BEAT):
                    await self._news.wait()

    def _take(self) -> bytes:
        frame = Frame(self._me, self._streams, self._steps)
        self._streams, self._steps, self._waiting = {}, {}, 0
        self._news.clear()
        return _encode(frame)

    async def _hear(self, redis: Redis) -> None:
        loop = asyncio.get_running_loop()
        async with redis.pubsub(ignore_subscribe_messages=True) as ear:
            await ear.subscribe(self._channel)
            self._news.set()  # so that it is soon known whether this hears anything
            since = loop.time()
            while True:
                message = await ear.get_message(timeout=BEAT)
                if message is not None:
                    self._take_in(message["data"])
                if loop.time() - max(since, self._heard_at) >= DEAF:
                    raise TimeoutError(f"nothing came through for {DEAF:.0f} s")

    def _take_in(self, data: bytes) -> None:
        try:
            frame = wire.decode(_decoder, data, SERVER_FRAME_BYTES)
        except Refused:
            log.warning("the bus: something that no server of this version says; it is left out")
            return
        if frame.server == self._me:
            self._heard_at = asyncio.get_running_loop().time()
            if self._broken:
                log.info("the bus at %s works again", self._address.place)
            self._broken = False
            return
        for heard in self._listeners:
            for stream, at in frame.streams.items():
                heard(stream, at)
        for seen in self._watchers:
            for space, steps in frame.steps.items():
                seen(space, {person: Place(x, y) for person, (x, y) in steps.items()})
