"""Policies told minute by minute: what is done when nobody answers, and what an answer stops."""

from __future__ import annotations

import pytest

from app.core.case_answers import ended, read
from app.core.case_steps import next_look
from app.core.cases import Mark, Outcome, SendState
from app.core.model import PersonId, Recipients, Taken
from app.core.policy import (
    BUILT_IN,
    AnswerWay,
    Call,
    CaseKind,
    ContactId,
    Forward,
    Notify,
    Post,
    Reached,
    Repeat,
    Text,
)
from tests.helpers.office import ANN, BOB, CHIE, DEV, EVA, SUPERVISORS
from tests.helpers.tale import Tale, policy

DUTY = ContactId("duty phone")
WIDEN = Notify(Recipients(people=(DEV,)))
TO_SUPERVISORS = Reached(Recipients(groups=(SUPERVISORS,)))
LADDER = policy(
    (60.0, WIDEN), (120.0, Text(TO_SUPERVISORS)), (120.0, Call(Reached(contacts=(DUTY,)))), come_within=300.0
)


def test_nobody_answers_from_the_first_step_to_the_end() -> None:
    tale = Tale(LADDER)
    assert tale.fast_forward(seconds=59) == []
    assert tale.fast_forward(minutes=10) == [
        "1:00 notify calls dev",
        "3:00 text bob, chie",
        "5:00 call duty phone",
        "6:00 nobody available",
    ]
    assert tale.case.open
    assert tale.fast_forward(minutes=600) == []
    assert [note.mark for note in tale.notes] == [
        Mark.OPENED,
        Mark.CALLED,
        Mark.CALLED,
        Mark.STEP,
        Mark.STEP,
        Mark.NOBODY,
    ]


@pytest.mark.parametrize("way", [AnswerWay.APPROACH, AnswerWay.CHAT, AnswerWay.API])
def test_an_answer_stops_what_was_to_follow(way: AnswerWay) -> None:
    tale = Tale(LADDER)
    assert tale.fast_forward(minutes=2) == ["1:00 notify calls dev"]
    tale.answers(DEV, way)
    assert tale.fast_forward(minutes=4) == []
    tale.does(lambda case: ended(case, tale.now))
    assert tale.case.outcome is Outcome.RESOLVED
    assert tale.fast_forward(minutes=60) == []


def test_a_hand_that_is_taken_down_before_anybody_answered_was_withdrawn() -> None:
    tale = Tale(LADDER)
    tale.does(lambda case: ended(case, tale.now))
    assert tale.case.outcome is Outcome.WITHDRAWN
    assert tale.fast_forward(minutes=60) == []


def test_everybody_declines_and_the_next_step_comes_at_once() -> None:
    tale = Tale(LADDER)
    tale.declines(BOB)
    assert tale.fast_forward(seconds=10) == []
    tale.declines(CHIE)
    assert tale.fast_forward(seconds=10) == ["0:10 notify calls dev"]
    tale.declines(DEV)
    # Both supervisors have declined and are spared the text message; the duty phone is called.
    assert tale.fast_forward(seconds=10) == ["0:20 call duty phone"]
    assert tale.notes[-2].mark is Mark.SKIPPED
    assert tale.fast_forward(minutes=5) == ["1:20 nobody available"]


def test_nobody_is_there_and_a_text_message_still_may_be_answered() -> None:
    tale = Tale(LADDER)
    tale.goes(BOB, CHIE, DEV)
    assert tale.fast_forward(seconds=1) == ["0:00 notify calls dev", "0:00 text bob, chie"]
    assert tale.fast_forward(minutes=1) == []
    tale.gateway_says(SendState.DELIVERED)
    assert tale.fast_forward(seconds=30) == []
    tale.gateway_says(SendState.FAILED)
    assert tale.fast_forward(seconds=1) == ["1:31 call duty phone"]
    tale.gateway_says(SendState.DELIVERED, over=True)  # nobody took the call
    assert tale.fast_forward(seconds=1) == ["1:32 nobody available"]


def test_calls_are_repeated_beside_later_steps() -> None:
    tale = Tale(policy((60.0, Repeat(60.0, 4)), (90.0, WIDEN)))
    assert tale.fast_forward(minutes=20) == [
        "1:00 repeat begins",
        "1:00 repeat calls again bob, chie",
        "2:00 repeat calls again bob, chie",
        "2:30 notify calls dev",
        "3:00 repeat calls again bob, chie, dev",
        "4:00 repeat calls again bob, chie, dev",
        "5:00 nobody available",
    ]


