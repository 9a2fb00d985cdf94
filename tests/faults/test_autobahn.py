"""The WebSocket layer, server and client side, against the cases of the Autobahn test suite.

``autobahntestsuite`` itself (25.10.1) is written in Python 2, which no supported system has any more. What
stands in for it is `kosoku`: the same case files, translated to Python 3, with a runner of its own. They
drive our endpoint with everything the server sets (:func:`app.server.main.endpoint`, and frames in and out
through :mod:`app.server.wire_out`), with an echo in place of the gateway, since the cases want their messages
back; and our client's connector in the same way. Cases 12 and 13 are about compression, which neither offers.

tests/faults/test_bytes.py speaks to the real server by hand: the same rules with the gateway behind them.
"""

from __future__ import annotations

import asyncio
import binascii
import contextlib
import logging
import sys
from collections.abc import Sequence

import pytest
from kosoku import FailureError, run_fuzzingclient, run_fuzzingserver
from kosoku._kosoku import CaseResult
from websockets.asyncio.client import ClientConnection
from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed

from app.net.address import ServerAddress
from app.net.websocket import WebSocketConnector
from app.server.main import endpoint
from app.server.wire_out import Packet, WebSocketPeer

LARGEST = 16 * 1024 * 1024
COMPRESSION = ["12.*", "13.*"]
DEVIATIONS = {
    "7.1.5",  # a close frame inside a fragmented message is answered with 1002, which is the stricter reading
    "9.3.1",  # more than 4,096 fragments in a message are refused with 1009, so that nobody can make us
    "9.3.2",  # keep millions of them
    "9.4.1",
    "9.4.2",
}
"""What the library decides otherwise than the suite; with 64 KiB a message, nobody of ours is concerned."""


@pytest.fixture(autouse=True)
def aftermath(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    """The library logs each connection that a case breaks; the runner changes things for its cases."""
    caplog.set_level(logging.CRITICAL, "websockets")
    monkeypatch.setattr(binascii, "b2a_hex", binascii.b2a_hex)
    monkeypatch.setattr(sys, "path", list(sys.path))


async def _echo(connection: ServerConnection) -> None:
    """As the gateway does: early where that can be, else in its turn."""
    peer = WebSocketPeer(connection)
    peer.listen_early(lambda data: peer.write_now(Packet(data)))
    try:
        while True:
            message = await peer.recv()
            if isinstance(message, str):
                await connection.send(message)
            elif not peer.write_now(Packet(message)):
                await peer.send(message)
    except ConnectionClosed:
        return


def _failures(results: Sequence[CaseResult]) -> set[str]:
    return {result.case_id for result in results if not result.passed}


async def test_the_servers_side_passes_the_suite() -> None:
    server = await endpoint(_echo, "127.0.0.1", 0, largest=LARGEST)
    url = f"ws://127.0.0.1:{next(iter(server.sockets)).getsockname()[1]}"
    try:
        results = await run_fuzzingclient(url, exclude_cases=COMPRESSION, concurrency=8)
    except FailureError as failure:
        results = failure.results
    finally:
        server.close()
        await server.wait_closed()
    assert len(results) > 300
    assert _failures(results) == DEVIATIONS


class _Address(ServerAddress):
    """With a path, which no server of ours has."""

    path: str = ""

    @property
    def url(self) -> str:
        return super().url + self.path


async def test_the_clients_side_passes_the_suite() -> None:
    connect = WebSocketConnector()

    async def dial(port: int, path: str) -> ClientConnection:
        return await connect._open(_Address("127.0.0.1", port, False, path))

    async def play(port: int, case: int) -> None:
        connection = await dial(port, f"/runCase?case={case}&agent=handraise")
        with contextlib.suppress(ConnectionClosed):
            while True:
                await connection.send(await connection.recv())

    async with run_fuzzingserver(exclude_cases=COMPRESSION, port=0) as server:
        counting = await dial(server.port, "/getCaseCount")
        count = int(await counting.recv())
        for first in range(1, count + 1, 8):
            cases = range(first, min(first + 8, count + 1))
            await asyncio.gather(*(play(server.port, case) for case in cases))
        await (await dial(server.port, "/updateReports?agent=handraise")).wait_closed()
        try:
            results = await server.get_result()
        except FailureError as failure:
            results = failure.results
    assert len(results) == count > 300
    assert _failures(results) == DEVIATIONS
