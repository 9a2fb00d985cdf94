"""What a connection may do: hostile frames, browsers, silence, floods, readers that stop."""

from __future__ import annotations

import asyncio
import urllib.request
from collections.abc import AsyncIterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from unittest import mock

import msgspec
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidStatus

from app.core import questions, wire
from app.core.commands import SendMessage, SetAutoAway
from app.core.errors import Code
from app.core.model import PersonId, Place, Recipients, SpaceId
from app.core.session import Phase, ServerSession
from app.core.wire import Position, Stream
from app.server import gateway
from app.server.audience import AT_ONCE, events_packet
from app.server.link import Link, Socket
from app.server.main import Server
from app.server.wire_out import Lane, Packet
from app.tasks import Tasks
from tests.helpers.caller import PATIENCE, Caller, eventually
from tests.helpers.clock import FakeClock
from tests.helpers.office import at
from tests.helpers.running import FAST, Ids, running

NESTED = b"\x91" * 20_000
HOSTILE = [
    b"",
    b"\xc1",
    NESTED,
    b'{"type": "hello"}',
    msgspec.msgpack.encode({"type": "hello", "protocol": "one"}),
    b"\xcf" + b"\xff" * 8,
    b"\x82\xa4type\xa5hello\xa8protocol\xa3\xff\xfe\xfd",
]


def place(where: Place) -> tuple[int, int]:
    return where.x, where.y


def told(step: tuple[PersonId, int, int], message: wire.Places) -> bool:
    return step in message.places


async def last_word(socket: ClientConnection) -> wire.Bye:
    """The goodbye, after which the connection ends."""
    async with asyncio.timeout(PATIENCE):
        while True:
            message = wire.decode_server(await socket.recv(decode=False))
            if isinstance(message, wire.Bye):
                await socket.wait_closed()
                return message


@pytest.mark.parametrize("frame", HOSTILE, ids=lambda frame: frame[:12].hex() or "empty")
async def test_bytes_that_are_no_message_end_the_connection_and_nothing_else(
    server: Server, frame: bytes
) -> None:
    async with await Caller.enter(server.url, "ann") as caller:
        async with connect(server.url, proxy=None) as hostile:
            await hostile.send(frame)
            bye = await last_word(hostile)
        assert (bye.code, bye.retry) == (Code.BAD_FRAME, False)
        assert await caller.do(SetAutoAway(True)) is None


@pytest.mark.parametrize(
    "said",
    [
        wire.Attach(),
        wire.Do("c", SetAutoAway(True)),
        wire.Walk(1, 1),
        wire.SignIn("ann", "x"),
        wire.SignOut(),
    ],
    ids=lambda said: type(said).__name__,
)
async def test_what_comes_out_of_turn_ends_the_connection(server: Server, said: wire.ClientMessage) -> None:
    async with connect(server.url, proxy=None) as socket:
        await socket.send(wire.encode(said))
        assert (await last_word(socket)).code is Code.OUT_OF_TURN


async def test_a_frame_that_is_too_large_is_not_read(server: Server) -> None:
    async with connect(server.url, proxy=None) as socket:
        await socket.send(bytes(70_000))
        async with asyncio.timeout(PATIENCE):
            await socket.wait_closed()
        assert socket.close_code == 1009


async def test_a_page_in_a_browser_is_refused(server: Server) -> None:
    with pytest.raises(InvalidStatus) as refused:
        await connect(server.url, origin="https://example.org", proxy=None)  # type: ignore[arg-type]  # any text
    assert refused.value.response.status_code == 403


async def test_health_can_be_asked_for(server: Server) -> None:
    url = server.url.replace("ws://", "http://") + "/healthz"
    answer = await asyncio.to_thread(lambda: urllib.request.urlopen(url, timeout=5).read())
    assert answer == b"ok\n"


async def test_who_does_not_sign_in_is_not_waited_for(server: Server, clock: FakeClock) -> None:
    async with connect(server.url, proxy=None) as socket:
        await socket.send(wire.encode(wire.Hello(wire.PROTOCOL)))
        await socket.recv()
        clock.at += 11
        assert (await last_word(socket)).code is Code.TOO_SLOW


@pytest.mark.parametrize("at_once", [1, AT_ONCE])
async def test_a_silent_client_is_cut_off_and_shown_as_lost(
    server: Server, ids: Ids, clock: FakeClock, at_once: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gateway, "AT_ONCE", at_once)  # ann is looked at in another turn than bob
    async with await Caller.enter(server.url, "bob") as bob, await Caller.enter(server.url, "ann") as ann:
        await bob.until(lambda: ids.ann in bob.space.occupants)
        await bob.keep_up(server)
        clock.at += 7
        await bob.keep_up(server)
        clock.at += 6
        await bob.until(lambda: bob.space.occupants[ids.ann].lost_since is not None)
        await ann.closed()
        assert set(server.hub.online) == {ids.bob}


