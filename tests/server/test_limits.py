"""What one client, or one person, may ask for; how they are shown out; and that others do not notice."""

from __future__ import annotations

import asyncio

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from app.core import wire
from app.core.commands import SetStatus
from app.core.errors import SENTENCES, Code, Refusal
from app.core.limits import CLIENT_FRAME_BYTES
from app.core.model import Status
from app.server.admin import Admin
from app.server.closing import REASON_BYTES, closing
from app.server.main import Server
from tests.helpers.caller import PATIENCE, Caller, eventually
from tests.helpers.clock import FakeClock
from tests.helpers.running import HASHER


async def how_it_closed(socket: ClientConnection) -> tuple[int | None, str]:
    """Close code and reason."""
    async with asyncio.timeout(PATIENCE):
        try:
            while True:
                await socket.recv()
        except ConnectionClosed:
            pass
    return socket.close_code, socket.close_reason or ""


DEEP = b"\x91" * 5_000 + b"\xc0"
"""5,000 lists in each other."""


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        (b"\x93\x01\x02\x03", 1007),
        (DEEP, 1007),
        (b"", 1007),
        ("text", 1007),
        (b"x" * (CLIENT_FRAME_BYTES + 1), 1009),
        (wire.encode(wire.SignOut()), 1002),
        (wire.encode(wire.Hello(99)), 1002),
    ],
    ids=["no message of ours", "too deep", "empty", "text", "too big", "out of turn", "another version"],
)
async def test_what_cannot_be_understood_is_closed_with_its_code_and_others_do_not_notice(
    server: Server, frame: bytes | str, code: int
) -> None:
    async with await Caller.enter(server.url, "bob") as bob:
        async with connect(server.url, proxy=None) as socket:
            await socket.send(frame)
            closed, reason = await how_it_closed(socket)
        assert closed == code
        assert reason
        assert await bob.do(SetStatus(Status.BUSY)) is None


async def test_who_is_signed_out_is_closed_as_unauthorized(server: Server) -> None:
    async with await Caller.enter(server.url, "ann") as ann:
        with Admin(server.config.data, hasher=HASHER) as admin:
            admin.set_disabled("ann", True)
        await ann.closed()
        assert ann.socket.close_code == 3000
        assert ann.socket.close_reason == SENTENCES[Code.SIGNED_OUT]


async def test_a_flood_is_refused_then_shown_out_and_others_do_not_notice(
    server: Server, clock: FakeClock
) -> None:
    async with await Caller.enter(server.url, "bob") as bob, await Caller.enter(server.url, "ann") as ann:
        for number in range(300):
            ann.session.send(wire.Do(f"flood{number}", SetStatus(Status.BUSY)))
        bye = await ann.hear(wire.Bye)
        assert (bye.code, bye.retry) == (Code.TOO_FAST, True)
        await ann.closed()
        assert (ann.socket.close_code, ann.socket.close_reason) == (1008, SENTENCES[Code.TOO_FAST])
        refused = [m for m in ann.heard if isinstance(m, wire.RefusedCommand)]
        assert len(refused) >= 100
        assert {m.code for m in refused} == {Code.TOO_FAST}
        assert await bob.do(SetStatus(Status.BUSY)) is None


async def test_a_persons_connections_share_one_pace(server: Server, clock: FakeClock) -> None:
    async with await Caller.enter(server.url, "bob") as bob:
        callers = [await Caller.enter(server.url, "ann") for _ in range(3)]
        codes = []
        for number in range(90):
            status = (Status.BUSY, Status.AVAILABLE)[number // 3 % 2]
            codes.append(await callers[number % 3].do(SetStatus(status)))
        assert codes[:60] == [None] * 60
        assert codes[60:] == [Code.TOO_FAST] * 30
        clock.at += 1.0
        assert await callers[0].do(SetStatus(Status.ON_CALL)) is None
        assert await bob.do(SetStatus(Status.BUSY)) is None
        for caller in callers:
            caller.socket.transport.abort()


async def test_who_has_gone_leaves_no_pace_behind(server: Server) -> None:
    callers = [await Caller.enter(server.url, handle) for handle in ("ann", "ann", "bob")]
    assert len(server.gateway.services.paces) == 2
    for caller in callers:
        caller.socket.transport.abort()
    await eventually(lambda: not len(server.gateway.services.paces))


@pytest.mark.parametrize("code", Code)
def test_every_goodbye_fits_into_a_close_frame(code: Code) -> None:
    number, reason = closing(Refusal(code, {"name": "森" * 60, "reason": "é" * 99}))
    assert 0 < len(reason.encode()) <= REASON_BYTES
    assert number == 1002 or number == 1007 or number == 1008 or 1011 <= number <= 1013 or number >= 3000
