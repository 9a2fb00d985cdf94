"""The fast way out, against the library's own client, byte by byte, and what it leans on in the library.

A failure here after an update means that ``app/server/wire_out.py`` has to be looked at; until then the
server still works where the names it needs are gone, only slower.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from asyncio.sslproto import SSLProtocol
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosedOK
from websockets.frames import Frame, Opcode
from websockets.protocol import State

from app import tasks
from app.server.wire_out import (
    HIGH_WATER,
    READ_BYTES,
    RECORD,
    TLS_READ_BYTES,
    EagerConnection,
    Lane,
    Packet,
    WebSocketPeer,
    write_to_all,
)
from tests.helpers.caller import PATIENCE
from tests.helpers.certificates import authority, certificate

SIZES = (0, 1, 125, 126, 127, 65_535, 65_536, 300_000)
LARGE = 4_000_000
"""Bytes that no kernel takes at once."""


@dataclass
class Member:
    """A client, and the server's side of it, as :func:`write_to_all` wants it."""

    client: ClientConnection
    connection: ServerConnection
    peer: WebSocketPeer
    heard: list[bytes] = field(default_factory=list)

    @property
    def lane(self) -> Lane | None:
        return self.peer.lane

    def write_now(self, packet: Packet) -> bool:
        return self.peer.write_now(packet)


@asynccontextmanager
async def members(count: int, tls: Path | None = None) -> AsyncIterator[list[Member]]:
    """So many connections of the library, eager on the server's side."""
    arrived: asyncio.Queue[ServerConnection] = asyncio.Queue()
    over = asyncio.Event()

    async def handle(connection: ServerConnection) -> None:
        arrived.put_nowait(connection)
        await over.wait()

    server_tls, client_tls = certified(tls) if tls else (None, None)
    async with serve(
        handle,
        "127.0.0.1",
        0,
        compression=None,
        ping_interval=None,
        ssl=server_tls,
        create_connection=EagerConnection,
        close_timeout=0.2,
    ) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        url = f"{'wss' if tls else 'ws'}://127.0.0.1:{port}"
        found = []
        for _ in range(count):
            client = await connect(url, max_size=None, proxy=None, ssl=client_tls, compression=None)
            connection = await arrived.get()
            found.append(Member(client, connection, WebSocketPeer(connection)))
        try:
            yield found
        finally:
            over.set()
            for member in found:
                member.client.transport.abort()


def certified(folder: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    company = authority(folder, "company")
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(certificate(folder, company))
    return server, ssl.create_default_context(cafile=company.file)


def is_straight(peer: WebSocketPeer) -> bool:
    return peer.lane is not None and peer.lane.straight is not None


async def hear(client: ClientConnection) -> bytes:
    async with asyncio.timeout(PATIENCE):
        return await client.recv(decode=False)


@pytest.fixture
async def one() -> AsyncIterator[Member]:
    async with members(1) as (member,):
        yield member


@pytest.mark.parametrize("size", SIZES)
def test_a_frame_is_what_the_library_would_have_written(size: int) -> None:
    data = bytes(size)
    wanted = Frame(Opcode.BINARY, data, fin=True).serialize(mask=False, extensions=[])
    assert Packet(data).frame == wanted


@pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])
async def test_everybody_reads_the_same_bytes_in_order(tls: bool, tmp_path: Path) -> None:
    async with members(3, tmp_path if tls else None) as all_of_them:
        assert all(is_straight(member.peer) for member in all_of_them)
        for size in SIZES:
            assert write_to_all(Packet(b"a" * size), all_of_them) == []
            for member in all_of_them:
                await member.peer.send(b"then " + bytes(size))
        for member in all_of_them:
            for size in SIZES:
                assert await hear(member.client) == b"a" * size
                assert await hear(member.client) == b"then " + bytes(size)


async def test_what_the_kernel_does_not_take_goes_through_the_transport_in_order(one: Member) -> None:
    first = Packet(b"1" * LARGE)
    assert write_to_all(first, [one]) == []
    assert one.peer.waiting > HIGH_WATER, "the kernel took all of it: make it larger"
    refused = write_to_all(Packet(b"2"), [one])
    assert refused == [one], "nobody writes on top of so much"
    sending = tasks.spawn(one.peer.send(b"3"), name="send")
    assert await hear(one.client) == first.data
    assert await hear(one.client) == b"3"
    await sending
    assert write_to_all(Packet(b"4"), [one]) == []
    assert await hear(one.client) == b"4"


