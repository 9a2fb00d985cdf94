"""Who speaks when, read like a transcript: both machines joined by their bytes, no socket."""

from __future__ import annotations

import msgspec
import pytest

from app.core import events as ev
from app.core import questions, wire
from app.core.commands import SetAutoAway
from app.core.errors import Code, Refused
from app.core.limits import ANSWER_AFTER, CLIENT_FRAME_BYTES, DEAD_AFTER, HEARTBEAT
from app.core.model import MapId, Person, PersonId, Space, SpaceId, Status
from app.core.person import PersonSnapshot
from app.core.session import ClientSession, Folded, Incoming, Phase, Request, ServerSession
from app.core.space import SpaceSnapshot
from app.core.wire import Position, Stream

SPACE = Space(SpaceId("osaka"), "Osaka", MapId("m"))
ME = Person(PersonId("ann"), "ann", "Ann")
TOKEN = wire.Token("t")


class Pair:
    """A client and a server, and everything either was told."""

    def __init__(self) -> None:
        self.now = 0.0
        self.client = ClientSession(0.0, "test")
        self.server = ServerSession(0.0, "test server")
        self.asked: list[Request] = []
        self.told: list[Incoming] = []

    def flow(self) -> None:
        """Carry bytes both ways until nobody has anything to say."""
        while frames := self.client.outgoing():
            for frame in frames:
                self.asked += self.server.receive(frame, self.now)
            self.back()

    def back(self) -> None:
        for frame in self.server.outgoing():
            self.told += self.client.receive(frame, self.now)

    def live(self, space: int = 10, personal: int = 3) -> Pair:
        self.flow()
        self.client.send(wire.SignIn("ann", "secret"))
        self.flow()
        self.server.signed_in(wire.SignedIn(ME, TOKEN, (SPACE,), 1000.0))
        self.back()
        self.client.attach(SPACE.id)
        self.flow()
        self.attach(space, personal)
        self.told.clear()
        self.asked.clear()
        return self

    def attach(self, space: int, personal: int) -> None:
        """With snapshots of what the client does not know."""
        known = self.client.positions
        attached = wire.Attached(
            SPACE.id,
            Position("e", space),
            Position("e", personal),
            space=None if Stream.SPACE in known else SpaceSnapshot(SPACE),
            personal=None if Stream.PERSONAL in known else PersonSnapshot(ME.id),
        )
        self.server.attached(attached)
        self.back()

    def events(self, first: int, count: int, stream: Stream = Stream.SPACE) -> None:
        event: ev.SpaceEvent | ev.PersonalEvent = ev.StatusSet(ME.id, Status.BUSY)
        if stream is Stream.PERSONAL:
            event = ev.PhraseUsed("x")
        raw = msgspec.Raw(wire.encode(event))
        self.server.send(wire.Events(stream, first, (raw,) * count))
        self.server.note_sent(stream, first + count - 1, self.now)


def test_the_way_to_a_live_connection() -> None:
    pair = Pair()
    pair.flow()
    assert pair.told == [wire.Welcome(wire.PROTOCOL, "test server")]
    pair.client.send(wire.SignIn("ann", "secret", "desk"))
    pair.flow()
    assert pair.asked == [wire.SignIn("ann", "secret", "desk")]
    pair.server.send(wire.Denied(Code.WRONG_CREDENTIALS))
    pair.back()
    pair.client.send(wire.Resume(TOKEN))
    pair.flow()
    pair.server.signed_in(wire.SignedIn(ME, TOKEN, (SPACE,), 1000.0))
    pair.back()
    pair.client.attach(None)
    pair.flow()
    assert pair.asked[-1] == wire.Attach(None)
    pair.attach(10, 3)
    assert pair.client.phase is pair.server.phase is Phase.LIVE
    assert pair.client.positions[Stream.SPACE] == Position("e", 10)


def test_versions_that_differ_are_told_apart_on_both_sides() -> None:
    server = ServerSession(0.0, "s")
    server.receive(wire.encode(wire.Hello(99)), 0.0)
    (bye,) = server.outgoing()
    message = wire.decode_server(bye)
    assert isinstance(message, wire.Bye)
    assert (message.code, message.retry) == (Code.PROTOCOL_VERSION, False)
    assert message.fields == {"ours": 99, "theirs": wire.PROTOCOL}
    client = ClientSession(0.0, "c")
    (told,) = client.receive(wire.encode(wire.Welcome(99)), 0.0)
    assert isinstance(told, wire.Bye)
    assert told.fields == {"ours": wire.PROTOCOL, "theirs": 99}
    assert client.phase is Phase.CLOSED