async def beat(caller: Caller, link: Link) -> None:
    """The client shows that it lives, and the server has seen it."""
    caller.session.send(wire.Beat(1))
    await caller.flush()
    await eventually(lambda: link.session.heard_at == link._clock.monotonic())


async def test_too_many_commands_are_refused_kindly_and_a_flood_is_shown_out(server: Server) -> None:
    async with await Caller.enter(server.url, "ann") as ann:
        codes = [await ann.do(SetAutoAway(bool(number % 2))) for number in range(70)]
        assert codes[:60] == [None] * 60
        assert set(codes[60:]) == {Code.TOO_FAST}
        ann.session._out += [wire.encode(wire.Do(f"f{n}", SetAutoAway(True))) for n in range(250)]
        bye = await ann.hear(wire.Bye)
        assert (bye.code, bye.retry) == (Code.TOO_FAST, True)
        await ann.closed()
    async with await Caller.enter(server.url, "bob") as bob:
        assert await bob.do(SetAutoAway(True)) is None


@pytest.mark.parametrize(
    ("said", "times"),
    [(wire.Beat(1), 1_001), (wire.Seen(0, 0), 1_001), (wire.Attach(), 30)],
    ids=lambda value: type(value).__name__,
)
async def test_who_floods_with_what_is_never_refused_is_shown_out(
    server: Server, said: wire.ClientMessage, times: int
) -> None:
    async with await Caller.enter(server.url, "ann") as ann, await Caller.enter(server.url, "bob") as bob:
        ann.session._out += [wire.encode(said)] * times
        await ann.flush()
        bye = await last_word(ann.socket)
        assert (bye.code, bye.retry) == (Code.TOO_FAST, True)
        assert await bob.do(SetAutoAway(True)) is None


async def test_the_clock_gives_the_pace_back(server: Server, clock: FakeClock) -> None:
    async with await Caller.enter(server.url, "ann") as ann:
        for number in range(61):
            code = await ann.do(SetAutoAway(bool(number % 2)))
        assert code is Code.TOO_FAST
        clock.at += 1
        assert await ann.do(SetAutoAway(True)) is None


async def test_a_reader_that_makes_no_progress_is_cut_off_while_others_go_on(
    server: Server, ids: Ids, clock: FakeClock
) -> None:
    async with await Caller.enter(server.url, "ann") as ann, await Caller.enter(server.url, "bob") as bob:
        await ann.until(lambda: ids.bob in ann.space.occupants)
        (link,) = (link for link in server.hub.links if link.person == ids.bob)
        assert await ann.do(SetAutoAway(True)) is None  # bob is told, and does not acknowledge
        await ann.keep_up(server)
        clock.at += 3
        await ann.keep_up(server)
        await beat(bob, link)
        await eventually(lambda: link.session.behind_for(clock.at) == 3)
        assert link in server.hub.links
        clock.at += 1
        await ann.until(lambda: ann.space.occupants[ids.bob].lost_since is not None)
        assert link.aborted
        assert await ann.do(SetAutoAway(False)) is None


async def test_the_queue_of_a_stalled_reader_is_bounded(data: Path, ids: Ids, clock: FakeClock) -> None:
    limit, text = 20_000, "x" * 3_900
    async with running(data, clock, tuning=replace(FAST, queue=limit)) as server:
        ann, bob = await Caller.enter(server.url, "ann"), await Caller.enter(server.url, "bob")
        async with ann, bob:
            (link,) = (link for link in server.hub.links if link.person == ids.bob)
            link._socket, link.lane = Stuck(link._socket), None
            sent = 0
            while not link.aborted:
                sent += 1
                assert sent < 50
                assert link.waiting <= limit + 5_000
                assert await ann.do(SendMessage(text, Recipients(people=(ids.bob,)))) is None
            assert sent > 4
            await ann.until(lambda: ann.space.occupants[ids.bob].lost_since is not None)