async def test_only_the_rest_goes_through_the_transport(one: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(one.peer.lane, "through", one.heard.append)
    take(one, lambda frame: 3)
    assert write_to_all(Packet(b"first"), [one]) == []
    assert b"".join(one.heard) == Packet(b"first").frame[3:]


def take(member: Member, send: Callable[[bytes], int]) -> None:
    """How the kernel takes what is sent straight."""
    assert member.lane is not None
    member.lane.straight = send


async def test_a_kernel_that_takes_nothing_loses_nothing(one: Member) -> None:
    def full(frame: bytes) -> int:
        raise BlockingIOError

    take(one, full)
    assert write_to_all(Packet(b"whole"), [one]) == []
    assert await hear(one.client) == b"whole"


async def test_nothing_is_written_after_the_close_frame(one: Member) -> None:
    assert write_to_all(Packet(b"last"), [one]) == []
    closing = tasks.spawn(one.peer.close(1000, ""), name="close")
    await asyncio.sleep(0)
    assert one.connection.protocol.state is State.CLOSING
    assert write_to_all(Packet(b"too late"), [one]) == [one]
    assert await hear(one.client) == b"last"
    with pytest.raises(ConnectionClosedOK):
        await hear(one.client)
    await closing
    assert write_to_all(Packet(b"much too late"), [one]) == [one]


async def test_nothing_is_written_between_the_fragments_of_a_message(one: Member) -> None:
    gate = asyncio.Event()

    async def fragments() -> AsyncIterator[bytes]:
        yield b"one "
        await gate.wait()
        yield b"message"

    sending = tasks.spawn(one.connection.send(fragments()), name="send")
    async with asyncio.timeout(PATIENCE):
        while one.connection.send_in_progress is None:  # noqa: ASYNC110  nothing tells us
            await asyncio.sleep(0)
    assert write_to_all(Packet(b"between"), [one]) == [one]
    gate.set()
    await sending
    assert write_to_all(Packet(b"after"), [one]) == []
    assert [await hear(one.client), await hear(one.client)] == [b"one message", b"after"]


async def test_a_connection_that_broke_takes_nothing_and_harms_nobody() -> None:
    async with members(3) as (gone, broken, well):
        gone.peer.abort()

        def reset(frame: bytes) -> int:
            raise ConnectionResetError

        take(broken, reset)
        broken.connection.send_in_progress = asyncio.get_running_loop().create_future()
        assert write_to_all(Packet(b"x"), [gone, broken, well]) == [gone, broken]
        broken.connection.send_in_progress = None
        assert gone.peer.waiting == 0
        assert await hear(well.client) == b"x"


async def test_without_the_socket_the_transport_does_it(one: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("_sock", "_buffer", "_closing"):
        with monkeypatch.context() as missing:
            real = one.connection.transport
            missing.setattr(one.connection, "transport", Without(real, name))
            peer = WebSocketPeer(one.connection)
            assert not is_straight(peer)
            assert peer.write_now(Packet(name.encode()))
        assert await hear(one.client) == name.encode()


async def test_without_what_it_leans_on_tls_is_left_to_asyncio(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with members(1, tmp_path) as (one,):
        transport = one.connection.transport
        tls = transport._ssl_protocol  # type: ignore[attr-defined]  # asyncio's own
        for name in ("_transport", "_sslobj", "_outgoing", "_state"):
            with monkeypatch.context() as missing:
                missing.setattr(transport, "_ssl_protocol", Without(tls, name))
                peer = WebSocketPeer(one.connection)
            assert not is_straight(peer)
            assert write_to_all(Packet(name.encode()), [Member(one.client, one.connection, peer)]) == []
            assert await hear(one.client) == name.encode()


class Without:
    """A transport that lacks a name."""

    def __init__(self, real: asyncio.Transport, name: str) -> None:
        self._real, self._name = real, name

    def __getattr__(self, name: str) -> object:
        if name == self._name:
            raise AttributeError(name)
        return getattr(self._real, name)


async def test_where_the_library_is_another_one_its_own_send_does_it(one: Member) -> None:
    one.connection.protocol.extensions = [object()]  # type: ignore[list-item]  # something was negotiated
    peer = WebSocketPeer(one.connection)
    one.connection.protocol.extensions = []
    assert peer.lane is None
    assert not peer.write_now(Packet(b"x"))
    await peer.send(b"slowly")
    assert await hear(one.client) == b"slowly"


async def test_what_is_leant_on_is_there(one: Member) -> None:
    transport = one.connection.transport
    assert isinstance(transport._sock, socket.socket)  # type: ignore[attr-defined]  # that is the question
    waiting = transport._buffer  # type: ignore[attr-defined]  # asyncio's own
    assert not waiting
    assert transport._closing is False  # type: ignore[attr-defined]  # asyncio's own
    assert one.connection.protocol._state is one.connection.protocol.state is State.OPEN
    assert one.connection.protocol.extensions == []
    assert one.connection.send_in_progress is None
    transport.write(b"\x82\x7f" + LARGE.to_bytes(8, "big") + bytes(LARGE))
    assert waiting is transport._buffer  # type: ignore[attr-defined]  # asyncio's own
    assert waiting
    assert await hear(one.client) == bytes(LARGE)
    async with asyncio.timeout(PATIENCE):
        while waiting:  # noqa: ASYNC110  nothing tells us
            await asyncio.sleep(0)
    assert transport.get_write_buffer_size() == 0


async def test_a_message_is_offered_first_and_kept_in_order_when_it_is_not_taken(one: Member) -> None:
    offered: list[bytes] = []

    def eager(data: bytes) -> bool:
        offered.append(data)
        return data.startswith(b"early")

    one.peer.listen_early(eager)
    for data in (b"early 1", b"late 1", b"early 2", b"late 2"):
        await one.client.send(data)
    await one.client.send([b"early, ", b"in two"])
    async with asyncio.timeout(PATIENCE):
        while len(one.connection.recv_messages.frames) < 5:  # noqa: ASYNC110  nothing tells us
            await asyncio.sleep(0)
        heard = [await one.peer.recv(decode=False) for _ in range(4)]
    # Once something waits, whatever follows waits behind it.
    assert heard == [b"late 1", b"early 2", b"late 2", b"early, in two"]
    assert offered == [b"early 1", b"late 1"]
    await one.client.send(b"early 3")
    async with asyncio.timeout(PATIENCE):
        while len(offered) < 3:  # noqa: ASYNC110  nothing tells us
            await asyncio.sleep(0)
    assert offered[-1] == b"early 3"


async def test_the_kernel_is_asked_to_keep_little(one: Member) -> None:
    handle = one.connection.transport.get_extra_info("socket")
    assert handle.getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF) <= 262_144


@pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])
async def test_little_is_set_aside_for_what_comes_in(tls: bool, tmp_path: Path) -> None:
    async with members(1, tmp_path if tls else None) as (one,):
        transport: Any = one.connection.transport
        reader = transport._ssl_protocol if tls else transport
        assert type(reader).max_size > reader.max_size == (TLS_READ_BYTES if tls else READ_BYTES)
        data = bytes(3 * READ_BYTES)
        sending = tasks.spawn(one.client.send(data), name="send")
        async with asyncio.timeout(PATIENCE):
            assert await one.peer.recv(decode=False) == data
        await sending
        if tls:
            assert len(reader._ssl_buffer) == TLS_READ_BYTES, "kept for good"


async def test_a_large_message_is_encrypted_in_pieces(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of the library's own as well."""
    seen: list[int] = []
    real = SSLProtocol._write_appdata

    def noted(tls: SSLProtocol, data: list[bytes]) -> None:
        seen.extend(map(len, data))
        real(tls, data)

    async with members(1, tmp_path) as (one,):
        monkeypatch.setattr(SSLProtocol, "_write_appdata", noted)
        data = bytes(100_000)
        assert one.peer.write_now(Packet(data))
        assert await hear(one.client) == data
        sending = tasks.spawn(one.peer.send(data), name="send")
        assert await hear(one.client) == data
        await sending
    assert sum(seen) > 200_000
    assert max(seen) == RECORD


async def test_headers_that_nobody_asks_for_are_not_kept(one: Member) -> None:
    assert one.connection.response is None
    assert one.connection.request is not None
    assert not one.connection.request.headers
