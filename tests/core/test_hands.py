"""Escalations: a command in, events or a refusal out (product, sections 2.1 to 2.7)."""

from __future__ import annotations

import pytest

from app.core import events as ev
from app.core.commands import (
    AnswerEscalation,
    Command,
    EndEscalation,
    LeaveSpace,
    RaiseEscalation,
    ReportChannels,
    ReportRung,
    SetAutoAway,
    SetStatus,
)
from app.core.errors import Code, Refusal
from app.core.hands import climbed
from app.core.ladders import DeviceRung, LadderLine
from app.core.limits import REDS, REDS_WITHIN
from app.core.model import (
    AnswerKind,
    Channel,
    Device,
    DeviceId,
    EndReason,
    EscalationId,
    GroupId,
    Level,
    PersonId,
    Place,
    Reach,
    Recipients,
    Rung,
    Status,
    Step,
    best_of,
)
from app.core.presence import enter, grace_over, lose_link
from app.core.scene import Decision
from tests.helpers.office import ALONE, ANN, BOB, CHIE, DEV, EMPTY, EVA, IN_KITA, SUPERVISORS, Office, at

HAND = EscalationId("e1")
TO_SUPERVISORS = Recipients(groups=(SUPERVISORS,))
RED = RaiseEscalation(Level.RED, "Customer asks for a manager", TO_SUPERVISORS)
YELLOW = RaiseEscalation(Level.YELLOW)


def refused(outcome: Decision | Refusal) -> Code:
    assert isinstance(outcome, Refusal)
    return outcome.code


def done(outcome: Decision | Refusal) -> Decision:
    assert isinstance(outcome, Decision), outcome
    return outcome


def raised(office: Office, command: RaiseEscalation = RED, who: PersonId = ANN) -> Decision:
    return done(office.do(who, command, HAND))


def test_yellow_is_seen_by_everybody_and_alerts_nobody() -> None:
    office = Office()
    decision = raised(office, RaiseEscalation(Level.YELLOW, "slow system", TO_SUPERVISORS))
    (event,) = decision.space
    assert isinstance(event, ev.EscalationRaised)
    assert event.escalation.message == "slow system"
    assert event.escalation.notified == ()
    assert not any(isinstance(e, ev.AlertRaised) for _, e in decision.personal)


def test_red_alerts_the_members_of_the_group_and_nobody_else() -> None:
    office = Office()
    decision = raised(office)
    alerted = {p for p, e in decision.personal if isinstance(e, ev.AlertRaised)}
    assert alerted == {BOB, CHIE}
    ladder = office.persons[ANN].ladders[HAND]
    assert ladder.lines == (LadderLine(BOB), LadderLine(CHIE))


@pytest.mark.parametrize("who", [ANN, BOB, EVA])
def test_any_role_may_raise(who: PersonId) -> None:
    office = Office(present=(ANN, BOB, EVA))
    assert raised(office, YELLOW, who)


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (RaiseEscalation(Level.RED, "x"), Code.NO_RECIPIENTS),
        (RaiseEscalation(Level.RED, "x", Recipients(everyone=True)), Code.NO_RECIPIENTS),
        (RaiseEscalation(Level.RED, "x", Recipients(people=(PersonId("zoe"),))), Code.UNKNOWN_PERSON),
        (RaiseEscalation(Level.RED, "x", Recipients(groups=(GroupId("g9"),))), Code.UNKNOWN_GROUP),
        (RaiseEscalation(Level.RED, "x", Recipients(groups=(EMPTY,))), Code.NOBODY_NOTIFIED),
        (RaiseEscalation(Level.RED, "x", Recipients(groups=(ALONE,))), Code.NOBODY_NOTIFIED),
        (RaiseEscalation(Level.YELLOW, "x" * 51), Code.MESSAGE_TOO_LONG),
        (RaiseEscalation(Level.YELLOW, "a\x07b"), Code.CONTROL_CHARACTERS),
    ],
)
def test_what_cannot_be_executed_is_refused_and_changes_nothing(command: Command, code: Code) -> None:
    office = Office()
    before = office.space.snapshot()
    assert refused(office.do(ANN, command)) is code
    assert office.space.snapshot() == before


