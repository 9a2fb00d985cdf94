"""Who gets what of what happens in a space, and when: with sockets that keep what is written."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest

from app.core import wire
from app.core.errors import Code
from app.core.events import StatusSet
from app.core.model import PersonId, Place, SpaceId, Status
from app.core.session import ClientSession, Folded, Phase, ServerSession
from app.core.wire import Position, Stream
from app.server.audience import AT_ONCE, Audience
from app.server.link import Link
from app.server.wire_out import Lane, Packet
from app.tasks import Tasks
from tests.helpers.caller import eventually
from tests.helpers.clock import FakeClock

ANN, BOB, CHIE = PersonId("ann"), PersonId("bob"), PersonId("chie")
TICK, LAG = 0.001, 2.0
EVENT = wire.encode(StatusSet(ANN, Status.BUSY))


class Paper:
    """A socket that writes down; ``full`` makes it one whose other side does not read."""

    def __init__(self) -> None:
        self.written: list[bytes] = []
        self.full = False
        self.aborted = False
        self.waiting = 0

    @property
    def quick(self) -> bool:
        return True

    @property
    def lane(self) -> Lane | None:
        return None

    def write_now(self, packet: Packet) -> bool:
        if not self.full:
            self.written.append(packet.data)
        return not self.full

    async def send(self, data: bytes | AsyncIterator[bytes]) -> None:
        assert isinstance(data, bytes)
        await eventually(lambda: not self.full or self.aborted)
        self.written.append(data)

    async def close(self, code: int, reason: str) -> None:
        return

    def abort(self) -> None:
        self.aborted = True


class Client:
    """One of the audience: its link, and what a real client makes of what was written."""

    def __init__(self, stage: Stage) -> None:
        self.paper = Paper()
        server = ServerSession(0.0, "test")
        self.link = Link(self.paper, server, stage.clock, 10_000, lambda *_: None, stage.tasks)
        at = Position("e", 0)
        self.session = ClientSession(0.0, "test", {Stream.SPACE: at, Stream.PERSONAL: at})
        self.session.phase = Phase.ATTACHING
        server.attached(wire.Attached(SpaceId("osaka"), at, at))
        self.link.begin_round()
        self.link.flush()
        self.at: dict[PersonId, tuple[int, int]] = {}
        self.folded = 0
        self._read = 0

    def frames(self, kind: type) -> list[wire.ServerMessage]:
        return [m for m in map(wire.decode_server, self.paper.written) if isinstance(m, kind)]

    def read(self, now: float) -> None:
        """Take what was written, and acknowledge it."""
        for data in self.paper.written[self._read :]:
            for message in self.session.receive(data, now):
                if isinstance(message, wire.Places):
                    self.at |= {person: (x, y) for person, x, y in message.places}
                elif isinstance(message, Folded):
                    self.folded += len(message.space)
        self._read = len(self.paper.written)
        self.session.tick(now)
        for frame in self.session.outgoing():
            if not frame.startswith(wire.encode(wire.Hello(wire.PROTOCOL, "test"))[:12]):
                self.link.session.receive(frame, now)
        self.link.flush()


class Stage:
    """An audience in which everybody stands at their place."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.clock.at = 0.0
        self.tasks = Tasks("test")
        self.places = {ANN: Place(1, 1), BOB: Place(2, 2), CHIE: Place(3, 3)}
        self.steps: list[tuple[Link, Place]] = []
        self.audience = Audience(self.clock, TICK, LAG, lambda: self.places, self._step)

    def look(self) -> None:
        self.audience.begin_look()
        for link in self.audience.links:
            self.audience.look_at(link, self.clock.at)

    def _step(self, link: Link, to: Place) -> None:
        self.steps.append((link, to))

    def join(self, count: int = 1) -> list[Client]:
        clients = [Client(self) for _ in range(count)]
        for client in clients:
            self.audience.join(client.link, replayed=False)
        return clients

    def go(self, person: PersonId, x: int) -> None:
        self.places[person] = Place(x, 0)
        self.audience.moved(person)

    async def until(self, condition: Callable[[], bool]) -> None:
        await eventually(condition)


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    stage = Stage()
    yield stage
    stage.audience.close()
    await stage.tasks.close()


def at(client: Client, person: PersonId, stage: Stage) -> int:
    client.read(stage.clock.monotonic())
    return client.at.get(person, (0, 0))[0]


async def test_all_who_moved_are_in_one_frame_and_the_same_for_everybody(stage: Stage) -> None:
    one, two = stage.join(2)
    stage.go(ANN, 10)
    stage.go(BOB, 20)
    stage.go(ANN, 11)
    await stage.until(lambda: bool(one.frames(wire.Places)))
    assert one.frames(wire.Places) == [wire.Places(((ANN, 11, 0), (BOB, 20, 0)), 1, (1, 2))]
    stage.go(BOB, 21)
    await stage.until(lambda: len(one.frames(wire.Places)) == 2)
    assert one.frames(wire.Places)[1] == wire.Places(n=2, moved=((2, 21, 0),))
    assert two.paper.written[1:] == one.paper.written[1:]


