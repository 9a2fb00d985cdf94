"""The fast way in: whatever comes, in whatever pieces, is understood as the library alone understands it.

A failure here after an update of the library means that ``EagerConnection`` in ``app/server/wire_out.py`` has
to be looked at.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from websockets.asyncio.connection import Connection
from websockets.asyncio.server import ServerConnection
from websockets.datastructures import Headers
from websockets.frames import Frame, Opcode
from websockets.http11 import Request
from websockets.protocol import OPEN
from websockets.server import ServerProtocol

from app.server.wire_out import EagerConnection

LARGEST = 1_000
UNMASKED = Frame(Opcode.BINARY, b"bare").serialize(mask=False)


def whole(data: bytes, opcode: Opcode = Opcode.BINARY, *, fin: bool = True) -> bytes:
    return Frame(opcode, data, fin).serialize(mask=True)


def with_first_byte(first: int) -> bytes:
    return bytes([first]) + whole(b"odd")[1:]


ONE, TWO, LATE = whole(b"one"), whole(b"two"), whole(b"late")
SCRIPTS = {
    "two": ONE + TWO,
    "empty": whole(b"") + ONE,
    "longest of the short ones": whole(b"x" * 125) + ONE,
    "shortest of the long ones": whole(b"x" * 126) + ONE,
    "largest": whole(b"x" * LARGEST) + ONE,
    "too large": ONE + whole(b"x" * (LARGEST + 1)) + TWO,
    "one that has to wait": ONE + LATE + TWO,
    "ping": ONE + whole(b"?", Opcode.PING) + TWO,
    "pong": ONE + whole(b"!", Opcode.PONG) + TWO,
    "text": ONE + whole(b"text", Opcode.TEXT) + TWO,
    "fragments": ONE + whole(b"a", fin=False) + whole(b"b", Opcode.CONT) + TWO,
    "fragments with a ping": whole(b"a", fin=False)
    + whole(b"?", Opcode.PING)
    + whole(b"b", Opcode.CONT)
    + TWO,
    "message inside a message": whole(b"a", fin=False) + ONE + TWO,
    "continuation of nothing": ONE + whole(b"b", Opcode.CONT) + TWO,
    "close": ONE + whole(b"\x03\xe8", Opcode.CLOSE) + TWO,
    "not masked": ONE + UNMASKED + TWO,
    "extension bit": ONE + with_first_byte(0xC2) + TWO,
    "no such opcode": ONE + with_first_byte(0x83) + TWO,
    "length written the long way": ONE + b"\x82\xfe\x00\x03" + bytes(4) + b"abc" + TWO,
}
Eager = Callable[[bytes], bool]
EAGER: dict[str, Eager] = {
    "takes all": lambda data: True,
    "takes most": lambda data: data != b"late",
    "takes none": lambda data: False,
}


class Wire(asyncio.Transport):
    """Keeps what the connection does with its transport."""

    def __init__(self) -> None:
        super().__init__()
        self.did: list[object] = []

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.did.append(bytes(data))

    def can_write_eof(self) -> bool:
        return True

    def write_eof(self) -> None:
        self.did.append("eof")

    def pause_reading(self) -> None:
        self.did.append("pause")

    def resume_reading(self) -> None:
        self.did.append("resume")

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        return


class End:
    """The server's end of a connection that is open."""

    def __init__(self, kind: type[ServerConnection], eager: Eager | None = None) -> None:
        protocol = ServerProtocol(state=OPEN, max_size=LARGEST)
        server: Any = SimpleNamespace()  # asked for nothing here
        self.connection = kind(protocol, server, ping_interval=None)
        self.connection.request = Request("/", Headers())
        self.wire = Wire()
        Connection.connection_made(self.connection, self.wire)
        self.taken: list[bytes] = []
        self._eager = eager
        if isinstance(self.connection, EagerConnection) and eager is not None:
            self.connection.eager = self._ask

    def _ask(self, data: bytes) -> bool:
        assert self._eager is not None
        if taken := self._eager(data):
            self.taken.append(data)
        return taken

    def hear(self, reads: Iterator[bytes] | list[bytes]) -> End:
        for data in reads:
            self.connection.data_received(data)
        return self

    @property
    def heard(self) -> list[tuple[Opcode, bool, bytes]]:
        waiting = self.connection.recv_messages.frames.queue
        early = [(Opcode.BINARY, True, data) for data in self.taken]
        return early + [(frame.opcode, frame.fin, bytes(frame.data)) for frame in waiting]

    @property
    def outcome(self) -> tuple[object, ...]:
        protocol = self.connection.protocol
        closing = self.connection.close_deadline is not None
        return self.heard, self.wire.did, protocol.state, protocol.close_sent, protocol.close_rcvd, closing


def ways_to_read(data: bytes) -> Iterator[list[bytes]]:
    """In one go, in two pieces cut anywhere, and byte by byte."""
    yield [data]
    yield [data[at : at + 1] for at in range(len(data))]
    for at in range(1, min(len(data), 200)):
        yield [data[:at], data[at:]]


@pytest.mark.parametrize("eager", EAGER.values(), ids=EAGER)
@pytest.mark.parametrize("script", SCRIPTS.values(), ids=SCRIPTS)
async def test_it_is_understood_as_the_library_does(script: bytes, eager: Eager) -> None:
    for reads in ways_to_read(script):
        for before in ([], [ONE]):
            alone = End(ServerConnection).hear([*before, *reads])
            assert End(EagerConnection, eager).hear([*before, *reads]).outcome == alone.outcome, reads


async def test_nothing_that_follows_a_flood_of_refused_messages_is_lost() -> None:
    reads = [LATE * 3 + ONE] * 10
    alone, ours = End(ServerConnection).hear(reads), End(EagerConnection, EAGER["takes most"]).hear(reads)
    assert "pause" in ours.wire.did
    assert ours.outcome == alone.outcome


async def test_the_library_never_sees_short_messages(monkeypatch: pytest.MonkeyPatch) -> None:
    """If this alone fails, everything still works, only slower."""
    end = End(EagerConnection, EAGER["takes all"]).hear([ONE])
    seen: list[bytes] = []
    monkeypatch.setattr(end.connection.protocol, "receive_data", seen.append)
    end.hear([TWO, ONE + TWO])
    assert end.taken == [b"one", b"two", b"one", b"two"]
    assert seen == []


async def test_nobody_is_asked_twice() -> None:
    asked: list[bytes] = []

    def eager(data: bytes) -> bool:
        asked.append(data)
        return data != b"late"

    end = End(EagerConnection, eager).hear([ONE, LATE + TWO])
    assert asked == [b"one", b"late"]
    assert [data for _, _, data in end.heard] == [b"one", b"late", b"two"]


@pytest.mark.parametrize(
    ("of", "name", "other"),
    [
        ("protocol", "parser", None),
        ("protocol", "current_size", 3),
        ("protocol", "extensions", [object()]),
        ("protocol", "max_message_size", 100),
        ("protocol", "debug", True),
    ],
)
async def test_where_it_cannot_be_sure_the_library_does_it(
    of: str, name: str, other: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    end = End(EagerConnection, EAGER["takes all"])
    protocol = end.connection.protocol
    seen: list[bytes] = []
    monkeypatch.setattr(protocol, "receive_data", seen.append)
    monkeypatch.setattr(getattr(end.connection, of), name, other)
    end.hear([ONE, TWO])
    assert seen == [ONE, TWO]
    assert end.taken == []