def test_fifty_characters_after_nfc_are_accepted_and_breaks_become_one_space() -> None:
    office = Office()
    decomposed = "e\u0301" * 50
    raised(office, RaiseEscalation(Level.YELLOW, decomposed))
    assert office.space.escalations[HAND].message == "é" * 50
    office.do(ANN, EndEscalation(HAND))
    raised(office, RaiseEscalation(Level.YELLOW, "line 3\r\n\nangry"))
    assert office.space.escalations[HAND].message == "line 3 angry"


def test_one_hand_per_person() -> None:
    office = Office()
    raised(office)
    assert refused(office.do(ANN, YELLOW)) is Code.ALREADY_RAISED


def test_asking_for_help_ends_being_away() -> None:
    office = Office()
    office.do(ANN, SetStatus(Status.AWAY))
    raised(office)
    assert office.space.occupants[ANN].status is Status.AVAILABLE


def test_the_five_recent_messages_are_distinct_and_newest_first() -> None:
    office = Office()
    for text in ("one", "two", "three", "one", "four", "five", "six"):
        raised(office, RaiseEscalation(Level.YELLOW, text))
        office.do(ANN, EndEscalation(HAND))
    assert office.persons[ANN].phrases == ("six", "five", "four", "one", "three")


def test_who_is_offline_is_known_and_who_comes_back_is_reached() -> None:
    office = Office(present=(ANN, BOB))
    raised(office)
    assert office.space.escalations[HAND].unreached == (CHIE,)
    office.enter(CHIE)
    office.do(CHIE, ReportRung(HAND, Rung.RECEIVED))
    assert office.space.escalations[HAND].unreached == ()
    assert office.persons[ANN].ladders[HAND].rung_of(CHIE) is Rung.RECEIVED


def test_the_ladder_only_climbs() -> None:
    office = Office()
    raised(office)
    office.do(BOB, ReportRung(HAND, Rung.SHOWN))
    assert done(office.do(BOB, ReportRung(HAND, Rung.RECEIVED))) == Decision()
    assert office.persons[ANN].ladders[HAND].rung_of(BOB) is Rung.SHOWN
    assert done(office.do(BOB, ReportRung(HAND, Rung.ANSWERED))) == Decision()
    assert office.persons[ANN].ladders[HAND].rung_of(BOB) is Rung.SHOWN


DESK, LAPTOP = Device(DeviceId("d1"), "desk-17"), Device(DeviceId("d2"), "laptop")


def test_each_machine_of_a_person_has_a_rung_and_the_person_the_furthest() -> None:
    office = Office()
    raised(office)
    office.do(BOB, ReportRung(HAND, Rung.SHOWN), device=DESK)
    office.do(BOB, ReportRung(HAND, Rung.RECEIVED), device=LAPTOP)
    line = office.persons[ANN].ladders[HAND].line_of(BOB)
    assert line == LadderLine(
        BOB, Rung.SHOWN, (DeviceRung(DESK, Rung.SHOWN), DeviceRung(LAPTOP, Rung.RECEIVED))
    )
    office.do(BOB, AnswerEscalation(HAND, AnswerKind.APPROACH), device=LAPTOP)
    line = office.persons[ANN].ladders[HAND].line_of(BOB)
    assert line is not None
    assert line.rung is Rung.ANSWERED
    assert [d.rung for d in line.devices] == [Rung.SHOWN, Rung.ANSWERED]


def test_what_is_no_news_is_no_event() -> None:
    office = Office()
    raised(office)
    office.do(BOB, ReportRung(HAND, Rung.SHOWN), device=DESK)
    assert done(office.do(BOB, ReportRung(HAND, Rung.SHOWN), device=DESK)) == Decision()
    (news,) = done(office.do(BOB, ReportRung(HAND, Rung.SHOWN), device=LAPTOP)).personal
    assert news == (ANN, ev.LadderClimbed(HAND, (Step(BOB, Rung.SHOWN, LAPTOP),)))


