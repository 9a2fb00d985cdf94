"""Who is connected here, and how the same bytes get to all of them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

import msgspec

from app.core import wire
from app.core.events import AlertRaised, PersonalEvent
from app.core.model import PersonId, Place, SpaceId
from app.core.wire import Stream
from app.server.link import AlertKey, Link


def events_frame(stream: Stream, first: int, payloads: Sequence[bytes]) -> bytes:
    return wire.encode(wire.Events(stream, first, tuple(map(msgspec.Raw, payloads))))


def places_frame(places: Iterable[tuple[PersonId, Place]]) -> bytes:
    return wire.encode(wire.Places(tuple((person, place.x, place.y) for person, place in places)))


class Hub:
    """Links by space and by person; positions go out together, once a tick.

    Args:
        tick: s between two frames of positions.
    """

    def __init__(self, tick: float) -> None:
        self._tick = tick
        self._in_space: dict[SpaceId, dict[Link, None]] = {}
        self._of_person: dict[PersonId, dict[Link, None]] = {}
        self._places: dict[SpaceId, Callable[[], Mapping[PersonId, Place]]] = {}
        self._moved: dict[SpaceId, set[PersonId]] = {}
        self._ticking: dict[SpaceId, asyncio.TimerHandle] = {}

    @property
    def online(self) -> Collection[PersonId]:
        """People with a connection, in whatever space."""
        return self._of_person.keys()

    @property
    def links(self) -> list[Link]:
        """All links that are attached."""
        return [link for links in self._of_person.values() for link in links]

    def watch(self, space: SpaceId, places: Callable[[], Mapping[PersonId, Place]]) -> None:
        """Ask there where the people of a space stand."""
        self._places[space] = places

    def join(self, link: Link, person: PersonId, space: SpaceId) -> None:
        """From now on the link gets what happens in the space, and what happens to the person."""
        self._in_space.setdefault(space, {})[link] = None
        self._of_person.setdefault(person, {})[link] = None

    def leave(self, link: Link, person: PersonId, space: SpaceId) -> None:
        for group in (self._in_space.get(space), self._of_person.get(person)):
            if group is not None:
                group.pop(link, None)
        if not self._of_person.get(person, True):
            del self._of_person[person]

    def space_events(self, space: SpaceId, first: int, payloads: Sequence[bytes]) -> None:
        links = self._in_space.get(space)
        if not links:
            return
        frame, last = events_frame(Stream.SPACE, first, payloads), first + len(payloads) - 1
        for link in tuple(links):
            link.events(frame, Stream.SPACE, last)

    def personal_events(
        self, person: PersonId, first: int, payloads: Sequence[bytes], events: Sequence[PersonalEvent]
    ) -> None:
        links = self._of_person.get(person)
        if not links:
            return
        alerts: tuple[AlertKey, ...] = tuple(
            (event.alert.space, event.alert.escalation.id)
            for event in events
            if isinstance(event, AlertRaised)
        )
        frame, last = events_frame(Stream.PERSONAL, first, payloads), first + len(payloads) - 1
        for link in tuple(links):
            link.events(frame, Stream.PERSONAL, last, alerts)

    # Positions

    def moved(self, space: SpaceId, person: PersonId) -> None:
        """The person stands elsewhere; everybody hears of it at the next tick."""
        self._moved.setdefault(space, set()).add(person)
        self._tick_soon(space)

    def make_good(self, link: Link) -> None:
        """A link that missed positions can take them again."""
        if link.space is not None:
            self._tick_soon(link.space)

    def close(self) -> None:
        for handle in self._ticking.values():
            handle.cancel()
        self._ticking.clear()

    def _tick_soon(self, space: SpaceId) -> None:
        if space not in self._ticking:
            loop = asyncio.get_running_loop()
            self._ticking[space] = loop.call_later(self._tick, self._send_places, space)

    def _send_places(self, space: SpaceId) -> None:
        self._ticking.pop(space, None)
        places, moved = self._places[space](), self._moved.pop(space, set())
        links = self._in_space.get(space, {})
        now_at = [(person, places[person]) for person in moved if person in places]
        behind = [link for link in links if link.missed_places]
        if now_at:
            frame = places_frame(now_at)
            for link in links:
                if not link.missed_places:
                    link.places(frame)
        if behind:
            everybody = places_frame(places.items())
            for link in behind:
                link.missed_places = False
                link.places(everybody)
