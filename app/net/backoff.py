"""How long to wait before the next attempt: exponential with full jitter.

After a server's restart everybody comes back; drawn from the whole interval, the attempts spread evenly
(M. Brooker, "Exponential Backoff and Jitter", 2015).
"""

from __future__ import annotations

import random

FIRST = 1.0
"""s; the first wait is drawn from 0 to this."""
LONGEST = 30.0
"""s"""


class Backoff:
    def __init__(self, rng: random.Random, first: float = FIRST, longest: float = LONGEST) -> None:
        self._rng = rng
        self._first = first
        self._longest = longest
        self._ceiling = first

    def next(self) -> float:
        """s to wait now; drawn from an interval twice as long each time."""
        delay = self._rng.uniform(0.0, self._ceiling)
        self._ceiling = min(self._ceiling * 2, self._longest)
        return delay

    def reset(self) -> None:
        """An attempt succeeded."""
        self._ceiling = self._first
