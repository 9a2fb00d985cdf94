"""A large snapshot decoded piece by piece is the same as in one go, and as strict."""

from __future__ import annotations

import asyncio
from typing import cast

import msgspec
import pytest
from msgspec import structs

from app.core import slices, wire
from app.core.errors import Code, Refused
from app.core.model import Conversation, ConversationId, Message, MessageId, PersonId, Recipients, SpaceId
from app.core.person import PersonSnapshot
from app.core.session import ClientSession, Phase
from app.core.wire import Position
from app.net.channel import Channel
from app.net.connection import Connection
from tests.helpers.clock import FakeClock
from tests.helpers.office import ANN, BOB, SPACE, Office

AT = Position("epoch", 7)
WITH = Recipients(people=(BOB,))


def conversation(number: int) -> Conversation:
    key = ConversationId(f"c{number}")
    said = tuple(
        Message(MessageId(f"{number}-{i}"), SPACE, key, BOB, f"word {i} 日本\u202e", 5.0 + i, WITH)
        for i in range(5)
    )
    return Conversation(key, SPACE, WITH, last=said, unread=2)


def attached(conversations: int) -> wire.Attached:
    own = PersonSnapshot(
        ANN, phrases=("line 3",), conversations=tuple(map(conversation, range(conversations)))
    )
    return wire.Attached(
        SPACE, AT, AT, space=Office().space.snapshot(), personal=own, places=((PersonId("bob"), 3, 4),)
    )


def pieces(data: bytes) -> list[wire.ServerMessage | None]:
    return list(slices.decode_server(data))


@pytest.mark.parametrize(
    "message",
    [
        attached(40),
        attached(0),
        wire.Attached(SPACE, AT, AT, personal=PersonSnapshot(ANN)),
        wire.Attached(SPACE, AT, AT),
        wire.Welcome(wire.PROTOCOL, "server"),
        wire.Bye(Code.SIGNED_OUT),
    ],
    ids=lambda message: type(message).__name__,
)
def test_it_is_what_one_go_gives(message: wire.ServerMessage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slices, "PIECE", 300)
    data = wire.encode(message)
    *before, last = pieces(data)
    assert last == wire.decode_server(data)
    assert not any(before)


def test_each_piece_is_small(monkeypatch: pytest.MonkeyPatch) -> None:
    one = len(wire.encode(attached(1))) - len(wire.encode(attached(0)))
    monkeypatch.setattr(slices, "PIECE", 4 * one)
    data = wire.encode(attached(40))
    assert 10 <= len(pieces(data)) <= 16


@pytest.mark.parametrize("spoilt", ["cut", "conversation", "nothing", "list"])
def test_what_one_go_refuses_is_refused(spoilt: str) -> None:
    data = wire.encode(attached(40))
    broken = {
        "cut": data[:-9],
        "conversation": data.replace(b"word 3", b"\xc1ord 3"),
        "nothing": b"",
        "list": b"\x93\x01\x02\x03",
    }[spoilt]
    with pytest.raises(Refused) as one_go:
        wire.decode_server(broken)
    with pytest.raises(Refused) as refused:
        pieces(broken)
    assert refused.value.refusal == one_go.value.refusal


def made(message: wire.Attached, before: PersonSnapshot | None = None) -> tuple[int, slices.Pieces | None]:
    """Pauses, and the frame; ``before``: as the conversations were when it was prepared."""
    maker, own = slices.Maker(), before or message.personal
    assert own is not None
    return len(list(maker.prepare(own.conversations))), maker.frame(message)


@pytest.mark.parametrize("number", [1, 15, 16, 40])
def test_what_is_made_in_pieces_is_what_one_go_makes(number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slices, "MANY", 5)
    monkeypatch.setattr(slices, "PIECE", 2_000)
    message = attached(number)
    _, frame = made(message)
    assert frame is not None
    assert wire.decode_server(b"".join(frame)) == wire.decode_server(wire.encode(message))
    assert len(frame) == sum(map(len, frame))


def test_it_is_made_with_pauses_and_each_piece_is_small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slices, "MANY", 5)
    one = len(wire.encode(attached(1))) - len(wire.encode(attached(0)))
    monkeypatch.setattr(slices, "PIECE", 4 * one)
    pauses, frame = made(attached(40))
    assert frame is not None
    assert 8 <= pauses <= 11
    assert max(map(len, list(frame)[1:])) <= 5 * one + 20


def test_what_changes_while_it_is_made_is_as_it_was_in_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slices, "MANY", 5)
    old = attached(40).personal
    assert old is not None
    read = tuple(structs.replace(c, unread=0) if c.id == "c7" else c for c in old.conversations[1:])
    message = structs.replace(
        attached(0), personal=structs.replace(old, conversations=(*read, conversation(99)))
    )
    _, frame = made(message, old)
    assert frame is not None
    assert wire.decode_server(b"".join(frame)) == wire.decode_server(wire.encode(message))


def test_few_messages_are_made_in_one_go() -> None:
    assert made(attached(40)) == (0, None)


def test_a_snapshot_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slices, "MANY", 5)
    monkeypatch.setattr(slices, "PIECE", 2_000)
    own, maker = attached(40).personal, slices.Maker()
    assert own is not None
    list(maker.prepare(own.conversations))
    pieces = maker.person(own)
    assert pieces is not None
    *before, read = slices.read_person(bytes(pieces))
    assert read == msgspec.msgpack.decode(msgspec.msgpack.encode(own), type=PersonSnapshot)
    assert len(before) > 5
    assert not any(before)


async def test_a_client_lets_its_loop_turn_meanwhile(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slices, "LARGE", 1_000)
    monkeypatch.setattr(slices, "PIECE", 1)
    session = ClientSession(0.0, "test")
    session.phase = Phase.ATTACHING
    channel = Channel(cast(Connection, None), session, FakeClock(), lambda _: None)
    message = attached(40)
    task = asyncio.ensure_future(channel._received(wire.encode(message)))
    turns = 0
    while not task.done():
        await asyncio.sleep(0)
        turns += 1
    assert task.result() == [wire.decode_server(wire.encode(message))]
    assert turns > 40
    assert session.space == SpaceId(SPACE)