def test_events_are_folded_once_and_in_order() -> None:
    pair = Pair().live()
    pair.events(11, 2)
    pair.events(12, 2)  # 12 again, and 13
    pair.events(11, 1)
    pair.back()
    folded = [(t.first, len(t.space)) for t in pair.told if isinstance(t, Folded)]
    assert folded == [(11, 2), (13, 1)]
    assert pair.client.positions[Stream.SPACE].seq == 13


def test_streams_are_numbered_on_their_own() -> None:
    pair = Pair().live()
    pair.events(4, 1, Stream.PERSONAL)
    pair.events(11, 1)
    pair.back()
    assert [t.stream for t in pair.told if isinstance(t, Folded)] == [Stream.PERSONAL, Stream.SPACE]


def test_a_missing_event_is_asked_for_and_nothing_is_folded_across_the_gap() -> None:
    pair = Pair().live()
    pair.events(12, 1)
    pair.back()
    pair.flow()
    assert pair.told == []
    assert pair.asked == [wire.Attach(SPACE.id, Position("e", 10), Position("e", 3))]
    pair.attach(10, 3)
    pair.events(11, 2)
    pair.back()
    assert pair.client.positions[Stream.SPACE].seq == 12


@pytest.mark.parametrize(("space", "personal"), [(11, 3), (9, 3), (10, 4)])
def test_a_stream_that_goes_on_elsewhere_without_a_word_is_a_silent_gap(space: int, personal: int) -> None:
    pair = Pair().live()
    pair.client.attach(SPACE.id)
    pair.flow()
    with pytest.raises(Refused) as caught:
        pair.attach(space, personal)
    assert caught.value.refusal.code is Code.OUT_OF_TURN


def test_another_space_is_entered_without_the_old_ones_number() -> None:
    pair = Pair().live()
    pair.client.attach(SpaceId("kyoto"))
    pair.flow()
    assert pair.asked == [wire.Attach(SpaceId("kyoto"), None, Position("e", 3))]


@pytest.mark.parametrize(
    "message",
    [
        wire.Do("1", SetAutoAway(True)),
        wire.Walk(1, 1),
        wire.SignIn("ann", "x"),
        wire.Attach(),
        wire.SignOut(),
        wire.Seen(1, 1),
    ],
)
def test_nothing_works_before_hello(message: wire.ClientMessage) -> None:
    server = ServerSession(0.0, "s")
    with pytest.raises(Refused) as caught:
        server.receive(wire.encode(message), 0.0)
    assert caught.value.refusal.code is Code.OUT_OF_TURN


@pytest.mark.parametrize(
    "message",
    [wire.Do("1", SetAutoAway(True)), wire.Walk(1, 1), wire.Attach(), wire.Ask("1", questions.Search("x"))],
)
def test_nothing_but_signing_in_works_before_signing_in(message: wire.ClientMessage) -> None:
    server = ServerSession(0.0, "s")
    server.receive(wire.encode(wire.Hello(wire.PROTOCOL)), 0.0)
    with pytest.raises(Refused):
        server.receive(wire.encode(message), 0.0)


@pytest.mark.parametrize(
    "message", [wire.SignedIn(ME, TOKEN, (), 0.0), wire.Denied(Code.INTERNAL), wire.Welcome(wire.PROTOCOL)]
)
def test_a_server_that_speaks_out_of_turn_is_left(message: wire.ServerMessage) -> None:
    pair = Pair().live()
    with pytest.raises(Refused):
        pair.client.receive(wire.encode(message), 0.0)


def test_beats_keep_both_sides_alive_and_silence_is_death() -> None:
    pair = Pair().live()
    pair.now = HEARTBEAT
    pair.client.tick(pair.now)
    pair.flow()
    assert not pair.server.is_dead(HEARTBEAT + DEAD_AFTER)
    assert not pair.client.is_dead(HEARTBEAT + DEAD_AFTER)
    assert pair.server.is_dead(HEARTBEAT + DEAD_AFTER + 0.1)
    assert pair.client.is_dead(HEARTBEAT + DEAD_AFTER + 0.1)


