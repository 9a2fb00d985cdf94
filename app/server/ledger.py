"""Decide, write down, fold, tell: the one way in which anything durable happens."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from app import stages
from app.core import wire
from app.core.errors import Code, Refusal, refuse
from app.core.events import EscalationRaised, Left, PersonalEvent, SpaceEvent
from app.core.geometry import WalkMap
from app.core.lines import CustomerId, Talk
from app.core.maps import SpaceMap
from app.core.model import EscalationId, PersonId, Place, Reach, SpaceId, best_of
from app.core.permissions import BUILT_IN
from app.core.policy import Contact, ContactId
from app.core.scene import Decision, Scene
from app.core.space import SpaceState
from app.server.clock import Stamps
from app.server.feeds import Feeds, PersonFeed, SpaceFeed
from app.server.hub import Hub
from app.server.link import Link
from app.server.peers import Online, Peers
from app.server.store.base import Batch, ClashError, CommandRecord, Entry, Store, StoreError, TakenError
from app.server.store.keys import StreamKey, person_stream, space_stream

log = logging.getLogger(__name__)

TRIES = 10
"""Times that a decision is made anew because somebody else was faster."""

Decide = Callable[[Scene, float], Decision | Refusal]
"""A rule to be asked with the scene and the server time (s); it may be asked again."""


class Room:
    """A space that lives in this process.

    Attributes:
        lock: held from a decision until its events are folded.
        links: the clients of each person who is in the space through this process.
        permissions: who may what, as the roster has it.
        lost: which loss of a connection was first seen when: ``lost_since``, and monotonic s.
        own: whose last step came through this process; unsaved: whose place is not written down yet.
    """

    def __init__(self, feed: SpaceFeed, space_map: SpaceMap) -> None:
        self.feed = feed
        self.walk = WalkMap(space_map)
        self.permissions = BUILT_IN
        self.lock = asyncio.Lock()
        self.links: dict[PersonId, set[Link]] = {}
        self.lost: dict[PersonId, tuple[float, float]] = {}
        self.own: set[PersonId] = set()
        self.unsaved: set[PersonId] = set()

    @property
    def id(self) -> SpaceId:
        return self.feed.space

    @property
    def state(self) -> SpaceState:
        return self.feed.state

    def places(self) -> dict[PersonId, Place]:
        return self.feed.state.places

    def add(self, person: PersonId, link: Link) -> None:
        self.links.setdefault(person, set()).add(link)

    def remove(self, person: PersonId, link: Link) -> None:
        links = self.links.get(person, set())
        links.discard(link)
        if not links:
            self.links.pop(person, None)

    def reach_of(self, person: PersonId, without: Link | None = None) -> Reach:
        """How alerts come through at all of the person's machines here together."""
        return best_of(link.reach for link in self.links.get(person, ()) if link is not without)


@dataclass(frozen=True)
class Asked:
    """A rule and what it needs.

    Attributes:
        reads: people whose own state the rule reads.
        command: recorded with the events, so that it counts once.
        places: px, where people stand once the events are written.
        talks: conversations that the rule is about and that the space may not hold.
        phones: who can be reached by phone now, for a rule that is about it.
        contacts: those that may be reached by hand, for a rule that is about it.
    """

    decide: Decide
    reads: Callable[[SpaceState], Iterable[PersonId]] = lambda _: ()
    command: CommandRecord | None = None
    places: Sequence[tuple[PersonId, Place]] = field(default_factory=tuple)
    talks: Mapping[CustomerId, Talk] = field(default_factory=dict)
    phones: Collection[PersonId] = ()
    contacts: Mapping[ContactId, Contact] = field(default_factory=dict)


class Ledger:
    """Writes what was decided. What is not written has not happened: state follows the store."""

    def __init__(self, store: Store, feeds: Feeds, hub: Hub, stamps: Stamps, peers: Peers) -> None:
        self._store, self._feeds, self._stamps = store, feeds, stamps
        self._online, self._server = Online(lambda: hub.online, peers), peers.me

    async def commit(self, room: Room, asked: Asked) -> Decision | Refusal:
        """Ask the rule; what it decides is on the disk, folded and passed on when this returns.

        A refusal (also ``store_failed``) means that nothing has changed.

        Raises:
            StaleError: a case that is to move is no longer what it was; nothing has changed.
        """
        async with room.lock:
            for _ in range(TRIES):
                try:
                    outcome = await self._attempt(room, asked)
                except StoreError as error:
                    return refuse(Code.STORE_FAILED, reason=error.reason)
                except ClashError:
                    return refuse(Code.ID_REUSED)
                if outcome is not None:
                    return outcome
        log.error("space %s: gave up after %d tries", room.id, TRIES)
        return refuse(Code.INTERNAL)

    async def _attempt(self, room: Room, asked: Asked) -> Decision | Refusal | None:
        """``None``: somebody else was faster."""
        if asked.command is not None:
            record = asked.command
            done = await self._store.command_done(record.person, record.id)
            if done is not None:
                return Decision() if done == record.fingerprint else refuse(Code.ID_REUSED)
        persons = {person: await self._feeds.person(person) for person in asked.reads(room.state)}
        now = self._stamps()
        states = {person: feed.state for person, feed in persons.items()}
        scene = Scene(
            room.state,
            room.walk,
            self._online,
            states,
            permissions=room.permissions,
            phones=asked.phones,
            contacts=asked.contacts,
            talks=asked.talks,
        )
        decision = asked.decide(scene, now)
        if isinstance(decision, Refusal) or not decision:
            return decision
        batch = Batch(
            space=room.id,
            at=now,
            entries=_entries(room.id, decision),
            expected=_expected(room, persons.values()),
            command=asked.command,
            places=(*asked.places, *_left_from(room.state, decision)),
            moves=decision.moves,
            server=self._server,
        )
        try:
            numbers = await self._store.append(batch)
        except TakenError:
            for key in batch.expected:
                await self._feeds.catch_up(key)
            return None
        raised = [e.escalation.id for e in decision.space if isinstance(e, EscalationRaised)]
        _note(stages.COMMITTED, raised)
        self._feeds.stored(batch.entries, numbers)
        _note(stages.FANNED_OUT, raised)
        return decision


def _note(stage: str, raised: Iterable[EscalationId]) -> None:
    for escalation in raised:
        stages.note(stage, escalation)


def _entries(space: SpaceId, decision: Decision) -> list[Entry]:
    """The same event for many people is encoded once."""
    encoded: dict[int, bytes] = {}

    def entry(stream: StreamKey, event: SpaceEvent | PersonalEvent) -> Entry:
        payload = encoded.get(id(event))
        if payload is None:
            payload = encoded[id(event)] = wire.encode(event)
        return Entry(stream, event, payload)

    entries = [entry(space_stream(space), event) for event in decision.space]
    return entries + [entry(person_stream(person), event) for person, event in decision.personal]


def _expected(room: Room, persons: Iterable[PersonFeed]) -> dict[StreamKey, int]:
    feeds: list[Any] = [room.feed, *persons]
    return {feed.key: feed.at for feed in feeds}


def _left_from(state: SpaceState, decision: Decision) -> list[tuple[PersonId, Place]]:
    gone = (event.person for event in decision.space if isinstance(event, Left))
    return [(person, state.places[person]) for person in gone if person in state.places]
