"""Texts and calls of a case: what phones say back, gateways that fail, repeats."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from unittest import mock

import pytest

from app.core.audit import Subject
from app.core.cases import CaseId, Mark, SendId, SendState
from app.core.errors import Code
from app.core.model import AnswerKind
from app.core.policy import AnswerWay
from app.core.policy_trial import trial
from app.server.delivery.base import GatewayError, Parcel, Receipt, Reply, TextIn
from app.server.delivery.sender import LEASE_S
from tests.helpers.caller import eventually
from tests.helpers.clock import FakeClock
from tests.helpers.phone_network import Person, Taken
from tests.helpers.phone_world import (
    BOB,
    CHIE,
    DUTY,
    DUTY_PHONE,
    PhoneWorld,
    calling,
    phone_world,
    texting,
)
from tests.helpers.running import Ids
from tests.helpers.tale import policy

LATER = 600.0


def code_in(text: Taken) -> str:
    """With which it can be answered."""
    return text.form["Body"].partition("Reply ")[2][:4]


@pytest.fixture
async def world(data: Path, ids: Ids, clock: FakeClock) -> AsyncIterator[PhoneWorld]:
    async with phone_world(data, ids, clock) as made:
        yield made


# What somebody says back


async def test_a_key_acknowledges_and_stops_everything(world: PhoneWorld, ids: Ids) -> None:
    world.network.people[BOB] = Person(call="1")
    world.raised((60.0, calling(ids.bob)), (60.0, calling(ids.chie)), (60.0, texting(ids.chie)))
    await world.pass_by(60.0)
    (call,) = world.network.of("call")
    assert call.heard == [
        "Ann: Customer shouts",
        "Press 1 if you are coming. Press 2 if you cannot.",
        "Thank you. They are told that you are coming.",
    ]
    answer = world.case().answer
    assert answer is not None
    assert (answer.way, answer.person) == (AnswerWay.KEY, ids.bob)
    await world.pass_by(200.0)
    assert len(world.network.taken) == 1


async def test_2_declines_and_the_next_step_comes_at_once(world: PhoneWorld, ids: Ids) -> None:
    world.rows.here.clear()
    world.network.people[BOB] = Person(call="2")
    world.raised((60.0, calling(ids.bob)), (LATER, calling(ids.chie)))
    await world.pass_by(60.0)
    assert [call.to for call in world.network.of("call")] == [BOB, CHIE]
    assert "All right. The next one is asked." in world.network.of("call")[0].heard
    assert [note.people for note in world.notes(Mark.DECLINED)] == [(ids.bob,)]
    assert world.case().waiting


async def test_a_key_answers_a_policy_that_is_tried_too(world: PhoneWorld, ids: Ids) -> None:
    world.network.people[BOB] = Person(call="1")
    steps = policy((60.0, calling(ids.chie)), (60.0, calling(ids.chie)))
    case = trial(CaseId("test-0"), ids.space, steps, ids.bob, "TEST", world.clock.now())
    await world.store.cases.open(case, world.deed(Subject.POLICY, ids.bob))
    await world.pass_by(180.0)
    assert [call.to for call in world.network.of("call")] == [BOB]
    answer = world.case(case.id).answer
    assert answer is not None
    assert (answer.way, answer.person) == (AnswerWay.KEY, ids.bob)


async def test_another_key_asks_again(world: PhoneWorld, ids: Ids) -> None:
    world.network.people[BOB] = Person(call="7")
    world.raised((60.0, calling(ids.bob)))
    await world.pass_by(60.0)
    assert "Thank you. They are told that you are coming." in world.network.of("call")[0].heard
    assert world.case().answer is not None


@pytest.mark.parametrize(
    ("does", "reason"),
    [
        ("machine", Code.PHONE_MACHINE),
        ("busy", Code.PHONE_BUSY),
        ("no-answer", Code.PHONE_UNANSWERED),
        ("none", ""),
    ],
)
async def test_nobody_who_presses_nothing_has_answered(
    world: PhoneWorld, ids: Ids, does: str, reason: str
) -> None:
    """Not even a voice box, to which the message was said."""
    world.rows.here.clear()
    world.network.people[BOB] = Person(call=does)
    world.raised((60.0, calling(ids.bob)), (LATER, texting(contacts=[DUTY_PHONE])))
    await world.pass_by(60.0)
    assert world.case().waiting
    assert world.states()[0][2] == reason
    assert [(taken.kind, taken.to) for taken in world.network.taken] == [("call", BOB), ("sms", DUTY)]


@pytest.mark.parametrize("words", ["{code}", " {code} ok, 2 min", "行きます {code}"])
async def test_a_text_is_answered_with_its_code(world: PhoneWorld, ids: Ids, words: str) -> None:
    world.network.people[DUTY] = Person(text=words)
    world.raised((60.0, texting(contacts=[DUTY_PHONE])), (60.0, calling(ids.bob)))
    await world.pass_by(200.0)
    answer = world.case().answer
    assert answer is not None
    assert (answer.way, answer.contact, answer.person) == (AnswerWay.SMS, DUTY_PHONE, None)
    assert world.states() == [("sms", "delivered", "")]


@pytest.mark.parametrize("words", ["{code} NO", "{code} sorry, can't", "{code} いいえ", "No {code}"])
async def test_or_declined_with_it(world: PhoneWorld, ids: Ids, words: str) -> None:
    world.rows.here.clear()
    world.network.people[BOB] = Person(text=words)
    world.raised((60.0, texting(ids.bob)), (LATER, calling(ids.chie)))
    await world.pass_by(60.0)
    assert world.case().waiting
    assert [call.to for call in world.network.of("call")] == [CHIE]


async def test_a_code_counts_from_the_number_it_was_sent_to(world: PhoneWorld, ids: Ids) -> None:
    world.raised((60.0, texting(ids.bob)))
    await world.pass_by(60.0)
    code = code_in(world.network.of("sms")[0])
    assert await world.network.text("+819099999999", code) == ""
    assert await world.network.text(BOB, "0000") == (
        "This code is not known. Please reply with the code from the message."
    )
    assert world.case().waiting
    assert await world.network.text(BOB, code) == "Thank you. They are told that you are coming."
    assert await world.network.text(BOB, code) == "Thank you. They are told that you are coming."
    assert len(world.case().answers) == 1
    assert len(world.notes(Mark.ANSWERED)) == 1


async def test_who_answers_what_is_settled_is_told_so(world: PhoneWorld, ids: Ids) -> None:
    world.raised((60.0, texting(ids.bob, ids.chie)))
    await world.pass_by(60.0)
    codes = {text.to: code_in(text) for text in world.network.of("sms")}
    assert await world.network.text(BOB, codes[BOB]) == "Thank you. They are told that you are coming."
    told = "This is settled already. You need not do anything."
    assert await world.network.text(CHIE, codes[CHIE]) == told
    assert len(world.case().answers) == 1
    world.rows.ended()
    assert await world.network.text(BOB, codes[BOB]) == told


async def test_an_answer_keeps_what_was_not_sent_from_being_sent(world: PhoneWorld, ids: Ids) -> None:
    """Also what a sender has claimed already."""
    world.raised((60.0, texting(ids.bob)), (60.0, calling(ids.bob)))
    world.clock.at = 60.0
    world.decide()
    (claimed,) = await world.store.outbox.claim("slow", world.clock.now(), 10.0, 5)
    world.rows.now = world.clock.now()
    world.rows.answered(ids.chie, AnswerKind.APPROACH)
    await world.sender._carry(claimed)
    await world.pass_by(300.0)
    assert world.network.taken == []


# Gateways


async def test_an_error_then_a_lost_answer_then_late_reports(world: PhoneWorld, ids: Ids) -> None:
    """The text is sent once, and its state is never a guess."""
    world.network.failures.extend(["500", "lost"])
    world.network.hold = True
    world.raised((60.0, texting(ids.bob)), (LATER, calling(ids.chie)))
    await world.pass_by(60.0)
    assert world.states() == [("sms", "waiting", Code.GATEWAY_DOWN)]
    await world.pass_by(6.0)
    assert world.states() == [("sms", "unknown", Code.GATEWAY_DOWN)]
    await world.pass_by(10.0)
    assert world.states()[0][1] == "delivered"  # the gateway was asked, and found it by its words
    await world.network.release(backwards=True)
    assert world.states()[0][1] == "delivered"
    assert len(world.network.taken) == 1
    assert [note.mark for note in world.notes(Mark.UNKNOWN, Mark.SENT, Mark.DELIVERED)] == [
        Mark.UNKNOWN,
        Mark.DELIVERED,
    ]


async def test_what_never_arrived_is_sent_again(world: PhoneWorld, ids: Ids) -> None:
    world.network.failures.extend(["refused"])
    world.raised((60.0, calling(ids.bob)), (LATER, calling(ids.chie)))
    await world.pass_by(80.0)
    assert [call.to for call in world.network.of("call")] == [BOB]


async def test_a_lost_call_is_not_taken_for_another_one(world: PhoneWorld, ids: Ids) -> None:
    """Twilio does not tell what a call was about; one whose name is known is somebody else's."""
    await world.has_phone(ids.chie, BOB)  # they share one
    world.network.failures.extend(["", "refused"])
    world.network.people[BOB] = Person(call="none")
    world.raised((60.0, calling(ids.bob, ids.chie)), (LATER, calling(contacts=[DUTY_PHONE])))
    await world.pass_by(90.0)
    assert [call.to for call in world.network.of("call")] == [BOB, BOB]


