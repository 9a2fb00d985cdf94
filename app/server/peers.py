"""The other servers on this store: which of them live, who is connected through them, and what they write.

A server that dies says nothing: its beats cease, and whoever lives and has seen none for ``LEASE`` s takes it
for dead. One that listens where another one did knows at once that the other one is no more.
"""

from __future__ import annotations

import asyncio
import logging
import platform
from collections.abc import Awaitable, Callable, Collection, Iterator

from app.core.model import PersonId
from app.server.clock import Clock
from app.server.store.base import StoreError
from app.server.store.servers import Peer, Seat, ServerId, ServerStore

log = logging.getLogger(__name__)

BEAT = 1.5
"""s between two beats."""
LEASE = 8.0
"""s without one after which a server is dead: with the time to notice it, its links are lost within 10 s."""
PAUSE = 0.25
"""s between two looks at what others have written."""


class Peers:
    """Attributes:
    me: this process.
    known: who is connected through others, as far as is known; online: in whatever space.
    """

    def __init__(
        self,
        store: ServerStore,
        clock: Clock,
        me: ServerId,
        seats: Callable[[], Collection[Seat]],
        follow: Callable[[], Awaitable[None]],
    ) -> None:
        """
        Args:
            seats: who is connected through this server.
            follow: folds what others have written.
        """
        self._store, self._clock, self.me = store, clock, me
        self._seats, self._follow = seats, follow
        self._place = ""
        self._written: set[Seat] = set()
        self._seen: dict[ServerId, tuple[int, float]] = {}
        self._looked_at = clock.monotonic()
        self.known: frozenset[Seat] = frozenset()
        self.online: Collection[PersonId] = frozenset()

    @property
    def alone(self) -> bool:
        """No other server is known."""
        return not self._seen

    async def begin(self) -> None:
        """From now on this server counts. Raises StoreError."""
        await self._store.enlist(self.me, self._place, ())
        await self._look_around()

    async def take_place(self, address: str) -> None:
        """It listens there now: whoever did before is dead. Raises StoreError."""
        self._place = f"{platform.node()} {address}"
        await self._enlist()
        dead = [peer.id for peer in await self._others() if peer.place == self._place]
        if dead:
            await self._strike(dead)

    async def look(self) -> None:
        """Call about once a second."""
        try:
            await self._set_right()
            if self._clock.monotonic() - self._looked_at >= BEAT:
                await self._beat()
        except StoreError as error:
            log.error("other servers: %s; it is tried again", error.reason)

    async def _beat(self) -> None:
        if not await self._store.beat(self.me):
            log.warning("this server had been taken for dead")
            await self._enlist()
        await self._look_around()

    async def run(self) -> None:
        """Follow what others write, until it is cancelled."""
        while True:
            await asyncio.sleep(PAUSE)
            if not self.alone:
                try:
                    await self._follow()
                except StoreError as error:
                    log.error("following other servers: %s; it is tried again", error.reason)

    async def end(self) -> None:
        """This server is no more, in order. Raises StoreError."""
        await self._store.strike([self.me])

    # Who is where

    def came(self, seat: Seat) -> None:
        """Somebody is connected here, and an event says so."""
        self._written.add(seat)

    def went(self, seat: Seat) -> None:
        """Somebody is connected here no more, and an event says so."""
        self._written.discard(seat)

    async def keep(self, seat: Seat, *, here: bool) -> None:
        """Somebody is connected here, or not any more, and no event says so.

        What cannot be written down now is set right with the next look.
        """
        if here == (seat in self._written):
            return
        try:
            await self._store.attend(self.me, [seat] if here else (), gone=() if here else [seat])
        except StoreError as error:
            log.error("who is connected: %s; it is tried again", error.reason)
        else:
            (self._written.add if here else self._written.discard)(seat)

    async def elsewhere(self) -> Collection[Seat]:
        """Who is connected through others, as it is now. Raises StoreError."""
        await self._read()
        return self.known

    async def is_elsewhere(self, seat: Seat) -> bool:
        """The same of one; as it was a moment ago, where the store fails."""
        if self.alone:
            return False
        try:
            return bool({*await self._store.through(seat)} - {self.me})
        except StoreError as error:
            log.error("who is connected elsewhere: %s", error.reason)
            return seat in self.known

    # Who lives

    async def _enlist(self) -> None:
        seats = frozenset(self._seats())
        await self._store.enlist(self.me, self._place, seats)
        self._written = set(seats)

    async def _set_right(self) -> None:
        """What could not be written down when it happened."""
        seats = frozenset(self._seats())
        came, went = seats - self._written, self._written - seats
        if came or went:
            await self._store.attend(self.me, came, gone=went)
            self._written = (self._written | came) - went

    async def _others(self) -> list[Peer]:
        return [peer for peer in await self._store.peers() if peer.id != self.me]

    async def _look_around(self) -> None:
        now = self._clock.monotonic()
        # Who did not look for a while, since the machine slept, say, cannot tell who has been silent.
        watched, self._looked_at = now - self._looked_at < LEASE / 2, now
        seen = {}
        for peer in await self._others():
            beats, since = self._seen.get(peer.id, (-1, now))
            seen[peer.id] = (peer.beats, since if beats == peer.beats and watched else now)
        self._seen = seen
        dead = [server for server, (_, since) in seen.items() if now - since >= LEASE]
        if dead:
            await self._strike(dead)
        if seen or self.known:
            await self._read()

    async def _strike(self, dead: list[ServerId]) -> None:
        log.warning("%d other servers on this store are dead", len(dead))
        await self._store.strike(dead)
        for server in dead:
            self._seen.pop(server, None)
        await self._read()

    async def _read(self) -> None:
        attended = await self._store.attended()
        there = (seats for server, seats in attended.items() if server != self.me)
        self.known = frozenset().union(*there)
        self.online = frozenset(person for _, person in self.known)


class Online(Collection[PersonId]):
    """Everybody with a connection, here or elsewhere."""

    def __init__(self, here: Callable[[], Collection[PersonId]], peers: Peers) -> None:
        self._here, self._peers = here, peers

    def __contains__(self, person: object) -> bool:
        return person in self._here() or person in self._peers.online

    def __iter__(self) -> Iterator[PersonId]:
        return iter({*self._here(), *self._peers.online})

    def __len__(self) -> int:
        return len({*self._here(), *self._peers.online})