async def test_nothing_is_sent_while_nobody_moves(stage: Stage) -> None:
    (one,) = stage.join()
    stage.go(ANN, 10)
    await stage.until(lambda: bool(one.frames(wire.Places)))
    stage.audience.moved(PersonId("has left"))
    await stage.until(lambda: stage.audience._next is None)
    assert len(one.frames(wire.Places)) == 1


async def test_of_many_steps_only_the_newest_is_looked_at(stage: Stage) -> None:
    (one,) = stage.join()
    for x in range(50):
        stage.audience.stepped(one.link, Place(x, 0))
    await stage.until(lambda: bool(stage.steps))
    assert stage.steps == [(one.link, Place(49, 0))]
    stage.audience.stepped(one.link, Place(7, 0))
    assert stage.audience.take_step(one.link) == Place(7, 0)
    assert stage.audience.take_step(one.link) is None


async def test_who_comes_later_learns_who_the_numbers_are(stage: Stage) -> None:
    (one,) = stage.join()
    stage.go(ANN, 10)
    await stage.until(lambda: at(one, ANN, stage) == 10)
    (late,) = stage.join()
    stage.go(ANN, 12)
    stage.go(BOB, 22)
    await stage.until(lambda: at(late, ANN, stage) == 12)
    assert (late.at[BOB][0], late.at[CHIE][0]) == (22, 3)
    del stage.places[ANN]
    (later,) = stage.join()
    await stage.until(lambda: at(later, BOB, stage) == 22)
    stage.places[ANN] = Place(1, 1)
    stage.go(ANN, 14)
    for client in (one, late, later):
        await stage.until(lambda client=client: at(client, ANN, stage) == 14)  # type: ignore[misc]  # a default in a lambda


async def test_more_than_are_written_to_at_once_all_get_it(stage: Stage) -> None:
    clients = stage.join(2 * AT_ONCE + 3)
    stage.go(ANN, 10)
    await stage.until(lambda: bool(clients[0].frames(wire.Places)))
    stage.audience.leave(clients[-1].link)  # while it is being written
    await stage.until(lambda: bool(clients[-2].frames(wire.Places)))
    assert all(client.frames(wire.Places) for client in clients[:-1])
    assert not clients[-1].frames(wire.Places)


async def test_an_event_overtakes_positions_that_are_being_written(stage: Stage) -> None:
    clients = stage.join(2 * AT_ONCE + 3)
    stage.go(ANN, 10)
    await stage.until(lambda: bool(clients[0].frames(wire.Places)))
    stage.audience.events(1, [EVENT])
    assert not clients[-1].frames(wire.Places)
    assert clients[-1].frames(wire.Events)


async def test_positions_are_skipped_for_who_does_not_acknowledge_and_made_good(stage: Stage) -> None:
    slow, quick = stage.join(2)
    stage.go(ANN, 10)
    await stage.until(lambda: bool(slow.frames(wire.Places)))
    for second in (1.0, 2.0, 3.1):
        stage.clock.at = second
        quick.read(second)
        stage.look()
    assert (slow.link.missed_places, quick.link.missed_places) == (True, False)
    assert slow.link.session.behind_for(3.1) == pytest.approx(3.1)
    before = len(slow.paper.written)
    stage.go(ANN, 11)
    stage.go(BOB, 21)
    await stage.until(lambda: at(quick, BOB, stage) == 21)
    assert len(slow.paper.written) == before
    await stage.until(lambda: at(slow, BOB, stage) == 21)  # it reads again
    assert slow.at[ANN] == (11, 0)
    assert not slow.link.missed_places


async def test_who_stops_reading_after_a_look_that_left_it_out_counts_as_behind_since_then(
    stage: Stage,
) -> None:
    (one,) = stage.join()
    stage.go(ANN, 10)
    await stage.until(lambda: at(one, ANN, stage) == 10)
    stage.audience.begin_look()  # it is left out of this one,
    stage.clock.at = 1.2
    stage.go(ANN, 11)
    await stage.until(lambda: len(one.frames(wire.Places)) == 2)
    stage.audience.begin_look()  # and of this one
    stage.clock.at = 2.2
    stage.look()
    assert one.link.session.behind_for(2.2) == pytest.approx(1.0)


async def test_what_was_written_before_the_server_stood_still_is_waited_for_since_it_goes_on(
    stage: Stage,
) -> None:
    (one,) = stage.join()
    stage.go(ANN, 10)
    await stage.until(lambda: len(one.frames(wire.Places)) == 1)
    stage.audience.begin_look()  # it is left out of this one
    stage.clock.at = 0.5
    stage.go(ANN, 11)
    await stage.until(lambda: len(one.frames(wire.Places)) == 2)
    stage.clock.at = 30.5
    stage.audience.excuse(30.0, 30.5)
    stage.look()
    assert one.link.session.behind_for(30.5) == pytest.approx(0.5)
    assert not one.link.missed_places