async def test_too_fast_waits_as_long_as_the_gateway_says(world: PhoneWorld, ids: Ids) -> None:
    world.network.failures.append("429")
    world.raised((60.0, texting(ids.bob)), (LATER, calling(ids.chie)))
    await world.pass_by(60.0)
    await world.pass_by(2.0)
    assert world.network.taken == []
    await world.pass_by(2.0)
    assert len(world.network.taken) == 1


async def test_reports_come_twice_and_backwards(world: PhoneWorld, ids: Ids) -> None:
    world.network.repeat, world.network.hold = 3, True
    world.network.people[BOB] = Person(call="busy")
    world.raised((60.0, calling(ids.bob)), (60.0, texting(ids.chie)))
    await world.pass_by(60.0)
    await world.network.release(backwards=True)
    await world.settle()
    assert world.states()[0] == ("call", "failed", Code.PHONE_BUSY)
    assert len(world.notes(Mark.FAILED)) == 1
    assert {status for _, status in world.network.answers} == {200}


async def test_a_report_that_never_came_is_asked_for(world: PhoneWorld, ids: Ids) -> None:
    world.network.hold = True
    world.network.people[BOB] = Person(call="no-answer")
    world.raised((60.0, calling(ids.bob)), (LATER, texting(ids.chie)))
    await world.pass_by(61.0)
    assert world.states()[0][1] == "sent"
    await world.pass_by(62.0)
    assert world.states()[0] == ("call", "failed", Code.PHONE_UNANSWERED)