def test_however_many_report_there_is_one_event_for_all_and_one_for_the_raiser() -> None:
    office = Office(present=(ANN,))
    raised(office)
    escalation = office.space.escalations[HAND]
    assert escalation.unreached == (BOB, CHIE)
    steps = [Step(BOB, Rung.SHOWN, DESK), Step(CHIE, Rung.SENT, LAPTOP), Step(DEV, Rung.SHOWN, DESK)]
    decision = climbed(office.scene, escalation, steps)
    assert decision.space == (ev.EscalationReached(HAND, (BOB,)),)
    assert decision.personal == ((ANN, ev.LadderClimbed(HAND, tuple(steps[:2]))),)


def test_the_alert_names_nobody_else_and_is_the_same_for_all() -> None:
    office = Office(present=(ANN,))
    alerts = {e.alert for _, e in raised(office).personal if isinstance(e, ev.AlertRaised)}
    (alert,) = alerts
    assert alert.escalation.message == "Customer asks for a manager"
    assert (alert.escalation.recipients, alert.escalation.notified) == (Recipients(), ())
    assert alert.escalation.unreached == ()


def test_a_decline_is_told_to_who_gave_it_and_help_to_all_who_are_called() -> None:
    office = Office()
    raised(office)

    def told(outcome: Decision | Refusal) -> set[PersonId]:
        return {p for p, e in done(outcome).personal if isinstance(e, ev.AlertAnswered)}

    assert told(office.do(CHIE, AnswerEscalation(HAND, AnswerKind.DECLINE))) == {CHIE}
    assert told(office.do(BOB, AnswerEscalation(HAND, AnswerKind.APPROACH))) == {BOB, CHIE}
    assert told(office.do(BOB, AnswerEscalation(HAND, AnswerKind.DECLINE))) == {BOB, CHIE}
    assert office.space.escalations[HAND].declined == (CHIE, BOB)


def test_channels_are_those_of_the_best_machine_and_told_when_they_change() -> None:
    sound, note = Channel.SOUND, Channel.NOTIFICATION
    silent, mute, fine = Reach((sound, note)), Reach((sound,), (note,)), Reach()
    assert best_of([]) == fine
    assert best_of([silent]) == silent
    assert best_of([silent, mute]) == Reach((sound,), (note,))
    assert best_of([silent, fine]) == fine
    assert best_of([Reach((note, sound, note), (sound,))]) == silent
    office = Office()
    (event,) = done(office.do(BOB, ReportChannels(silent))).space
    assert event == ev.ReachChanged(BOB, silent)
    assert office.space.occupants[BOB].reach == silent
    assert done(office.do(BOB, ReportChannels(Reach((note, sound))))) == Decision()
    assert refused(office.do(EVA, ReportChannels(fine))) is Code.NOT_IN_SPACE
    assert done(office.do(BOB, ReportChannels(fine)))
    assert office.space.occupants[BOB].reach == fine


def test_only_those_who_are_called_report_and_decline() -> None:
    office = Office()
    raised(office)
    assert refused(office.do(DEV, ReportRung(HAND, Rung.SHOWN))) is Code.NOT_A_RECIPIENT
    assert refused(office.do(DEV, AnswerEscalation(HAND, AnswerKind.DECLINE))) is Code.NOT_A_RECIPIENT


def test_approach_names_a_free_place_next_to_the_raiser_for_each_who_comes() -> None:
    office = Office()
    raised(office)
    office.do(BOB, AnswerEscalation(HAND, AnswerKind.APPROACH))
    office.do(DEV, AnswerEscalation(HAND, AnswerKind.APPROACH))
    escalation = office.space.escalations[HAND]
    assert escalation.coming == (BOB, DEV)
    targets = [answer.target for answer in escalation.answers]
    assert None not in targets
    assert len(set(targets)) == 2
    for target in targets:
        assert target is not None
        assert office.walk.walkable(target)
        assert target not in {office.space.places[ANN], office.space.places[CHIE]}


