"""What nobody answers goes on: a real server, real sockets, and a wall clock that a test sets."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from app.core.calls import PhoneWay
from app.core.case_questions import GetTimeline, Timeline
from app.core.cases import CaseAnswer, CaseId, Mark, Send, SendState
from app.core.commands import AnswerEscalation, EndEscalation, RaiseEscalation, SendMessage
from app.core.errors import Code
from app.core.model import (
    Alert,
    AnswerKind,
    Escalation,
    EscalationId,
    Level,
    MessageId,
    PersonId,
    Recipients,
    SpaceId,
    Taken,
)
from app.core.policy import (
    AnswerWay,
    Call,
    CaseKind,
    ContactId,
    Forward,
    Notify,
    Policy,
    Reached,
    Repeat,
    Text,
)
from app.server.main import Server
from app.server.store.sqlite.store import FILE, connect
from tests.helpers.caller import Caller
from tests.helpers.case_rows import assign
from tests.helpers.clock import FakeClock
from tests.helpers.running import FAST, Ids, rows, running
from tests.helpers.tale import policy

HAND = EscalationId("hand")
CASE = CaseId(HAND)
DUTY = ContactId("duty")


def red(ids: Ids) -> RaiseEscalation:
    return RaiseEscalation(Level.RED, "Customer shouts", Recipients(people=(ids.bob,)))


NO_HAND = Escalation(EscalationId("none"), PersonId("none"), Level.RED, 0.0)


def hand(caller: Caller) -> Escalation:
    """As everybody in the space sees it."""
    return caller.space.escalations.get(HAND, NO_HAND)


def alert(caller: Caller) -> Alert:
    """As it calls somebody."""
    return caller.me.alerts.get(HAND) or Alert(SpaceId("none"), NO_HAND, -1)


def run(server: Server, ids: Ids, plan: Policy) -> None:
    """From now on ``plan`` is the policy of the space."""
    with closing(connect(server.config.data / FILE)) as db:
        assign(db, ids.space, plan)


async def test_nobody_answers_so_more_are_called_phones_are_tried_and_nobody_was_available(
    server: Server, ids: Ids, clock: FakeClock
) -> None:
    run(
        server, ids, policy((60.0, Notify(Recipients(people=(ids.dev,)))), (60.0, Text(Reached(called=True))))
    )
    callers = [await Caller.enter(server.url, handle) for handle in ("ann", "bob", "dev", "chie")]
    ann, bob, dev, chie = callers
    async with ann, bob, dev, chie:
        assert await ann.do(red(ids), HAND) is None
        clock.epoch += 60.1
        await dev.until(lambda: HAND in dev.me.alerts)
        assert dev.me.alerts[HAND].escalation.message == "Customer shouts"
        await chie.until(lambda: hand(chie).notified == (ids.bob, ids.dev))
        await ann.until(lambda: ann.me.ladders[HAND].line_of(ids.dev) is not None)
        clock.epoch += 60.1
        await chie.until(lambda: [step.what for step in hand(chie).steps] == [Taken.NOTIFY, Taken.TEXT])
        sends = [
            msgspec.msgpack.decode(kept, type=Send) for (kept,) in rows(server, "SELECT send FROM sends")
        ]
        assert {send.person for send in sends} == {ids.bob, ids.dev}
        assert {send.text for send in sends} == {"Ann Field: Customer shouts"}
        assert hand(chie).nobody_since is None
        clock.epoch += 60.1
        await ann.until(lambda: hand(ann).nobody_since is not None)
        await bob.until(lambda: HAND in bob.me.alerts)
        assert b"+81" not in b"".join(chie.frames)


async def test_an_answer_stops_it_everywhere(server: Server, ids: Ids, clock: FakeClock) -> None:
    run(server, ids, policy((60.0, Text(Reached(called=True))), come_within=None))
    ann, bob = await Caller.enter(server.url, "ann"), await Caller.enter(server.url, "bob")
    async with ann, bob:
        assert await ann.do(red(ids), HAND) is None
        assert await bob.do(AnswerEscalation(HAND, AnswerKind.COMING)) is None
        clock.epoch += 3_600.0
        await server.engine.look()
        assert rows(server, "SELECT count(*) FROM sends") == [(0,)]
        await ann.until(lambda: hand(ann).promised == (ids.bob,))
        assert await ann.do(EndEscalation(HAND)) is None
        assert rows(server, "SELECT next_look, ended_at IS NULL FROM cases") == [(None, 0)]


async def test_a_repeated_call_reaches_those_who_did_not_decline(
    server: Server, ids: Ids, clock: FakeClock
) -> None:
    run(server, ids, policy((60.0, Repeat(60.0, 2))))
    ann, bob, chie = [await Caller.enter(server.url, handle) for handle in ("ann", "bob", "chie")]
    async with ann, bob, chie:
        to = Recipients(groups=(ids.supervisors,))
        assert await ann.do(RaiseEscalation(Level.RED, "Help", to), HAND) is None
        assert await chie.do(AnswerEscalation(HAND, AnswerKind.DECLINE)) is None
        for calls in (1, 2):
            clock.epoch += 60.1
            await bob.until(lambda calls=calls: alert(bob).calls == calls)  # type: ignore[misc]  # of this turn
        clock.epoch += 60.1
        await ann.until(lambda: hand(ann).nobody_since is not None)
        assert alert(chie).calls == 0


async def test_everybody_declines_and_the_next_step_comes_without_waiting(
    server: Server, ids: Ids, clock: FakeClock
) -> None:
    run(server, ids, policy((600.0, Forward(ids.chie))))
    ann, bob, chie = [await Caller.enter(server.url, handle) for handle in ("ann", "bob", "chie")]
    async with ann, bob, chie:
        assert await ann.do(red(ids), HAND) is None
        assert await bob.do(AnswerEscalation(HAND, AnswerKind.DECLINE)) is None
        clock.epoch += 0.1
        await chie.until(lambda: HAND in chie.me.alerts)


async def test_who_loses_the_connection_is_waited_for_and_who_leaves_is_not(
    server: Server, ids: Ids, clock: FakeClock
) -> None:
    run(server, ids, policy((600.0, Notify(Recipients(people=(ids.chie,)))), (600.0, Repeat(60.0, 1))))
    ann, chie = await Caller.enter(server.url, "ann"), await Caller.enter(server.url, "chie")
    bob = await Caller.enter(server.url, "bob")
    async with ann, chie:
        async with bob:
            assert await ann.do(red(ids), HAND) is None
        await ann.until(lambda: not ann.space.is_here(ids.bob))
        clock.epoch += 19.0
        await server.engine.look()
        assert HAND not in chie.me.alerts
        clock.epoch += 2.0
        await chie.until(lambda: HAND in chie.me.alerts)


async def test_a_key_press_stops_everything_and_the_raiser_sees_who(
    server: Server, ids: Ids, clock: FakeClock
) -> None:
    run(
        server, ids, policy((60.0, Call(Reached(called=True))), (60.0, Notify(Recipients(people=(ids.dev,)))))
    )
    ann, bob, dev = [await Caller.enter(server.url, handle) for handle in ("ann", "bob", "dev")]
    async with ann, bob, dev:
        assert await ann.do(red(ids), HAND) is None
        clock.epoch += 60.1
        await ann.until(lambda: bool(hand(ann).steps))
        pressed = CaseAnswer(AnswerWay.KEY, clock.now(), ids.bob)
        assert await server.cases.answered(CASE, pressed)
        await ann.until(lambda: hand(ann).promised == (ids.bob,))
        await bob.until(lambda: alert(bob).escalation.answered)
        clock.epoch += 120.1
        await server.engine.look()
        assert HAND not in dev.me.alerts
        # Nobody came: after five minutes it calls again, once.
        clock.epoch += 180.1
        await bob.until(lambda: not alert(bob).escalation.answered)
        await ann.until(lambda: hand(ann).promised == ())
        assert hand(ann).steps[-1].what is Taken.CAME_BACK


async def test_who_was_reached_by_phone_alone_and_takes_it_back_does_not_come(
    server: Server, ids: Ids
) -> None:
    """As when the second of two calls is answered with 2."""
    async with await Caller.enter(server.url, "ann") as ann:
        assert await ann.do(red(ids), HAND) is None
        pressed = CaseAnswer(AnswerWay.KEY, server.clock.now(), ids.dev)
        assert await server.cases.answered(CASE, pressed)
        await ann.until(lambda: hand(ann).answered)
        assert await server.cases.declined(CASE, pressed)
        await ann.until(lambda: not hand(ann).answered)
        case = await server.store.cases.case(CASE)
        assert case is not None
        assert case.waiting


async def test_a_contact_answers_and_declines(server: Server, ids: Ids, clock: FakeClock) -> None:
    run(server, ids, policy((60.0, Call(Reached(contacts=(DUTY,)))), come_within=None))
    sql = "INSERT INTO contacts (id, space, name, kind, address, shown) VALUES (?, ?, ?, ?, ?, ?)"
    with closing(connect(server.config.data / FILE)) as db:
        db.execute(sql, (DUTY, ids.space, "Duty phone", "phone", "+81312345678", "678"))
    ann, bob = await Caller.enter(server.url, "ann"), await Caller.enter(server.url, "bob")
    async with ann, bob:
        assert await ann.do(red(ids), HAND) is None
        clock.epoch += 60.1
        await ann.until(lambda: bool(hand(ann).steps))
        await ann.until(lambda: bool(ann.me.ladders[HAND].pursuits))
        (pursuit,) = ann.me.ladders[HAND].pursuits
        assert (pursuit.contacts, pursuit.ways, pursuit.people) == (("Duty phone",), (PhoneWay.CALL,), ())
        assert "Duty" not in repr(bob.space.snapshot())
        declined = CaseAnswer(AnswerWay.KEY, clock.now(), contact=DUTY)
        for _ in range(2):
            assert await server.cases.declined(CASE, declined)
        await bob.until(lambda: bool(hand(bob).outside))
        assert not hand(bob).answered
        for _ in range(2):
            assert await server.cases.answered(CASE, declined)
        await bob.until(lambda: alert(bob).escalation.answered)
        await ann.until(lambda: hand(ann).answered)
        (outside,) = hand(ann).outside
        assert (outside.name, outside.kind) == ("Duty phone", AnswerKind.KEY)
        said = [note for note in await server.store.cases.timeline(CASE) if note.send is None]
        assert [(note.mark, note.contact) for note in said[-2:]] == [
            (Mark.DECLINED, DUTY),
            (Mark.ANSWERED, DUTY),
        ]
        assert await ann.do(EndEscalation(HAND)) is None
        assert not await server.cases.answered(CASE, declined)
        assert not await server.cases.answered(CaseId("unknown"), declined)


async def test_a_contact_that_takes_its_yes_back_is_not_waited_for(
    server: Server, ids: Ids, clock: FakeClock
) -> None:
    """As when 1 and then 2 is pressed: everybody sees it, all screens call again, the next one is asked."""
    to_duty = Text(Reached(contacts=(DUTY,)))
    run(server, ids, policy((60.0, to_duty), (120.0, Notify(Recipients(people=(ids.dev,))))))
    with closing(connect(server.config.data / FILE)) as db:
        sql = "INSERT INTO contacts (id, space, name, kind, address, shown) VALUES (?, ?, ?, ?, ?, ?)"
        db.execute(sql, (DUTY, ids.space, "Duty phone", "phone", "+81312345678", "678"))
    ann, bob, dev = [await Caller.enter(server.url, handle) for handle in ("ann", "bob", "dev")]
    async with ann, bob, dev:
        assert await ann.do(red(ids), HAND) is None
        clock.epoch += 60.1
        await ann.until(lambda: bool(hand(ann).steps))
        said = CaseAnswer(AnswerWay.KEY, clock.now(), contact=DUTY)
        assert await server.cases.answered(CASE, said)
        await bob.until(lambda: alert(bob).escalation.answered)
        clock.epoch += 200.0
        await server.engine.look()
        assert HAND not in dev.me.alerts
        assert await server.cases.declined(CASE, said)
        await bob.until(lambda: not alert(bob).escalation.answered)
        await ann.until(lambda: [a.kind for a in hand(ann).outside] == [AnswerKind.DECLINE])
        assert not hand(ann).answered
        case = await server.store.cases.case(CASE)
        assert case is not None
        assert case.waiting
        clock.epoch += 120.1
        await dev.until(lambda: HAND in dev.me.alerts)
        marks = [(note.mark, note.contact) for note in await server.store.cases.timeline(CASE)]
        assert (Mark.WITHDREW, DUTY) in marks


async def test_who_was_reached_by_phone_alone_and_cannot_is_named(server: Server, ids: Ids) -> None:
    async with await Caller.enter(server.url, "ann") as ann:
        assert await ann.do(red(ids), HAND) is None
        assert await server.cases.declined(CASE, CaseAnswer(AnswerWay.KEY, server.clock.now(), ids.dev))
        await ann.until(lambda: hand(ann).declined == (ids.dev,))
        marks = [(note.mark, note.people) for note in await server.store.cases.timeline(CASE)]
        assert (Mark.DECLINED, (ids.dev,)) in marks


async def test_a_priority_message_calls_again_until_it_is_read(
    server: Server, ids: Ids, clock: FakeClock
) -> None:
    ann, bob = await Caller.enter(server.url, "ann"), await Caller.enter(server.url, "bob")
    async with ann, bob:
        to = Recipients(people=(ids.bob,))
        message = MessageId("m")
        assert await ann.do(SendMessage("Are you there?", to, priority=True), message) is None

        def numbers() -> list[int]:
            return [call.number for call in bob.me.calls.values()]

        for number in range(1, 10):
            clock.epoch += 120.1
            await bob.until(lambda n=number: numbers() == [n])  # type: ignore[misc]  # of this turn
        clock.epoch += 120.1
        await ann.until(lambda: ann.me.priorities[message].exhausted_at is not None)
        assert await bob.do(SendMessage("Yes", Recipients(people=(ids.ann,)))) is None
        await ann.until(lambda: ann.me.priorities[message].answer is not None)
        assert rows(server, "SELECT ended_at IS NULL FROM cases") == [(0,)]


async def test_a_priority_message_through_its_twenty_minutes_goes_to_somebody_else_who_reads_it(
    server: Server, ids: Ids, clock: FakeClock
) -> None:
    """Issue 4, story 2."""
    plan = policy((120.0, Repeat(120.0, 9)), (1_080.0, Forward(ids.chie)), kind=CaseKind.PRIORITY)
    run(server, ids, plan)
    ann, bob, chie = [await Caller.enter(server.url, handle) for handle in ("ann", "bob", "chie")]
    async with ann, bob, chie:
        message = MessageId("m")
        to = Recipients(people=(ids.bob,))
        assert await ann.do(SendMessage("Are you there?", to, priority=True), message) is None
        began = clock.epoch

        def heard() -> list[int]:
            return [call.number for call in bob.me.calls.values()]

        for number in range(1, 10):
            clock.epoch = began + number * 120.5
            await bob.until(lambda n=number: heard() == [n])  # type: ignore[misc]  # of this turn
        assert not chie.me.calls
        clock.epoch = began + 1_206.0
        await chie.until(lambda: bool(chie.me.calls))
        (copy,) = chie.me.calls.values()
        assert (copy.message.author, copy.message.text) == (ids.ann, "Are you there?")
        assert heard() == [9], "he was called as often as it was to be"
        reply = SendMessage("I am on it", Recipients(people=(ids.ann,)))
        assert await chie.do(reply) is None
        for one in (bob, chie):
            await one.until(lambda c=one: not c.me.calls)  # type: ignore[misc]  # of this turn
        await ann.until(lambda: ann.me.priorities[message].answer is not None)
        assert rows(server, "SELECT ended_at IS NULL FROM cases") == [(0,)]


async def test_a_priority_message_is_handed_on_and_texted_by_its_policy(
    server: Server, ids: Ids, clock: FakeClock
) -> None:
    plan = policy((60.0, Forward(ids.chie)), (60.0, Text(Reached(called=True))), kind=CaseKind.PRIORITY)
    run(server, ids, plan)
    ann, bob, chie = [await Caller.enter(server.url, handle) for handle in ("ann", "bob", "chie")]
    async with ann, bob, chie:
        message = MessageId("m")
        to = Recipients(people=(ids.bob,))
        assert await ann.do(SendMessage("Are you there?", to, priority=True), message) is None
        clock.epoch += 60.1
        await chie.until(lambda: message in chie.me.calls)
        clock.epoch += 60.1
        await ann.until(lambda: len(ann.me.priorities[message].pursuits) == 2)
        forwarded, texted = ann.me.priorities[message].pursuits
        assert (forwarded.people, forwarded.ways) == ((ids.chie,), ())
        assert (set(texted.people), texted.ways) == ({ids.bob, ids.chie}, ("sms",))
        assert await server.cases.answered(CaseId("m"), CaseAnswer(AnswerWay.SMS, clock.now(), ids.bob))
        await chie.until(lambda: message not in chie.me.calls)
        assert rows(server, "SELECT DISTINCT state FROM sends") == [(SendState.CANCELLED,)]


async def test_who_reaches_for_a_timeline_gets_it_if_it_is_theirs(
    server: Server, ids: Ids, clock: FakeClock
) -> None:
    ann, dev = await Caller.enter(server.url, "ann"), await Caller.enter(server.url, "dev")
    async with ann, dev:
        assert await ann.do(red(ids), HAND) is None
        clock.epoch += 60.1
        await ann.until(lambda: bool(hand(ann).steps))
        timeline = await ann.ask(GetTimeline(CASE))
        assert isinstance(timeline, Timeline)
        assert timeline.notes[0].mark is Mark.OPENED
        assert await dev.ask(GetTimeline(CASE)) is Code.NOT_FOUND


# The auditor


async def test_the_auditor_mends_what_was_forgotten_and_the_engine_goes_on_with_it(
    server: Server, ids: Ids, clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    run(server, ids, policy((60.0, Notify(Recipients(people=(ids.dev,))))))
    ann, bob, dev = [await Caller.enter(server.url, handle) for handle in ("ann", "bob", "dev")]
    async with ann, bob, dev:
        assert await ann.do(red(ids), HAND) is None
        with closing(connect(server.config.data / FILE)) as db:
            db.execute("UPDATE cases SET next_look = NULL")
        clock.epoch += 61.0
        report = await server.auditor.look()
        assert (report.mended, report.health.waiting) == (1, 1)
        assert "no valid next look: hand" in caplog.text
        await dev.until(lambda: HAND in dev.me.alerts)
        assert (await server.auditor.look()).mended == 1


async def test_a_monitor_is_told_when_steps_are_late_or_the_auditor_is_silent(
    data: Path, ids: Ids, clock: FakeClock
) -> None:
    async with running(data, clock, tuning=replace(FAST, engine=3_600.0)) as server:
        ann, bob = await Caller.enter(server.url, "ann"), await Caller.enter(server.url, "bob")
        async with ann, bob:
            assert await ann.do(red(ids), HAND) is None
            await server.auditor.look()
            well = [server.auditor.well]
            clock.epoch += 120.0
            assert (await server.auditor.look()).health.late == 1
            well.append(server.auditor.well)
            await server.engine.look()
            await server.auditor.look()
            well.append(server.auditor.well)
            assert (server.engine.figures.late, server.engine.figures.steps) == (1, 2)
            clock.at += 60.0
            assert [*well, server.auditor.well] == [True, False, True, False]