async def test_two_senders_send_once(world: PhoneWorld, ids: Ids) -> None:
    other = world.another()
    world.raised((60.0, texting(ids.bob, ids.chie)), (60.0, calling(ids.bob, ids.chie)))
    for at in (60.0, 120.0):
        world.clock.at = at
        world.decide()
        assert await world.sender.look() + await other.look() == 2
        await other.idle()
        await world.settle()
    assert len(world.network.taken) == 4
    await other.close()


class Unhurried:
    """A gateway that takes its time; it does not know yet of what it has not answered."""

    def __init__(self) -> None:
        self.asked: list[SendId] = []
        self.answers = asyncio.Event()

    async def send(self, parcel: Parcel) -> Receipt:
        self.asked.append(parcel.id)
        await self.answers.wait()
        return Receipt(SendState.DELIVERED, f"R{len(self.asked)}")

    async def look_up(self, parcel: Parcel, reference: str) -> Sequence[Receipt]:
        return ()

    async def close(self) -> None:
        return


@pytest.mark.parametrize("jump", [LEASE_S + 1.0, -3_600.0])
async def test_what_is_being_handed_over_is_not_handed_over_again(
    world: PhoneWorld, ids: Ids, jump: float
) -> None:
    """Its lease is over: by a slow disk or gateway, or since the clock was set back."""
    gateway = Unhurried()
    world.carriers.add("sms", gateway)
    world.raised((60.0, texting(ids.bob)), (LATER, calling(ids.chie)))
    world.clock.at = 60.0
    world.decide()
    assert await world.sender.look() == 1
    await eventually(lambda: bool(gateway.asked))
    world.clock.epoch += jump
    assert await world.sender.look() == 0
    gateway.answers.set()
    await world.sender.idle()
    assert len(gateway.asked) == 1
    assert world.states()[0][1] == "delivered"


