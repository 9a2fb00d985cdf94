"""What the store keeps of the servers that work on it: which live, and who is connected through which.

A server shows that it lives by counting (:meth:`ServerStore.beat`). Others measure with their own clocks how
long it has not, so no wall clock is compared with another.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import NewType, Protocol

from app.core.model import PersonId, Place, SpaceId

ServerId = NewType("ServerId", str)
"""Of one process; started again it has another one."""
Seat = tuple[SpaceId, PersonId]
"""Somebody in a space."""


@dataclass(frozen=True)
class Peer:
    """A server as the store knows it.

    Attributes:
        place: where it listens; "" before it does. Two that live are never in the same place.
        beats: rises while it lives.
    """

    id: ServerId
    place: str
    beats: int


class ServerStore(Protocol):
    """Every method may raise :class:`app.server.store.base.StoreError`; nothing of it has happened then."""

    async def enlist(self, server: ServerId, place: str, seats: Collection[Seat]) -> None:
        """It lives, there; ``seats``: who is connected through it."""
        ...

    async def beat(self, server: ServerId) -> bool:
        """It still lives. False: it was taken for dead; see :meth:`enlist`."""
        ...

    async def peers(self) -> Sequence[Peer]: ...

    async def strike(self, servers: Collection[ServerId]) -> None:
        """These are no more: nobody is connected through them, and the webhooks that they held are free."""
        ...

    async def attend(self, server: ServerId, seats: Collection[Seat], *, gone: Collection[Seat] = ()) -> None:
        """These are connected through it, and ``gone`` are not; where an event says the same
        (:class:`app.server.store.base.Batch`), it was written down with that."""
        ...

    async def through(self, seat: Seat) -> Collection[ServerId]:
        """Through which servers somebody is connected."""
        ...

    async def steps(
        self, space: SpaceId, after: int, me: ServerId
    ) -> tuple[Sequence[tuple[PersonId, Place]], int]:
        """Where others than ``me`` saw people after step number ``after``, px; and the newest number."""
        ...

    async def attended(self) -> Mapping[ServerId, Collection[Seat]]:
        """Who is connected through each."""
        ...
