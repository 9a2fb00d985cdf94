"""One connection from its first frame to its end: frames flow, beats are kept, silence is noticed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from app.core import wire
from app.core.model import SpaceId
from app.core.session import ClientSession, Incoming
from app.net.clock import Clock
from app.net.connection import Connection
from app.net.problems import ConnectionProblem, Trouble
from app.tasks import Tasks

TICK = 1.0
"""s between looks at the beats; with ``limits.DEAD_AFTER`` a dead peer is noticed within 13 s."""


class Channel:
    """Args:
    told: hears each message in order. What it raises ends the conversation.
    """

    def __init__(
        self, connection: Connection, session: ClientSession, clock: Clock, told: Callable[[Incoming], None]
    ) -> None:
        self.session = session
        self._connection = connection
        self._clock = clock
        self._told = told
        self._wake = asyncio.Event()
        self._silent = False

    def send(self, message: wire.ClientMessage) -> None:
        """Give a message to the writer; never blocks. Lost when the connection breaks."""
        self.session.send(message)
        self._wake.set()

    def attach(self, space: SpaceId | None) -> None:
        """Enter a space; ``None`` for the person's last."""
        self.session.attach(space)
        self._wake.set()

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
            for message in self.session.receive(frame, self._clock.monotonic()):
                self._told(message)
            self._wake.set()

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
        while True:
            await self._clock.sleep(TICK)
            now = self._clock.monotonic()
            if self.session.is_dead(now):
                self._silent = True
                self._connection.abort()
                return
            self.session.tick(now)
            self._wake.set()
