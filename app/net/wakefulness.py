"""Notices that the machine slept, in the way that works everywhere: a clock has jumped between two looks.

Some systems stop the monotonic clock during sleep (Linux, macOS), and the wall clock alone has gone on; on
others (Windows) both have, and the look comes far too late. A wall clock that was set forward looks the same:
the link is tested once for nothing.
"""

from __future__ import annotations

from app.net.clock import Clock

JUMP_SECONDS = 5.0
"""s more than the time between two looks that count as sleep."""


class Wakefulness:
    """Args:
    every: s between two looks.
    """

    def __init__(self, clock: Clock, every: float) -> None:
        self._clock = clock
        self._most = every + JUMP_SECONDS
        self._wall, self._ran = clock.time(), clock.monotonic()

    def slept(self) -> bool:
        """Whether the machine slept, or the program stood still, since the last look."""
        wall, ran = self._clock.time(), self._clock.monotonic()
        passed = max(wall - self._wall, ran - self._ran)
        self._wall, self._ran = wall, ran
        return passed > self._most
