"""Connections break: what the person sees, what is asked for again, and what is never lost or doubled."""

from __future__ import annotations

import asyncio
import random
from itertools import pairwise

import pytest

from app.core import commands as cmd
from app.core import wire
from app.core.errors import Code, Refusal
from app.core.limits import DEAD_AFTER
from app.core.model import AnswerKind, AssetId, EscalationId, Level, Place, Recipients, Status
from app.core.space import OccupantTouched
from app.core.wire import Position
from app.net.assets import content_id
from app.net.backoff import LONGEST, Backoff
from app.net.client import Client, ConnectionProblem, Link, NotSent, PlacesMoved, StateReplaced
from app.net.problems import Trouble
from tests.helpers.clock import FakeClock, settle
from tests.helpers.office import ANN, BOB, at
from tests.helpers.scripted import PASSWORD, ScriptedServer
from tests.net.conftest import Heard, link

UNREACHABLE = ConnectionProblem(Trouble.NO_ANSWER, host="localhost", port=7443)


@pytest.fixture
async def ann(client: Client, clock: FakeClock) -> Client:
    await client.sign_in("localhost", "ann", PASSWORD)
    await clock.advance(20)
    return client


async def test_a_cut_is_seen_at_once_and_mended(
    ann: Client, server: ScriptedServer, clock: FakeClock, heard: Heard
) -> None:
    server.problem = UNREACHABLE
    lost_at = clock.time()
    server.peer.abort()
    await settle()
    assert link(ann) is Link.NOT_PROTECTED
    assert ann.connection.since == lost_at
    assert ann.connection.problem is not None
    assert ann.connection.retry_at is not None
    assert lost_at <= ann.connection.retry_at <= lost_at + 1
    await clock.advance(30)
    assert ann.connection.since == lost_at
    server.problem = None
    await clock.advance(40)
    assert link(ann) is Link.PROTECTED
    assert ann.connection.since > lost_at


async def test_a_resume_brings_the_missing_events_and_no_snapshot(
    ann: Client, server: ScriptedServer, clock: FakeClock, heard: Heard
) -> None:
    server.act(BOB, cmd.SetStatus(Status.BUSY))
    await settle()
    server.peer.abort()
    server.act(BOB, cmd.SetStatus(Status.ON_CALL))
    server.act(BOB, cmd.RaiseEscalation(Level.RED, "?", Recipients(people=(ANN,))), "hand")
    heard.clear()
    await clock.advance(2)
    first, second = server.attaches
    assert first.space_at is None
    assert second.space_at == Position("e1", 1)
    assert second.personal_at == Position("e1", 0)
    assert StateReplaced() not in heard
    assert heard.of(OccupantTouched) == [OccupantTouched(BOB)]
    assert ann.space is not None
    assert ann.space.snapshot() == server.office.space.snapshot()
    assert ann.me is not None
    assert list(ann.me.alerts) == ["hand"]
    assert isinstance(server.signed_in[-1], wire.Resume)


async def test_a_server_that_cannot_resume_sends_a_snapshot(
    ann: Client, server: ScriptedServer, clock: FakeClock, heard: Heard
) -> None:
    server.peer.abort()
    server.kept = 0
    server.act(BOB, cmd.SetStatus(Status.BUSY))
    heard.clear()
    await clock.advance(2)
    assert StateReplaced() in heard
    assert ann.space is not None
    assert ann.space.snapshot() == server.office.space.snapshot()


async def test_a_gap_is_asked_for_and_never_shown(ann: Client, server: ScriptedServer, heard: Heard) -> None:
    peer = server.peer
    peer.attached = False  # the server forgets to send one event
    server.act(BOB, cmd.SetStatus(Status.BUSY))
    peer.attached = True
    server.act(BOB, cmd.SetStatus(Status.ON_CALL))
    await settle()
    assert len(server.attaches) == 2
    assert ann.space is not None
    assert ann.space.occupants[BOB].status is Status.ON_CALL
    assert heard.of(OccupantTouched) == [OccupantTouched(BOB), OccupantTouched(BOB)]
    await asyncio.wait_for(ann.do(cmd.SetStatus(Status.BUSY)), 1)