async def test_what_a_crash_left_is_asked_about_first(world: PhoneWorld, ids: Ids) -> None:
    """It was handed over, and nobody lived to write that down."""
    world.raised((60.0, texting(ids.bob)), (LATER, calling(ids.chie)))
    world.clock.at = 60.0
    world.decide()
    crashed = world.another()
    (claimed,) = await world.store.outbox.claim(crashed._owner, world.clock.now(), 10.0, 5)
    await crashed._outcome(claimed)
    await world.network.quiet()
    await world.pass_by(9.0)
    assert len(world.network.taken) == 1
    await world.pass_by(2.0)
    assert len(world.network.taken) == 1
    assert world.states()[0][1] == "delivered"


class Remembers(Unhurried):
    """It took two texts with the same words; one failed, one arrived."""

    async def look_up(self, parcel: Parcel, reference: str) -> Sequence[Receipt]:
        failed = Receipt(SendState.FAILED, "R1", Code.GATEWAY_REFUSED, over=True)
        return (failed, Receipt(SendState.DELIVERED, "R2"))


async def test_of_two_alike_that_a_crash_left_each_gets_what_became_of_one(
    world: PhoneWorld, ids: Ids
) -> None:
    """They are asked about at once, and both took the first: one that arrived was called failed."""
    gateway = Remembers()
    world.carriers.add("sms", gateway)
    world.raised((60.0, texting(ids.bob)), (60.0, texting(ids.bob)), (LATER, calling(ids.chie)))
    for at in (60.0, 120.0):
        world.clock.at = at
        world.decide()
    crashed = world.another()
    for claimed in await world.store.outbox.claim(crashed._owner, world.clock.now(), LEASE_S, 5):
        assert await world.store.outbox.begin(claimed.send.id, crashed._owner, world.clock.now())
    world.clock.epoch += LEASE_S + 1.0
    assert await world.sender.look() == 2
    await world.sender.idle()
    assert sorted(state for _, state, _ in world.states()) == ["delivered", "failed"]
    assert gateway.asked == []


