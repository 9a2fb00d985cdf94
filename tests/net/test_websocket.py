"""Real sockets: what may be connected to, through which proxy, and what is said when it fails."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator

import pytest
from websockets.asyncio.client import ClientConnection
from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.http11 import Request, Response

from app.net.address import ServerAddress, parse_address
from app.net.problems import ConnectionProblem, Trouble
from app.net.websocket import WebSocketConnector


async def echo(connection: ServerConnection) -> None:
    async for frame in connection:
        await connection.send(frame)


def address(server: Server, scheme: str = "ws") -> ServerAddress:
    port = next(iter(server.sockets)).getsockname()[1]
    return parse_address(f"{scheme}://127.0.0.1:{port}")


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    async with serve(echo, "127.0.0.1", 0, compression=None) as running:
        yield running


async def test_frames_go_both_ways_and_big_ones_come_in(server: Server) -> None:
    connection = await WebSocketConnector()(address(server))
    for frame in (b"hello", b"x" * 500_000):
        await connection.send(frame)
        assert await connection.receive() == frame
    await connection.close()
    with pytest.raises(ConnectionProblem, match="broke"):
        await connection.receive()
    with pytest.raises(ConnectionProblem, match="broke"):
        await connection.send(b"x")


async def test_an_aborted_connection_ends_the_reader(server: Server) -> None:
    connection = await WebSocketConnector()(address(server))
    reading = asyncio.ensure_future(connection.receive())
    await asyncio.sleep(0)
    connection.abort()
    with pytest.raises(ConnectionProblem):
        await asyncio.wait_for(reading, 5)


async def test_a_proxy_is_never_used_for_this_machine(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[bytes] = []
    async with await asyncio.start_server(lambda r, w: _refuse(r, w, asked), "127.0.0.1", 0) as proxy:
        port = proxy.sockets[0].getsockname()[1]
        for name in ("http_proxy", "https_proxy", "ws_proxy", "all_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{port}")
        monkeypatch.delenv("no_proxy", raising=False)
        connection = await WebSocketConnector()(address(server))
        await connection.send(b"direct")
        assert await connection.receive() == b"direct"
        await connection.close()
        assert asked == []
        elsewhere = parse_address("ws://office.invalid:7443")
        with pytest.raises(ConnectionProblem) as problem:
            await WebSocketConnector(allow_plain=lambda _: True)(elsewhere)
        assert problem.value.problem.code is Trouble.PROXY
        assert asked[0].startswith(b"CONNECT office.invalid:7443")


async def _refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, asked: list[bytes]) -> None:
    asked.append(await reader.readline())
    writer.write(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
    await writer.drain()
    writer.close()


async def test_plain_to_another_machine_only_where_it_was_allowed() -> None:
    far = parse_address("ws://10.1.2.3:7443")
    asked: list[ServerAddress] = []

    def allow(server: ServerAddress) -> bool:
        asked.append(server)
        return False

    with pytest.raises(ConnectionProblem, match="would not be encrypted") as problem:
        await WebSocketConnector(allow_plain=allow)(far)
    assert problem.value.problem.code is Trouble.UNPROTECTED
    assert asked == [far]


async def test_nobody_there() -> None:
    with socket.socket() as silent:  # it has the port and takes no connections
        silent.bind(("127.0.0.1", 0))
        port = silent.getsockname()[1]
        with pytest.raises(ConnectionProblem, match=rf"127\.0\.0\.1:{port} does not answer"):
            await WebSocketConnector()(parse_address(f"127.0.0.1:{port}"))


async def test_somebody_else_is_there() -> None:
    async def web(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi")
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(web, "127.0.0.1", 0) as running:
        port = running.sockets[0].getsockname()[1]
        with pytest.raises(ConnectionProblem, match="not a Handraise server"):
            await WebSocketConnector()(parse_address(f"127.0.0.1:{port}"))


async def test_a_server_that_speaks_text_is_not_ours() -> None:
    async def chatty(connection: ServerConnection) -> None:
        await connection.send("hello")
        await connection.wait_closed()

    async with serve(chatty, "127.0.0.1", 0) as running:
        connection = await WebSocketConnector()(address(running))
        with pytest.raises(ConnectionProblem) as problem:
            await connection.receive()
        assert problem.value.problem.code is Trouble.NOT_HANDRAISE
        await connection.close()


async def test_a_redirect_is_not_followed(server: Server) -> None:
    def elsewhere(connection: ServerConnection, request: Request) -> Response:
        response = connection.respond(302, "")
        response.headers["Location"] = address(server).url
        return response

    async with serve(echo, "127.0.0.1", 0, process_request=elsewhere) as running:
        with pytest.raises(ConnectionProblem, match="not a Handraise server"):
            await WebSocketConnector()(address(running))


async def test_parts_of_a_frame_are_counted_before_it_is_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    came, rest = asyncio.Event(), asyncio.Event()
    data_received = ClientConnection.data_received

    def noting(connection: ClientConnection, data: bytes) -> None:
        data_received(connection, data)
        if len(data) >= 10_000:
            came.set()

    monkeypatch.setattr(ClientConnection, "data_received", noting)

    async def slow(connection: ServerConnection) -> None:
        async def parts() -> AsyncIterator[bytes]:
            yield b"x" * 10_000
            await rest.wait()
            yield b"y" * 10_000

        await connection.send(parts())
        await connection.wait_closed()

    async with serve(slow, "127.0.0.1", 0, compression=None) as running:
        connection = await WebSocketConnector()(address(running))
        reading = asyncio.ensure_future(connection.receive())
        async with asyncio.timeout(10):
            await came.wait()
        assert connection.received >= 10_000
        assert not reading.done()
        rest.set()
        assert await reading == b"x" * 10_000 + b"y" * 10_000
        assert connection.received > 20_000
        await connection.close()