async def test_a_silent_peer_is_noticed_within_fifteen_seconds(
    ann: Client, server: ScriptedServer, clock: FakeClock
) -> None:
    server.peer.dead = True
    server.problem = UNREACHABLE
    dead_at = clock.time()
    await clock.advance(DEAD_AFTER - 6)
    assert link(ann) is Link.PROTECTED
    await clock.advance(15 - (DEAD_AFTER - 6))
    assert link(ann) is Link.NOT_PROTECTED
    assert dead_at - 6 <= ann.connection.since <= dead_at
    assert ann.connection.problem is not None


async def test_the_sentence_says_that_the_server_fell_silent(
    ann: Client, server: ScriptedServer, clock: FakeClock
) -> None:
    server.peer.dead = True
    seen: list[Trouble] = []
    ann.listen(lambda _: seen.append(ann.connection.problem.code) if ann.connection.problem else None)
    await clock.advance(15)
    assert seen[0] is Trouble.SILENT


async def test_a_server_that_never_greets_is_given_up(
    client: Client, server: ScriptedServer, clock: FakeClock
) -> None:
    server.turned_away = wire.Bye(Code.SERVER_STOPPING)
    server.tokens[wire.Token("t")] = ANN
    resuming = asyncio.ensure_future(client.resume("localhost", wire.Token("t")))
    await settle()
    assert client.connection.refusal is not None
    assert client.connection.refusal.code is Code.SERVER_STOPPING
    server.turned_away = None
    await clock.advance(3)
    assert resuming.done()
    await resuming


async def test_what_was_asked_offline_is_sent_in_order_and_once(
    ann: Client, server: ScriptedServer, clock: FakeClock
) -> None:
    server.problem = UNREACHABLE
    server.peer.abort()
    await settle()
    asked = [
        asyncio.ensure_future(ann.do(cmd.SendMessage(f"message {n}", Recipients(people=(BOB,))), f"m{n}"))
        for n in range(3)
    ]
    await clock.advance(600)
    assert not any(task.done() for task in asked)
    server.problem = None
    await clock.advance(40)
    await asyncio.wait_for(asyncio.gather(*asked), 1)
    assert server.commands == ["m0", "m1", "m2"]
    assert ann.me is not None
    (conversation,) = ann.me.conversations.values()
    assert [message.text for message in conversation.last] == ["message 0", "message 1", "message 2"]


async def test_an_answer_that_got_lost_is_asked_for_again(
    ann: Client, server: ScriptedServer, clock: FakeClock
) -> None:
    server.answering = False
    asking = asyncio.ensure_future(ann.do(cmd.RaiseEscalation(Level.YELLOW, "once"), "hand"))
    await settle()
    server.peer.abort()
    server.answering = True
    await clock.advance(2)
    await asyncio.wait_for(asking, 1)
    assert server.commands == ["hand", "hand"]
    assert list(server.office.space.escalations) == ["hand"]


@pytest.mark.parametrize(
    "command",
    [
        cmd.RaiseEscalation(Level.RED, "help", Recipients(people=(BOB,))),
        cmd.AnswerEscalation(EscalationId("e"), AnswerKind.APPROACH),
    ],
)
async def test_a_call_that_is_too_old_is_given_up_with_the_reason(
    ann: Client, server: ScriptedServer, clock: FakeClock, command: cmd.Command
) -> None:
    server.problem = UNREACHABLE
    server.peer.abort()
    await settle()
    asking = asyncio.ensure_future(ann.do(command))
    await clock.advance(58)
    assert not asking.done()
    await clock.advance(3)
    with pytest.raises(NotSent, match="no connection for 60 s"):
        await asking
    server.problem = None
    await clock.advance(40)
    assert server.commands == []


async def test_a_call_that_may_have_arrived_is_not_called_unsent(
    ann: Client, server: ScriptedServer, clock: FakeClock
) -> None:
    server.deaf = True
    asking = asyncio.ensure_future(ann.do(cmd.RaiseEscalation(Level.YELLOW)))
    await settle()
    server.problem = UNREACHABLE
    server.peer.abort()
    await clock.advance(61)
    with pytest.raises(NotSent) as reason:
        await asking
    assert reason.value.problem.code is Trouble.EXPIRED_UNSURE