async def test_of_what_a_crash_left_nobody_knows_where_the_gateway_cannot_be_asked(
    world: PhoneWorld, ids: Ids, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It does not wait for ever: seed 1873."""
    down = mock.AsyncMock(side_effect=GatewayError(Code.GATEWAY_DOWN))
    world.raised((60.0, texting(ids.bob)), (LATER, calling(ids.chie)))
    world.clock.at = 60.0
    world.decide()
    crashed = world.another()
    (claimed,) = await world.store.outbox.claim(crashed._owner, world.clock.now(), 10.0, 5)
    assert await world.store.outbox.begin(claimed.send.id, crashed._owner, world.clock.now())
    world.clock.epoch += 1_000.0
    monkeypatch.setattr(world.sender._carriers, "look_up", down)
    assert await world.sender.look() == 1
    await world.sender.idle()
    assert world.states() == [("sms", "unknown", Code.GATEWAY_DOWN)]
    assert await world.sender.look() == 0


async def test_who_has_no_number_is_passed_over(world: PhoneWorld, ids: Ids) -> None:
    world.rows.here.clear()
    world.raised((60.0, texting(ids.dev)), (LATER, calling(contacts=[DUTY_PHONE])))
    await world.pass_by(60.0)
    assert world.states()[0] == ("sms", "failed", Code.NO_NUMBER)
    assert [taken.to for taken in world.network.taken] == [DUTY]


# Callbacks that are none


async def test_what_twilio_did_not_sign_has_no_effect(world: PhoneWorld, ids: Ids) -> None:
    world.network.people[BOB] = Person(call="none")
    world.raised((60.0, calling(ids.bob)), (LATER, texting(ids.chie)))
    await world.pass_by(60.0)
    path = next(path for path, _ in world.network.answers)
    key = {"CallSid": world.network.taken[0].sid, "Digits": "1"}
    assert await world.post(f"{path}/key", key) == 403
    assert await world.post(f"{path}/key", key, signed="AAAAAAAAAAAAAAAAAAAAAAAAAAA=") == 403
    assert await world.post("/twilio/sms", {"MessageSid": "SM1", "From": BOB, "Body": "1234"}) == 403
    assert world.case().waiting


async def test_a_key_that_is_played_again_later_counts_for_nothing(world: PhoneWorld, ids: Ids) -> None:
    world.raised((60.0, calling(ids.bob)), (5_000.0, texting(ids.chie)))
    await world.pass_by(60.0)
    call = world.network.of("call")[0]
    url = f"{call.form['StatusCallback']}/key"
    world.clock.epoch += 901.0
    said = await world.network.call_back(url, {"CallSid": call.sid, "Digits": "1"})
    assert "This is settled already" in said
    assert world.case().waiting


async def test_what_the_gateway_forgot_is_not_sent_again(world: PhoneWorld, ids: Ids) -> None:
    """It had taken it: that nothing more is heard of it is no reason to call twice."""
    world.network.hold = True
    world.network.people[BOB] = Person(call="busy")
    world.raised((60.0, calling(ids.bob)), (LATER, texting(ids.chie)))
    await world.pass_by(61.0)
    world.network.taken.clear()
    await world.pass_by(130.0)
    assert world.network.taken == []
    assert world.states()[0][1] == "sent"


async def test_a_text_that_comes_twice_is_one(world: PhoneWorld) -> None:
    heard: list[str] = []

    async def take(text: TextIn) -> Reply:
        heard.append(text.text)
        return Reply.TAKEN

    world.board.on_text(take)
    for words in ("first", "second"):
        for _ in range(2):
            assert await world.network.text(BOB, words, sid=f"SM{words}") == ""
    assert heard == ["first", "second"]


async def test_a_code_is_an_answer_although_the_number_is_a_lines_too(world: PhoneWorld, ids: Ids) -> None:
    """Who rents a single number has alerts and customers on it."""
    heard: list[str] = []

    async def stands_in_the_inbox(text: TextIn) -> Reply:
        heard.append(text.text)
        return Reply.TAKEN

    world.board.on_text(stands_in_the_inbox)
    world.network.people[BOB] = Person(text="{code}")
    world.raised((60.0, texting(ids.bob)))
    await world.pass_by(61.0)
    answer = world.case().answer
    assert answer is not None
    assert (answer.way, answer.person) == (AnswerWay.SMS, ids.bob)
    assert await world.network.text(DUTY, "Where is my parcel 4471?") == ""
    assert heard == ["Where is my parcel 4471?"]
