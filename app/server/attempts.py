"""Failed sign-ins, counted, with growing delays; whoever tries passwords runs out of time."""

from __future__ import annotations

import ipaddress
import math
from collections import OrderedDict
from dataclasses import dataclass


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


HANDLE = Patience(free=3, first=2.0, longest=60.0)
"""Short at the top, so that nobody can lock somebody else out for long."""
ADDRESS = Patience(free=30, first=2.0, longest=300.0)
"""A whole office may come from one address."""


def place_of(address: str) -> str:
    """Where an attempt comes from: of IPv6 the network, as each home has more addresses than tries."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if parsed.version == 4:
        return address
    mapped = parsed.ipv4_mapped
    return str(mapped) if mapped else str(ipaddress.ip_network((parsed, 64), strict=False))


class Attempts:
    """Failures of one kind of name (handles, or addresses). ``now`` is monotonic, s."""

    FORGET = 900.0
    """s without a failure after which a name starts afresh."""
    LIMIT = 20_000
    """Names remembered; beyond it those that failed longest ago are forgotten."""

    def __init__(self, patience: Patience) -> None:
        self._patience = patience
        self._failures: OrderedDict[str, tuple[int, float]] = OrderedDict()

    def wait(self, name: str, now: float) -> int:
        """Whole seconds until another attempt is allowed; 0 if it is now."""
        count, at = self._count(name, now)
        return max(0, math.ceil(at + self._patience.delay(count) - now))

    def failed(self, name: str, now: float) -> None:
        """Also called before an attempt is checked, so that many at once do not all slip through."""
        count, _ = self._count(name, now)
        self._failures[name] = (count + 1, now)
        self._failures.move_to_end(name)
        while len(self._failures) > self.LIMIT:
            self._failures.popitem(last=False)

    def succeeded(self, name: str) -> None:
        self._failures.pop(name, None)

    def forgive(self, name: str) -> None:
        """Take one failure back."""
        count, at = self._failures.get(name, (0, 0.0))
        if count > 1:
            self._failures[name] = (count - 1, at)
        else:
            self._failures.pop(name, None)

    def _count(self, name: str, now: float) -> tuple[int, float]:
        count, at = self._failures.get(name, (0, now))
        return (0, now) if now - at > self.FORGET + self._patience.longest else (count, at)
