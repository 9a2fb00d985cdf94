"""What waits for the server or for the person: over restarts, sign-outs, sleep, and too long a time."""

from __future__ import annotations

import asyncio

import msgspec
import pytest

from app.core import commands as cmd
from app.core import wire
from app.core.errors import Code, Refused
from app.core.model import AnswerKind, EscalationId, Level, SeatId, SpaceId, Status
from app.net.client import Link, NotSent
from app.net.outbox import (
    CALL_SECONDS,
    MESSAGE_HOURS,
    MOST_BYTES,
    MOST_ENTRIES,
    PRIORITY_SECONDS,
    STATUS_SECONDS,
    Entry,
    Outbox,
)
from app.net.problems import Trouble
from app.net.uplink import HURRY_SECONDS
from app.server.pace import Pace
from tests.helpers.clock import settle
from tests.helpers.leftover import HELP, TO_BOB, Machine, asks, outcome, texts
from tests.helpers.office import ANN
from tests.helpers.scripted import PASSWORD, Peer, ScriptedServer
from tests.net.conftest import link

# Over the end of the program


async def test_a_message_written_offline_is_sent_once_by_the_next_start(machine: Machine) -> None:
    first = await machine.start()
    await machine.offline()
    asked = asks(first, cmd.SendMessage("still here", TO_BOB), "m")
    await settle()
    await first.close(leave=True)
    assert await outcome(asked) is Trouble.KEPT
    machine.server.problem = None
    second = await machine.start()
    await settle()
    assert texts(machine.server) == ["still here"]
    assert second.outbox == ()
    await machine.start()
    await settle()
    assert machine.server.commands.count("m") == 1


async def test_what_was_on_its_way_counts_once(machine: Machine) -> None:
    first = await machine.start()
    machine.server.answering = False
    asks(first, HELP, "hand")
    await settle()
    await first.close(leave=False)
    machine.server.answering = True
    second = await machine.start()
    await settle()
    assert machine.server.commands == ["hand", "hand"]
    assert list(machine.server.office.space.escalations) == ["hand"]
    assert second.outbox == ()


async def test_signed_out_by_the_server_nothing_goes_to_another_person(machine: Machine) -> None:
    client = await machine.start()
    await machine.offline()
    asks(client, cmd.SendMessage("from Ann", TO_BOB), "m")
    await settle()
    machine.server.turned_away = wire.Bye(Code.SIGNED_OUT, retry=False)
    await machine.online()
    assert link(client) is Link.OFFLINE
    machine.server.turned_away = None
    await client.sign_in("localhost", "chie", PASSWORD)
    await settle()
    assert client.outbox == ()
    assert "m" not in machine.server.commands
    await client.sign_in("localhost", "ann", PASSWORD)
    await settle()
    assert texts(machine.server) == ["from Ann"]


async def test_who_leaves_on_purpose_takes_the_hand_along_and_leaves_the_message(machine: Machine) -> None:
    client = await machine.start()
    await machine.offline()
    asks(client, HELP, "hand")
    asks(client, cmd.SetStatus(Status.BUSY), "status")
    asks(client, cmd.SendMessage("later", TO_BOB), "m")
    await settle()
    await client.sign_out()
    machine.server.problem = None
    await client.sign_in("localhost", "ann", PASSWORD)
    await settle()
    assert machine.server.commands == ["m"]


async def test_what_an_earlier_start_asked_for_and_is_refused_is_told_once(machine: Machine) -> None:
    first = await machine.start()
    await first.do(HELP, "hand")
    await machine.offline()
    asks(first, cmd.EndEscalation(EscalationId("hand")), "end")
    asks(first, cmd.SetStatus(Status.BUSY), "status")
    await settle()
    await first.close(leave=False)
    machine.server.problem = None
    machine.server.full = True
    second = await machine.start()
    await settle()
    assert [(entry.id, entry.refusal.code) for entry in second.take_undone() if entry.refusal] == [
        ("end", Code.STORE_FAILED),
        ("status", Code.STORE_FAILED),
    ]
    assert second.take_undone() == ()
    assert second.outbox == ()


async def test_a_hand_that_is_down_already_needs_no_word(machine: Machine) -> None:
    first = await machine.start()
    await first.do(HELP, "hand")
    await machine.offline()
    asks(first, cmd.EndEscalation(EscalationId("hand")), "end")
    await settle()
    await first.close(leave=False)
    machine.server.act(ANN, cmd.EndEscalation(EscalationId("hand")))
    machine.server.problem = None
    second = await machine.start()
    await settle()
    assert machine.server.commands[-1] == "end"
    assert second.take_undone() == ()


async def test_who_waits_for_an_answer_hears_it_there_alone(machine: Machine) -> None:
    client = await machine.start()
    machine.server.full = True
    status = asks(client, cmd.SetStatus(Status.BUSY), "status")
    with pytest.raises(Refused):
        await status
    assert client.take_undone() == ()


