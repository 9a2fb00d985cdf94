"""Promise P4: a stale state and the events after it are the fresh state, whichever way they are joined.

Every event type goes through :func:`verify_event`; tests/server/test_joining.py fails while one has no case.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from app.core import wire
from app.core.events import PersonalEvent, SpaceEvent
from app.core.model import PersonId, SpaceId
from app.core.person import PersonSnapshot, PersonState
from app.core.session import ClientSession, Folded, Phase
from app.core.space import SpaceSnapshot, SpaceState
from app.core.wire import Position, Stream
from app.server.audience import events_packet
from app.server.feeds import PersonFeed, SpaceFeed
from app.server.store.base import Stored

EPOCH, START = "epoch", 7
_encode = msgspec.msgpack.Encoder().encode
Before = SpaceSnapshot | PersonSnapshot


def verify_event(before: Before, events: Sequence[SpaceEvent | PersonalEvent]) -> None:
    """Fold ``events`` onto ``before`` in every way there is, and compare what comes out.

    The server folds as it stores; a server that restarts folds a checkpoint and the events after it; a
    client folds a snapshot and what follows; one that resumes gets what it missed, some of it twice.

    Raises:
        AssertionError: two of them differ, or the last event changed nothing.
    """
    payloads = [wire.encode(event) for event in events]
    live = _server(before, [])
    for payload in payloads:
        untouched = _frozen(live)
        assert live.advance(live.at + 1, [payload])
    fresh = _frozen(live)
    assert fresh != untouched, f"{type(events[-1]).__name__} changes nothing in this case"
    assert _frozen(_server(before, payloads)) == fresh, "a restart knows something else"
    for known in range(len(payloads) + 1):
        assert _client(before, payloads, known) == fresh, f"a client that knew {known} events differs"
    halfway = _server(before, payloads[:-1])
    assert _frozen(_server_from(before, _frozen(halfway), payloads[-1:])) == fresh, "a checkpoint differs"


def _frozen(feed: SpaceFeed | PersonFeed) -> bytes:
    return _encode(feed.state.snapshot())


class _Nobody:
    """Nobody is connected."""

    def space_events(self, space: SpaceId, first: int, payloads: Sequence[bytes]) -> None:
        return

    def personal_events(
        self, person: PersonId, first: int, payloads: Sequence[bytes], events: Sequence[PersonalEvent]
    ) -> None:
        return


def _server(before: Before, payloads: list[bytes]) -> SpaceFeed | PersonFeed:
    return _server_from(before, _encode(before), payloads)


def _server_from(before: Before, checkpoint: bytes, payloads: list[bytes]) -> SpaceFeed | PersonFeed:
    stored = Stored(True, START, checkpoint, payloads)
    if isinstance(before, SpaceSnapshot):
        return SpaceFeed(before.space.id, _Nobody(), stored)
    return PersonFeed(before.me, _Nobody(), stored)


def _client(before: Before, payloads: list[bytes], known: int) -> bytes:
    """A client that got a snapshot, heard the first ``known`` events, and then all of them again."""
    at = Position(EPOCH, START)
    in_space = isinstance(before, SpaceSnapshot)
    # The other stream is known already.
    session = ClientSession(0.0, "test", {Stream.PERSONAL if in_space else Stream.SPACE: at})
    session.receive(wire.encode(wire.Welcome(wire.PROTOCOL)), 0.0)
    session.phase = Phase.ATTACHING
    attached = wire.Attached(
        SpaceId("s"),
        at,
        at,
        space=before if isinstance(before, SpaceSnapshot) else None,
        personal=before if isinstance(before, PersonSnapshot) else None,
    )
    (heard,) = session.receive(wire.encode(attached), 0.0)
    assert isinstance(heard, wire.Attached)
    space = SpaceState(heard.space) if heard.space else None
    person = PersonState(heard.personal) if heard.personal else None
    stream = Stream.SPACE if in_space else Stream.PERSONAL
    for part in (payloads[:known], payloads):
        if not part:
            continue
        for message in session.receive(events_packet(stream, START + 1, part).data, 0.0):
            assert isinstance(message, Folded)
            for event in message.space:
                assert space is not None
                space.apply(event)
            for mine in message.personal:
                assert person is not None
                person.apply(mine)
    assert session.positions[stream].seq == START + len(payloads)
    state = space or person
    assert state is not None
    return _encode(state.snapshot())
