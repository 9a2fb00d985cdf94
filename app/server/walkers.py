"""Where people walk: the steps of those who walk through this server, and of those who walk through others.

No event tells of a step. Other servers hear of it over the bus. While there is none, or it does not work,
steps are written into the store twice a second, as long as another server lives, and read from there. For the
next start alone, every ten seconds are enough.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping

from app.core.model import PersonId, Place, SpaceId
from app.server.bus.base import Bus
from app.server.clock import Clock
from app.server.hub import Hub
from app.server.ledger import Room
from app.server.peers import Peers
from app.server.spaces import Spaces
from app.server.store.base import Store, StoreError

log = logging.getLogger(__name__)

PAUSE = 0.5
"""s between two looks at what others have written."""
REPEAT = 5.0
"""s after which others are told once more over the bus, since it may lose what it is told, and some have only
just begun to listen."""


class Walkers:
    def __init__(self, store: Store, spaces: Spaces, hub: Hub, peers: Peers, bus: Bus, clock: Clock) -> None:
        self._store, self._spaces, self._hub, self._peers = store, spaces, hub, peers
        self._bus, self._clock = bus, clock
        self._read_to: dict[SpaceId, int] = {}
        self._repeated = float("-inf")
        bus.listen_to_steps(self._heard)

    def stepped(self, room: Room, person: PersonId, to: Place) -> None:
        """Somebody who is connected here stands there now."""
        room.places()[person] = to
        room.unsaved.add(person)
        room.own.add(person)
        self._bus.show(room.id, person, to)
        self._hub.moved(room.id, person)

    async def run(self) -> None:
        """Exchange steps with other servers, until it is cancelled."""
        while True:
            await asyncio.sleep(PAUSE)
            if not self._peers.alone:
                try:
                    await self.exchange()
                except StoreError as error:
                    log.error("where people walk on other servers: %s; it is tried again", error.reason)

    async def exchange(self) -> None:
        """Once. Raises StoreError."""
        now = self._clock.monotonic()
        if not self._bus.up:
            await self.save()
            await self._read()
            self._repeated = float("-inf")  # what they missed meanwhile
        elif now - self._repeated >= REPEAT:
            self._repeated = now
            for room in self._spaces.rooms:
                places = room.places()
                for person in room.own & room.links.keys() & places.keys():
                    self._bus.show(room.id, person, places[person])

    async def save(self) -> None:
        """Write down where those are who have walked through this server, so that a restart finds them there.

        What the store does not take just now, as another server has written of the space, is left for the
        next time. Raises StoreError.
        """
        for room in self._spaces.rooms:
            places = room.places()
            walked = [(person, places[person]) for person in room.unsaved & places.keys()]
            room.unsaved.clear()  # whoever walks while it is being written is due again
            saved = False
            try:
                if walked:
                    at = room.feed.at
                    saved = await self._store.save_places(room.id, walked, at, self._peers.me)
            finally:
                if not saved:
                    room.unsaved.update(person for person, _ in walked)

    async def _read(self) -> None:
        for room in self._spaces.rooms:
            after = self._read_to.get(room.id, 0)
            steps, newest = await self._store.servers.steps(room.id, after, self._peers.me)
            self._read_to[room.id] = newest
            for person, place in steps:
                if person not in room.unsaved:  # else they have walked on through this server
                    self._see(room, person, place)

    def _heard(self, space: SpaceId, places: Mapping[PersonId, Place]) -> None:
        room = self._spaces.room(space)
        if room is not None:
            for person, place in places.items():
                self._see(room, person, place)

    def _see(self, room: Room, person: PersonId, place: Place) -> None:
        """Another server saw somebody there. What cannot be is old: they have left, or the map is new."""
        places = room.places()
        if person in places and places[person] != place and room.walk.walkable(place):
            places[person] = place
            room.own.discard(person)
            room.unsaved.discard(person)
            self._hub.moved(room.id, person)
