"""Raw connections that fill a space: the protocol and nothing else, many in one process.

``python -m tests.bench.crowd SERVER COUNT HANDLE …`` with the password on standard input prints ``ready``
once all are in the space, and ends with its standard input.
"""

from __future__ import annotations

import asyncio
import itertools
import sys
import time

from websockets.asyncio.client import ClientConnection, connect

from app.core import wire
from app.core.session import ClientSession, Incoming
from app.tasks import Tasks

AT_ONCE = 8
"""How many sign in at the same time; the server hashes passwords in a few threads."""


class RawConnection:
    """One machine of somebody, without state: it answers beats and acknowledges what it reads."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._session = ClientSession(time.monotonic(), "crowd")

    async def enter(self, handle: str, password: str) -> None:
        """Sign in and attach.

        Raises:
            RuntimeError: the server said no.
        """
        await self._flush()
        await self._wait_for(wire.Welcome)
        self._session.send(wire.SignIn(handle, password))
        await self._flush()
        await self._wait_for(wire.SignedIn)
        self._session.attach(None)
        await self._flush()
        await self._wait_for(wire.Attached)

    async def read(self) -> None:
        """Take everything that comes, until the connection ends."""
        async for frame in self._socket:
            self._take(frame)
            await self._flush()

    async def beat(self) -> None:
        self._session.tick(time.monotonic())
        await self._flush()

    async def _wait_for(self, kind: type) -> None:
        while True:
            for message in self._take(await self._socket.recv()):
                if isinstance(message, kind):
                    return
                if isinstance(message, wire.Denied | wire.Bye):
                    raise RuntimeError(f"the server refused: {message}")

    def _take(self, frame: str | bytes) -> list[Incoming]:
        assert isinstance(frame, bytes)
        return self._session.receive(frame, time.monotonic())

    async def _flush(self) -> None:
        for frame in self._session.outgoing():
            await self._socket.send(frame)


async def fill(server: str, count: int, handles: list[str], password: str) -> None:
    """Open ``count`` connections, shared out among ``handles``, until standard input ends."""
    gate = asyncio.Semaphore(AT_ONCE)
    crowd: list[RawConnection] = []

    async def enter(handle: str) -> None:
        async with gate:
            socket = await connect(server, compression=None, ping_interval=None, max_size=None, proxy=None)
            connection = RawConnection(socket)
            await connection.enter(handle, password)
            crowd.append(connection)
            tasks.spawn(connection.read(), name=f"read {handle}")

    async def beat() -> None:
        while True:
            await asyncio.sleep(1)
            for connection in tuple(crowd):
                await connection.beat()

    async with Tasks("crowd") as tasks:
        tasks.spawn(beat(), name="beats")
        await asyncio.gather(*map(enter, itertools.islice(itertools.cycle(handles), count)))
        print("ready", flush=True)
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(fill(sys.argv[1], int(sys.argv[2]), sys.argv[3:], sys.stdin.readline().rstrip("\n")))
