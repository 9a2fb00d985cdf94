"""One client as the hub sees it: a bounded queue of frames, written by one task.

A client that cannot follow must not hold up anybody, nor fill the memory: its positions are skipped first,
then its connection is broken, and it resumes by number.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from app.core.errors import Code
from app.core.model import EscalationId, PersonId, SpaceId
from app.core.session import Phase, ServerSession
from app.core.wire import Stream
from app.server.clock import Clock

log = logging.getLogger(__name__)

AlertKey = tuple[SpaceId, EscalationId]
"""Which alert: the space it is from, and the hand."""


class Socket(Protocol):
    """What a link needs of a WebSocket."""

    async def send(self, data: bytes) -> None:
        """Returns when the connection can take more."""
        ...

    async def close(self) -> None:
        """Close in order; nothing is sent afterwards."""
        ...

    def abort(self) -> None:
        """Break the connection at once, whatever is still to be written."""
        ...


@dataclass(frozen=True)
class _Frame:
    data: bytes
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
    token_hash: the session it belongs to.
    missed_places: positions were skipped, so all of them are due.
    """

    LAZY = 65_536
    """Bytes waiting, above which positions are skipped."""

    def __init__(
        self,
        socket: Socket,
        session: ServerSession,
        clock: Clock,
        limit: int,
        alerted: Callable[[PersonId, tuple[AlertKey, ...]], None],
        drained: Callable[[Link], None],
    ) -> None:
        """Args:
        limit: bytes of events and positions that may wait to be written.
        alerted: told when alerts were handed to the connection.
        drained: told when everything is written and positions are due.
        """
        self.session = session
        self.person: PersonId | None = None
        self.space: SpaceId | None = None
        self.credentials = 0
        self.token_hash = b""
        self.missed_places = False
        self.aborted = False
        self._socket, self._clock, self._limit = socket, clock, limit
        self._alerted, self._drained = alerted, drained
        self._frames: deque[_Frame] = deque()
        self._waiting = 0
        self._work = asyncio.Event()
        self._round = 0  # rises with each attach: numbers of an earlier one mean nothing any more

    @property
    def waiting(self) -> int:
        """Bytes of events and positions that are not written yet."""
        return self._waiting

    def flush(self, alerts: tuple[AlertKey, ...] = ()) -> None:
        """Queue what the session has to say. Answers are as many as the questions, so not bounded here.

        Args:
            alerts: alerts that the last of these frames carries.
        """
        frames = self.session.outgoing()
        for number, data in enumerate(frames, 1):
            self._put(_Frame(data, alerts=alerts if number == len(frames) else ()))

    def begin_round(self) -> None:
        """The client is being attached anew."""
        self._round += 1
        self.missed_places = False

    def events(self, data: bytes, stream: Stream, last: int, alerts: tuple[AlertKey, ...] = ()) -> None:
        """Queue events; ``last`` is the number of the last of them."""
        if self._waiting > self._limit:
            log.info("%s does not read; the connection is broken", self.person)
            self.abort()
            return
        self._put(_Frame(data, True, stream, last, self._round, alerts))

    def places(self, data: bytes) -> None:
        """Queue positions, unless the client is behind: then they are skipped, and made good later."""
        if self._waiting > self.LAZY:
            self.missed_places = True
        else:
            self._put(_Frame(data, True))

    def bye(self, code: Code, *, retry: bool = True, **fields: str | int) -> None:
        """Say goodbye and close when it is written."""
        self.session.bye(code, retry=retry, **fields)
        self.flush()

    def abort(self) -> None:
        self.aborted = True
        self._frames.clear()
        self._waiting = 0
        self._work.set()
        self._socket.abort()

    async def write(self) -> None:
        """Write what is queued until goodbye was said or the connection broke (then it raises)."""
        while not self.aborted:
            while self._frames:
                frame = self._frames.popleft()
                await self._socket.send(frame.data)
                self._written(frame)
            if self.session.phase is Phase.CLOSED:
                await self._socket.close()
                return
            if self.missed_places:
                self._drained(self)
            self._work.clear()
            if not self._frames:
                await self._work.wait()

    def _put(self, frame: _Frame) -> None:
        if self.aborted:
            return
        self._frames.append(frame)
        if frame.counted:
            self._waiting += len(frame.data)
        self._work.set()

    def _written(self, frame: _Frame) -> None:
        if frame.counted:
            self._waiting = max(0, self._waiting - len(frame.data))
        if frame.stream is not None and frame.round == self._round:
            self.session.note_sent(frame.stream, frame.last, self._clock.monotonic())
        if frame.alerts and self.person is not None:
            self._alerted(self.person, frame.alerts)
