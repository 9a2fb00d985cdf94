"""Snapshot and stream join without a gap, for every type of event there is (promise P4)."""

from __future__ import annotations

from typing import get_args

import pytest

from app.core import events as ev
from app.core import line_events as le
from app.core.calls import Answered, Call, PhoneWay, Pursuit
from app.core.cases import SendState
from app.core.ladders import DeviceRung, Ladder, LadderLine, SentPriority
from app.core.lines import CustomerId, Handling, Line, LineId, LineText, LineTextId, Media, Talk, TextKind
from app.core.mentions import conversation_id
from app.core.model import (
    Alert,
    Answer,
    AnswerKind,
    Channel,
    Conversation,
    Device,
    DeviceId,
    EndReason,
    Escalation,
    EscalationId,
    Group,
    GroupId,
    Heard,
    Level,
    MapId,
    Message,
    MessageId,
    Occupant,
    OutsideAnswer,
    Person,
    PersonId,
    Reach,
    Recipients,
    Role,
    Rung,
    SeatId,
    Space,
    Status,
    Step,
    Taken,
    TakenStep,
)
from app.core.person import PersonSnapshot
from app.core.policy import AnswerWay, ContactId
from app.core.space import SpaceSnapshot
from tests.helpers.office import (
    ANN,
    BOB,
    CHIE,
    DEV,
    EVA,
    KITA,
    SPACE,
    SUPERVISORS,
    at,
    office_groups,
    office_people,
)
from tests.helpers.verify import verify_event

HAND = EscalationId("hand")
LAPTOP = Device(DeviceId("d1"), "laptop")
ESCALATION = Escalation(
    HAND,
    ANN,
    Level.RED,
    10.0,
    "line 3",
    Recipients(groups=(SUPERVISORS,)),
    (BOB, CHIE),
    unreached=(CHIE,),
    outside=(OutsideAnswer("Porter", AnswerKind.SMS, 11.0, ContactId("porter")),),
)
COMING = Answer(BOB, AnswerKind.APPROACH, 12.0, at(3, 3))
LINE = Line(LineId("l1"), "Support", "+815012345678", SPACE)
ASKED = LineText(LineTextId("t1"), TextKind.IN, "is my parcel on its way?", 30.0)
TOLD = LineText(LineTextId("t2"), TextKind.OUT, "it is", 31.0, BOB, state=SendState.SENT)
TALK_1 = Talk(CustomerId("c1"), LINE.id, "…789", (TOLD, ASKED), waiting_since=30.0, unread=1)
DONE = Talk(CustomerId("c2"), LINE.id, "…123", (TOLD,), Handling.RESOLVED, touched_by=BOB)
IN_SPACE = SpaceSnapshot(
    Space(SPACE, "Osaka", MapId("office")),
    office_people(),
    office_groups(),
    (Occupant(ANN), Occupant(BOB), Occupant(DEV, lost_since=9.0)),
    (ESCALATION,),
    ((ANN, at(1, 1)), (BOB, at(2, 2)), (DEV, at(3, 1))),
    (LINE,),
    (TALK_1, DONE),
)
WITH = Recipients(people=(ANN, BOB))
TALK = conversation_id(SPACE, WITH)
FIRST = Message(MessageId("m1"), SPACE, TALK, BOB, "hello", 5.0, WITH)
URGENT = Message(MessageId("u1"), SPACE, TALK, BOB, "hello?", 5.5, WITH, priority=True)
MY_URGENT = Message(MessageId("u2"), SPACE, TALK, ANN, "anybody?", 4.0, WITH, priority=True)
MINE = PersonSnapshot(
    ANN,
    (Alert(SPACE, ESCALATION),),
    (Ladder(HAND, (LadderLine(BOB), LadderLine(CHIE, Rung.SENT, (DeviceRung(LAPTOP, Rung.SENT),)))),),
    ("line 3",),
    (Conversation(TALK, SPACE, WITH, (FIRST,), 0.0, 1),),
    calls=(Call(URGENT, 0, 5.5),),
    priorities=(SentPriority(MY_URGENT, (LadderLine(BOB), LadderLine(CHIE, Rung.SHOWN))),),
)

