"""One reader of 200 stops reading: it is cut off, and nobody else notices, the server's end included."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import logging
import socket
import statistics
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from websockets.asyncio.client import connect
from websockets.protocol import State

from app.core import wire
from app.core.commands import Command, SendMessage, SetStatus
from app.core.limits import CHAT_CHARS, SERVER_FRAME_BYTES
from app.core.model import PersonId, Recipients, Status
from app.core.session import Folded
from app.core.wire import Stream
from app.net.clock import SystemClock
from app.tasks import Tasks
from tests.faults.sizes import size
from tests.helpers.caller import Caller
from tests.helpers.crowded import Seat, furnish_crowd
from tests.helpers.server_process import ServerProcess

log = logging.getLogger(__name__)

PEOPLE, MACHINES = 20, 10
ROUNDS = size(40, 100)
PATIENT = 30.0
MIB = 1_048_576


class Hall:
    """Two hundred machines in one space, over connections of the protocol and nothing else.

    Attributes:
        callers: by the order they came.
    """

    def __init__(self, tasks: Tasks) -> None:
        self.callers: list[Caller] = []
        self._tasks, self._clock = tasks, SystemClock()
        self._stirred = asyncio.Event()
        self._readers: dict[Caller, asyncio.Task[None]] = {}
        self._said = 0

    async def come(self, url: str, seats: list[Seat]) -> None:
        gate = asyncio.Semaphore(20)

        async def one(seat: Seat) -> Caller:
            async with gate:
                plain = socket.socket()
                plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16_384)
                plain.setblocking(False)
                host, _, port = url.removeprefix("ws://").rpartition(":")
                await asyncio.get_running_loop().sock_connect(plain, (host, int(port)))
                caller = Caller(
                    await connect(url, sock=plain, compression=None, max_size=SERVER_FRAME_BYTES, proxy=None)
                )
                await caller.hear(wire.Welcome)
                assert not await caller.resume(seat.token)
                await caller.attach()
                self._readers[caller] = self._tasks.spawn(caller.follow(self._stirred.set), name=seat.handle)
                return caller

        self._tasks.spawn(self._acknowledge(), name="acknowledge")
        self.callers = await asyncio.gather(*map(one, seats))

    async def _acknowledge(self) -> None:
        while True:
            await self._clock.sleep(1.0)
            for caller in list(self._readers):
                caller.session.tick(self._clock.monotonic())
                await caller.flush()

    async def until(self, condition: Callable[[], bool]) -> None:
        """Looked at whenever somebody heard something."""
        async with asyncio.timeout(PATIENT):
            while not condition():
                self._stirred.clear()
                await self._stirred.wait()

    async def reach(self, callers: list[Caller], number: int) -> None:
        """Until all of them have folded the space's events up to that number."""
        await self.until(lambda: all(at(caller) >= number for caller in callers))

    async def say(self, caller: Caller, command: Command) -> None:
        """Returns when it was answered."""
        self._said += 1
        name, heard = f"said-{self._said}", len(caller.heard)
        caller.session.send(wire.Do(name, command))
        await caller.flush()

        def answered() -> bool:
            answers = (wire.Accepted, wire.RefusedCommand)
            return any(isinstance(m, answers) and m.id == name for m in caller.heard[heard:])

        await self.until(answered)

    async def round(self, listeners: list[Caller]) -> float:
        """One after another does what everybody sees; 99th percentile of the delays, s."""
        delays = []
        for speaker in itertools.islice(itertools.cycle(listeners[::MACHINES]), ROUNDS):
            status = speaker.space.occupants[speaker.me.me].status
            goal = speaker.session.positions[Stream.SPACE].seq + 1
            began = self._clock.monotonic()
            await self.say(speaker, SetStatus(Status.AVAILABLE if status is Status.BUSY else Status.BUSY))
            await self.reach(listeners, goal)
            delays.append(self._clock.monotonic() - began)
        return statistics.quantiles(delays, n=100)[98]

    async def stall(self, caller: Caller) -> None:
        """It stays connected and reads nothing any more."""
        reader = self._readers.pop(caller)
        reader.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await reader
        caller.socket.transport.pause_reading()


@asynccontextmanager
async def hall(url: str, seats: list[Seat]) -> AsyncIterator[Hall]:
    async with Tasks("hall") as tasks:
        here = Hall(tasks)
        try:
            await here.come(url, seats)
            yield here
        finally:
            for caller in here.callers:
                caller.socket.transport.abort()


def unsent(port: int, peer: int) -> int:
    """Bytes that the kernel holds from a port of this machine to another one."""
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        _, here, there, _, queues = line.split()[:5]
        if (int(here[-4:], 16), int(there[-4:], 16)) == (port, peer):
            return int(queues[:8], 16)
    return 0


async def test_a_stalled_reader_is_cut_off_and_nobody_else_notices(tmp_path: Path) -> None:
    seats = await furnish_crowd(tmp_path / "data", 1, PEOPLE + 1, MACHINES)
    seats = seats[MACHINES - 1 :]  # the first of them sits at one machine only
    async with (
        ServerProcess(tmp_path / "data") as server,
        hall(server.url, seats) as here,
    ):
        stalled, *others = here.callers
        port, peer = int(server.url.rpartition(":")[2]), stalled.socket.local_address[1]
        quiet = await here.round(others)
        await here.stall(stalled)
        for speaker in others[::MACHINES]:
            await here.say(speaker, message_to(seats[0].person))
        held = unsent(port, peer)
        beside = await here.round(others)
        speakers = itertools.cycle(others[::MACHINES])
        while others[0].space.occupants[seats[0].person].connected:
            await here.say(next(speakers), message_to(seats[0].person))
            held = max(held, unsent(port, peer))
        await here.reach(others, max(map(at, others)))
        assert 0 < held < MIB
        log.info(
            "beside a stalled reader the others' p99 is %.2f times that without; the kernel held %d KiB",
            beside / quiet,
            held // 1024,
        )
        for other in others:
            assert other.socket.state is State.OPEN, "somebody else was cut off"
            heard = [m for m in other.heard if isinstance(m, Folded) and m.stream is Stream.SPACE]
            after = heard[0].first
            for folded in heard:
                assert folded.first == after, "an event is missing"
                after += len(folded.space)
        # Another one stalls, and the server is to stop just now.
        await here.stall(others[1])
        for speaker in others[MACHINES::MACHINES]:
            await here.say(speaker, message_to(seats[1].person))
        await server.stop(within=5)


def at(caller: Caller) -> int:
    return caller.session.positions[Stream.SPACE].seq


def message_to(person: PersonId) -> SendMessage:
    return SendMessage("x" * CHAT_CHARS, Recipients(people=(person,)))
