"""How much a server holds: what is beyond that is refused early, with a sentence, before it costs others."""

from __future__ import annotations

import ipaddress
from collections import Counter
from dataclasses import dataclass

from app.core.errors import Code, Refusal, refuse

AGAIN = 15
"""s until a client that found everything full tries again, at least."""


@dataclass(frozen=True)
class Capacity:
    """Attributes:
    connections: at once, signed in or not.
    per_address: of these from one address. A whole office sits behind one, so this only bounds mischief;
        this machine itself is not counted, since a proxy that does TLS runs there.
    per_person: machines on which one person is in a space.
    per_space: people in one space.
    """

    connections: int = 10_000
    per_address: int = 5_000
    per_person: int = 10
    per_space: int = 5_000


class Door:
    """Counts who is connected from where."""

    def __init__(self, capacity: Capacity) -> None:
        self._capacity = capacity
        self._all = 0
        self._from: Counter[str] = Counter()

    def enter(self, address: str) -> Refusal | None:
        """Count one more connection; why there is no place for it, if so. It is counted all the same."""
        self._all += 1
        self._from[address] += 1
        if self._all > self._capacity.connections:
            return refuse(Code.SERVER_FULL, seconds=AGAIN)
        if self._from[address] > self._capacity.per_address and not _is_here(address):
            return refuse(Code.ADDRESS_FULL, seconds=AGAIN)
        return None

    def leave(self, address: str) -> None:
        self._all -= 1
        self._from[address] -= 1
        if not self._from[address]:
            del self._from[address]


def _is_here(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False
