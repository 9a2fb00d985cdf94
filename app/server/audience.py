"""Those who follow one space: events go to them at once, positions together, once a tick.

What everybody gets is written once for each of them and noted a while later (:meth:`Audience.look_at`): at a
thousand recipients the notes would otherwise cost as much as the writing.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial

import msgspec

from app.core import wire
from app.core.model import PersonId, Place
from app.core.wire import Stream
from app.server.clock import Clock
from app.server.crowd import Crowd
from app.server.link import Link
from app.server.ring import Ring
from app.server.wire_out import Packet, write_to_all

AT_ONCE = 512
"""Links that get a frame of positions, or are looked at, before the loop may do something else.
Events overtake positions there."""
SPARE = 1.25
"""A tick lasts so many times as long as it takes to write, so that other work gets its turn."""
SLOWEST = 8.0
"""Times as long as it should be that a tick may get when clients cannot follow."""
MANY = 0.1
"""Share of the clients that cannot follow, from which the tick is made longer for everybody."""
URGENT = 0.1
"""s that positions wait at most for what is more urgent."""
AGAIN = 0.25
"""s after which those who missed positions are looked at again while nobody moves."""
LOOKS = 2
"""Looks for which somebody may be left out: who follows well acknowledges positions every 2 s."""


def events_packet(stream: Stream, first: int, payloads: Sequence[bytes]) -> Packet:
    return Packet(wire.encode(wire.Events(stream, first, tuple(map(msgspec.Raw, payloads)))))


class Audience:
    """Attributes:
    links: everybody, in the order they came.
    """

    def __init__(
        self,
        clock: Clock,
        tick: float,
        lag: float,
        places: Callable[[], Mapping[PersonId, Place]],
        step: Callable[[Link, Place], None],
        ring: Ring | None = None,
    ) -> None:
        """Args:
        tick: s between two frames of positions.
        lag: s without progress after which positions are skipped.
        places: where everybody stands.
        step: told where a client says its avatar is.
        ring: writes to many sockets at once.
        """
        self.links: dict[Link, None] = {}
        self._clock, self._tick, self._lag = clock, tick, lag
        self._places, self._step = places, step
        self._crowd: Crowd[Link] = Crowd(ring)
        self._behind: dict[Link, None] = {}  # they missed positions
        self._numbers: dict[PersonId, int] = {}  # what stands for whom in frames of positions
        self._numbered = 0  # no number is used again
        self._steps: dict[Link, Place] = {}
        self._moved: dict[PersonId, None] = {}
        self._n = 0  # newest frame of positions
        self._newest = 0  # newest event that was passed on
        self._events: list[bytes] = []  # those that wait, from this number on
        self._first = 0
        self._events_after = 0.0
        self._later: asyncio.TimerHandle | None = None
        self._wrote_at: float | None = None  # the first thing since the last look
        self._looks: deque[tuple[float | None, int, int]] = deque(maxlen=LOOKS + 1)  # newest last
        self._interval = tick
        self._ticked_at = float("-inf")
        self._next: asyncio.Handle | None = None
        self._hurry = False  # somebody moved: the next tick is not only for those who missed one
        self._writing = False
        self._urgent = 0
        self._held_back: Callable[[], None] | None = None
        self._changed = False  # somebody came or went while positions were being written

    def join(self, link: Link, *, replayed: bool) -> None:
        """``replayed``: events are on their way to it, which say where people were when they came in."""
        self.links[link] = None
        self._changed = self._crowd.stale = True
        link.missed_places = replayed or self._n > 0  # else there is nothing to learn
        if link.missed_places:
            self._behind[link] = None
            self._tick_soon()

    def leave(self, link: Link) -> None:
        self.links.pop(link, None)
        self._changed = self._crowd.stale = True
        self._behind.pop(link, None)
        self._steps.pop(link, None)

    def events(self, first: int, payloads: Sequence[bytes]) -> None:
        """Events number ``first`` and on, to everybody.

        At once, unless that has just been done: while hundreds come in together, half of the time is for
        other things. Whoever asked for something is answered after :meth:`settle`, so never waits.
        """
        if first != self._first + len(self._events):
            self.settle()  # a stream that was read anew from the store goes on elsewhere
        if not self._events:
            self._first = first
        self._events += payloads
        rest = self._events_after - self._clock.monotonic()
        if rest <= 0.0:
            self.settle()
        elif self._later is None:
            self._later = asyncio.get_running_loop().call_later(rest, self.settle)

    def settle(self) -> None:
        """Pass on the events that have waited."""
        if self._later is not None:
            self._later.cancel()
            self._later = None
        events, self._events = self._events, []
        if not events or not self.links:
            return
        packet, last = events_packet(Stream.SPACE, self._first, events), self._first + len(events) - 1
        began = self._clock.monotonic()
        crowd = self._gathered()
        late = crowd.write(packet, 0, len(crowd.links)) + write_to_all(packet, crowd.others)
        self._newest = last
        self._note_write()
        for link in late:
            link.events(packet, Stream.SPACE, last)
        now = self._clock.monotonic()
        self._events_after = now + (now - began)

    def tell(self, message: wire.Answering) -> None:
        """Something passing, behind the events that have waited."""
        self.settle()
        crowd = self._gathered()
        packet = Packet(wire.encode(message))
        for link in crowd.write(packet, 0, len(crowd.links)) + write_to_all(packet, crowd.others):
            link.places(packet)  # in the same way as a position: now, or not at all

    @contextmanager
    def urgent(self) -> Iterator[None]:
        """Something is being done that positions shall not hold up: a hand goes up."""
        self._urgent += 1
        try:
            yield
        finally:
            self._urgent -= 1
            if not self._urgent and self._held_back is not None and self._next is not None:
                self._next.cancel()
                self._next = asyncio.get_running_loop().call_soon(self._go)

    # Where people are

    def moved(self, person: PersonId) -> None:
        self._moved[person] = None
        self._tick_soon()

    def stepped(self, link: Link, to: Place) -> None:
        self._steps[link] = to
        self._tick_soon()

    def take_step(self, link: Link) -> Place | None:
        return self._steps.pop(link, None)

    def begin_look(self) -> None:
        """Call about once a second, and then :meth:`look_at` for each link that may not follow, soon."""
        self._looks.append((self._wrote_at, self._newest, self._n))
        self._wrote_at = None

    def excuse(self, seconds: float, now: float) -> None:
        """See :meth:`app.core.session.ServerSession.excuse`; of what was written, and not noted there yet."""
        if self._wrote_at is not None:
            self._wrote_at = min(self._wrote_at + seconds, now)
        for number, (at, newest, n) in enumerate(self._looks):
            self._looks[number] = (None if at is None else min(at + seconds, now), newest, n)

    def look_at(self, link: Link, now: float) -> None:
        """Note what it was sent up to this look, and skip positions for it if it lags.

        In the looks before it may have been left out, as it had just made progress (:meth:`Link.follows`).
        """
        if link not in self.links:
            return
        session = link.session
        for at, newest, n in self._looks:
            if at is not None:
                session.note_sent(Stream.SPACE, newest, at)
                if not link.missed_places:
                    session.note_places(n, at)
        if not link.missed_places and session.behind_for(now) > self._lag:
            self._miss(link)

    def close(self) -> None:
        for timer in (self._next, self._later):
            if timer is not None:
                timer.cancel()

    def _gathered(self) -> Crowd[Link]:
        """Everybody, and whose lane is open just now."""
        crowd = self._crowd
        if crowd.stale or any(link.lane is not None and link.lane.is_open for link in crowd.others):
            crowd.gather(self.links)
        return crowd

    def _note_write(self) -> None:
        if self._wrote_at is None:
            self._wrote_at = self._clock.monotonic()

    def _tick_soon(self) -> None:
        """Somebody moved."""
        if self._writing or (self._next is not None and self._hurry):
            return
        due = self._ticked_at + self._interval - self._clock.monotonic()
        self._arm(max(0.0, min(due, self._interval)))
        self._hurry = True

    def _look_again(self) -> None:
        """Somebody missed positions."""
        if not self._writing and self._next is None:
            self._arm(AGAIN)

    def _arm(self, delay: float) -> None:
        if self._next is not None:
            self._next.cancel()
        self._next = asyncio.get_running_loop().call_later(delay, self._when_free, self._begin_tick)

    def _when_free(self, go: Callable[[], None]) -> None:
        """Go on with positions, now or after what is more urgent."""
        if self._urgent:
            self._held_back = go
            self._next = asyncio.get_running_loop().call_later(URGENT, self._go)
        else:
            go()

    def _go(self) -> None:
        go, self._held_back = self._held_back, None
        if go is not None:
            go()

    def _begin_tick(self) -> None:
        self._next, self._hurry = None, False
        self._writing, self._changed = True, False
        self._ticked_at = self._clock.monotonic()
        steps, self._steps = self._steps, {}
        for link, to in steps.items():
            self._step(link, to)
        frame = self._moves()
        if frame is None:
            self._end_tick()
            return
        self._note_write()
        crowd = self._gathered()
        self._write(Packet(wire.encode(frame)), crowd.links, crowd.others, 0)

    def _moves(self) -> wire.Places | None:
        """Who stands elsewhere than at the last tick; nothing when nobody does."""
        moved, self._moved = self._moved, {}
        places, numbers = self._places(), self._numbers
        first: list[tuple[PersonId, int, int]] = []
        again: list[tuple[int, int, int]] = []
        for person in moved:
            place, number = places.get(person), numbers.get(person)
            if place is None:
                continue  # has left
            if number is None:
                self._numbered += 1
                numbers[person] = self._numbered
                first.append((person, place.x, place.y))
            else:
                again.append((number, place.x, place.y))
        if not first and not again:
            return None
        self._n += 1
        named = tuple(numbers[person] for person, _, _ in first)
        return wire.Places(tuple(first), self._n, named, tuple(again))

    def _write(self, packet: Packet, quick: list[Link], others: list[Link], begin: int) -> None:
        """Write to some, then let others have a turn of the loop.

        Args:
            quick: the crowd at the beginning of the tick.
            others: the rest at that time; to them goes what is left when all of the crowd have it.
        """
        end = begin + AT_ONCE
        as_before = not (self._behind or self._changed or self._crowd.stale or quick is not self._crowd.links)
        if as_before:
            late = self._crowd.write(packet, begin, end)
        else:
            late = self._write_to(packet, quick[begin:end])
        first = len(quick)
        late += self._write_to(packet, others[max(0, begin - first) : max(0, end - first)])
        for link in late:
            if not link.places(packet):
                self._miss(link)
        if end < first + len(others):
            rest = partial(self._write, packet, quick, others, end)
            self._next = asyncio.get_running_loop().call_soon(self._when_free, rest)
        else:
            self._end_tick()

    def _write_to(self, packet: Packet, links: list[Link]) -> list[Link]:
        """Those of them who are still here and follow; it was not written to those who come back."""
        if self._behind or self._changed:
            links = [link for link in links if link in self.links and not link.missed_places]
        return write_to_all(packet, links)

    def _end_tick(self) -> None:
        self._writing, self._next = False, None
        self._make_good()
        self._adapt(self._clock.monotonic() - self._ticked_at)
        if self._moved or self._steps:
            self._tick_soon()
        elif self._behind:
            self._look_again()

    def _adapt(self, took: float) -> None:
        """Longer ticks when clients cannot follow, or the writing itself takes most of one."""
        wish = max(self._tick, took * SPARE)
        if len(self._behind) > len(self.links) * MANY:
            wish = max(wish, self._interval * 2)
        self._interval = min(wish, self._tick * SLOWEST)

    # Those who missed something

    def _miss(self, link: Link) -> None:
        link.missed_places = True
        self._behind[link] = None
        # It was sent all that came before.
        if self._n > 1 and self._wrote_at is not None:
            link.session.note_places(self._n - 1, self._wrote_at)
        self._look_again()

    def _make_good(self) -> None:
        """Everybody's place, to those who missed some and can take it now."""
        now = self._clock.monotonic()
        ready = [link for link in self._behind if link.can_take_places(now, self._lag)]
        if not ready:
            return
        places = self._places()
        # Whoever has left is unknown to those who learn the numbers now.
        self._numbers = {person: number for person, number in self._numbers.items() if person in places}
        all_of_them = tuple((person, place.x, place.y) for person, place in places.items())
        numbers = tuple(self._numbers.get(person, 0) for person in places)
        packet = Packet(wire.encode(wire.Places(all_of_them, self._n, numbers)))
        for link in ready:
            if link.places(packet):
                link.missed_places = False
                del self._behind[link]
                link.session.note_places(self._n, now)