SPACE_CASES: tuple[ev.SpaceEvent, ...] = (
    ev.SpaceChanged(Space(SPACE, "Kyoto", MapId("other"))),
    ev.PersonChanged(Person(BOB, "bob", "Robert Stone", Role.ADMIN)),
    ev.PersonRemoved(EVA),
    ev.GroupChanged(Group(GroupId("g9"), "night", "Night", (DEV,))),
    ev.GroupRemoved(SUPERVISORS),
    ev.Entered(Occupant(CHIE, Status.BUSY, seat=SeatId("s1")), at(4, 4)),
    ev.Left(BOB),
    ev.LinkLost(BOB, 20.0),
    ev.LinkRestored(DEV),
    ev.StatusSet(BOB, Status.ON_CALL),
    ev.AutoAwaySet(BOB, True),
    ev.ReachChanged(BOB, Reach((Channel.SOUND,), (Channel.NOTIFICATION,))),
    ev.ZoneCrossed(BOB, KITA),
    ev.SeatTaken(BOB, SeatId("s2")),
    ev.EscalationRaised(Escalation(EscalationId("other"), BOB, Level.YELLOW, 30.0)),
    ev.EscalationAnswered(HAND, COMING),
    ev.EscalationReached(HAND, (CHIE,)),
    ev.EscalationAnsweredOutside(HAND, OutsideAnswer("Duty phone", AnswerKind.KEY, 21.0)),
    ev.EscalationAnsweredOutside(
        HAND, OutsideAnswer("Porter", AnswerKind.DECLINE, 21.5, ContactId("porter"))
    ),
    ev.EscalationStepped(HAND, TakenStep(Taken.NOTIFY, 22.0, (DEV,)), (DEV,)),
    ev.PhonesHeard(HAND, Heard(Taken.CALL, SendState.FAILED, 2, "phone_busy")),
    ev.NobodyAvailable(HAND, 23.0),
    ev.EscalationEnded(HAND, EndReason.AWAY, 40.0),
    le.LineChanged(Line(LINE.id, "Sales", LINE.number, SPACE)),
    le.TalkAdded(Talk(CustomerId("c3"), LINE.id, "…456")),
    le.LineWritten(
        TALK_1.id,
        LineText(LineTextId("t3"), TextKind.IN, "hello?", 40.0, media=(Media("https://a.example/1", "x/y"),)),
    ),
    le.LineSent(TALK_1.id, TOLD.id, SendState.FAILED, "no such number"),
    le.TalkAssigned(TALK_1.id, CHIE, BOB, 41.0),
    le.TalkForwarded(TALK_1.id, ASKED.id, 42.0),
    le.TalkTouched(TALK_1.id, BOB, 43.0),
    le.TalkOptedOut(TALK_1.id, True),
    le.TalkResolved(TALK_1.id, BOB, 44.0),
    le.TalkReopened(DONE.id, CHIE, 45.0),
    le.TalkForgotten(TALK_1.id),
    le.LineRemoved(LINE.id),
)
PERSONAL_CASES: tuple[ev.PersonalEvent, ...] = (
    ev.AlertRaised(Alert(SPACE, Escalation(EscalationId("other"), BOB, Level.RED, 30.0, notified=(ANN,)))),
    ev.AlertAnswered(HAND, COMING),
    ev.AlertAnsweredOutside(HAND, OutsideAnswer("Duty phone", AnswerKind.SMS, 21.0)),
    ev.AlertAnsweredOutside(HAND, OutsideAnswer("Porter", AnswerKind.DECLINE, 21.5, ContactId("porter"))),
    ev.AlertRepeated(HAND, 22.0),
    ev.AlertEnded(HAND, EndReason.BUTTON, 40.0),
    ev.LadderStarted(EscalationId("other"), (BOB,)),
    ev.LadderClimbed(HAND, (Step(BOB, Rung.SHOWN, LAPTOP), Step(CHIE, Rung.ANSWERED))),
    ev.LadderWidened(HAND, (DEV,)),
    ev.LadderPursued(HAND, Pursuit(22.0, (DEV,), (PhoneWay.TEXT,), contacts=("Duty phone",))),
    ev.LadderEnded(HAND),
    ev.PhraseUsed("new words"),
    ev.MessageArrived(Message(MessageId("m2"), SPACE, TALK, BOB, "again 日本", 6.0, WITH), WITH),
    ev.ConversationRead(TALK, 5.6, 0),
    ev.PriorityStarted(Message(MessageId("u3"), SPACE, TALK, ANN, "now", 7.0, WITH, priority=True), (BOB,)),
    ev.PriorityClimbed(MY_URGENT.id, (Step(BOB, Rung.RECEIVED, LAPTOP),)),
    ev.PriorityAnswered(MY_URGENT.id, Answered(AnswerWay.KEY, 8.0, BOB)),
    ev.PriorityAnswered(MY_URGENT.id, Answered(AnswerWay.SMS, 8.5, None, "Duty phone", ContactId("duty"))),
    ev.PriorityHeard(MY_URGENT.id, Heard(Taken.TEXT, SendState.DELIVERED, 2)),
    ev.PriorityRepeated(URGENT.id, 9.0),
    ev.PriorityPursued(MY_URGENT.id, Pursuit(9.0, (DEV,), by_hand=True)),
    ev.PriorityExhausted(MY_URGENT.id, 10.0),
    ev.MessagesForgotten(9.5),
)


def test_every_event_type_has_a_case() -> None:
    """A new type of event is not done before it has one."""
    tells_only = {ev.CaseNoted, ev.WaitingChanged}  # they are folded into nothing
    assert {type(event) for event in SPACE_CASES} == set(get_args(ev.SpaceEvent)) - tells_only
    assert {type(event) for event in PERSONAL_CASES} == set(get_args(ev.PersonalEvent)) - tells_only


@pytest.mark.parametrize("event", SPACE_CASES, ids=lambda event: type(event).__name__)
def test_a_space_event_joins(event: ev.SpaceEvent) -> None:
    verify_event(IN_SPACE, [event])
    verify_event(IN_SPACE, [ev.StatusSet(ANN, Status.BUSY), ev.AutoAwaySet(ANN, True), event])


@pytest.mark.parametrize("event", PERSONAL_CASES, ids=lambda event: type(event).__name__)
def test_a_personal_event_joins(event: ev.PersonalEvent) -> None:
    verify_event(MINE, [event])
    verify_event(
        MINE, [ev.PhraseUsed("before"), ev.LadderClimbed(HAND, (Step(CHIE, Rung.SHOWN, LAPTOP),)), event]
    )


def test_all_of_them_in_a_row_join() -> None:
    verify_event(IN_SPACE, SPACE_CASES)
    # What has been read calls nobody again, so that comes last.
    verify_event(MINE, sorted(PERSONAL_CASES, key=lambda event: isinstance(event, ev.ConversationRead)))


def test_the_check_can_fail() -> None:
    with pytest.raises(AssertionError, match="changes nothing"):
        verify_event(IN_SPACE, [ev.Left(PersonId("nobody"))])
