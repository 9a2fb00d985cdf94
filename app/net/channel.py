"""One connection from its first frame to its end: frames flow, beats are kept, silence is noticed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from app.core import slices, wire
from app.core.model import SpaceId
from app.core.session import ClientSession, Incoming
from app.net.clock import Clock
from app.net.connection import Connection
from app.net.problems import ConnectionProblem, Trouble
from app.tasks import Tasks

TICK = 1.0
"""s between looks at the beats; with ``limits.DEAD_AFTER`` a dead peer is noticed within 13 s."""
PROBE_SECONDS = 3.0
"""s within which the server answers when there is a reason to doubt the link."""


class Channel:
    """Args:
    told: hears each message in order. What it raises ends the conversation.
    first_tick: s; drawn by each client, so that those who came together do not tick together.
    """

    def __init__(
        self,
        connection: Connection,
        session: ClientSession,
        clock: Clock,
        told: Callable[[Incoming], None],
        first_tick: float = TICK,
    ) -> None:
        self.session = session
        self._first_tick = first_tick
        self._connection = connection
        self._clock = clock
        self._told = told
        self._wake = asyncio.Event()
        self._silent = False
        self._whole = 0
        self._judged = (0, 0)

    def send(self, message: wire.ClientMessage) -> None:
        """Give a message to the writer; never blocks. Lost when the connection breaks."""
        self.session.send(message)
        self._wake.set()

    def attach(self, space: SpaceId | None) -> None:
        """Enter a space; ``None`` for the person's last."""
        self.session.attach(space)
        self._wake.set()

    def probe(self) -> None:
        """Ask for a sign of life now: the machine has slept, or its network is another one."""
        self.session.beat(self._clock.monotonic(), PROBE_SECONDS)
        self._wake.set()

    def abort(self) -> None:
        """Give this connection up; :meth:`converse` says that it is lost."""
        self._connection.abort()

    async def converse(self) -> None:
        """Until the connection ends; it is closed then.

        Raises:
            ConnectionProblem: ``lost``, ``silent``, ``not_handraise``. It never just returns.
            Refused: the server broke the protocol.
        """
        try:
            async with Tasks("connection") as own:
                self._wake.set()  # the session has its greeting ready
                own.spawn(self._write(), name="write")
                own.spawn(self._tick(), name="beat")
                await self._read()
        except ConnectionProblem as problem:
            raise ConnectionProblem(Trouble.SILENT) if self._silent else problem from problem.__cause__
        finally:
            await self._connection.close()

    async def _read(self) -> None:
        while True:
            frame = await self._connection.receive()
            self._whole += 1
            for message in await self._received(frame):
                self._told(message)
            self._wake.set()

    async def _received(self, frame: bytes) -> list[Incoming]:
        """A large snapshot holds up nothing else, such as the window."""
        if len(frame) < slices.LARGE:
            return self.session.receive(frame, self._clock.monotonic())
        for message in slices.decode_server(frame):
            if message is not None:
                return self.session.take(message, self._clock.monotonic())
            await asyncio.sleep(0)
        return []

    async def _write(self) -> None:
        try:
            while True:
                await self._wake.wait()
                self._wake.clear()
                for frame in self.session.outgoing():
                    await self._connection.send(frame)
        except ConnectionProblem:
            self._connection.abort()  # the reader says so

    async def _tick(self) -> None:
        pause = self._first_tick
        while True:
            before = self._clock.monotonic()
            await self._clock.sleep(pause)
            pause = TICK
            now = self._clock.monotonic()
            self._note_parts(now)
            # When this program itself stood still, what has come meanwhile is read before anybody is judged.
            if now - before < 2 * TICK and self.session.is_dead(now):
                self._silent = True
                self._connection.abort()
                return
            self.session.tick(now)
            self._wake.set()

    def _note_parts(self, now: float) -> None:
        """Bytes came and no frame became whole: a large one is on its way."""
        received, whole = self._connection.received, self._whole
        if received > self._judged[0] and whole == self._judged[1]:
            self.session.part_came(now)
        self._judged = received, whole