def test_the_next_repeat_takes_the_place_of_the_one_before() -> None:
    tale = Tale(policy((10.0, Repeat(20.0, 9)), (50.0, Repeat(100.0, 2))))
    assert tale.fast_forward(minutes=10) == [
        "0:10 repeat begins",
        "0:10 repeat calls again bob, chie",
        "0:30 repeat calls again bob, chie",
        "0:50 repeat calls again bob, chie",
        "1:00 repeat begins",
        "1:00 repeat calls again bob, chie",
        "2:40 repeat calls again bob, chie",
        "4:20 nobody available",
    ]


def test_who_declined_is_not_called_again() -> None:
    tale = Tale(policy((60.0, Repeat(60.0, 2))))
    tale.declines(BOB)
    assert tale.fast_forward(seconds=61) == ["1:00 repeat begins", "1:00 repeat calls again chie"]


def test_a_priority_message_sounds_every_two_minutes_for_twenty() -> None:
    tale = Tale(BUILT_IN[CaseKind.PRIORITY], called=[BOB])
    told = tale.fast_forward(minutes=60)
    again = [f"{minutes}:00 repeat calls again bob" for minutes in range(2, 20, 2)]
    assert told == ["2:00 repeat begins", *again, "20:00 nobody available"]


def test_whoever_read_a_priority_message_is_left_alone_and_the_others_are_not() -> None:
    tale = Tale(BUILT_IN[CaseKind.PRIORITY])
    tale.fast_forward(minutes=3)
    tale.does(lambda case: read(case, BOB, tale.now))
    assert tale.fast_forward(minutes=2) == ["4:00 repeat calls again chie"]
    tale.does(lambda case: read(case, CHIE, tale.now))
    assert not tale.case.open
    assert tale.case.outcome is Outcome.RESOLVED
    assert tale.fast_forward(minutes=60) == []


def test_one_reply_answers_a_priority_message_for_all() -> None:
    tale = Tale(BUILT_IN[CaseKind.PRIORITY])
    tale.answers(CHIE, AnswerWay.REPLY)
    assert not tale.case.open


def test_a_case_is_forwarded() -> None:
    tale = Tale(policy((60.0, Forward(EVA)), (60.0, Repeat(60.0, 1))))
    assert tale.fast_forward(minutes=2) == [
        "1:00 forward calls eva",
        "2:00 repeat begins",
        "2:00 repeat calls again bob, chie, eva",
    ]


def test_a_step_for_people_who_are_called_already_calls_them_again() -> None:
    tale = Tale(policy((60.0, Notify(Recipients(groups=(SUPERVISORS,), people=(DEV,))))))
    tale.declines(BOB)
    assert tale.fast_forward(minutes=1) == ["1:00 notify calls dev calls again chie"]


def test_whoever_asks_is_never_called_for_it() -> None:
    everyone = Recipients(everyone=True)
    tale = Tale(policy((60.0, Notify(everyone)), (60.0, Text(Reached(everyone, called=True)))))
    tale.fast_forward(minutes=2)
    assert tale.case.called == (BOB, CHIE, DEV, EVA)
    assert [send.person for send in tale.sends.values()] == [BOB, CHIE, DEV, EVA]


def test_a_step_that_reaches_nobody_is_noted_and_the_next_one_keeps_its_delay() -> None:
    tale = Tale(policy((60.0, Notify(Recipients())), (60.0, WIDEN)))
    assert tale.fast_forward(minutes=3) == ["2:00 notify calls dev", "3:00 nobody available"]
    assert [(note.mark, note.step) for note in tale.notes][2:] == [
        (Mark.SKIPPED, 0),
        (Mark.CALLED, 1),
        (Mark.NOBODY, 2),
    ]


def test_an_address_outside_is_told_and_raises_no_hope() -> None:
    tale = Tale(policy((60.0, Post(DUTY)), (600.0, WIDEN)))
    tale.goes(BOB, CHIE)
    assert tale.fast_forward(seconds=1) == ["0:00 post duty phone", "0:00 notify calls dev"]
    assert tale.case.hopes == ()


def test_all_steps_are_run_again_as_often_as_the_policy_says() -> None:
    tale = Tale(policy((60.0, WIDEN), (60.0, Text(TO_SUPERVISORS)), again=1))
    assert tale.fast_forward(minutes=10) == [
        "1:00 notify calls dev",
        "2:00 text bob, chie",
        "3:00 notify calls again dev",
        "4:00 text bob, chie",
        "5:00 nobody available",
    ]


