"""Failed sign-ins, counted, with growing delays; whoever tries passwords runs out of time."""

from __future__ import annotations

import hashlib
import ipaddress
import math
from collections.abc import Sequence

from app.core.errors import Code, Refused
from app.server.clock import Clock
from app.server.store.attempts import AttemptStore, Name, Tried


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


def by_handle(handle: str) -> Name:
    return _named(Tried.HANDLE, handle)


def by_address(address: str, kind: Tried = Tried.ADDRESS) -> Name:
    return _named(kind, place_of(address))


def _named(kind: Tried, name: str) -> Name:
    return Name(kind, hashlib.sha256(name.encode("utf-8", "surrogatepass")).digest())


class Attempts:
    """The same for all servers on one store, and over a restart: kept by the wall clock."""

    def __init__(self, store: AttemptStore, clock: Clock) -> None:
        self._store, self._clock = store, clock

    async def begin(self, *names: Name) -> None:
        """An attempt, failed until :meth:`succeeded`.

        Raises:
            Refused: ``too_many_attempts``.
            StoreError: as it says.
        """
        wait = await self._store.begin(names, self._clock.now())
        if wait > 0:
            raise Refused.of(Code.TOO_MANY_ATTEMPTS, seconds=math.ceil(wait))

    async def succeeded(self, cleared: Sequence[Name] = (), forgiven: Sequence[Name] = ()) -> None:
        """``cleared`` start afresh; of ``forgiven`` one failure is taken back. Raises StoreError."""
        await self._store.succeeded(cleared, forgiven)