async def test_a_command_that_breaks_every_connection_is_given_up(
    ann: Client, server: ScriptedServer, clock: FakeClock
) -> None:
    server.deaf = True
    asking = asyncio.ensure_future(ann.do(cmd.SetStatus(Status.BUSY)))
    for _ in range(8):
        await clock.advance(40)
        server.peer.abort()
    await clock.advance(40)
    with pytest.raises(NotSent):
        await asking
    assert len(server.commands) == 5
    assert link(ann) is Link.PROTECTED


async def test_too_much_at_once_goes_out_a_little_later(
    ann: Client, server: ScriptedServer, clock: FakeClock
) -> None:
    server.busy = 2
    texts = ["one", "two", "three"]
    asked = [
        asyncio.ensure_future(ann.do(cmd.SendMessage(text, Recipients(people=(BOB,))))) for text in texts
    ]
    await clock.advance(2)
    await asyncio.wait_for(asyncio.gather(*asked), 1)
    assert ann.me is not None
    (conversation,) = ann.me.conversations.values()
    assert sorted(message.text for message in conversation.last) == sorted(texts)


async def test_who_is_removed_from_the_space_asks_for_another(
    ann: Client, server: ScriptedServer, clock: FakeClock
) -> None:
    server.peer.bye(Code.NOT_FOUND, retry=False)
    await clock.advance(2)
    assert server.attaches[-1] == wire.Attach(None, None, None)
    assert link(ann) is Link.PROTECTED


async def test_giving_up_the_wait_does_not_take_the_command_back(
    ann: Client, server: ScriptedServer, clock: FakeClock
) -> None:
    server.problem = UNREACHABLE
    server.peer.abort()
    await settle()
    asking = asyncio.ensure_future(ann.do(cmd.SetStatus(Status.BUSY)))
    await settle()
    asking.cancel()
    await settle()
    server.problem = None
    await clock.advance(40)
    assert server.office.space.occupants[ANN].status is Status.BUSY


async def test_retry_now_does_not_wait(ann: Client, server: ScriptedServer, clock: FakeClock) -> None:
    server.problem = UNREACHABLE
    server.peer.abort()
    await clock.advance(60)
    server.problem = None
    ann.retry_now()
    await settle()
    assert link(ann) is Link.PROTECTED


async def test_too_many_attempts_are_waited_out(
    ann: Client, server: ScriptedServer, clock: FakeClock
) -> None:
    server.turned_away = wire.Bye(Code.TOO_MANY_ATTEMPTS, {"seconds": 50})
    server.peer.abort()
    await clock.advance(3)
    tried = server.connections
    await clock.advance(40)
    assert server.connections == tried


async def test_a_picture_is_fetched_over_a_broken_connection(
    ann: Client, server: ScriptedServer, clock: FakeClock
) -> None:
    data = b"picture"
    server.files[AssetId(content_id(data))] = data
    server.peer.dead = True
    asking = asyncio.ensure_future(ann.picture(AssetId(content_id(data))))
    await clock.advance(20)
    assert await asyncio.wait_for(asking, 1) == data


