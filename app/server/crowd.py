"""Writing to many at once, without a look at each."""

from __future__ import annotations

import errno
from collections import deque
from collections.abc import Callable, Iterable
from itertools import repeat
from operator import call
from typing import Generic

from app.server.ring import BYTES, SOCKETS, Batch, Ring
from app.server.wire_out import L, Packet

_BROKEN = -1
_LATER = {errno.EAGAIN, errno.EINTR, errno.ENOMEM, errno.ENOBUFS, errno.ECANCELED}
"""Nothing was taken this time, which says nothing of the connection."""


class Crowd(Generic[L]):
    """Those among many whose lane is open. What would tell of a change tells the lane, so that nothing has
    to be looked at for each write.

    Attributes:
        links: in the order they are written to.
        others: all the rest.
        stale: something about one of them has changed.
    """

    def __init__(self, ring: Ring | None = None) -> None:
        """``ring``: writes to many sockets at once."""
        self.links: list[L] = []
        self.others: list[L] = []
        self.stale = True
        self._ring = ring
        self._batches: dict[int, Batch] = {}
        self._plain = 0  # so many of them have nothing between them and the socket
        self._straight: list[Callable[[bytes], int]] = []
        self._through: list[Callable[[bytes], None]] = []

    def gather(self, links: Iterable[L]) -> None:
        """Look at each. The lists are made anew, so whoever still goes through the old ones is not misled."""
        plain: list[L] = []
        straight: list[L] = []
        through: list[L] = []
        self.others = []
        for link in links:
            lane = link.lane
            if lane is None or not lane.tells or not lane.is_open:
                self.others.append(link)
                continue
            lane.crowd = self
            (through if lane.straight is None else straight if lane.number < 0 else plain).append(link)
        self.links = plain + straight + through
        lanes = [link.lane for link in self.links if link.lane is not None]
        self._straight = [lane.straight for lane in lanes if lane.straight is not None]
        self._through = [lane.through for lane in lanes if lane.straight is None]
        self._plain = len(plain)
        self._batches.clear()
        self.stale = False

    def write(self, packet: Packet, begin: int, end: int) -> list[L]:
        """Write to ``links[begin:end]``; those whose connection turns out to be broken come back."""
        frame = packet.frame
        size = len(frame)
        broken: list[L] = []
        taken = self._send(frame, begin, min(end, len(self._straight)))
        if taken.count(size) < len(taken):
            for at, some in enumerate(taken, begin):
                lane = self.links[at].lane
                if some == _BROKEN or lane is None:
                    broken.append(self.links[at])
                    self.stale = True
                elif some != size:
                    lane.through(frame[some:])
                    lane.shut()
        first = len(self._straight)
        deque(map(call, self._through[max(0, begin - first) : max(0, end - first)], repeat(frame)), 0)
        return broken

    def _send(self, frame: bytes, begin: int, end: int) -> list[int]:
        """How many bytes each socket took, or :data:`_BROKEN`."""
        if self._ring is None or self.stale or len(frame) > BYTES:
            return _send_each(self._straight[begin:end], frame)
        plain = min(end, self._plain)
        taken: list[int] = []
        for at in range(begin, plain, SOCKETS):
            taken += self._send_together(self._ring, frame, at, min(at + SOCKETS, plain))
        return taken + _send_each(self._straight[max(begin, self._plain) : end], frame)

    def _send_together(self, ring: Ring, frame: bytes, begin: int, end: int) -> list[int]:
        batch = self._batches.get(begin)
        if batch is None or batch.size != end - begin:
            lanes = [link.lane for link in self.links[begin:end]]
            batch = ring.batch([lane.number for lane in lanes if lane is not None])
            self._batches[begin] = batch
        taken = ring.send(batch, frame)
        if min(taken) < 0:
            return [some if some >= 0 else 0 if -some in _LATER else _BROKEN for some in taken]
        return taken


def _send_each(sends: list[Callable[[bytes], int]], frame: bytes) -> list[int]:
    taken: list[int] = []
    writes = map(call, sends, repeat(frame))
    while len(taken) < len(sends):
        try:
            taken.extend(writes)  # goes on behind whoever raised something
        except (BlockingIOError, InterruptedError):
            taken.append(0)
        except OSError:
            taken.append(_BROKEN)
    return taken