async def test_positions_are_skipped_first_and_made_good_afterwards(server: Server, ids: Ids) -> None:
    async with await Caller.enter(server.url, "ann") as ann, await Caller.enter(server.url, "bob") as bob:
        await ann.until(lambda: ids.bob in ann.space.occupants)
        (link,) = (link for link in server.hub.links if link.person == ids.bob)
        gate = Stuck(link._socket)
        link._socket, link.lane = gate, None
        assert await ann.do(SetAutoAway(True)) is None
        while link.waiting <= link.LAZY:
            assert await ann.do(SendMessage("x" * 3_900, Recipients(people=(ids.bob,)))) is None
        await ann.walk(16 + 32 * 3, 16 + 32 * 5)
        await ann.hear(wire.Places)
        assert link.missed_places
        assert not link.aborted
        gate.release()
        places = await bob.hear(wire.Places)
        assert (ids.ann, 16 + 32 * 3, 16 + 32 * 5) in places.places
        assert {person for person, _, _ in places.places} == {ids.ann, ids.bob}


class Stuck:
    """A socket whose other side does not read until it is released."""

    def __init__(self, real: Socket) -> None:
        self._real = real
        self._open = asyncio.Event()

    def release(self) -> None:
        self._open.set()

    @property
    def lane(self) -> Lane | None:
        return None

    @property
    def quick(self) -> bool:
        return self._real.quick

    @property
    def waiting(self) -> int:
        return self._real.waiting

    def write_now(self, packet: Packet) -> bool:
        return self._open.is_set() and self._real.write_now(packet)

    async def send(self, data: bytes | AsyncIterator[bytes]) -> None:
        await self._open.wait()
        await self._real.send(data)

    async def close(self, code: int, reason: str) -> None:
        await self._real.close(code, reason)

    def abort(self) -> None:
        self._open.set()
        self._real.abort()


class Slow:
    """A socket on which nothing can be written without waiting, as another library version might have it."""

    lane: Lane | None = None
    quick = False

    def __init__(self, real: Socket) -> None:
        self._real = real

    @property
    def waiting(self) -> int:
        return self._real.waiting

    def write_now(self, packet: Packet) -> bool:
        return False

    async def send(self, data: bytes | AsyncIterator[bytes]) -> None:
        await self._real.send(data)

    async def close(self, code: int, reason: str) -> None:
        await self._real.close(code, reason)

    def abort(self) -> None:
        self._real.abort()


async def test_positions_come_where_nothing_can_be_written_at_once(server: Server, ids: Ids) -> None:
    async with await Caller.enter(server.url, "ann") as ann, await Caller.enter(server.url, "bob") as bob:
        for link in server.hub.links:
            link._socket, link.lane = Slow(link._socket), None
        for step in ((ids.ann, *place(at(column, 5))) for column in (3, 4, 5)):
            await ann.walk(*step[1:])
            await bob.hear(wire.Places, partial(told, step))


async def test_what_a_client_asked_for_is_not_held_against_it() -> None:
    """Cut off for what it had missed, it would come back for it, and be cut off again."""
    clock, tasks = FakeClock(), Tasks("link")
    real = mock.create_autospec(Socket, instance=True, waiting=0)
    link = Link(Stuck(real), ServerSession(0.0, "test"), clock, 1_000, lambda *_: None, tasks)
    packet = events_packet(Stream.SPACE, 1, [b"\xc0"] * 2_000)
    aborted = []
    for stream, owed in ((Stream.SPACE, True), (Stream.PERSONAL, True), (Stream.SPACE, False)) * 2:
        link.events(packet, stream, 2_000, owed=owed)
        aborted.append(link.aborted)
    assert aborted == [False] * 5 + [True]
    await tasks.close()


async def test_what_a_client_asked_for_may_take_its_time_on_a_thin_line() -> None:
    """Buffers on the way hide how far it is; who has all of it and still says nothing is stalled."""
    clock, tasks = FakeClock(), Tasks("link")
    clock.at = 0.0
    real = mock.create_autospec(Socket, instance=True, waiting=0)
    link = Link(real, ServerSession(0.0, "test"), clock, 1_000, lambda *_: None, tasks)
    big = events_packet(Stream.SPACE, 1, [b"\xc0"] * 100_000)
    seconds = len(big.data) // Link.THINNEST
    assert seconds > 5
    link.events(big, Stream.SPACE, 1, owed=True)
    stalled = []
    for second in range(seconds + 10):
        link.look(float(second))
        stalled.append(link.stalled(float(second), 3.5))
    assert stalled.index(True) == seconds + 1
    small = events_packet(Stream.SPACE, 2, [b"\xc0"])
    link.session.acknowledge(wire.Seen(1, 0), 70.0)
    link.look(70.0)
    clock.at = 70.0
    link.events(small, Stream.SPACE, 2)
    assert [link.stalled(70.0 + second, 3.5) for second in range(6)] == [False] * 4 + [True] * 2
    await tasks.close()