def test_promised_and_nobody_came_so_it_comes_back_once() -> None:
    tale = Tale(LADDER)
    tale.fast_forward(minutes=3)
    tale.answers(DUTY, AnswerWay.SMS)
    assert tale.fast_forward(minutes=4) == []
    assert tale.fast_forward(minutes=3) == [
        "8:00 came back calls again bob, chie, dev",
        "9:00 notify calls again dev",
    ]
    tale.answers(BOB, AnswerWay.KEY)
    assert tale.fast_forward(minutes=600) == []  # only once


def test_a_promise_that_is_kept_does_not_come_back() -> None:
    tale = Tale(LADDER)
    tale.answers(BOB, AnswerWay.KEY)
    tale.fast_forward(minutes=4)
    tale.answers(BOB, AnswerWay.APPROACH)
    assert tale.fast_forward(minutes=60) == []


def test_the_only_one_who_was_coming_turns_back_and_the_case_goes_on_from_there() -> None:
    tale = Tale(LADDER)
    tale.fast_forward(seconds=90)
    tale.answers(BOB, AnswerWay.APPROACH)
    assert tale.fast_forward(minutes=10) == []
    tale.declines(BOB)
    assert tale.fast_forward(minutes=3) == ["13:30 text chie"]


def test_an_answer_the_policy_does_not_count_is_noted_and_stops_nothing() -> None:
    tale = Tale(policy((60.0, WIDEN), answers=(AnswerWay.APPROACH,)))
    tale.answers(BOB, AnswerWay.CHAT)
    assert tale.notes[-1].mark is Mark.NOT_COUNTED
    assert tale.fast_forward(minutes=1) == ["1:00 notify calls dev"]


def test_a_late_answer_reaches_a_case_that_nobody_was_available_for() -> None:
    tale = Tale(LADDER)
    tale.fast_forward(minutes=60)
    tale.answers(CHIE, AnswerWay.APPROACH)
    assert tale.case.answer is not None
    assert tale.fast_forward(minutes=60) == []


def test_nobody_answers_for_oneself() -> None:
    tale = Tale(LADDER)
    tale.answers(ANN, AnswerWay.CHAT)
    assert tale.case.waiting


def test_a_line_waits_in_its_inbox_and_is_forwarded_in_its_time() -> None:
    plan = policy((180.0, Text(Reached(contacts=(DUTY,)))), kind=CaseKind.LINE)
    tale = Tale(plan, called=[])
    assert tale.fast_forward(minutes=600) == ["3:00 text duty phone"]
    assert tale.case.exhausted_at is None
    assert Tale(BUILT_IN[CaseKind.LINE], called=[]).fast_forward(minutes=600) == []


# Clocks


def test_a_machine_that_slept_takes_one_step_when_it_wakes_up_and_the_next_one_in_its_time() -> None:
    tale = Tale(LADDER)
    tale.look()
    tale.clock_is_set(8 * 3600.0)
    assert tale.fast_forward(seconds=119) == ["480:00 notify calls dev"]
    assert tale.fast_forward(seconds=1) == ["482:00 text bob, chie"]


def test_repeats_that_were_slept_through_are_not_made_up_for() -> None:
    tale = Tale(policy((60.0, Repeat(60.0, 5))))
    tale.fast_forward(seconds=60)
    tale.clock_is_set(3600.0)
    assert tale.fast_forward(seconds=61) == [
        "61:00 repeat calls again bob, chie",
        "62:00 repeat calls again bob, chie",
    ]


def test_a_clock_that_is_set_back_by_a_day_delays_a_step_by_its_own_delay_at_most() -> None:
    tale = Tale(LADDER)
    tale.fast_forward(seconds=50)
    tale.clock_is_set(-86_400.0)
    tale.look()
    assert next_look(tale.case) == tale.now + 60.0
    told = tale.fast_forward(minutes=10)
    assert [line.split(" ", 1)[1] for line in told] == [
        "notify calls dev",
        "text bob, chie",
        "call duty phone",
        "nobody available",
    ]


def test_a_clock_that_is_set_back_while_calls_are_repeated() -> None:
    tale = Tale(policy((60.0, Repeat(60.0, 3))))
    tale.fast_forward(seconds=70)
    tale.clock_is_set(-7200.0)
    assert len(tale.fast_forward(minutes=5)) == 3  # two that were left, and nobody available


def test_what_phones_are_told_says_who_asks() -> None:
    tale = Tale(LADDER, called=[PersonId("bob")])
    tale.fast_forward(minutes=3)
    assert {send.text for send in tale.sends.values()} == {"Ann: Customer shouts"}
    assert [due.what for _, due in tale.dues] == [Taken.NOTIFY, Taken.TEXT]
