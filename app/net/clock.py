"""The time, as something that is handed in: tests and simulations bring their own."""

from __future__ import annotations

import asyncio
import time
from typing import Any, Protocol

from app.tasks import Tasks


class Clock(Protocol):
    def monotonic(self) -> float:
        """s that only ever grow; for durations."""
        ...

    def time(self) -> float:
        """s since the Unix epoch, as this machine says."""
        ...

    async def sleep(self, seconds: float) -> None: ...


class SystemClock:
    """The machine's own clocks."""

    def monotonic(self) -> float:
        return time.monotonic()

    def time(self) -> float:
        return time.time()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


async def within(clock: Clock, seconds: float, future: asyncio.Future[Any]) -> bool:
    """Wait for ``future`` to be done, at most ``seconds``; says whether it is. Cancels nothing."""
    async with Tasks("deadline") as own:
        alarm = own.spawn(clock.sleep(seconds), name="alarm")
        await asyncio.wait({future, alarm}, return_when=asyncio.FIRST_COMPLETED)
    return future.done()