async def test_who_has_just_acknowledged_need_not_be_looked_at() -> None:
    clock, tasks = FakeClock(), Tasks("link")
    clock.at = 5.0
    real = mock.create_autospec(Socket, instance=True, waiting=0)
    link = Link(real, ServerSession(0.0, "test"), clock, 1_000, lambda *_: None, tasks)
    assert not link.follows(-1.0, 5.0), "it may be late with its first frames"
    at = Position("e", 0)
    link.session.attached(wire.Attached(SpaceId("osaka"), at, at))
    link.session.outgoing()
    link.session.acknowledge(wire.Seen(0, 0), 4.0)
    assert (link.follows(3.9, 5.0), link.follows(4.0, 5.0)) == (True, False)
    link.session.send(wire.BeatSeen(1))
    link.flush()
    assert not link.follows(3.9, 5.0), "an answer is on its way, for which time is given"
    assert link.follows(3.9, 5.1), "that time is over"
    link.bye(Code.SERVER_STOPPING)
    assert not link.follows(3.9, 5.1)
    await tasks.close()


async def test_time_in_which_the_server_was_late_counts_against_nobody() -> None:
    clock, tasks = FakeClock(), Tasks("link")
    clock.at = 0.0
    real = mock.create_autospec(Socket, instance=True, waiting=0)
    link = Link(real, ServerSession(0.0, "test"), clock, 1_000, lambda *_: None, tasks)
    link.events(events_packet(Stream.SPACE, 1, [b"\xc0"]), Stream.SPACE, 1)
    assert link.stalled(5.0, 3.5)
    assert link.session.is_dead(20.0)
    link.session.excuse(10.0, 10.0)
    assert not link.stalled(13.0, 3.5)
    assert not link.session.is_dead(20.0)
    assert link.stalled(14.0, 3.5)
    link.session.excuse(10.0, 10.0)  # of which nothing is new: it was heard at 10.0
    assert link.session.is_dead(22.5)
    await tasks.close()


async def test_the_server_notices_that_it_was_late_itself(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: asyncio.Queue[float] = asyncio.Queue()
    monkeypatch.setattr(server.gateway, "look", lambda late=0.0: heard.put_nowait(late))
    loop, pause = asyncio.get_running_loop(), server.config.tuning.look
    real_time, real_sleep, lost = loop.time, asyncio.sleep, [0.0, 5.0]

    async def sleep(seconds: float) -> None:
        await real_sleep(seconds)
        if seconds == pause and len(lost) > 1:  # as if nothing had been done for 5 s
            lost.pop(0)

    monkeypatch.setattr(asyncio, "sleep", sleep)
    monkeypatch.setattr(loop, "time", lambda: real_time() + lost[0])
    late = [await heard.get() for _ in range(4)]
    assert [round(seconds) for seconds in late if seconds] == [5]


async def test_who_does_not_take_their_answers_gets_no_more_of_them(server: Server, ids: Ids) -> None:
    async with await Caller.enter(server.url, "ann") as ann, await Caller.enter(server.url, "bob") as bob:
        for number in range(10):
            text = f"{number} " + "x" * 3_900
            assert await ann.do(SendMessage(text, Recipients(people=(ids.bob,)))) is None
        await bob.until(lambda: bob.me.unread == 10)
        (conversation,) = bob.me.conversations
        (link,) = (link for link in server.hub.links if link.person == ids.bob)
        gate = Stuck(link._socket)
        link._socket, link.lane = gate, None
        for number in range(100):
            bob.session.send(wire.Ask(f"h{number}", questions.History(conversation)))
        await bob.flush()
        await eventually(lambda: not link._room.is_set())
        assert link._answers < Link.UNREAD + 100_000
        assert await ann.do(SetAutoAway(True)) is None  # nobody else notices
        assert link._answers < Link.UNREAD + 100_000
        gate.release()
        for number in range(100):
            reply = await bob.hear(wire.Reply)
            assert reply.id == f"h{number}"
        assert link._room.is_set()


async def test_a_server_that_stops_says_so(data: Path, ids: Ids, clock: FakeClock) -> None:
    async with running(data, clock) as server:
        ann = await Caller.enter(server.url, "ann")
        await asyncio.gather(server.stop(), ann.hear(wire.Bye))
        bye = ann.heard[-1]
        assert isinstance(bye, wire.Bye)
        assert (bye.code, bye.retry) == (Code.SERVER_STOPPING, True)
        assert ann.session.phase is Phase.CLOSED
