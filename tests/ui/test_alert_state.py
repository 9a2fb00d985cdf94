"""What calls a recipient, told as transcripts: at this second, this happens, and this is wanted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from app.core.model import (
    Alert,
    Answer,
    AnswerKind,
    Escalation,
    EscalationId,
    Level,
    OutsideAnswer,
    PersonId,
    SpaceId,
)
from app.core.space import called_again, with_outside
from app.ui.alerts.state import (
    BUSY_SECONDS,
    CALM_SECONDS,
    TEST_ID,
    TEST_SECONDS,
    AlertCenter,
    Incoming,
    Wanted,
)
from app.ui.alerts.views import Phase, Raiser

ME, MARCO, QUENTIN, TARA = PersonId("me"), PersonId("marco"), PersonId("quentin"), PersonId("tara")
NAMES = {ME: "Me", MARCO: "Marco Bruno", QUENTIN: "Quentin Roy", TARA: "Tara Singh"}
APPROACH, CHAT, DECLINE = AnswerKind.APPROACH, AnswerKind.CHAT, AnswerKind.DECLINE


def alert(
    name: str = "e1",
    *answers: tuple[PersonId, AnswerKind],
    raised_at: float = 0.0,
    own_group: bool = False,
    level: Level = Level.RED,
    unreached: tuple[PersonId, ...] = (),
) -> Incoming:
    escalation = Escalation(
        id=EscalationId(name),
        raiser=PersonId("finn"),
        level=level,
        raised_at=raised_at,
        message="Customer asks for a manager",
        notified=(ME, MARCO, QUENTIN, TARA),
        unreached=unreached,
        answers=tuple(Answer(who, kind, raised_at) for who, kind in answers),
    )
    raiser = Raiser(PersonId("finn"), "Finn Olsen", "desk row 1", own_group=own_group)
    return Incoming(Alert(SpaceId("s"), escalation), raiser, NAMES)


def told(wanted: Wanted) -> str:
    """One line that says what is wanted: ``!e1`` rings, ``~e1`` is calm, ``zz1`` one is muted."""
    marks = {Phase.RINGING: "!", Phase.CALM: "~"}
    words = [f"{marks[c.phase]}{c.id}" for c in wanted.cards]
    assert tuple(c for c in wanted.cards if c.ringing) == wanted.ringing
    if wanted.muted:
        words.append(f"zz{wanted.muted}")
    return " ".join(words)


@pytest.fixture
def center() -> AlertCenter:
    return AlertCenter(ME)


def transcript(center: AlertCenter, lines: Sequence[tuple[float, Sequence[Incoming] | None, str]]) -> None:
    """Each line: (s, the alerts now present or ``None`` for a mere look, what is wanted then)."""
    for now, present, expected in lines:
        wanted = center.look(now) if present is None else center.update(present, now)
        assert told(wanted) == expected, f"at {now} s"


def test_it_rings_until_somebody_comes_then_says_who_and_goes_away(center: AlertCenter) -> None:
    coming = alert("e1", (QUENTIN, APPROACH))
    transcript(
        center,
        [
            (0, [alert()], "!e1"),
            (3_600, None, "!e1"),  # an hour later nobody has come: it still rings
            (3_601, [coming], "~e1"),
            (3_601 + CALM_SECONDS - 0.1, None, "~e1"),
            (3_601 + CALM_SECONDS, None, ""),
            (9_999, [coming], ""),
        ],
    )


@pytest.mark.parametrize("kind", [APPROACH, CHAT])
def test_either_help_calms_and_is_named(center: AlertCenter, kind: AnswerKind) -> None:
    center.update([alert()], 0)
    [card] = center.update([alert("e1", (QUENTIN, kind), (MARCO, DECLINE), unreached=(TARA,))], 1).cards
    assert (card.coming, card.chatting) == (
        (("Quentin Roy",), ()) if kind is APPROACH else ((), ("Quentin Roy",))
    )
    assert card.declined == ("Marco Bruno",)
    assert card.unreached == ("Tara Singh",)


def again(incoming: Incoming) -> Incoming:
    """As it is after the hand has called once more."""
    called = called_again(incoming.alert.escalation)
    calls = incoming.alert.calls + 1
    return replace(incoming, alert=Alert(incoming.alert.space, called, calls))


def test_who_promised_by_phone_is_named_and_when_nobody_came_it_rings_again(center: AlertCenter) -> None:
    promised = alert("e1", (QUENTIN, AnswerKind.KEY))
    outside = OutsideAnswer("Duty phone", AnswerKind.SMS, 3.0)
    both = replace(promised, alert=Alert(SpaceId("s"), with_outside(promised.alert.escalation, outside)))
    center.update([alert()], 0)
    [card] = center.update([both], 3).cards
    assert (card.phase, card.coming) == (Phase.CALM, ("Quentin Roy", "Duty phone"))
    transcript(center, [(300, [both], ""), (303, [again(both)], "!e1")])
    [card] = center.look(304).cards
    assert (card.coming, card.call) == ((), 1)


def test_it_rings_again_when_the_duty_phone_takes_its_yes_back(center: AlertCenter) -> None:
    shown = []
    hand = alert().alert.escalation
    for now, kind in ((1, AnswerKind.KEY), (2, DECLINE)):
        hand = with_outside(hand, OutsideAnswer("Duty phone", kind, now))
        center.update([alert()], 0)
        [card] = center.update([replace(alert(), alert=Alert(SpaceId("s"), hand))], now).cards
        shown.append((card.phase, card.coming, card.declined))
    assert shown == [(Phase.CALM, ("Duty phone",), ()), (Phase.RINGING, (), ("Duty phone",))]


def test_my_own_promise_is_asked_for_again_and_my_no_is_not(center: AlertCenter) -> None:
    mine = alert("e1", (ME, AnswerKind.COMING))
    transcript(center, [(0, [mine], ""), (300, [again(mine)], "!e1")])
    transcript(center, [(301, [again(alert("e1", (ME, DECLINE)))], "")])


def test_each_repeated_call_is_another_one_to_the_desktop(center: AlertCenter) -> None:
    first = center.update([alert()], 0).ringing[0]
    second = center.update([again(alert())], 60).ringing[0]
    assert first.id == second.id
    assert first.calling != second.calling


def test_another_ones_no_does_not_silence_mine(center: AlertCenter) -> None:
    transcript(center, [(0, [alert()], "!e1"), (5, [alert("e1", (MARCO, DECLINE))], "!e1")])


@pytest.mark.parametrize("kind", list(AnswerKind))
def test_my_answer_on_any_machine_closes_everything_at_once(center: AlertCenter, kind: AnswerKind) -> None:
    transcript(center, [(0, [alert()], "!e1"), (2, [alert("e1", (ME, kind))], "")])


def test_the_end_of_the_hand_closes_at_once(center: AlertCenter) -> None:
    transcript(center, [(0, [alert()], "!e1"), (2, [], "")])


def test_it_rings_again_when_the_only_one_who_came_turned_back(center: AlertCenter) -> None:
    transcript(
        center,
        [
            (0, [alert()], "!e1"),
            (5, [alert("e1", (QUENTIN, APPROACH))], "~e1"),
            (40, None, ""),
            (50, [alert("e1", (QUENTIN, DECLINE))], "!e1"),
            (60, [alert("e1", (QUENTIN, APPROACH))], "~e1"),  # with a fresh 20 s
            (79, None, "~e1"),
            (80, None, ""),
        ],
    )


def test_what_was_answered_before_i_came_shows_nothing(center: AlertCenter) -> None:
    transcript(center, [(0, [alert("e1", (QUENTIN, APPROACH))], "")])


def test_several_stand_in_the_order_in_which_they_were_raised(center: AlertCenter) -> None:
    late, early = alert("late", raised_at=20), alert("early", raised_at=10)
    transcript(
        center,
        [
            (20, [late, early], "!early !late"),
            (25, [late, alert("early", (QUENTIN, CHAT), raised_at=10)], "~early !late"),
            (45, None, "!late"),
        ],
    )


def test_yellow_never_gets_here(center: AlertCenter) -> None:
    transcript(center, [(0, [alert(level=Level.YELLOW)], "")])


def test_a_calm_card_can_be_put_away_and_a_ringing_one_cannot(center: AlertCenter) -> None:
    center.update([alert()], 0)
    center.put_away(EscalationId("e1"))
    assert told(center.look(1)) == "!e1"
    center.update([alert("e1", (QUENTIN, APPROACH))], 2)
    center.put_away(EscalationId("e1"))
    assert told(center.look(3)) == ""


def test_snooze_mutes_others_counts_them_and_ends_by_itself(center: AlertCenter) -> None:
    center.snooze(900)
    mine = alert("mine", raised_at=5, own_group=True)
    transcript(center, [(0, [alert()], "zz1"), (10, [alert(), mine], "!mine zz1")])
    wanted = center.look(10)
    assert wanted.count == 2
    assert wanted.look_again == 900
    transcript(center, [(900, None, "!e1 !mine")])
    assert center.snoozed_until is None


def test_snoozing_while_it_rings_quiets_it(center: AlertCenter) -> None:
    center.update([alert()], 0)
    center.snooze(100)
    assert told(center.look(1)) == "zz1"
    center.snooze(None)
    assert told(center.look(2)) == "!e1"


def test_two_clicks_are_one_answer(center: AlertCenter) -> None:
    center.update([alert()], 0)
    one = EscalationId("e1")
    assert center.answer(one, APPROACH, 1)
    assert not center.answer(one, APPROACH, 1.1)
    assert not center.answer(one, CHAT, 1.2)
    assert center.look(1.3).cards[0].pending is APPROACH


def test_a_refusal_is_shown_and_the_next_try_takes_it_away(center: AlertCenter) -> None:
    center.update([alert()], 0)
    one = EscalationId("e1")
    center.answer(one, APPROACH, 1)
    center.refused(one, "Leave the meeting room first.")
    [card] = center.look(2).cards
    assert (card.pending, card.refusal, card.phase) == (None, "Leave the meeting room first.", Phase.RINGING)
    assert center.answer(one, CHAT, 3)
    assert center.look(3).cards[0].refusal == ""


def test_an_answer_nobody_confirms_may_be_given_again(center: AlertCenter) -> None:
    center.update([alert()], 0)
    one = EscalationId("e1")
    center.answer(one, APPROACH, 1)
    assert center.look(1).look_again == 1 + BUSY_SECONDS
    assert center.look(1 + BUSY_SECONDS).cards[0].pending is None
    assert center.answer(one, APPROACH, 1 + BUSY_SECONDS)


def test_nothing_is_answered_that_is_not_there(center: AlertCenter) -> None:
    assert not center.answer(EscalationId("gone"), APPROACH, 0)
    center.refused(EscalationId("gone"), "No such hand.")
    assert center.look(0) == Wanted()


def test_a_new_alert_starts_clean_after_the_same_id_was_gone(center: AlertCenter) -> None:
    center.update([alert()], 0)
    center.answer(EscalationId("e1"), APPROACH, 1)
    center.update([], 2)
    [card] = center.update([alert()], 3).cards
    assert card.pending is None


def test_a_test_alert_rings_through_a_snooze_and_ends_by_itself(center: AlertCenter) -> None:
    center.snooze(10_000)
    center.start_test(Raiser(ME, "Me"), "This is a test", 100)
    wanted = center.look(100)
    assert told(wanted) == "!test"
    assert wanted.cards[0].test
    assert wanted.look_again == 100 + TEST_SECONDS
    assert told(center.look(100 + TEST_SECONDS)) == ""


def test_any_button_ends_a_test_and_sends_nothing(center: AlertCenter) -> None:
    center.start_test(Raiser(ME, "Me"), "This is a test", 0)
    assert not center.answer(TEST_ID, APPROACH, 1)
    assert told(center.look(1)) == ""


def test_nameless_people_are_left_out_rather_than_shown_as_ids(center: AlertCenter) -> None:
    incoming = replace(alert("e1", (QUENTIN, DECLINE), (MARCO, DECLINE)), names={MARCO: "Marco Bruno"})
    [card] = center.update([incoming], 0).cards
    assert card.declined == ("Marco Bruno",)


def test_look_again_is_the_end_of_the_calm(center: AlertCenter) -> None:
    assert center.update([alert()], 0).look_again is None
    assert center.update([alert("e1", (QUENTIN, APPROACH))], 7).look_again == 7 + CALM_SECONDS