def test_a_reader_that_has_stopped_is_seen_by_what_it_does_not_acknowledge() -> None:
    pair = Pair().live()
    pair.now = 1.0
    pair.events(11, 1)
    pair.now = 4.0
    assert pair.server.behind_for(pair.now) == 3.0
    pair.back()
    pair.client.tick(pair.now)
    pair.flow()
    assert pair.server.seen.space == 11
    assert pair.server.behind_for(9.0) == 0.0


def test_after_goodbye_nothing_is_sent() -> None:
    pair = Pair().live()
    pair.server.bye(Code.SERVER_STOPPING)
    pair.server.send(wire.Places(()))
    pair.back()
    assert pair.told == [wire.Bye(Code.SERVER_STOPPING)]
    pair.client.tick(100.0)
    assert pair.client.outgoing() == []


def do(command: dict[str, object], command_id: str = "1") -> bytes:
    return msgspec.msgpack.encode({"type": "do", "id": command_id, "command": command})


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xc1",
        b"\x81\xa4type\xa4nope",
        b"\x91" * 50_000,
        b"\x81" * 20_000,
        b"\x81\xa4type\xa2\xff\xfe",
        b"\xdf\xff\xff\xff\xff",
        b"x" * (CLIENT_FRAME_BYTES + 1),
        msgspec.msgpack.encode({"type": "walk", "x": 2**63, "y": 0}),
        msgspec.msgpack.encode({"type": "walk", "x": 1e300, "y": 0}),
        msgspec.msgpack.encode({"type": "walk", "x": -1, "y": 0}),
        do({"type": "raise", "level": "blue"}),
        do({"type": "mark_read", "conversation": "c", "read_at": float("nan")}),
        do({"type": "leave"}, command_id="x" * 65),
    ],
)
def test_hostile_bytes_are_refused_with_a_code(data: bytes) -> None:
    with pytest.raises(Refused) as caught:
        wire.decode_client(data)
    assert caught.value.refusal.code is Code.BAD_FRAME


def test_people_who_move_are_named_once_and_then_numbered() -> None:
    pair = Pair().live()
    pair.server.send(wire.Places(((ME.id, 1, 2),), 1, (7,)))
    pair.server.send(wire.Places(n=2, moved=((7, 3, 4),)))
    pair.back()
    assert [told.places for told in pair.told if isinstance(told, wire.Places)] == [
        ((ME.id, 1, 2),),
        ((ME.id, 3, 4),),
    ]


def test_a_number_that_stands_for_nobody_ends_the_connection() -> None:
    pair = Pair().live()
    pair.server.send(wire.Places(((ME.id, 1, 2),), 1, (7,)))
    pair.back()
    pair.client.attach(SPACE.id)
    pair.flow()
    pair.attach(10, 3)  # what the numbers meant before means nothing now
    pair.server.send(wire.Places(n=2, moved=((7, 3, 4),)))
    with pytest.raises(Refused) as caught:
        pair.back()
    assert caught.value.refusal.code is Code.BAD_FRAME


def test_positions_are_acknowledged_so_a_reader_that_gets_nothing_else_is_seen() -> None:
    pair = Pair().live()
    pair.server.send(wire.Places(((ME.id, 1, 2),), 5))
    pair.server.note_places(5, 1.0)
    assert pair.server.behind_for(4.0) == 3.0
    pair.back()
    pair.client.tick(4.0)
    pair.now = 4.0
    pair.flow()
    assert pair.server.seen.places == 5
    assert pair.server.behind_for(9.0) == 0.0


def seen_by(pair: Pair) -> list[int]:
    """Frames of positions that the client acknowledges just now."""
    messages = map(wire.decode_client, pair.client.outgoing())
    return [message.places for message in messages if isinstance(message, wire.Seen)]


def flowing(pair: Pair, ns: range) -> list[int]:
    """Acknowledged, where 20 frames of positions come each second, with one tick."""
    acknowledged = []
    for n in ns:
        pair.now = n * 0.05
        pair.server.send(wire.Places(((ME.id, n, 2),), n))
        pair.back()
        if n % 20 == 10:
            pair.client.tick(pair.now + 0.02)
        acknowledged += seen_by(pair)
    return acknowledged


def test_while_frames_flow_one_is_acknowledged_every_two_seconds() -> None:
    assert flowing(Pair().live(), range(1, 101)) == [11, 51, 91]


