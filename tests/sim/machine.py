"""A device's clock and disk: the one may be set, the other takes a moment and outlives the program."""

from __future__ import annotations

import asyncio
import random

from app.core.model import PersonId
from app.net.outbox import Entry
from app.net.problems import Problem
from app.net.shelf import Loaded

EPOCH = 1_700_000_000.0
"""s, when every simulation begins."""
SLOW_DISK = 0.5
"""s that a device's disk takes at most."""


class Clock:
    """A client's clock; the wall's may be set, the monotonic one only grows.

    Attributes:
        off: s that the wall clock is wrong.
    """

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self.off = 0.0

    def monotonic(self) -> float:
        return self._loop.time()

    def time(self) -> float:
        return EPOCH + self.off + self._loop.time()

    def now(self) -> float:
        return self.time()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class DiskPlace:
    """:class:`app.net.shelf.Place` on a device: it outlives the program, and takes a moment."""

    def __init__(self, kept: dict[str, tuple[Entry, ...]], name: str, dice: random.Random) -> None:
        self._kept, self._name, self._dice = kept, name, dice

    async def load(self) -> Loaded:
        await self._moment()
        return Loaded(self._kept.get(self._name, ()))

    async def save(self, entries: tuple[Entry, ...]) -> Problem | None:
        await self._moment()
        self._kept[self._name] = entries
        return None

    async def close(self) -> None:
        return

    async def _moment(self) -> None:
        await asyncio.sleep(self._dice.choice((0.0, 0.0, 0.01, SLOW_DISK)))


class DeviceShelf:
    """:class:`app.net.shelf.Shelf`."""

    def __init__(self, dice: random.Random) -> None:
        self._kept: dict[str, tuple[Entry, ...]] = {}
        self._dice = dice

    def place(self, server: str, person: PersonId) -> DiskPlace:
        return DiskPlace(self._kept, f"{server} {person}", self._dice)
