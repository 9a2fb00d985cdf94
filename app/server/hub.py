"""Who is connected here, and how the same bytes get to all of them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext

from app.core.calls import origin
from app.core.events import AlertRaised, MessageArrived, PersonalEvent
from app.core.model import Message, PersonId, Place, SpaceId
from app.core.wire import Answering, Stream
from app.server.audience import Audience, events_packet
from app.server.clock import Clock
from app.server.link import AlertKey, Link
from app.server.ring import Ring


def alert_key(person: PersonId, event: PersonalEvent) -> AlertKey | None:
    """Which alert begins to call the person with this event."""
    if isinstance(event, AlertRaised):
        return AlertKey(event.alert.space, event.alert.escalation.id)
    if isinstance(event, MessageArrived) and event.message.priority and event.message.author != person:
        return call_key(event.message)
    return None


def call_key(message: Message) -> AlertKey:
    return AlertKey(message.space, origin(message), message.author)


class Hub:
    """Links by space and by person.

    Args:
        tick: s between two frames of positions.
        lag: s without an acknowledgement after which a client gets no positions.
        ring: writes to many sockets at once.
    """

    def __init__(self, clock: Clock, tick: float, lag: float, ring: Ring | None = None) -> None:
        self._clock, self._tick, self._lag, self._ring = clock, tick, lag, ring
        self._audiences: dict[SpaceId, Audience] = {}
        self._of_person: dict[PersonId, dict[Link, None]] = {}
        self._carry_out: Callable[[Link, Place], None] = lambda link, to: None

    @property
    def online(self) -> Collection[PersonId]:
        """People with a connection, in whatever space."""
        return self._of_person.keys()

    @property
    def links(self) -> list[Link]:
        """All links that are attached."""
        return [link for links in self._of_person.values() for link in links]

    def links_of(self, person: PersonId) -> Collection[Link]:
        return self._of_person.get(person, {}).keys()

    def watch(self, space: SpaceId, places: Callable[[], Mapping[PersonId, Place]]) -> None:
        """Ask there where the people of a space stand."""
        self._audiences[space] = Audience(
            self._clock,
            self._tick,
            self._lag,
            places,
            lambda link, to: self._carry_out(link, to),
            self._ring,
        )

    def on_step(self, carry_out: Callable[[Link, Place], None]) -> None:
        """Tell there, once a tick, where a client says its avatar is."""
        self._carry_out = carry_out

    def join(self, link: Link, person: PersonId, space: SpaceId, *, replayed: bool) -> None:
        """From now on the link gets what happens in the space, and what happens to the person.

        Args:
            replayed: it was sent earlier events of the space just now.
        """
        self._audiences[space].join(link, replayed=replayed)
        self._of_person.setdefault(person, {})[link] = None

    def leave(self, link: Link, person: PersonId, space: SpaceId) -> None:
        self._audiences[space].leave(link)
        links = self._of_person.get(person, {})
        links.pop(link, None)
        if not links:
            self._of_person.pop(person, None)

    def space_events(self, space: SpaceId, first: int, payloads: Sequence[bytes]) -> None:
        audience = self._audiences.get(space)
        if audience is not None:
            audience.events(first, payloads)

    def tell(self, space: SpaceId, message: Answering) -> None:
        """Say something passing to everybody who is in the space; who cannot take it just now misses it."""
        audience = self._audiences.get(space)
        if audience is not None:
            audience.tell(message)

    def settle(self, space: SpaceId | None) -> None:
        """Pass on what happened in the space and waits to be passed on together with more."""
        if space is not None:
            self._audiences[space].settle()

    def personal_events(
        self, person: PersonId, first: int, payloads: Sequence[bytes], events: Sequence[PersonalEvent]
    ) -> None:
        links = self._of_person.get(person)
        if not links:
            return
        alerts = tuple(key for event in events if (key := alert_key(person, event)) is not None)
        packet, last = events_packet(Stream.PERSONAL, first, payloads), first + len(payloads) - 1
        for link in tuple(links):
            link.events(packet, Stream.PERSONAL, last, alerts)

    def urgent(self, space: SpaceId | None) -> AbstractContextManager[None]:
        """While this lasts, positions in the space wait (for a moment) for what is being done."""
        return self._audiences[space].urgent() if space is not None else nullcontext()

    # Positions

    def moved(self, space: SpaceId, person: PersonId) -> None:
        """The person stands elsewhere; everybody hears of it at the next tick."""
        self._audiences[space].moved(person)

    def step(self, link: Link, to: Place) -> None:
        """A client says where its avatar is. Looked at with the next tick; only the newest counts."""
        if link.space is not None:
            self._audiences[link.space].stepped(link, to)

    def take_step(self, link: Link) -> Place | None:
        """What :meth:`step` was told last, if nobody has looked at it yet; nobody else will."""
        return self._audiences[link.space].take_step(link) if link.space is not None else None

    def excuse(self, seconds: float, now: float) -> None:
        """See :meth:`app.server.audience.Audience.excuse`."""
        for audience in self._audiences.values():
            audience.excuse(seconds, now)

    def begin_look(self) -> None:
        """See who follows; call about once a second, and then :meth:`look_at` for each link, soon."""
        for audience in self._audiences.values():
            audience.begin_look()

    def look_at(self, link: Link, now: float) -> None:
        if link.space is not None:
            self._audiences[link.space].look_at(link, now)

    def close(self) -> None:
        for audience in self._audiences.values():
            audience.close()
        if self._ring is not None:
            self._ring.close()
