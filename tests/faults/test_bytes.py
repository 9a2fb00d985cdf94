"""The real server, spoken to byte by byte: what RFC 6455 asks for holds with the gateway behind it."""

from __future__ import annotations

import asyncio
import base64
import os
import struct
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from app.core import questions, wire
from app.core.errors import Code
from app.core.limits import CLIENT_FRAME_BYTES
from app.server.main import Server
from tests.helpers.caller import PATIENCE, Caller
from tests.helpers.frames import BINARY, CLOSE, CONT, PING, PONG, TEXT, frame
from tests.helpers.running import furnish, running

HELLO = wire.encode(wire.Hello(wire.PROTOCOL, "bytes"))
PROTOCOL_ERROR, BAD_DATA, TOO_BIG = 1002, 1007, 1009


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server]:
    furnish(tmp_path / "data")
    async with running(tmp_path / "data") as started:
        yield started


class Raw:
    """A WebSocket connection without a library: bytes out, frames in."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    @classmethod
    async def dial(cls, url: str) -> Raw:
        host, _, port = url.removeprefix("ws://").rpartition(":")
        raw = cls(*await asyncio.open_connection(host, int(port)))
        key = base64.b64encode(os.urandom(16)).decode()
        raw.say(
            f"GET / HTTP/1.1\r\nHost: {host}:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
        )
        async with asyncio.timeout(PATIENCE):
            head = await raw._reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 101 ")
        return raw

    async def __aenter__(self) -> Raw:
        return self

    async def __aexit__(self, *_: object) -> None:
        self._writer.transport.abort()

    def say(self, data: bytes) -> None:
        self._writer.write(data)

    async def hear(self) -> tuple[int, bytes]:
        """The next frame: opcode and payload. What a server sends is whole and never masked."""
        async with asyncio.timeout(PATIENCE):
            first, second = await self._reader.readexactly(2)
            assert first & 0xF0 == 0x80
            assert second < 0x80
            size = second
            if size == 126:
                (size,) = struct.unpack("!H", await self._reader.readexactly(2))
            elif size == 127:
                (size,) = struct.unpack("!Q", await self._reader.readexactly(8))
            return first & 0x0F, await self._reader.readexactly(size)

    async def message(self) -> wire.ServerMessage:
        opcode, payload = await self.hear()
        assert opcode == BINARY
        return wire.decode_server(payload)

    async def closed_with(self) -> int | None:
        """Read until the server closes; with which code. The connection has to end after that."""
        while True:
            opcode, payload = await self.hear()
            if opcode == CLOSE:
                break
        self.say(frame(CLOSE, payload))
        async with asyncio.timeout(PATIENCE):
            assert not await self._reader.read()
        return int.from_bytes(payload[:2], "big") if payload else None


def close(code: int, reason: bytes = b"") -> bytes:
    return frame(CLOSE, struct.pack("!H", code) + reason)


BROKEN = {
    "a reserved bit": (frame(BINARY, HELLO, reserved=4), PROTOCOL_ERROR),
    "a reserved bit in a ping": (frame(PING, b"", reserved=1), PROTOCOL_ERROR),
    "a data opcode that does not exist": (frame(0x3, HELLO), PROTOCOL_ERROR),
    "a control opcode that does not exist": (frame(0xB), PROTOCOL_ERROR),
    "a frame without a mask": (frame(BINARY, HELLO, masked=False), PROTOCOL_ERROR),
    "a ping of 126 bytes": (frame(PING, b"x" * 126), PROTOCOL_ERROR),
    "a ping in two parts": (frame(PING, b"x", fin=False) + frame(CONT, b"y"), PROTOCOL_ERROR),
    "a continuation of nothing": (frame(CONT, HELLO), PROTOCOL_ERROR),
    "a message inside another": (frame(BINARY, HELLO, fin=False) + frame(BINARY, HELLO), PROTOCOL_ERROR),
    "a goodbye of one byte": (frame(CLOSE, b"\x03"), PROTOCOL_ERROR),
    "a goodbye with a code nobody may send": (close(1006), PROTOCOL_ERROR),
    "a goodbye with a code that means nothing": (close(999), PROTOCOL_ERROR),
    "a goodbye in broken words": (close(1000, b"\xce\xba\xed\xa0\x80"), BAD_DATA),
    "a text in broken words": (frame(TEXT, b"\xce\xba\xed\xa0\x80"), BAD_DATA),
    "one byte too much": (frame(BINARY, b"x" * (CLIENT_FRAME_BYTES + 1)), TOO_BIG),
    "one byte too much in two parts": (
        frame(BINARY, b"x" * CLIENT_FRAME_BYTES, fin=False) + frame(CONT, b"x"),
        TOO_BIG,
    ),
    "a terabyte that is only announced": (
        bytes([0x80 | BINARY, 0x80 | 127]) + struct.pack("!Q", 1 << 40) + b"\0\0\0\0",
        TOO_BIG,
    ),
}


@pytest.mark.parametrize("what", BROKEN)
async def test_what_is_no_websocket_ends_that_connection_and_no_other(server: Server, what: str) -> None:
    data, code = BROKEN[what]
    async with await Caller.enter(server.url, "ann") as ann:
        async with await Raw.dial(server.url) as raw:
            raw.say(data)
            assert await raw.closed_with() == code
        assert isinstance(await ann.ask(questions.Search("nothing")), questions.Found)


async def test_a_text_is_nothing_of_ours(server: Server) -> None:
    async with await Raw.dial(server.url) as raw:
        raw.say(frame(TEXT, b"hello"))
        bye = await raw.message()
        assert isinstance(bye, wire.Bye)
        assert bye.code is Code.BAD_FRAME
        assert await raw.closed_with() == BAD_DATA


async def test_a_ping_is_answered_with_its_own_words_between_the_parts_of_a_message(server: Server) -> None:
    async with await Raw.dial(server.url) as raw:
        raw.say(frame(BINARY, HELLO[:1], fin=False) + frame(PING, b"x" * 125))
        assert await raw.hear() == (PONG, b"x" * 125)
        raw.say(frame(CONT, HELLO[1:3], fin=False) + frame(PONG, b"nobody asked") + frame(PING))
        assert await raw.hear() == (PONG, b"")
        raw.say(frame(CONT, b"", fin=False) + frame(CONT, HELLO[3:]))
        assert isinstance(await raw.message(), wire.Welcome)


async def test_bytes_may_come_one_at_a_time(server: Server) -> None:
    async with await Raw.dial(server.url) as raw:
        for byte in frame(BINARY, HELLO):
            raw.say(bytes([byte]))
            await asyncio.sleep(0)
        assert isinstance(await raw.message(), wire.Welcome)


async def test_many_messages_may_come_together(server: Server) -> None:
    async with await Raw.dial(server.url) as raw:
        beats = b"".join(frame(BINARY, wire.encode(wire.Beat(n))) for n in range(300))
        raw.say(frame(BINARY, HELLO) + beats)
        assert isinstance(await raw.message(), wire.Welcome)
        answers = [await raw.message() for _ in range(300)]
        assert answers == [wire.BeatSeen(n) for n in range(300)]


@pytest.mark.parametrize("code", [None, 1000, 1001, 1011, 3000, 4999])
async def test_a_goodbye_is_answered_with_the_same(server: Server, code: int | None) -> None:
    async with await Raw.dial(server.url) as raw:
        raw.say(frame(BINARY, HELLO))
        assert isinstance(await raw.message(), wire.Welcome)
        raw.say(frame(CLOSE) if code is None else close(code, "näher".encode()))
        assert await raw.closed_with() == code