async def test_what_was_written_since_the_server_goes_on_is_waited_for_from_then(stage: Stage) -> None:
    (one,) = stage.join()
    stage.clock.at = 30.0
    stage.go(ANN, 10)
    await stage.until(lambda: len(one.frames(wire.Places)) == 1)
    stage.audience.excuse(30.0, 30.0)
    stage.clock.at = 31.0
    stage.look()
    assert one.link.session.behind_for(31.0) == pytest.approx(1.0)


async def test_who_cannot_take_more_misses_positions_and_still_counts_as_behind(stage: Stage) -> None:
    full, quick = stage.join(2)
    stage.go(ANN, 10)
    await stage.until(lambda: at(quick, ANN, stage) == 10)
    full.paper.full, full.paper.waiting = True, 100_000
    stage.go(ANN, 11)
    await stage.until(lambda: full.link.missed_places)
    stage.clock.at = 4.0
    quick.read(4.0)
    stage.look()
    assert full.link.session.behind_for(4.0) == pytest.approx(4.0)
    assert quick.link.session.behind_for(4.0) == 0.0
    assert not full.link.waiting


async def test_ticks_become_longer_while_many_cannot_follow_and_shorter_again(stage: Stage) -> None:
    clients = stage.join(4)
    stage.go(ANN, 10)
    await stage.until(lambda: bool(clients[0].frames(wire.Places)))
    for client in clients[:2]:
        client.paper.full, client.paper.waiting = True, 100_000
    for x in range(11, 30):
        stage.go(ANN, x)
        await stage.until(lambda x=x: at(clients[3], ANN, stage) == x)  # type: ignore[misc]  # a default in a lambda
    assert stage.audience._interval == pytest.approx(8 * TICK)
    for client in clients[:2]:
        client.paper.full, client.paper.waiting = False, 0
    stage.go(ANN, 50)
    await stage.until(lambda: at(clients[0], ANN, stage) == 50)
    await stage.until(lambda: stage.audience._interval == TICK)


async def test_a_tick_that_takes_long_leaves_time_for_other_things(stage: Stage) -> None:
    stage.audience._adapt(4 * TICK)
    assert stage.audience._interval == pytest.approx(5 * TICK)
    stage.audience._adapt(1.0)
    assert stage.audience._interval == pytest.approx(8 * TICK)
    stage.audience._adapt(0.0)
    assert stage.audience._interval == TICK


async def test_events_go_out_at_once_and_together_while_that_takes_time(stage: Stage) -> None:
    (one,) = stage.join()
    slow = one.paper.write_now

    def write_now(packet: Packet) -> bool:
        stage.clock.at += 0.05  # writing to everybody takes so long
        return slow(packet)

    one.paper.write_now = write_now  # type: ignore[method-assign]  # a paper that is full
    stage.audience.events(1, [EVENT])
    assert len(one.frames(wire.Events)) == 1
    for number in (2, 3, 4):
        stage.audience.events(number, [EVENT])
    assert len(one.frames(wire.Events)) == 1
    stage.audience.settle()  # somebody waits for an answer
    last = one.frames(wire.Events)[-1]
    assert isinstance(last, wire.Events)
    assert (last.first, len(last.events)) == (2, 3)
    stage.clock.at += 1
    stage.audience.events(5, [EVENT])
    stage.audience.events(6, [EVENT])
    await stage.until(lambda: len(one.frames(wire.Events)) == 4)  # by itself, after a while
    one.read(0.0)
    assert one.folded == 6


async def test_a_stream_that_goes_on_elsewhere_is_not_joined_to_what_waits(stage: Stage) -> None:
    (one,) = stage.join()
    stage.audience.events(1, [EVENT])
    stage.audience._events_after = stage.clock.at + 1
    stage.audience.events(2, [EVENT])
    stage.audience.events(9, [EVENT])
    stage.audience.settle()
    assert [frame.first for frame in one.frames(wire.Events) if isinstance(frame, wire.Events)] == [1, 2, 9]


async def test_a_goodbye_is_the_last_thing_that_is_written(stage: Stage) -> None:
    (one,) = stage.join()
    one.link.bye(Code.SERVER_STOPPING)
    stage.audience.events(1, [EVENT])
    one.link.events(Packet(b""), Stream.SPACE, 1)
    await asyncio.sleep(0)
    assert isinstance(wire.decode_server(one.paper.written[-1]), wire.Bye)


async def test_positions_wait_for_what_is_urgent_and_go_on_afterwards(stage: Stage) -> None:
    clients = stage.join(AT_ONCE + 1)
    stage.go(ANN, 10)
    await stage.until(lambda: bool(clients[0].frames(wire.Places)))
    with stage.audience.urgent():
        for _ in range(5):
            await asyncio.sleep(0)
        assert not clients[-1].frames(wire.Places), "the rest of this tick waits"
        stage.audience.events(1, [EVENT])
        assert clients[-1].frames(wire.Events)
    await stage.until(lambda: bool(clients[-1].frames(wire.Places)))
    with stage.audience.urgent():
        stage.go(ANN, 11)
        await stage.until(lambda: len(clients[-1].frames(wire.Places)) == 2)  # not for ever
