"""Time and randomness as the server sees them, so that tests can bring their own."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from typing import Protocol


class Clock(Protocol):
    def now(self) -> float:
        """s since the Unix epoch."""
        ...

    def monotonic(self) -> float:
        """s since some moment; never goes back."""
        ...


class SystemClock:
    def now(self) -> float:
        return time.time()

    def monotonic(self) -> float:
        return time.monotonic()


class Stamps:
    """Server times for what is stored: never the same twice, never backwards when the clock is set back.

    So messages have one order, and "older than this one" never leaves one out.
    """

    STEP = 0.000_001
    """s; a Unix time of today still has this resolution as a float."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._last = 0.0

    def __call__(self) -> float:
        now = self._clock.now()
        # A clock that was set back by minutes is followed; one that jitters is not.
        if self._last - now > 1.0:
            self._last = 0.0
        self._last = max(now, self._last + self.STEP)
        return self._last


Entropy = Callable[[int], bytes]
"""So many unpredictable bytes."""

system_entropy: Entropy = secrets.token_bytes