def test_nobody_approaches_out_of_a_meeting_room() -> None:
    office = Office()
    raised(office)
    office.walk_person(BOB, at(7, 3))
    office.walk_person(BOB, IN_KITA)
    assert refused(office.do(BOB, AnswerEscalation(HAND, AnswerKind.APPROACH))) is Code.IN_MEETING_ROOM
    assert done(office.do(BOB, AnswerEscalation(HAND, AnswerKind.CHAT)))


def test_nobody_answers_their_own_hand_or_one_that_is_over() -> None:
    office = Office()
    raised(office)
    assert refused(office.do(ANN, AnswerEscalation(HAND, AnswerKind.CHAT))) is Code.OWN_HAND
    assert refused(office.do(BOB, EndEscalation(HAND))) is Code.NOT_YOURS
    office.do(ANN, EndEscalation(HAND))
    assert refused(office.do(BOB, AnswerEscalation(HAND, AnswerKind.CHAT))) is Code.ESCALATION_OVER
    assert refused(office.do(ANN, EndEscalation(HAND))) is Code.ESCALATION_OVER


def test_who_declined_can_come_after_all_and_who_talks_is_still_coming() -> None:
    office = Office()
    raised(office)
    office.do(CHIE, AnswerEscalation(HAND, AnswerKind.DECLINE))
    office.do(BOB, AnswerEscalation(HAND, AnswerKind.APPROACH))
    office.do(CHIE, AnswerEscalation(HAND, AnswerKind.APPROACH))
    assert done(office.do(BOB, AnswerEscalation(HAND, AnswerKind.CHAT))) == Decision()
    assert office.space.escalations[HAND].coming == (BOB, CHIE), "in the order in which they set out"
    assert office.persons[BOB].alerts[HAND].escalation.coming == (BOB, CHIE)
    assert office.space.escalations[HAND].declined == ()


def test_who_is_called_can_decline_from_another_space_but_not_walk_over() -> None:
    office = Office(present=(ANN, BOB))
    raised(office)
    assert refused(office.do(CHIE, AnswerEscalation(HAND, AnswerKind.APPROACH))) is Code.NOT_IN_SPACE
    assert done(office.do(CHIE, AnswerEscalation(HAND, AnswerKind.DECLINE)))
    assert office.space.escalations[HAND].declined == (CHIE,)
    assert refused(office.do(DEV, AnswerEscalation(HAND, AnswerKind.CHAT))) is Code.NOT_IN_SPACE


def test_an_answer_silences_the_alert_of_everybody_who_was_called() -> None:
    office = Office()
    raised(office)
    office.do(DEV, AnswerEscalation(HAND, AnswerKind.APPROACH))
    for person in (BOB, CHIE):
        assert office.persons[person].alerts[HAND].escalation.answered


def test_who_was_coming_and_leaves_is_not_waited_for() -> None:
    office = Office()
    raised(office)
    office.do(BOB, AnswerEscalation(HAND, AnswerKind.APPROACH))
    office.do(BOB, LeaveSpace())
    assert office.space.escalations[HAND].coming == ()
    assert not office.persons[CHIE].alerts[HAND].escalation.answered


ENDS = {
    EndReason.BUTTON: lambda office: office.do(ANN, EndEscalation(HAND)),
    EndReason.AWAY: lambda office: office.do(ANN, SetStatus(Status.AWAY)),
    EndReason.LEFT: lambda office: office.do(ANN, LeaveSpace()),
    EndReason.MEETING_ROOM: lambda office: office.walk_person(ANN, IN_KITA),
}


