"""Streams as they are folded in this process: state, number, and the newest events as bytes."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Collection, Coroutine, Mapping, Sequence
from itertools import islice
from typing import Any, Generic, Protocol, TypeVar

import msgspec

from app.core import slices, wire
from app.core.events import PersonalEvent, SpaceEvent
from app.core.model import PersonId, SpaceId
from app.core.person import PersonSnapshot, PersonState
from app.core.space import SpaceSnapshot, SpaceState
from app.server.bus.base import Bus
from app.server.clock import Clock
from app.server.store.base import Entry, Store, Stored, StoreError
from app.server.store.keys import StreamKey, person_stream, space_stream
from app.tasks import Tasks

log = logging.getLogger(__name__)
Event = TypeVar("Event", SpaceEvent, PersonalEvent)

_space_snapshot = msgspec.msgpack.Decoder(SpaceSnapshot)
_person_snapshot = msgspec.msgpack.Decoder(PersonSnapshot)
_encode = msgspec.msgpack.Encoder().encode


class Publisher(Protocol):
    """Whoever passes new events on to those who are connected."""

    def space_events(self, space: SpaceId, first: int, payloads: Sequence[bytes]) -> None: ...

    def personal_events(
        self, person: PersonId, first: int, payloads: Sequence[bytes], events: Sequence[PersonalEvent]
    ) -> None: ...


class Feed(Generic[Event]):
    """One stream, folded up to number ``at``.

    Attributes:
        checkpoint_at: the number of the checkpoint in the store.
    """

    TAIL = 1_000
    """Events kept as bytes for clients that resume, so that most of them need no query."""

    def __init__(self, key: StreamKey, publisher: Publisher, stored: Stored) -> None:
        self.key = key
        self._publisher = publisher
        self._tail: deque[bytes] | None = None  # most people's streams stay empty for hours
        self.reset(stored)

    def reset(self, stored: Stored) -> None:
        """Begin anew from what is in the store."""
        self.at = self.checkpoint_at = stored.checkpoint_at
        self._tail = None
        self.restore(stored.checkpoint)
        for payload in stored.events:
            self._fold(payload, self.decode(payload))

    def begin_anew(self, stored: Stored) -> None:
        """The same where others follow: they are shown the newest event, and find that some are missing."""
        self.reset(stored)
        if stored.events:
            newest = stored.events[-1]
            self.publish(self.at, [newest], [self.decode(newest)])

    def advance(self, first: int, payloads: Sequence[bytes]) -> bool:
        """Fold stored events, those that are new here, and pass them on.

        What is folded is read from the same bytes that clients get.

        Args:
            first: the number of the first of them.

        Returns:
            False if events before ``first`` are missing here; nothing was folded then.
        """
        if first > self.at + 1:
            return False
        fresh = payloads[self.at + 1 - first :]
        if fresh:
            number = self.at + 1
            events = [self.decode(payload) for payload in fresh]
            for payload, event in zip(fresh, events, strict=True):
                self._fold(payload, event)
            self.publish(number, fresh, events)
        return True

    def since(self, after: int) -> list[bytes] | None:
        """Events ``after + 1`` and on, if they are in memory."""
        tail = self._tail or ()
        begin = self.at - len(tail)
        if not begin <= after <= self.at:
            return None
        return list(islice(tail, after - begin, None))

    def _fold(self, payload: bytes, event: Event) -> None:
        self.apply(event)
        if self._tail is None:
            self._tail = deque(maxlen=self.TAIL)
        self._tail.append(payload)
        self.at += 1

    def restore(self, checkpoint: bytes | None) -> None:
        raise NotImplementedError

    def decode(self, payload: bytes) -> Event:
        raise NotImplementedError

    def apply(self, event: Event) -> None:
        raise NotImplementedError

    def publish(self, first: int, payloads: Sequence[bytes], events: list[Event]) -> None:
        raise NotImplementedError


class SpaceFeed(Feed[SpaceEvent]):
    state: SpaceState

    def __init__(self, space: SpaceId, publisher: Publisher, stored: Stored) -> None:
        self.space = space
        super().__init__(space_stream(space), publisher, stored)

    def restore(self, checkpoint: bytes | None) -> None:
        if checkpoint is None:
            raise ValueError(f"space {self.space} has no beginning")
        self.state = SpaceState(_space_snapshot.decode(checkpoint))

    def decode(self, payload: bytes) -> SpaceEvent:
        return wire.decode_space_event(payload)

    def apply(self, event: SpaceEvent) -> None:
        self.state.apply(event)

    def publish(self, first: int, payloads: Sequence[bytes], events: list[SpaceEvent]) -> None:
        self._publisher.space_events(self.space, first, payloads)


class PersonFeed(Feed[PersonalEvent]):
    state: PersonState

    def __init__(
        self, person: PersonId, publisher: Publisher, stored: Stored, read: PersonSnapshot | None = None
    ) -> None:
        """``read``: the checkpoint, if that was large."""
        self.person, self._read = person, read
        super().__init__(person_stream(person), publisher, stored)

    def restore(self, checkpoint: bytes | None) -> None:
        blank = PersonSnapshot(self.person)
        read, self._read = self._read, None
        self.state = PersonState(read or (_person_snapshot.decode(checkpoint) if checkpoint else blank))

    def decode(self, payload: bytes) -> PersonalEvent:
        return wire.decode_personal_event(payload)

    def apply(self, event: PersonalEvent) -> None:
        self.state.apply(event)

    def publish(self, first: int, payloads: Sequence[bytes], events: list[PersonalEvent]) -> None:
        self._publisher.personal_events(self.person, first, payloads, events)


class Feeds:
    """The streams that somebody here follows.

    Args:
        checkpoint_every: events after which the state is written down again.
    """

    def __init__(
        self, store: Store, bus: Bus, publisher: Publisher, clock: Clock, tasks: Tasks, checkpoint_every: int
    ) -> None:
        self._store, self._bus, self._clock, self._tasks = store, bus, clock, tasks
        self._publisher = publisher
        self._every = checkpoint_every
        self._loading = asyncio.Lock()
        self._missed: dict[StreamKey, int] = {}  # newest number of streams that are being loaded
        self._told: dict[StreamKey, int] = {}  # newest number of those that are being read
        self._spaces: dict[SpaceId, SpaceFeed] = {}
        self._persons: dict[PersonId, PersonFeed] = {}
        bus.listen(self._heard)

    @property
    def persons(self) -> Collection[PersonId]:
        """Whose streams are folded here."""
        return self._persons.keys()

    def state_of(self, person: PersonId) -> PersonState | None:
        """The person's own state, if their stream is followed here."""
        feed = self._persons.get(person)
        return feed.state if feed else None

    async def space(self, beginning: SpaceSnapshot) -> SpaceFeed:
        """A space's stream; one that is new begins with the given state."""
        space, key = beginning.space.id, space_stream(beginning.space.id)
        async with self._loading:
            if space not in self._spaces:
                stored = await self._store.load(key)
                if not stored.exists:
                    blank = _encode(beginning)
                    await self._store.checkpoint(key, 0, blank, self._clock.now())
                    stored = Stored(True, 0, blank)
                feed = self._spaces[space] = SpaceFeed(space, self._publisher, stored)
                self._checkpoint_if_due(feed)
            return self._spaces[space]

    async def person(self, person: PersonId) -> PersonFeed:
        present = self._persons.get(person)
        if present is not None:
            return present
        key = person_stream(person)
        async with self._loading:
            while person not in self._persons:
                self._missed[key] = 0
                try:
                    stored = await self._store.load(key)
                    read = await _read(stored.checkpoint)
                    feed = PersonFeed(person, self._publisher, stored, read)
                finally:
                    newest = self._missed.pop(key)
                if feed.at >= newest:  # else it was written to while it was read
                    self._persons[person] = feed
                    self._checkpoint_if_due(feed)
            return self._persons[person]

    def forget(self, person: PersonId) -> None:
        """Nobody follows the person's stream any more; it is read again when somebody does."""
        self._persons.pop(person, None)

    def stored(self, entries: Sequence[Entry], numbers: Mapping[StreamKey, int]) -> None:
        """Fold and pass on what was just appended."""
        by_stream: dict[StreamKey, list[Entry]] = {}
        for entry in entries:
            by_stream.setdefault(entry.stream, []).append(entry)
        for key, mine in by_stream.items():
            first = numbers[key]
            newest = first + len(mine) - 1
            feed = self._feed(key)
            if feed is None:
                if key in self._missed:
                    self._missed[key] = max(self._missed[key], newest)
            elif feed.advance(first, [entry.payload for entry in mine]):
                self._checkpoint_if_due(feed)
            else:
                self._later(self.catch_up(key), f"catch up {key}")
            self._bus.tell(key, newest)

    async def catch_up(self, key: StreamKey) -> None:
        """Fold what others appended, if the stream is followed here."""
        feed = self._feed(key)
        if feed is None:
            return
        after = feed.at
        missing = await self._store.events_after(key, after)
        if missing is not None:
            feed.advance(after + 1, missing)
        else:
            # So far behind that the events are gone, or they were rewritten. Clients see the gap at the next
            # event and ask anew.
            feed.begin_anew(await self._store.load(key))

    async def look_for_rewritten(self) -> None:
        """Another program may have rewritten streams, which no event tells of."""
        for key in self._followed():
            await self.catch_up(key)

    async def follow(self) -> None:
        """Fold what other servers have appended. Raises StoreError."""
        heads = await self._store.heads(self._followed())
        for key in self._followed():  # spaces first, as with one's own
            feed = self._feed(key)
            if feed is not None and feed.at < heads.get(key, 0):
                await self.catch_up(key)

    def _followed(self) -> list[StreamKey]:
        return [*map(space_stream, self._spaces), *map(person_stream, self._persons)]

    def _heard(self, key: StreamKey, at: int) -> None:
        """Another server has written. While its events are being read, more may be."""
        feed = self._feed(key)
        if feed is None or feed.at >= at:
            return
        reading = key in self._told
        self._told[key] = max(at, self._told.get(key, 0))
        if not reading:
            self._later(self._read_told(key), f"catch up {key}")

    async def _read_told(self, key: StreamKey) -> None:
        before = -1
        try:
            while (feed := self._feed(key)) is not None and before < feed.at < self._told[key]:
                before = feed.at
                await self.catch_up(key)
        except StoreError as error:
            log.error("following another server: %s; it is tried again", error.reason)
        finally:
            del self._told[key]

    def _feed(self, key: StreamKey) -> SpaceFeed | PersonFeed | None:
        kind, _, name = key.partition(":")
        return self._spaces.get(SpaceId(name)) if kind == "space" else self._persons.get(PersonId(name))

    def _checkpoint_if_due(self, feed: SpaceFeed | PersonFeed) -> None:
        if feed.at - feed.checkpoint_at >= self._every:
            feed.checkpoint_at = feed.at
            now = feed.state.snapshot()
            self._later(self._checkpoint(feed.key, feed.at, now), f"checkpoint {feed.key}")

    def _later(self, doing: Coroutine[Any, Any, None], name: str) -> None:
        """A server that stops still finishes what it was asked for; what can wait is left to the next one."""
        if self._tasks.closed:
            doing.close()
        else:
            self._tasks.spawn(doing, name=name)

    async def _checkpoint(self, key: StreamKey, at: int, state: SpaceSnapshot | PersonSnapshot) -> None:
        packed = await _packed(state)
        try:
            await self._store.checkpoint(key, at, packed, self._clock.now())
        except StoreError as error:
            log.warning("no checkpoint of %s: %s; the next one will do", key, error)


async def _packed(state: SpaceSnapshot | PersonSnapshot) -> bytes | slices.Pieces:
    """A checkpoint; others have their turn while it is made."""
    maker = slices.Maker()
    if isinstance(state, PersonSnapshot):
        for _ in maker.prepare(state.conversations):
            await asyncio.sleep(0)
        pieces = maker.person(state)
        if pieces is not None:
            return pieces
    return _encode(state)


async def _read(checkpoint: bytes | None) -> PersonSnapshot | None:
    """A large one of a person, likewise; ``None``: reading it takes no time."""
    read: PersonSnapshot | None = None
    if checkpoint is not None and len(checkpoint) >= slices.LARGE:
        for piece in slices.read_person(checkpoint):
            read = piece
            await asyncio.sleep(0)
    return read
