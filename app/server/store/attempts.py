"""What the store keeps of failed sign-ins, so that who guesses passwords waits over a restart too.

A name (a handle, an address) is kept as a hash: people type passwords into the wrong field.
"""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Patience:
    """Attributes:
    free: failures without a delay.
    first: s, the delay after the next one; each further one doubles it.
    longest: s
    """

    free: int
    first: float
    longest: float

    def delay(self, failures: int) -> float:
        beyond = failures - self.free
        return 0.0 if beyond <= 0 else min(self.longest, self.first * 2.0 ** min(beyond - 1, 30))


class Tried(enum.StrEnum):
    """What is counted."""

    HANDLE = "handle"
    ADDRESS = "address"
    API = "api"
    """An address from which unknown tokens are shown to the HTTP API."""


PATIENCE = {
    Tried.HANDLE: Patience(free=3, first=2.0, longest=60.0),
    Tried.ADDRESS: Patience(free=30, first=2.0, longest=300.0),
    Tried.API: Patience(free=30, first=2.0, longest=300.0),
}
"""Of a handle short at the top, so that nobody can lock somebody else out for long. A whole office may come
from one address."""
FORGET_S = 900.0
"""s without a failure, after the longest delay, after which a name starts afresh."""
MOST_NAMES = 20_000
"""Names of a kind that are kept; beyond it those that failed longest ago are forgotten."""


@dataclass(frozen=True)
class Name:
    """Whose failures are counted; ``hash`` is what is stored of it."""

    kind: Tried
    hash: bytes


class AttemptStore(Protocol):
    """Every method may raise :class:`app.server.store.base.StoreError`; nothing of it has happened then.

    ``now``: s since the epoch.
    """

    async def begin(self, names: Sequence[Name], now: float) -> float:
        """s for which one of these has to wait; 0.0: an attempt begins, which counts as failed for each of
        them until something else is said. Many at once, at several servers, do not slip through together."""
        ...

    async def succeeded(self, cleared: Sequence[Name], forgiven: Sequence[Name]) -> None:
        """``cleared`` start afresh; of ``forgiven`` one failure is taken back."""
        ...

    async def prune(self, now: float) -> None:
        """Forget what is over."""
        ...
