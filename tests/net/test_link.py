"""A link that is not what it seems: deaf, thin, stuck, from before a sleep; what is noticed, and how soon."""

from __future__ import annotations

import asyncio

import pytest

from app.core import commands as cmd
from app.core import wire
from app.core.limits import DEAD_AFTER, HEARTBEAT
from app.core.model import Status
from app.net.channel import PROBE_SECONDS
from app.net.client import Client, ConnectionProblem, Link
from app.net.problems import Trouble
from app.net.uplink import STUCK_SECONDS
from tests.helpers.clock import FakeClock, settle
from tests.helpers.office import BOB
from tests.helpers.scripted import PASSWORD, Peer, ScriptedServer
from tests.net.conftest import NewClient, link

UNREACHABLE = ConnectionProblem(Trouble.NO_ANSWER, host="localhost", port=7443)


@pytest.fixture
async def ann(client: Client, clock: FakeClock) -> Client:
    await client.sign_in("localhost", "ann", PASSWORD)
    await clock.advance(20)
    return client


@pytest.fixture
def beats(monkeypatch: pytest.MonkeyPatch, clock: FakeClock) -> list[float]:
    """When clients sent beats, s."""
    times: list[float] = []
    send = Peer.send

    async def noting(peer: Peer, frame: bytes) -> None:
        if isinstance(wire.decode_client(frame), wire.Beat):
            times.append(clock.at)
        await send(peer, frame)

    monkeypatch.setattr(Peer, "send", noting)
    return times


# What is noticed by itself


@pytest.mark.parametrize("later", [0.0, 1.3, 2.6, 3.9, 4.7])
async def test_a_half_open_link_is_noticed_in_time_whenever_it_breaks(
    ann: Client, server: ScriptedServer, clock: FakeClock, later: float
) -> None:
    await clock.advance(later)
    server.problem = UNREACHABLE
    server.peer.dead = True
    await clock.advance(14.5)
    assert link(ann) is Link.NOT_PROTECTED
    assert ann.connection.problem is not None


async def test_a_server_that_hears_nothing_is_noticed_although_it_speaks(
    ann: Client, server: ScriptedServer, clock: FakeClock
) -> None:
    seen: list[Trouble] = []
    ann.listen(lambda _: seen.append(ann.connection.problem.code) if ann.connection.problem else None)
    server.peer.deaf = True
    for number in range(15):
        server.act(BOB, cmd.SetStatus((Status.BUSY, Status.AVAILABLE)[number % 2]))
        await clock.advance(1)
    assert seen[0] is Trouble.SILENT
    assert server.connections == 2
    assert link(ann) is Link.PROTECTED


async def test_a_large_frame_on_a_thin_line_is_no_silence(
    ann: Client, server: ScriptedServer, clock: FakeClock
) -> None:
    peer = server.peer
    peer.dead = True  # nothing whole comes through
    for _ in range(60):
        peer.received += 8_000
        await clock.advance(1)
    assert link(ann) is Link.PROTECTED
    assert server.connections == 1
    await clock.advance(14)
    assert server.connections == 2


async def test_a_program_that_stood_still_reads_before_it_judges(
    ann: Client, server: ScriptedServer, clock: FakeClock
) -> None:
    clock.at += 3 * DEAD_AFTER
    await clock.advance(5)
    assert server.connections == 1
    assert link(ann) is Link.PROTECTED


async def test_those_who_come_together_do_not_beat_together(
    new_client: NewClient, clock: FakeClock, beats: list[float]
) -> None:
    for name in ("ann", "bob", "chie"):
        await new_client().sign_in("localhost", name, PASSWORD)
    await clock.advance(HEARTBEAT + 1)
    assert len(set(beats[:3])) == 3
    await clock.advance(60)
    assert len(beats) >= 3 * 10


# What there is a reason to doubt


async def test_doubt_finds_a_dead_link_soon_and_renews_it_at_once(
    ann: Client, server: ScriptedServer, clock: FakeClock
) -> None:
    server.peer.dead = True
    ann.retry_now()
    await clock.advance(PROBE_SECONDS + 1)
    assert server.connections == 2
    assert link(ann) is Link.PROTECTED


async def test_doubt_leaves_a_good_link_alone(ann: Client, server: ScriptedServer, clock: FakeClock) -> None:
    ann.retry_now()
    await clock.advance(60)
    assert server.connections == 1
    server.problem = UNREACHABLE
    server.peer.abort()
    await settle()
    assert ann.connection.retry_at is not None
    assert ann.connection.retry_at > clock.time()  # the wait before an attempt is a wait again


async def test_an_attempt_that_is_stuck_begins_anew(
    ann: Client, server: ScriptedServer, clock: FakeClock
) -> None:
    server.stuck = 1
    server.peer.abort()
    await clock.advance(30)
    assert link(ann) is Link.NOT_PROTECTED
    assert server.connections == 2
    ann.retry_now()
    await settle()
    assert server.connections == 3
    assert link(ann) is Link.PROTECTED


async def test_an_attempt_that_has_just_begun_goes_on(
    ann: Client, server: ScriptedServer, clock: FakeClock
) -> None:
    server.stuck = 1
    server.peer.abort()
    while server.connections == 1:
        await clock.advance(0.1)
    for _ in range(5):
        ann.retry_now()
    await settle()
    assert server.connections == 2
    await clock.advance(STUCK_SECONDS)
    ann.retry_now()
    await settle()
    assert server.connections == 3


async def test_a_server_that_is_stuck_in_its_greeting_is_left(
    ann: Client, server: ScriptedServer, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "handle", lambda *_: None)
    server.peer.abort()
    await clock.advance(5)
    assert server.connections == 2
    monkeypatch.undo()
    ann.retry_now()
    await settle()
    assert server.connections == 3
    assert link(ann) is Link.PROTECTED


async def test_after_doubt_the_waits_are_short_again(
    ann: Client, server: ScriptedServer, clock: FakeClock
) -> None:
    server.problem = UNREACHABLE
    server.peer.abort()
    await clock.advance(300)
    ann.retry_now()
    await settle()
    tried = server.connections
    await clock.advance(8)
    assert server.connections >= tried + 2


async def test_giving_up_while_an_attempt_is_stuck_ends_it(
    client: Client, server: ScriptedServer, clock: FakeClock
) -> None:
    server.stuck = 1
    server.tokens[wire.Token("t")] = BOB
    resuming = asyncio.ensure_future(client.resume("localhost", wire.Token("t")))
    await clock.advance(5)
    resuming.cancel()
    with pytest.raises(asyncio.CancelledError):
        await resuming
    assert link(client) is Link.OFFLINE
