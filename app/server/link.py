"""One client as the hub sees it: what it is told at once, and a bounded queue for what has to wait.

A client that cannot follow must not hold up anybody, nor fill the memory: its positions are skipped first,
then its connection is broken, and it resumes by number.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from websockets.exceptions import ConnectionClosed

from app.core import wire
from app.core.errors import Code
from app.core.model import ALL_WORK, Device, DeviceId, EscalationId, MessageId, PersonId, Reach, SpaceId
from app.core.session import Phase, ServerSession
from app.core.slices import Pieces
from app.core.wire import Stream
from app.server.clock import Clock
from app.server.closing import closing
from app.server.wire_out import Lane, Packet
from app.tasks import Tasks

log = logging.getLogger(__name__)


class AlertKey(NamedTuple):
    """Which alert: the space it is from, and the hand; or the priority message and who wrote it."""

    space: SpaceId
    id: EscalationId | MessageId
    author: PersonId | None = None


CLOSED_QUIETLY = (ConnectionClosed, OSError)
"""How a broken connection shows when it is written to or read from."""


class Socket(Protocol):
    """What a link needs of a WebSocket."""

    @property
    def lane(self) -> Lane | None:
        """The quick way out, if there is one."""
        ...

    @property
    def quick(self) -> bool:
        """``write_now`` can ever write; otherwise everything goes through ``send``."""
        ...

    @property
    def waiting(self) -> int:
        """Bytes that were written and have not left yet."""
        ...

    def write_now(self, packet: Packet) -> bool:
        """Write without waiting; False, and nothing is written, where that cannot be."""
        ...

    async def send(self, data: bytes | AsyncIterator[bytes]) -> None:
        """Returns when the connection can take more. Pieces arrive as one message."""
        ...

    async def close(self, code: int, reason: str) -> None:
        """Close in order; nothing is sent afterwards."""
        ...

    def abort(self) -> None:
        """Break the connection at once, whatever is still to be written."""
        ...


class Peer(Socket, Protocol):
    """What the gateway needs of a WebSocket."""

    async def recv(self, decode: bool | None = None) -> str | bytes: ...

    def listen_early(self, eager: Callable[[bytes], bool]) -> None:
        """From now on ``eager`` may take messages before :meth:`recv` returns them."""
        ...

    @property
    def address(self) -> str: ...


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A frame in the queue. ``counted``: it is bounded; for the rest, answers, new questions wait."""

    data: bytes | Pieces
    counted: bool = False
    stream: Stream | None = None
    last: int = 0
    round: int = 0
    alerts: tuple[AlertKey, ...] = ()