@pytest.mark.parametrize("reason", ENDS)
def test_every_end_has_its_reason_and_takes_the_alerts_with_it(reason: EndReason) -> None:
    office = Office()
    raised(office)
    decision = done(ENDS[reason](office))
    (ended,) = (e for e in decision.space if isinstance(e, ev.EscalationEnded))
    assert ended.reason is reason
    assert office.space.escalations == {}
    assert all(not state.alerts and not state.ladders for state in office.persons.values())


def test_automatic_absence_ends_nothing() -> None:
    office = Office()
    raised(office)
    office.do(ANN, SetAutoAway(True))
    assert office.space.occupants[ANN].auto_away
    assert HAND in office.space.escalations


def test_a_quiet_zone_is_no_meeting_room() -> None:
    office = Office()
    raised(office)
    office.walk_person(ANN, at(1, 5))
    assert HAND in office.space.escalations


def test_a_lost_connection_keeps_the_hand_for_the_grace_time() -> None:
    office = Office()
    raised(office)
    office.fold(lose_link(office.scene, ANN, 2000.0))
    assert office.space.occupants[ANN].lost_since == 2000.0
    decision = office.fold(grace_over(office.scene, ANN, 2120.0))
    assert ev.EscalationEnded(HAND, EndReason.CONNECTION_LOST, 2120.0) in decision.space
    assert ANN not in office.space.occupants


def test_a_connection_that_comes_back_in_time_keeps_the_hand() -> None:
    office = Office()
    raised(office)
    office.fold(lose_link(office.scene, ANN, 2000.0))
    office.fold(enter(office.scene, ANN, None, Status.AVAILABLE))
    assert office.space.occupants[ANN].connected
    assert grace_over(office.scene, ANN, 9999.0) == Decision()
    assert HAND in office.space.escalations


def test_no_hand_is_raised_in_a_meeting_room() -> None:
    office = Office()
    office.walk_person(ANN, IN_KITA)
    assert refused(office.do(ANN, YELLOW)) is Code.RAISE_IN_MEETING_ROOM


def test_nobody_walks_into_or_through_walls() -> None:
    office = Office()
    assert refused(office.walk_person(ANN, at(7, 1))) is Code.WALL
    assert refused(office.walk_person(ANN, Place(-5, 40))) is Code.WALL
    assert refused(office.walk_person(EVA, at(3, 3))) is Code.NOT_IN_SPACE


def test_somebody_who_is_walled_in_cannot_be_approached() -> None:
    office = Office()
    raised(office)
    others = [PersonId(f"x{i}") for i in range(200)]
    for i, person in enumerate(others):
        office.space.places[person] = at(i % 14, i // 14 % 8)
    outcome = office.do(BOB, AnswerEscalation(HAND, AnswerKind.APPROACH))
    assert isinstance(outcome, Refusal)
    assert outcome.code is Code.NO_WAY
    assert outcome.fields == {"name": "Ann Field"}


# A flood of calls


def call_and_lower(office: Office, number: int, level: Level = Level.RED) -> Decision | Refusal:
    hand = EscalationId(f"flood-{number}")
    outcome = office.do(ANN, RaiseEscalation(level, "", TO_SUPERVISORS), hand)
    if isinstance(outcome, Decision):
        done(office.do(ANN, EndEscalation(hand)))
    return outcome


def test_red_hands_of_one_person_are_bounded_and_it_is_said_when_the_next_is_possible() -> None:
    office = Office()
    for number in range(REDS):
        office.now = 1_000.0 + 10 * number  # each command takes 1 s
        done(call_and_lower(office, number))
    office.now = 1_050.5
    assert call_and_lower(office, 99) == Refusal(Code.TOO_MANY_REDS, {"seconds": 10})
    done(call_and_lower(office, 100, Level.YELLOW))
    done(office.do(BOB, RaiseEscalation(Level.RED, "", Recipients(people=(ANN,))), "of bob"))
    office.now = 1_000.0 + REDS_WITHIN
    done(call_and_lower(office, 101))
    assert refused(call_and_lower(office, 102)) is Code.TOO_MANY_REDS
    office.now = 1_010.0 + REDS_WITHIN
    done(call_and_lower(office, 103))