async def test_a_fault_in_folding_ends_in_a_snapshot_not_in_a_lie(
    ann: Client, server: ScriptedServer, clock: FakeClock, monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    def broken(*_: object) -> None:
        raise RuntimeError("a bug")

    assert ann.space is not None
    monkeypatch.setattr(ann.space, "apply", broken)
    server.act(BOB, cmd.SetStatus(Status.BUSY))
    await settle()
    assert link(ann) is Link.NOT_PROTECTED
    await clock.advance(2)
    assert ann.space.snapshot() == server.office.space.snapshot()
    assert server.attaches[-1].space_at is None
    assert "a bug" in caplog.text


def test_backoff_draws_from_a_growing_interval() -> None:
    backoff = Backoff(random.Random(1))
    waits = [[Backoff(random.Random(seed)).next() for seed in range(50)]]
    assert max(waits[0]) <= 1.0
    assert min(waits[0]) < 0.1
    drawn = [backoff.next() for _ in range(200)]
    assert max(drawn) <= LONGEST
    assert max(drawn[6:]) > LONGEST * 0.9
    assert min(drawn[6:]) < LONGEST * 0.1
    backoff.reset()
    assert backoff.next() <= 1.0


# Walking


async def test_steps_are_thinned_and_the_last_always_goes(
    ann: Client, server: ScriptedServer, clock: FakeClock
) -> None:
    start = clock.at
    times: list[float] = []
    for x in range(100):
        before = len(server.walks)
        ann.walk_to(Place(48 + x, 176))
        await clock.advance(0.01)
        times += [clock.at] * (len(server.walks) - before)
    await clock.advance(1)
    assert 9 <= len(times) <= 11
    assert all(b - a > 0.09 for a, b in pairwise(times))
    assert server.walks[-1] == Place(147, 176)
    assert clock.at - start < 3
    assert ann.space is not None
    assert ann.space.places[ANN] == Place(147, 176)


async def test_the_own_avatar_does_not_wait_for_the_server_nor_jump_back(
    ann: Client, server: ScriptedServer, clock: FakeClock, heard: Heard
) -> None:
    assert ann.space is not None
    ann.walk_to(at(2, 5))
    assert ann.space.places[ANN] == at(2, 5)
    await clock.advance(0.05)
    ann.walk_to(at(3, 5))
    await settle()  # the echo of the first step arrives now
    assert ann.space.places[ANN] == at(3, 5)
    await clock.advance(5)
    mine = [p for change in heard.of(PlacesMoved) for p in change.places if p[0] == ANN]
    assert mine[-2:] == [(ANN, at(2, 5)), (ANN, at(3, 5))]


async def test_a_refused_step_puts_the_avatar_back(
    ann: Client, server: ScriptedServer, clock: FakeClock
) -> None:
    ann.walk_to(at(2, 5))
    await clock.advance(1)
    ann.walk_to(at(0, 0))  # a wall
    await clock.advance(0.3)
    await clock.advance(3)
    assert ann.space is not None
    assert ann.space.places[ANN] == at(2, 5)


async def test_another_machine_of_mine_moves_me(ann: Client, server: ScriptedServer) -> None:
    server.peer.push(wire.Places(((ANN, 176, 176),)))
    await settle()
    assert ann.space is not None
    assert ann.space.places[ANN] == Place(176, 176)


async def test_where_i_went_offline_is_sent_later(
    ann: Client, server: ScriptedServer, clock: FakeClock
) -> None:
    server.problem = UNREACHABLE
    server.peer.abort()
    await settle()
    ann.walk_to(at(4, 5))
    await clock.advance(10)
    server.problem = None
    await clock.advance(40)
    assert server.office.space.places[ANN] == at(4, 5)
    assert ann.space is not None
    assert ann.space.places[ANN] == at(4, 5)


@pytest.mark.parametrize(
    "goodbye",
    [
        wire.Bye(Code.PROTOCOL_VERSION, {"ours": 1, "theirs": 2}, retry=False),
        wire.Bye(Code.NO_SPACE, retry=False),
    ],
)
async def test_what_may_be_mended_elsewhere_is_said_and_tried_again(
    ann: Client, server: ScriptedServer, clock: FakeClock, goodbye: wire.Bye
) -> None:
    """The server was updated, or an admin took the last space away: nobody has to start the program anew."""
    server.turned_away = goodbye
    server.peer.abort()
    await clock.advance(20)
    assert link(ann) is Link.NOT_PROTECTED
    lost = ann.connection
    assert lost.refusal == Refusal(goodbye.code, goodbye.fields)
    assert lost.retry_at is not None
    asked = asyncio.ensure_future(ann.do(cmd.SetStatus(Status.BUSY)))
    server.turned_away = None
    await clock.advance(LONGEST + 1)
    assert link(ann) is Link.PROTECTED
    assert ann.connection.refusal is None
    await asyncio.wait_for(asked, 1)