def test_while_frames_flow_there_is_no_beat_and_both_sides_live() -> None:
    pair = Pair().live()
    said: list[type] = []
    for n in range(1, 601):  # 30 s
        pair.now = n * 0.05
        pair.server.send(wire.Places(((ME.id, n, 2),), n))
        pair.back()
        if n % 20 == 10:
            pair.client.tick(pair.now + 0.02)
            assert pair.client.outgoing() == []
        for frame in pair.client.outgoing():
            said.append(type(wire.decode_client(frame)))
            pair.server.receive(frame, pair.now)
        assert not pair.server.is_dead(pair.now)
        assert not pair.client.is_dead(pair.now)
    assert said == [wire.Seen] * 15


def test_when_frames_cease_that_flowed_a_beat_finds_out_what_is_wrong() -> None:
    """What is sent does not arrive: the server stopped the flow (Link.stalled), and its goodbye is lost."""
    pair = Pair().live()
    flowing(pair, range(1, 201))  # 10 s
    fault, pair.now = pair.now, pair.now + 0.5
    said: list[type] = []
    while not pair.client.is_dead(pair.now):
        pair.client.tick(pair.now)
        said += [type(wire.decode_client(frame)) for frame in pair.client.outgoing()]
        pair.now += 1.0
    assert said[0] is wire.Beat
    assert pair.now - fault <= ANSWER_AFTER + 1.5  # of the 15 that P5 allows; the server takes less than 5


def test_events_among_flowing_frames_are_acknowledged_with_the_next_after_each_tick() -> None:
    pair = Pair().live()
    assert flowing(pair, range(1, 21)) == [11]
    pair.events(11, 1)
    pair.back()
    assert flowing(pair, range(21, 41)) == [31]
    assert pair.server.phase is Phase.LIVE


def test_nothing_is_acknowledged_on_the_way_to_another_space() -> None:
    pair = Pair().live()
    assert flowing(pair, range(1, 21)) == [11]
    pair.client.attach(SpaceId("elsewhere"))
    pair.client.tick(pair.now + 0.05)
    assert seen_by(pair) == []


def test_flowing_frames_that_cease_are_acknowledged_within_three_seconds() -> None:
    pair = Pair().live()
    assert flowing(pair, range(1, 52)) == [11, 51]
    assert flowing(pair, range(52, 90)) == []
    pair.client.tick(4.52)  # this one is left to the next frame, which does not come
    assert seen_by(pair) == []
    pair.client.tick(5.52)
    assert seen_by(pair) == [89]


def test_what_is_owed_when_the_frames_cease_is_acknowledged_at_the_next_tick() -> None:
    pair = Pair().live()
    for n, pair.now in ((1, 1.0), (2, 1.05)):
        pair.server.send(wire.Places(((ME.id, n, 2),), n))
        pair.back()
    pair.client.tick(1.1)
    assert seen_by(pair) == []
    pair.client.tick(2.1)
    assert seen_by(pair) == [2]
    pair.client.tick(3.1)
    assert seen_by(pair) == []


def test_what_is_noted_late_counts_from_the_last_acknowledgement() -> None:
    pair = Pair().live()
    pair.now = 2.0
    pair.server.receive(wire.encode(wire.Seen(10, 3, 4)), pair.now)
    pair.server.note_places(4, 1.5)
    assert pair.server.behind_for(9.0) == 0.0
    pair.server.note_places(6, 1.5)
    assert pair.server.behind_for(3.0) == 1.0


def test_a_thin_line_that_takes_bytes_is_slow_and_not_stalled() -> None:
    pair = Pair().live()
    pair.server.note_sent(Stream.SPACE, 11, 1.0)
    pair.server.note_progress(6.0)
    assert pair.server.behind_for(7.0) == 1.0


def test_who_is_turned_away_goes_back_to_where_they_were() -> None:
    pair = Pair().live()
    pair.client.attach(SpaceId("full"))
    pair.flow()
    pair.asked.clear()
    pair.server.send(wire.TurnedAway(Code.SPACE_FULL, {"limit": 1}))
    pair.back()
    pair.flow()
    assert pair.told == [wire.TurnedAway(Code.SPACE_FULL, {"limit": 1})]
    assert pair.asked == [wire.Attach(SPACE.id, None, Position("e", 3))]
