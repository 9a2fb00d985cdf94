"""Several people in one space over real sockets: entering, walking, resuming, leaving, coming back."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from app.core import wire
from app.core.commands import LeaveSpace, RaiseEscalation, SetAutoAway, SetStatus, TakeSeat
from app.core.errors import Code
from app.core.events import ZoneCrossed
from app.core.model import Level, PersonId, Place, SeatId, SpaceId, Status
from app.core.session import Folded, Phase
from app.core.wire import Position, Stream
from app.server.admin import Admin
from app.server.main import Server
from app.server.map_files import ImportedMap
from app.server.store.base import Batch, Entry
from app.server.store.sqlite.streams import Keep
from tests.helpers.caller import Caller, eventually, snapshot_bytes
from tests.helpers.clock import FakeClock
from tests.helpers.office import IN_KITA, KITA, at, office_map
from tests.helpers.running import FAST, HASHER, Ids, rows, running


async def test_who_enters_gets_everything_and_the_others_one_event(server: Server, ids: Ids) -> None:
    async with await Caller.enter(server.url, "ann") as ann:
        before = len(ann.frames)
        async with await Caller.enter(server.url, "bob") as bob:
            await ann.until(lambda: ids.bob in ann.space.occupants)
            assert len(ann.frames) == before + 1
            assert set(bob.space.people) == {ids.ann, ids.bob, ids.chie, ids.dev, ids.eva}
            assert bob.space.groups[ids.supervisors].members == tuple(sorted((ids.bob, ids.chie)))
            assert bob.space.places[ids.ann] == ann.space.places[ids.ann]
            assert snapshot_bytes(ann.space) == snapshot_bytes(bob.space)


async def test_both_see_what_either_does_in_the_same_order(server: Server, ids: Ids) -> None:
    async with await Caller.enter(server.url, "ann") as ann, await Caller.enter(server.url, "bob") as bob:
        assert await ann.do(SetStatus(Status.BUSY)) is None
        assert await bob.do(SetStatus(Status.ON_CALL)) is None
        assert await ann.do(TakeSeat(SeatId("s1"))) is None
        await bob.until(lambda: bob.space.occupants[ids.ann].seat == "s1")
        await ann.until(lambda: ann.space.occupants[ids.bob].status is Status.ON_CALL)
        assert ann.session.positions[Stream.SPACE] == bob.session.positions[Stream.SPACE]
        assert snapshot_bytes(ann.space) == snapshot_bytes(bob.space)


async def test_walking_is_seen_by_all_and_stored_by_nobody(server: Server, ids: Ids) -> None:
    async with await Caller.enter(server.url, "ann") as ann, await Caller.enter(server.url, "bob") as bob:
        await ann.until(lambda: ids.bob in ann.space.occupants)
        at_before = bob.session.positions[Stream.SPACE]
        await ann.walk(*place(at(4, 5)))
        await ann.walk(*place(at(3, 5)))
        moved = await bob.hear(wire.Places, lambda p: p.places[-1][1:] == place(at(3, 5)))
        assert moved.places == ((ids.ann, *place(at(3, 5))),)
        assert bob.session.positions[Stream.SPACE] == at_before


async def test_a_tick_carries_everybody_who_moved_in_the_same_bytes(
    data: Path, ids: Ids, clock: FakeClock
) -> None:
    async with (
        running(data, clock, tuning=replace(FAST, tick=0.2)) as server,
        await Caller.enter(server.url, "ann") as ann,
        await Caller.enter(server.url, "bob") as bob,
    ):
        for column in (3, 4, 5):
            await ann.walk(*place(at(column, 5)))
            await bob.walk(*place(at(column, 2)))
        for caller in (ann, bob):
            moved = await caller.hear(wire.Places)
            assert set(moved.places) == {(ids.ann, *place(at(5, 5))), (ids.bob, *place(at(5, 2)))}
        assert ann.frames[-1] == bob.frames[-1]


async def test_who_walks_into_a_wall_is_put_back(server: Server, ids: Ids) -> None:
    async with await Caller.enter(server.url, "ann") as ann:
        stood = ann.space.places[ids.ann]
        await ann.walk(5, 5)
        assert (await ann.hear(wire.Places)).places == ((ids.ann, *place(stood)),)
        await ann.walk(1_000_000, 0)
        assert (await ann.hear(wire.Places)).places == ((ids.ann, *place(stood)),)


async def test_a_meeting_room_is_entered_durably(server: Server, ids: Ids) -> None:
    async with await Caller.enter(server.url, "ann") as ann:
        await ann.walk(*place(IN_KITA))
        await ann.until(lambda: ann.space.occupants[ids.ann].zone == KITA)


async def test_a_resume_replays_exactly_what_is_missing(server: Server, ids: Ids) -> None:
    bob = await Caller.enter(server.url, "bob")
    async with await Caller.enter(server.url, "ann") as ann:
        await bob.until(lambda: ids.ann in bob.space.occupants)
        known = bob.session.positions[Stream.SPACE].seq
        bob.socket.transport.abort()
        await ann.until(lambda: is_lost(ann, ids.bob))
        for status in (Status.BUSY, Status.ON_CALL, Status.AVAILABLE):
            assert await ann.do(SetStatus(status)) is None
        async with await Caller.come_back(server.url, bob) as again:
            attached = next(m for m in again.heard if isinstance(m, wire.Attached))
            assert attached.space is None
            assert attached.personal is None
            assert attached.space_at.seq == known
            folded = await again.hear(Folded)
            assert folded.first == known + 1
            assert len(folded.space) == 5  # lost, three statuses, restored
            await ann.until(lambda: ann.space.occupants[ids.bob].connected)
            assert snapshot_bytes(again.space) == snapshot_bytes(ann.space)


async def test_a_resume_from_the_store_joins_without_a_gap(data: Path, ids: Ids, clock: FakeClock) -> None:
    """The same after a restart, when nothing is in memory."""
    async with (
        running(data, clock) as server,
        await Caller.enter(server.url, "bob") as bob,
        await Caller.enter(server.url, "ann") as ann,
    ):
        await bob.until(lambda: ids.ann in bob.space.occupants)
        bob.socket.transport.abort()
        assert await ann.do(SetStatus(Status.BUSY)) is None
        known = bob.session.positions[Stream.SPACE].seq
    async with running(data, clock) as server, await Caller.come_back(server.url, bob) as again:
        attached = next(m for m in again.heard if isinstance(m, wire.Attached))
        assert attached.space is None
        assert attached.space_at.seq == known
        await again.until(lambda: again.space.occupants[ids.ann].status is Status.BUSY)
        async with await Caller.enter(server.url, "dev") as fresh:
            await again.until(lambda: ids.dev in again.space.occupants)
            assert snapshot_bytes(again.space) == snapshot_bytes(fresh.space)


async def test_beyond_the_kept_history_there_is_a_snapshot(data: Path, ids: Ids, clock: FakeClock) -> None:
    tuning = replace(FAST, checkpoint_every=4, keep=Keep(count=6, age=1e9))
    async with running(data, clock, tuning=tuning) as server:
        ann = await Caller.enter(server.url, "ann")
        old = ann.session.positions[Stream.SPACE]
        for number in range(12):
            assert await ann.do(SetAutoAway(number % 2 == 0)) is None
        newest = ann.session.positions[Stream.SPACE]
    async with running(data, clock, tuning=tuning) as server:
        for known, expect in ((old, True), (newest, False)):
            async with await Caller.dial(server.url, {Stream.SPACE: known}) as caller:
                assert await caller.sign_in("bob") is None
                caller.session.space = ids.space
                caller.session.attach(ids.space)
                attached = await caller.hear(wire.Attached)
                assert (attached.space is not None) is expect


@pytest.mark.parametrize(
    "known", [Position("another database", 1), Position("", 10**9), Position("", -1)], ids=str
)
async def test_numbers_that_cannot_be_ours_get_a_snapshot(server: Server, known: Position) -> None:
    if not known.epoch:
        known = Position(server.store.epoch, known.seq)
    async with await Caller.dial(server.url) as caller:
        assert await caller.sign_in("ann") is None
        caller.session.phase = Phase.ATTACHING
        caller.session.send(wire.Attach(None, known, known))
        attached = await caller.hear(wire.Attached)
        assert attached.space is not None
        assert attached.personal is not None


async def test_a_space_one_does_not_belong_to_does_not_exist(server: Server) -> None:
    async with await Caller.dial(server.url) as caller:
        assert await caller.sign_in("ann") is None
        caller.session.attach(SpaceId("elsewhere"))
        bye = await caller.hear(wire.Bye)
        assert (bye.code, bye.retry) == (Code.NOT_FOUND, False)


async def test_a_lost_connection_is_seen_at_once_and_ends_after_the_grace_time(
    server: Server, ids: Ids, clock: FakeClock
) -> None:
    async with await Caller.enter(server.url, "bob") as bob:
        ann = await Caller.enter(server.url, "ann")
        assert await ann.do(RaiseEscalation(Level.YELLOW), "hand") is None
        ann.socket.transport.abort()
        await bob.until(lambda: is_lost(bob, ids.ann))
        assert bob.space.escalation_of(ids.ann)
        await wait(bob, server, clock, 119.0)
        assert ids.ann in server.spaces.rooms[0].state.occupants
        clock.at += 1.5
        await bob.until(lambda: ids.ann not in bob.space.occupants)
        assert bob.space.escalations == {}
        assert rows(server, "SELECT reason FROM alerts") == [("connection_lost",)]


@pytest.mark.parametrize("jump", [-7_200.0, 7_200.0])
async def test_a_clock_that_is_set_leaves_the_grace_time_as_it_is(
    server: Server, ids: Ids, clock: FakeClock, jump: float
) -> None:
    async with await Caller.enter(server.url, "bob") as bob:
        ann = await Caller.enter(server.url, "ann")
        ann.socket.transport.abort()
        await bob.until(lambda: is_lost(bob, ids.ann))
        clock.epoch += jump
        await wait(bob, server, clock, 119.0)
        assert ids.ann in server.spaces.rooms[0].state.occupants
        clock.at += 1.5
        await bob.until(lambda: ids.ann not in bob.space.occupants)


async def wait(caller: Caller, server: Server, clock: FakeClock, seconds: float) -> None:
    """Time goes by while the caller lives on."""
    end = clock.at + seconds
    await server.look()  # from here on it counts
    while clock.at < end:
        await caller.keep_up(server)
        clock.at = min(end, clock.at + 3)
    await caller.keep_up(server)
    await server.look()


async def test_after_a_restart_people_have_the_grace_time_to_come_back(
    data: Path, ids: Ids, clock: FakeClock
) -> None:
    async with running(data, clock) as server:
        ann, bob = await Caller.enter(server.url, "ann"), await Caller.enter(server.url, "bob")
        assert await ann.do(RaiseEscalation(Level.YELLOW, "help"), "hand") is None
    clock.at += 1_000  # the time the server was away counts for nobody
    async with running(data, clock) as server, await Caller.come_back(server.url, bob) as bob:
        await bob.until(lambda: bob.space.escalations.keys() == {"hand"})
        await bob.until(lambda: is_lost(bob, ids.ann))
        await wait(bob, server, clock, 100.0)
        assert ids.ann in server.spaces.rooms[0].state.occupants
        await wait(bob, server, clock, 21.0)
        await bob.until(lambda: ids.ann not in bob.space.occupants)
        assert bob.space.occupants[ids.bob].connected


async def test_who_comes_back_sees_people_where_they_are_and_not_where_they_came_in(
    data: Path, ids: Ids, clock: FakeClock
) -> None:
    async with running(data, clock) as server:
        ann = await Caller.enter(server.url, "ann")
        ann.socket.transport.abort()
        await eventually(lambda: not server.hub.links)
        bob = await Caller.enter(server.url, "bob")
        await bob.walk(*place(at(3, 5)))
        await bob.hear(wire.Places)
    async with running(data, clock) as server, await Caller.come_back(server.url, ann) as ann:
        # That bob came in is replayed, and where he stood then; nobody has moved since the restart.
        await ann.until(lambda: ids.bob in ann.space.occupants)
        await ann.hear(wire.Places, lambda heard: (ids.bob, *place(at(3, 5))) in heard.places)


async def test_a_step_into_a_room_that_is_only_in_the_store_yet_is_not_taken_back(
    server: Server, ids: Ids
) -> None:
    """As when the server stops between the commit and its answer."""
    async with await Caller.enter(server.url, "ann"):
        (room,) = server.spaces.rooms
        outside = room.places()[ids.ann]
        room.unsaved.add(ids.ann)
        crossed = ZoneCrossed(ids.ann, KITA)
        entry = Entry(room.feed.key, crossed, wire.encode(crossed))
        batch = Batch(ids.space, 0.0, [entry], {room.feed.key: room.feed.at}, places=[(ids.ann, IN_KITA)])
        await server.store.append(batch)
        assert room.places()[ids.ann] == outside
        await server.walkers.save()
        assert (await server.store.desk(ids.space, ids.ann)).place == IN_KITA


async def test_a_second_machine_of_the_same_person(server: Server, ids: Ids) -> None:
    async with await Caller.enter(server.url, "bob") as bob:
        first, second = await Caller.enter(server.url, "ann"), await Caller.enter(server.url, "ann")
        assert await first.do(RaiseEscalation(Level.YELLOW), "hand") is None
        await second.until(lambda: "hand" in second.space.escalations)
        first.socket.transport.abort()
        await eventually(lambda: len(server.hub.links) == 2)
        assert await second.do(SetStatus(Status.BUSY)) is None
        await bob.until(
            lambda: ids.ann in bob.space.occupants and bob.space.occupants[ids.ann].status is Status.BUSY
        )
        assert bob.space.occupants[ids.ann].connected
        assert bob.space.escalation_of(ids.ann)
        third = await Caller.enter(server.url, "ann")
        assert await third.do(LeaveSpace()) is None  # on purpose, but not the last one
        assert await third.do(SetStatus(Status.AVAILABLE)) is Code.NOT_IN_SPACE
        assert ids.ann in server.spaces.rooms[0].state.occupants
        fourth = await Caller.enter(server.url, "ann")
        fourth.session.send(wire.SignOut())  # as quitting, and the token is worth nothing any more
        assert (await fourth.hear(wire.Bye)).code is Code.SIGNED_OUT
        assert await second.do(SetStatus(Status.ON_CALL)) is None
        assert second.space.escalation_of(ids.ann)
        assert await second.do(LeaveSpace()) is None
        await bob.until(lambda: ids.ann not in bob.space.occupants)
        for caller in (second, third, fourth):
            caller.socket.transport.abort()


async def test_who_comes_back_stands_where_they_stood_or_at_their_seat(server: Server, ids: Ids) -> None:
    async with await Caller.enter(server.url, "ann") as ann:
        await ann.walk(*place(at(3, 2)))
        await eventually(lambda: server.spaces.rooms[0].places()[ids.ann] == at(3, 2))
        assert await ann.do(SetStatus(Status.AWAY)) is None
        assert await ann.do(LeaveSpace()) is None
        await ann.attach()
        await ann.until(lambda: ids.ann in ann.space.occupants)
        assert ann.space.places[ids.ann] == at(3, 2)
        assert ann.space.occupants[ids.ann].status is Status.AVAILABLE
        assert await ann.do(TakeSeat(SeatId("s2"))) is None
        assert await ann.do(LeaveSpace()) is None
        await ann.attach()
        await ann.until(lambda: ids.ann in ann.space.occupants)
        assert ann.space.places[ids.ann] == office_map().seats[1].place


async def test_positions_survive_a_restart(data: Path, ids: Ids, clock: FakeClock) -> None:
    async with running(data, clock) as server:
        ann = await Caller.enter(server.url, "ann")
        await ann.walk(*place(at(3, 2)))
        await eventually(lambda: server.spaces.rooms[0].places()[ids.ann] == at(3, 2))
    async with running(data, clock) as server, await Caller.enter(server.url, "bob") as bob:
        assert bob.space.places[ids.ann] == at(3, 2)


async def test_one_person_in_two_spaces_moves_from_one_to_the_other(server: Server, ids: Ids) -> None:
    with Admin(server.config.data, hasher=HASHER) as admin:
        other = admin.add_space("Kyoto", ImportedMap(office_map(), {}))
        admin.add_to_space("Kyoto", "ann")
    async with await Caller.enter(server.url, "bob") as bob, await Caller.dial(server.url) as ann:
        assert await ann.sign_in("ann") is None
        assert ann.signed_in is not None
        assert {space.id for space in ann.signed_in.spaces} == {ids.space, other}
        assert (await ann.attach(ids.space)).space_id == ids.space
        await bob.until(lambda: ids.ann in bob.space.occupants)
        assert (await ann.attach(other)).space_id == other
        await bob.until(lambda: ids.ann not in bob.space.occupants)
        assert set(ann.space.people) == {ids.ann}
        assert await bob.do(SetStatus(Status.BUSY)) is None
        assert await ann.do(SetStatus(Status.BUSY)) is None
        assert ids.bob not in ann.space.occupants


def is_lost(seen_by: Caller, person: PersonId) -> bool:
    occupant = seen_by.space.occupants.get(person)
    return occupant is not None and not occupant.connected


def place(where: Place) -> tuple[int, int]:
    return where.x, where.y