class Link:
    """Attributes:
    person: who signed in.
    space: the space whose stream is followed.
    credentials: as they were when the person signed in.
    family: the sign-in it belongs to.
    device: the machine, as the person named it when signing in.
    reach: how alerts come through there, as it said last.
    missed_places: positions were skipped, so all of them are due.
    """

    __slots__ = (
        "__weakref__",
        "_alerted",
        "_answers",
        "_clock",
        "_frames",
        "_lane",
        "_limit",
        "_looked_waiting",
        "_moved_at",
        "_patient_until",
        "_room",
        "_round",
        "_socket",
        "_tasks",
        "_waiting",
        "_writer",
        "aborted",
        "credentials",
        "device",
        "family",
        "missed_places",
        "person",
        "reach",
        "session",
        "space",
    )

    LAZY = 65_536
    """Bytes waiting, above which positions are skipped."""
    UNREAD = 2 * 1024 * 1024
    """Bytes of answers waiting, above which a client's next request waits too."""
    THINNEST = 16_384
    """Bytes a second of the thinnest line for which what a client asked for is waited for. On the way are
    buffers that nobody can look into, which swallow megabytes at once and pass them on slowly."""

    def __init__(
        self,
        socket: Socket,
        session: ServerSession,
        clock: Clock,
        limit: int,
        alerted: Callable[[PersonId, Device, tuple[AlertKey, ...]], None],
        tasks: Tasks,
    ) -> None:
        """Args:
        limit: bytes of events that may wait to be written.
        alerted: told when alerts were handed to the connection.
        tasks: where a task writes what has to wait.
        """
        self.session = session
        self.person: PersonId | None = None
        self.space: SpaceId | None = None
        self.credentials = 0
        self.family = ""
        self.device = Device(DeviceId(""))
        self.reach: Reach = ALL_WORK
        self.missed_places = False
        self.aborted = False
        self._lane = socket.lane
        self._socket, self._clock, self._limit = socket, clock, limit
        self._alerted, self._tasks = alerted, tasks
        self._frames: deque[_Waiting] | None = None  # nearly always nothing waits
        self._waiting = 0
        self._writer: asyncio.Task[None] | None = None
        self._round = 0  # rises with each attach: numbers of an earlier one mean nothing any more
        self._looked_waiting = 0
        self._answers = 0
        self._patient_until = self._moved_at = 0.0
        self._room = asyncio.Event()
        self._room.set()

    @property
    def lane(self) -> Lane | None:
        """The quick way out, while nothing is in the queue."""
        return self._lane

    @lane.setter
    def lane(self, lane: Lane | None) -> None:
        if self._lane is not None:
            self._lane.shut()
        self._lane = lane

    @property
    def waiting(self) -> int:
        """Bytes of events that are in the queue."""
        return self._waiting

    # What it is told

    def flush(self, alerts: tuple[AlertKey, ...] = ()) -> None:
        """Send what the session has to say.

        Args:
            alerts: alerts that the last of these frames carries.
        """
        frames = self.session.outgoing()
        if not alerts and len(frames) == 1 and self.write_now(Packet(frames[0])):
            self._give_time(len(frames[0]))  # as most are: the answer to a beat
            frames = []
        for number, data in enumerate(frames, 1):
            self._put(_Waiting(data, alerts=alerts if number == len(frames) else ()))
        if self.session.phase is Phase.CLOSED:
            self._write_soon()

    def attached(
        self, message: wire.Attached, pieces: Pieces | None, alerts: tuple[AlertKey, ...] = ()
    ) -> None:
        """Send it, with the alerts that it carries; as ``pieces``, if it was made in pieces."""
        self.session.attached(message, send=pieces is None)
        if pieces is None:
            self.flush(alerts)
        else:
            self.flush()
            self._put(_Waiting(pieces, alerts=alerts))

    def begin_round(self) -> None:
        """The client is being attached anew; it knows nobody's number yet."""
        self._round += 1
        self.missed_places = True

    def write_now(self, packet: Packet) -> bool:
        """Write past the queue if nothing is in it; False, and nothing is written, where that cannot be."""
        return self._writer is None and not self.aborted and self._socket.write_now(packet)

    def places(self, packet: Packet) -> bool:
        """Positions, unless something else has to be written first: False, and nothing is written."""
        if self.write_now(packet):
            return True
        if self._socket.quick or self._writer is not None or self.aborted:
            return False
        self._put(_Waiting(packet.data))
        return True

    def events(
        self,
        packet: Packet,
        stream: Stream,
        last: int,
        alerts: tuple[AlertKey, ...] = (),
        *,
        owed: bool = False,
    ) -> None:
        """Events; ``last`` is the number of the last of them.

        Args:
            owed: the client asked for them, as for a snapshot: however many they are, it shall have them.
                Cut off for them, it would ask again, and be cut off again.
        """
        if self.session.phase is Phase.CLOSED:
            return  # goodbye was the last word
        self._put(_Waiting(packet.data, not owed, stream, last, self._round, alerts), packet)

    def bye(self, code: Code, *, retry: bool = True, **fields: str | int) -> None:
        """Say goodbye and close when it is written."""
        self.session.bye(code, retry=retry, **fields)
        self.flush()

    # How it follows

    def can_take_places(self, now: float, lag: float) -> bool:
        """What it was sent has left, and it made progress in the last ``lag`` s."""
        return (
            self._writer is None and self._socket.waiting <= self.LAZY and self.session.behind_for(now) <= lag
        )

    def follows(self, since: float, now: float) -> bool:
        """It has acknowledged something since then, and nothing waits for it: there is nothing to look at."""
        session = self.session
        return (
            session.progress_at > since
            and session.phase is Phase.LIVE
            and self._lane is not None
            and self._patient_until <= now
        )

    def look(self, now: float) -> None:
        """Call about once a second: bytes that had to wait and have left are progress."""
        waiting = self._socket.waiting + self._waiting + self._answers
        if waiting < self._looked_waiting:
            self.session.note_progress(now)
            self._moved_at = now
        self._looked_waiting = waiting
        if not self.session.waits:
            self._patient_until = 0.0

    def stalled(self, now: float, most: float) -> bool:
        """It made no progress for ``most`` s, nor in the time that what it asked for may take."""
        stuck = not self._room.is_set() and now - self._moved_at > most
        return (stuck or self.session.behind_for(now) > most) and now > self._patient_until

    async def room(self) -> None:
        """Wait until the client has taken enough of the answers that it has."""
        await self._room.wait()

    # The queue

    def abort(self) -> None:
        self.aborted = True
        self.lane = None
        self._frames = None
        self._waiting = self._answers = 0
        self._room.set()
        self._socket.abort()

    async def written(self) -> None:
        """Until nothing is being written any more."""
        if self._writer is not None:
            await asyncio.wait({self._writer})

    def _put(self, frame: _Waiting, packet: Packet | None = None) -> None:
        if self.aborted:
            return
        if isinstance(frame.data, bytes) and self.write_now(packet or Packet(frame.data)):
            self._written(frame)
            return
        if frame.counted and self._waiting > self._limit:
            log.info("%s does not read; the connection is broken", self.person)
            self.abort()
            return
        if self._frames is None:
            self._frames = deque()
        self._frames.append(frame)
        if frame.counted:
            self._waiting += len(frame.data)
        else:
            self._count_answers(len(frame.data))
        self._write_soon()

    def _count_answers(self, size: int) -> None:
        self._answers = max(0, self._answers + size)
        if self._answers > self.UNREAD:
            if self._room.is_set():
                self._moved_at = self._clock.monotonic()
            self._room.clear()
        else:
            self._room.set()

    def _write_soon(self) -> None:
        ends = self.aborted or self._tasks.closed  # whoever did not hear goodbye by then hears nothing
        if self._writer is None and not ends:
            self.lane = None
            self._writer = self._tasks.spawn(self._write(), name=f"write to {self.person}")

    async def _write(self) -> None:
        """Write what is queued; then, if goodbye was said, close."""
        try:
            while self._frames:
                frame = self._frames.popleft()
                if isinstance(frame.data, Pieces):
                    async with aclosing(self._one_by_one(frame.data)) as pieces:
                        await self._socket.send(pieces)
                else:
                    await self._socket.send(frame.data)
                    if frame.counted:
                        self._waiting = max(0, self._waiting - len(frame.data))
                    else:
                        self._count_answers(-len(frame.data))
                if not self.aborted:
                    self._written(frame)
            if self.session.phase is Phase.CLOSED and not self.aborted:
                await self._socket.close(*closing(self.session.goodbye))
        except CLOSED_QUIETLY:
            self.abort()
        finally:
            self._writer = None
            self.lane = None if self.aborted else self._socket.lane

    async def _one_by_one(self, pieces: Pieces) -> AsyncGenerator[bytes, None]:
        """Others have their turn in between, and each that was taken is progress."""
        for piece in pieces:
            self._give_time(len(piece))
            yield piece
            self._count_answers(-len(piece))
            await asyncio.sleep(0)

    def _give_time(self, size: int) -> None:
        """For an answer that was written; ``size`` in bytes."""
        self._patient_until = max(self._clock.monotonic(), self._patient_until) + size / self.THINNEST

    def _written(self, frame: _Waiting) -> None:
        if not frame.counted and isinstance(frame.data, bytes):
            self._give_time(len(frame.data))
        if frame.stream is not None and frame.round == self._round:
            self.session.note_sent(frame.stream, frame.last, self._clock.monotonic())
        if frame.alerts and self.person is not None:
            self._alerted(self.person, self.device, frame.alerts)