async def test_a_status_that_became_too_old_in_between_is_told(machine: Machine) -> None:
    first = await machine.start()
    await machine.offline()
    asks(first, cmd.SetStatus(Status.BUSY), "status")
    await settle()
    await first.close(leave=False)
    machine.clock.epoch += STATUS_SECONDS
    machine.server.problem = None
    second = await machine.start()
    await settle()
    (entry,) = second.take_undone()
    assert entry.problem is not None
    assert (entry.id, entry.problem.code) == ("status", Trouble.EXPIRED)
    assert machine.server.commands == []


async def test_a_very_full_outbox_goes_out_no_faster_than_servers_take_it(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, server = await machine.start(), machine.server
    await machine.offline()
    asked = [asks(client, cmd.SendMessage(str(n), TO_BOB), f"m{n}") for n in range(400)]
    await settle()
    came: list[float] = []

    def noted(peer: Peer, request: wire.Do) -> None:
        came.append(machine.clock.monotonic())
        ScriptedServer._do(server, peer, request)

    monkeypatch.setattr(server, "_do", noted)
    server.problem = None
    client.retry_now()
    await machine.clock.advance(3)
    await client.do(HELP, "hand")
    later = asks(client, cmd.SendMessage("last", TO_BOB), "last")
    assert server.commands.index("hand") < 100
    for _ in range(40):
        await machine.clock.advance(1)
    assert texts(server)[-20:] == [*map(str, range(381, 400)), "last"]
    assert all(task.done() and task.exception() is None for task in (*asked, later))
    assert server.commands.count("m399") == 1
    pace = Pace(came[0])
    assert all(pace.commands.take(at) for at in came)


# What is too old


async def test_a_hand_raised_offline_is_asked_about_and_not_raised(machine: Machine) -> None:
    client = await machine.start()
    await machine.offline()
    asked = asks(client, HELP, "hand")
    await machine.clock.advance(CALL_SECONDS + 1)
    assert await outcome(asked) is Trouble.EXPIRED
    await machine.online()
    (entry,) = client.outbox
    assert entry.aside
    assert (entry.id, entry.command, entry.tries) == ("hand", HELP, 0)
    assert machine.server.commands == []
    client.drop("hand")
    assert client.outbox == ()


async def test_the_age_counts_over_a_restart_and_a_sleep(machine: Machine) -> None:
    first = await machine.start()
    await machine.offline()
    asks(first, HELP, "hand")
    await settle()
    await first.close(leave=False)
    machine.clock.epoch += 600  # the machine slept, or was off
    machine.server.problem = None
    second = await machine.start()
    await settle()
    assert [entry.id for entry in second.outbox if entry.aside] == ["hand"]
    assert machine.server.commands == []


async def test_a_clock_set_back_does_not_make_a_hand_young_again(machine: Machine) -> None:
    client = await machine.start()
    await machine.offline()
    asks(client, HELP, "hand")
    await settle()
    machine.clock.epoch -= 3_600
    await machine.online()
    assert [entry.id for entry in client.outbox if entry.aside] == ["hand"]
    assert machine.server.commands == []


async def test_a_message_of_this_morning_is_asked_about_too(machine: Machine) -> None:
    client = await machine.start()
    await machine.offline()
    asked = asks(client, cmd.SendMessage("lunch?", TO_BOB), "m")
    await settle()
    machine.clock.epoch += MESSAGE_HOURS * 3_600
    await machine.clock.advance(2)
    assert await outcome(asked) is Trouble.EXPIRED_LONG
    await machine.online()
    assert texts(machine.server) == []
    again = asks(client, cmd.SendMessage("lunch?", TO_BOB), "m")
    assert await outcome(again) is None
    assert texts(machine.server) == ["lunch?"]
    assert client.outbox == ()


async def test_a_hand_that_did_arrive_is_not_asked_about(machine: Machine) -> None:
    client = await machine.start()
    machine.server.answering = False
    asked = asks(client, HELP, "hand")
    await settle()
    await machine.offline()
    await machine.clock.advance(CALL_SECONDS + 5)
    assert await outcome(asked) is Trouble.EXPIRED_UNSURE
    machine.server.answering = True
    await machine.online()
    assert client.space is not None
    assert list(client.space.escalations) == ["hand"]
    assert client.outbox == ()
    assert machine.server.commands == ["hand"]


async def test_a_hand_that_may_have_arrived_is_asked_about_as_such(machine: Machine) -> None:
    client = await machine.start()
    machine.server.deaf = True
    asks(client, HELP, "hand")
    await settle()
    await machine.offline()
    await machine.clock.advance(CALL_SECONDS + 5)
    machine.server.deaf = False
    await machine.online()
    (entry,) = client.outbox
    assert entry.problem is not None
    assert (entry.tries, entry.problem.code) == (1, Trouble.EXPIRED_UNSURE)


async def test_raising_anew_answers_the_question(machine: Machine) -> None:
    client = await machine.start()
    await machine.offline()
    asks(client, HELP, "hand")
    await machine.clock.advance(CALL_SECONDS + 1)
    await machine.online()
    await asyncio.wait_for(client.do(HELP, "new"), 1)
    assert client.outbox == ()
    assert machine.server.commands == ["new"]


async def test_of_a_kind_the_newest_wins(machine: Machine) -> None:
    client = await machine.start()
    await machine.offline()
    asked = [
        asks(client, cmd.SetStatus(Status.BUSY), "busy"),
        asks(client, cmd.TakeSeat(SeatId("a")), "a"),
        asks(client, cmd.SetStatus(Status.ON_CALL), "on call"),
        asks(client, cmd.AnswerEscalation(EscalationId("x"), AnswerKind.CHAT), "x chat"),
        asks(client, cmd.AnswerEscalation(EscalationId("y"), AnswerKind.CHAT), "y chat"),
        asks(client, cmd.AnswerEscalation(EscalationId("x"), AnswerKind.DECLINE), "x decline"),
        asks(client, cmd.TakeSeat(), "none"),
    ]
    await settle()
    await machine.online()
    assert machine.server.commands == ["on call", "y chat", "x decline", "none"]
    assert all(task.done() for task in asked)
    assert asked[0].exception() is None
    for task in asked[3:6]:
        assert task.exception() is not None  # there are no such hands


async def test_what_meant_another_space_is_not_said_in_this_one(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = await machine.start()
    await machine.offline()
    asks(first, cmd.SendMessage("for Osaka", TO_BOB), "m")
    asks(first, cmd.SetStatus(Status.BUSY), "status")
    await settle()
    place = machine.shelf.place("ws://localhost:7443", ANN)
    await first.close(leave=False)
    left = (await place.load()).entries or ()
    await place.save(tuple(msgspec.structs.replace(entry, space=SpaceId("kobe")) for entry in left))
    machine.server.problem = None
    client = await machine.start()
    await settle()
    (entry,) = client.outbox
    assert entry.problem is not None
    assert (entry.id, entry.problem.code) == ("m", Trouble.OTHER_SPACE)
    assert machine.server.commands == []


async def test_a_refusal_that_nobody_heard_is_kept_with_its_reason(machine: Machine) -> None:
    first = await machine.start()
    await machine.offline()
    asks(first, HELP, "hand")
    await settle()
    await first.close(leave=False)
    machine.server.problem = None
    machine.server.act(ANN, cmd.RaiseEscalation(Level.YELLOW), "elsewhere")
    second = await machine.start()
    await settle()
    (entry,) = second.outbox
    assert entry.refusal is not None
    assert (entry.id, entry.refusal.code) == ("hand", Code.ALREADY_RAISED)


async def test_too_much_is_refused_and_nothing_pushed_out(machine: Machine) -> None:
    client = await machine.start()
    await machine.offline()
    for number in range(MOST_ENTRIES):
        asks(client, cmd.SendMessage(f"{number}", TO_BOB), f"m{number}")
    await settle()
    assert await outcome(asks(client, cmd.SendMessage("one more", TO_BOB), "more")) is Trouble.OUTBOX_FULL
    assert len(client.outbox) == MOST_ENTRIES


def test_large_messages_are_bounded_in_bytes() -> None:
    outbox = Outbox()
    fit = MOST_BYTES // 50_100  # with what is around the text
    for number in range(fit):
        outbox.add(Entry(f"{number}", cmd.SendMessage("x" * 50_000), 0.0), 50_100, live=False)
    with pytest.raises(NotSent, match="too much is waiting"):
        outbox.add(Entry("more", cmd.SendMessage("x" * 50_000), 0.0), 50_100, live=False)


async def test_the_machine_that_slept_tests_the_link_at_once(machine: Machine) -> None:
    client = await machine.start()
    await machine.clock.advance(20)
    machine.server.peer.dead = True
    machine.clock.epoch += 3_600  # the wall clock went on, the monotonic one stood still
    await machine.clock.advance(5)
    assert machine.server.connections == 2
    assert link(client) is Link.PROTECTED


async def test_a_clock_that_runs_as_it_should_is_no_sleep(machine: Machine) -> None:
    await machine.start()
    machine.server.peer.dead = True
    machine.clock.epoch += 3  # a correction of the clock
    await machine.clock.advance(HURRY_SECONDS - 5)
    assert machine.server.connections == 1


async def test_a_message_that_would_call_people_aloud_is_not_sent_by_itself_after_minutes(
    machine: Machine,
) -> None:
    client = await machine.start()
    await machine.offline()
    asked = asks(client, cmd.SendMessage("now!", TO_BOB, priority=True), "m")
    await settle()
    machine.clock.epoch += PRIORITY_SECONDS
    await machine.clock.advance(2)
    assert await outcome(asked) is Trouble.EXPIRED
    await machine.online()
    assert texts(machine.server) == []
    assert [entry.id for entry in client.outbox] == ["m"]
