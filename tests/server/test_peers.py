"""Several servers on one store: who is connected through one of them is connected, and what one writes the
others tell."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from app.core import wire
from app.core.commands import LeaveSpace, RaiseEscalation
from app.core.model import Level, Place, Recipients
from app.core.scene import NOTHING
from app.server import peers, walkers
from app.server.ledger import Asked
from app.server.main import Server
from app.server.peers import BEAT, LEASE
from app.server.presence import _link_gone
from tests.helpers.caller import Caller, eventually
from tests.helpers.clock import FakeClock
from tests.helpers.office import at
from tests.helpers.running import Ids, rows, running


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """They look into the store more often than elsewhere."""
    monkeypatch.setattr(peers, "PAUSE", 0.005)
    monkeypatch.setattr(walkers, "PAUSE", 0.005)


@pytest.fixture
async def other(data: Path, server: Server, clock: FakeClock) -> AsyncIterator[Server]:
    """Another one on the same store; both have the same clock."""
    async with running(data, clock) as started:
        await both_know(server, started, clock)
        yield started


async def both_know(server: Server, other: Server, clock: FakeClock) -> None:
    clock.at += BEAT
    await eventually(lambda: not server.peers.alone and not other.peers.alone)


def connected(caller: Caller, person: str) -> bool:
    return any(o.person == person and o.connected for o in caller.space.occupants.values())


def attended(server: Server) -> list[tuple[str, str]]:
    return rows(server, "SELECT person, server FROM attendances ORDER BY person, server")


async def test_a_second_server_that_starts_leaves_the_first_ones_links_alone(
    server: Server, ids: Ids, data: Path, clock: FakeClock
) -> None:
    async with await Caller.enter(server.url, "ann") as ann:
        async with running(data, clock) as other, await Caller.enter(other.url, "bob") as bob:
            assert connected(bob, ids.ann)
            await both_know(server, other, clock)
            assert attended(server) == sorted([(ids.ann, server.peers.me), (ids.bob, other.peers.me)])
            await ann.until(lambda: connected(ann, ids.bob))
        await ann.until(lambda: not connected(ann, ids.bob))
        assert connected(ann, ids.ann)


async def test_what_one_server_writes_the_other_tells(server: Server, other: Server, ids: Ids) -> None:
    async with await Caller.enter(server.url, "ann") as ann, await Caller.enter(other.url, "bob") as bob:
        await other.peers.look()
        await server.peers._look_around()
        assert not await ann.do(RaiseEscalation(Level.RED, "help", Recipients(people=(ids.bob,))), "hand")
        await bob.until(lambda: "hand" in bob.me.alerts)
        await bob.until(lambda: bob.space.escalation_of(ids.ann) is not None)
        hand = bob.space.escalation_of(ids.ann)
        assert hand is not None
        assert hand.unreached == ()


async def test_a_server_that_dies_loses_its_links_after_the_lease(
    server: Server, other: Server, ids: Ids, clock: FakeClock
) -> None:
    async with await Caller.enter(server.url, "ann"), await Caller.enter(other.url, "bob") as bob:
        await die(server)
        for _ in range(int(LEASE / BEAT)):
            await let_pass(BEAT, other, bob, clock)
            assert connected(bob, ids.ann)
        for _ in range(2):  # its last beat may have been seen with the first look
            await let_pass(BEAT, other, bob, clock)
        await bob.until(lambda: not connected(bob, ids.ann))
        assert attended(other) == [(ids.bob, other.peers.me)]


async def test_who_slept_does_not_take_others_for_dead(
    server: Server, other: Server, ids: Ids, clock: FakeClock
) -> None:
    async with await Caller.enter(server.url, "ann"), await Caller.enter(other.url, "bob") as bob:
        await die(server)
        await let_pass(LEASE - 1.0, other, bob, clock)
        await let_pass(BEAT, other, bob, clock)
        assert connected(bob, ids.ann)


async def test_a_server_that_was_taken_for_dead_gets_its_links_back(
    server: Server, other: Server, ids: Ids, clock: FakeClock
) -> None:
    async with await Caller.enter(server.url, "ann") as ann, await Caller.enter(other.url, "bob") as bob:
        await other.peers._strike([server.peers.me])
        await bob.until(lambda: not connected(bob, ids.ann))
        for _ in range(2):  # it enlists again; the other one sees that with the next look
            await ann.keep_up(server)
            await let_pass(BEAT, other, bob, clock)
            await eventually(lambda: server.peers._looked_at == clock.at)
        await bob.until(lambda: connected(bob, ids.ann))
        await eventually(lambda: (ids.ann, server.peers.me) in attended(server))


async def test_who_is_there_through_two_servers_loses_the_link_with_the_last_one(
    server: Server, other: Server, ids: Ids
) -> None:
    async with await Caller.enter(other.url, "bob") as bob:
        async with await Caller.enter(other.url, "ann"):
            async with await Caller.enter(server.url, "ann"):
                await eventually(lambda: len(attended(server)) == 3)
            await eventually(lambda: len(attended(server)) == 2)
            assert attended(server) == sorted([(ids.ann, other.peers.me), (ids.bob, other.peers.me)])
            assert other.spaces.rooms[0].state.is_here(ids.ann)
        await bob.until(lambda: not connected(bob, ids.ann))


async def test_who_leaves_one_of_two_servers_is_still_there(server: Server, other: Server, ids: Ids) -> None:
    async with await Caller.enter(other.url, "ann") as there:
        async with await Caller.enter(server.url, "ann") as here:
            await eventually(lambda: len(attended(server)) == 2)
            assert not await here.do(LeaveSpace())
        await eventually(lambda: attended(server) == [(ids.ann, other.peers.me)])
        assert connected(there, ids.ann)
        assert not await there.do(LeaveSpace())
        assert attended(server) == []


async def test_who_has_left_meanwhile_loses_no_link(server: Server, ids: Ids) -> None:
    """While one machine is let go, the person leaves on another that is just coming back (seed 1776)."""
    (room,) = (room for room in server.spaces.rooms if room.id == ids.space)
    room.links[ids.bob] = set()
    outcome = await server.attendance._ledger.commit(room, Asked(_link_gone(room, ids.bob, elsewhere=False)))
    assert outcome == NOTHING


async def die(server: Server) -> None:
    """It does nothing any more, and says nothing."""
    await server.tasks.close(within_s=0.0)


async def let_pass(seconds: float, server: Server, caller: Caller, clock: FakeClock) -> None:
    """The server has seen that so much time went by, and that its client lives."""
    await caller.keep_up(server)
    clock.at += seconds
    before = server.peers._looked_at
    await eventually(lambda: server.peers._looked_at > before)
    await server.look()


async def test_a_step_on_one_server_is_seen_on_the_other(server: Server, other: Server, ids: Ids) -> None:
    async with await Caller.enter(server.url, "ann") as ann, await Caller.enter(other.url, "bob") as bob:
        await bob.until(lambda: ids.ann in bob.space.occupants)
        await ann.until(lambda: ids.bob in ann.space.occupants)
        await walk(ann, at(3, 5))
        await bob.hear(wire.Places, lambda heard: shows(heard, ids.ann, at(3, 5)))
        await walk(bob, at(5, 5))
        await ann.hear(wire.Places, lambda heard: shows(heard, ids.bob, at(5, 5)))
        assert server.spaces.rooms[0].places() == other.spaces.rooms[0].places()


async def test_who_comes_in_where_nobody_walked_sees_where_others_are(
    server: Server, ids: Ids, data: Path, clock: FakeClock
) -> None:
    async with await Caller.enter(server.url, "ann") as ann:
        async with running(data, clock) as other, await Caller.enter(other.url, "bob") as bob:
            await both_know(server, other, clock)
            await walk(ann, at(3, 5))
            await bob.hear(wire.Places, lambda heard: shows(heard, ids.ann, at(3, 5)))
            await walk(ann, at(5, 5))
            await eventually(lambda: server.spaces.rooms[0].places()[ids.ann] == at(5, 5))
        async with running(data, clock) as third, await Caller.enter(third.url, "bob"):
            await both_know(server, third, clock)
            await eventually(lambda: third.spaces.rooms[0].places()[ids.ann] == at(5, 5))


async def test_each_server_writes_down_only_who_walks_through_it(
    server: Server, other: Server, ids: Ids
) -> None:
    async with await Caller.enter(server.url, "ann") as ann, await Caller.enter(other.url, "bob") as bob:
        await bob.until(lambda: ids.ann in bob.space.occupants)
        await walk(ann, at(3, 5))
        await walk(bob, at(5, 5))
        sql = "SELECT person, x, y, step_by FROM desks WHERE step > 0 ORDER BY person"
        wrote = [
            (ids.ann, at(3, 5).x, at(3, 5).y, server.peers.me),
            (ids.bob, at(5, 5).x, at(5, 5).y, other.peers.me),
        ]
        await eventually(lambda: rows(server, sql) == sorted(wrote))
        for each in (server, other):
            await each.walkers.save()
        assert rows(server, sql) == sorted(wrote)


async def walk(caller: Caller, to: Place) -> None:
    await caller.walk(to.x, to.y)


def shows(heard: wire.Places, person: str, place: Place) -> bool:
    return (person, place.x, place.y) in heard.places
