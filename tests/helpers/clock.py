"""A clock that stands still until a test moves it, for client and server alike."""

from __future__ import annotations

import asyncio
import heapq
from itertools import count

TURNS = 40
"""Turns of the event loop that let everything settle that does not wait for time."""


async def settle() -> None:
    """Let every task run until it waits."""
    for _ in range(TURNS):
        await asyncio.sleep(0)


class FakeClock:
    """Attributes:
    at: monotonic time, s; :meth:`time` is this plus ``epoch``.
    """

    def __init__(self, epoch: float = 1_700_000_000.0) -> None:
        self.at = 0.0
        self.epoch = epoch
        self._order = count()
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []

    def monotonic(self) -> float:
        return self.at

    def time(self) -> float:
        return self.epoch + self.at

    def now(self) -> float:
        return self.time()

    async def sleep(self, seconds: float) -> None:
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self.at + seconds, next(self._order), future))
        await future

    async def advance(self, seconds: float) -> None:
        """Wake every sleeper whose time comes, one after another, each at its own time."""
        end = self.at + seconds
        await settle()
        while self._sleepers and self._sleepers[0][0] <= end:
            due, _, future = heapq.heappop(self._sleepers)
            self.at = max(self.at, due)  # a test may have let the program stand still
            if not future.done():
                future.set_result(None)
                await settle()
        self.at = max(self.at, end)
        await settle()
