"""The spaces that live in this process, and how they follow what admins change."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable

import msgspec

from app.core.errors import Refusal
from app.core.geometry import WalkMap
from app.core.maps import SpaceMap
from app.core.model import Alert, EscalationId, MapId, PersonId, Place, Space, SpaceId
from app.core.scene import NOTHING, Decision, Scene
from app.server.directory import beginning, difference, redrawn, relocated
from app.server.feeds import Feeds
from app.server.hub import Hub
from app.server.ledger import Asked, Ledger, Room
from app.server.store.base import Roster, Store, StoreError

log = logging.getLogger(__name__)

decode_map = msgspec.msgpack.Decoder(SpaceMap).decode


class Spaces:
    """Attributes:
    roster: who exists and who belongs where, as last read.
    """

    def __init__(self, store: Store, feeds: Feeds, ledger: Ledger, hub: Hub) -> None:
        self._store, self.feeds, self._ledger, self._hub = store, feeds, ledger, hub
        self._rooms: dict[SpaceId, Room] = {}
        self._reading = asyncio.Lock()
        self._told = 0  # version of the roster that the spaces know
        self.roster = Roster(0, {}, {}, {}, {}, {})

    @property
    def rooms(self) -> list[Room]:
        return list(self._rooms.values())

    def room(self, space: SpaceId | None) -> Room | None:
        return self._rooms.get(space) if space is not None else None

    def alert_of(self, person: PersonId, escalation: EscalationId) -> Alert | None:
        """The alert that calls a person who is connected here."""
        state = self.feeds.state_of(person)
        return state.alerts.get(escalation) if state else None

    async def start(self) -> None:
        """Load every space."""
        await self.refresh()

    async def refresh(self) -> bool:
        """Follow what was changed in the tables since; returns whether anything was.

        A change that could not be written down is tried again the next time.
        """
        async with self._reading:
            if await self._store.roster_version() == self._told:
                return False
            self.roster = await self._store.roster()
            await self.feeds.look_for_rewritten()
            for space in self.roster.spaces.values():
                await self._follow(space)
            self._told = self.roster.version
            return True

    async def _follow(self, space: Space) -> None:
        room = self._rooms.get(space.id)
        if room is None:
            room = await self._open(space)
        room.permissions = self.roster.permissions
        if room.state.space != space or room.walk.map.id != space.map:
            await self._redraw(room, space)
        roster = self.roster
        _raise_failure(
            await self._ledger.commit(room, Asked(lambda scene, now: difference(scene, roster, now)))
        )

    async def _open(self, space: Space) -> Room:
        feed = await self.feeds.space(beginning(self.roster, space.id))
        # The map as the stream knows it; if the table has another one by now, _redraw follows.
        room = Room(feed, await self._load_map(feed.state.space.map))
        desks = await self._store.desks(space.id)
        for person in room.state.occupants:
            place = desks[person].place if person in desks else None
            if place is not None and room.walk.walkable(place):
                room.places()[person] = place
        self._hub.watch(space.id, room.places)
        self._rooms[space.id] = room
        return room

    async def _redraw(self, room: Room, space: Space) -> None:
        """Another name, or another map: then everybody stands somewhere on the new one."""
        from_map = room.walk.map.id
        fresh = WalkMap(await self._load_map(space.map)) if space.map != from_map else room.walk
        moved: dict[PersonId, Place] = {}

        def rule(scene: Scene, now: float) -> Decision:
            moved.clear()
            moved.update(relocated(fresh, scene.space.places))
            if scene.space.space == space:  # another server has told everybody
                return NOTHING
            return redrawn(scene, fresh, space, moved, now)

        _raise_failure(await self._ledger.commit(room, Asked(rule)))
        room.walk = fresh
        for person, place in moved.items():
            if person in room.places() and room.places()[person] != place:
                room.places()[person] = place
                room.unsaved.add(person)
                self._hub.moved(room.id, person)

    async def _load_map(self, map_id: MapId) -> SpaceMap:
        document = await self._store.map_document(map_id)
        if document is None:
            raise StoreError(f"the map {map_id} is missing")
        return decode_map(document)

    def neighbours(self, person: PersonId) -> frozenset[PersonId]:
        """Everybody who shares a space with the person, themself included."""
        return frozenset({person}.union(*(m for m in self.roster.members.values() if person in m)))

    def followed(self) -> set[PersonId]:
        """Whose personal streams are needed: who is connected or just coming in, or has a hand raised."""
        raisers: Iterable[PersonId] = (
            hand.raiser for room in self.rooms for hand in room.state.escalations.values()
        )
        coming = (person for room in self.rooms for person in room.links)
        return {*self._hub.online, *coming, *raisers}


def _raise_failure(outcome: Decision | Refusal) -> None:
    if isinstance(outcome, Refusal):
        raise StoreError(str(outcome.fields.get("reason", outcome.code)))
