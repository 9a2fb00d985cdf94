"""A hand that nobody answers: what was tried stands on its card, and in the end that nobody is available."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.core.calls import PhoneWay, Pursuit
from app.core.commands import AnswerEscalation, RaiseEscalation
from app.core.events import (
    EscalationAnsweredOutside,
    EscalationStepped,
    LadderPursued,
    NobodyAvailable,
    PhonesHeard,
)
from app.core.model import (
    AnswerKind,
    EscalationId,
    Heard,
    Level,
    OutsideAnswer,
    PersonId,
    Recipients,
    Taken,
    TakenStep,
)
from app.core.scene import Decision
from app.core.sends import SendState
from app.ui.panels.hands_words import hand_spans
from app.ui.panels.spans import plain
from tests.helpers.desk import Side, theme_of
from tests.helpers.floor import Floor
from tests.helpers.office import ANN, BOB, CHIE, DEV

FIRST, SECOND = EscalationId("first"), EscalationId("second")


@pytest.fixture
def floor() -> Floor:
    """Dev's yellow hand, and then Ann's red one, for which everything was tried."""
    floor = Floor()
    floor.do(DEV, RaiseEscalation(Level.YELLOW, "", Recipients()), FIRST)
    floor.now += 5
    floor.do(ANN, RaiseEscalation(Level.RED, "Refund?", Recipients(people=(BOB,))), SECOND)
    at = floor.now
    steps = (
        TakenStep(Taken.REPEAT, at + 60),
        TakenStep(Taken.REPEAT, at + 120),
        TakenStep(Taken.NOTIFY, at + 150, (CHIE, DEV)),
        TakenStep(Taken.TEXT, at + 160),
        TakenStep(Taken.CALL, at + 170),
    )
    floor.fold(Decision(tuple(EscalationStepped(SECOND, step) for step in steps)))
    sent = (Heard(Taken.TEXT, SendState.DELIVERED, 1), Heard(Taken.CALL, SendState.SENT, 2))
    floor.fold(Decision(tuple(PhonesHeard(SECOND, one) for one in sent)))
    floor.fold(Decision((NobodyAvailable(SECOND, at + 200),)))
    return floor


def side_of(floor: Floor, person: PersonId, qtbot: QtBot, qapp: QApplication) -> Side:
    side = Side(floor, person, theme_of(qapp))
    qtbot.addWidget(side.panel)
    side.panel.show()
    side.settle()
    return side


def test_the_raiser_reads_it_on_the_card_with_what_was_tried(
    floor: Floor, qtbot: QtBot, qapp: QApplication
) -> None:
    side = side_of(floor, ANN, qtbot, qapp)
    card = side.hands.cards[SECOND]
    assert card.alone.isVisible()
    assert card.alone.accessibleName() == "Nobody is available. Everything was tried; your hand stays raised."
    tried = "called again 2 times · 2 more people called · text message sent · called by phone"
    assert card.tried.accessibleName() == tried
    assert "Nobody is available" in card.accessibleDescription()
    assert card.accessibleName().startswith("Red hand of Ann Field: Nobody available, Refund?")


def test_the_raiser_alone_reads_whose_phones_were_tried(
    floor: Floor, qtbot: QtBot, qapp: QApplication
) -> None:
    at = floor.now
    both = (Pursuit(at, (CHIE,), (PhoneWay.TEXT,), contacts=("Duty phone",)), Pursuit(at, (BOB,), ()))
    again = Pursuit(at, (CHIE,), (PhoneWay.TEXT,))
    call = Pursuit(at, (), (PhoneWay.CALL,), contacts=("Duty phone",))
    told = tuple((ANN, LadderPursued(SECOND, pursuit)) for pursuit in (*both, again, call))
    steps = (TakenStep(Taken.TEXT, at), TakenStep(Taken.POST, at))
    floor.fold(Decision(tuple(EscalationStepped(SECOND, step) for step in steps), told))
    floor.fold(Decision((PhonesHeard(SECOND, Heard(Taken.POST, SendState.SENT, 3)),)))
    mine, bobs = (side_of(floor, person, qtbot, qapp) for person in (ANN, BOB))
    own, others = mine.hands.cards[SECOND], bobs.hands.cards[SECOND]
    assert own.tried.accessibleName() == (
        "called again 2 times · 2 more people called · text messages to 森 千恵, Duty phone · "
        "call to Duty phone · told to Bob Stone"
    )
    assert "text messages sent 2 times · called by phone · told elsewhere" in others.tried.accessibleName()
    assert "Duty" not in others.accessibleDescription()


@pytest.mark.parametrize(
    ("heard", "words"),
    [
        (None, "phone call: on its way"),
        (Heard(Taken.CALL, SendState.UNKNOWN, 3), "phone call: not known whether it arrived"),
        (Heard(Taken.CALL, SendState.FAILED, 3, "phone_busy"), "phone call failed: The line was busy"),
        (
            Heard(Taken.CALL, SendState.FAILED, 3, "cap_server"),
            "phone call failed: The server has reached its limit of texts and calls per hour",
        ),
        (Heard(Taken.CALL, SendState.FAILED, 3), "phone call failed: no reason given"),
    ],
)
def test_what_phones_were_sent_is_said_as_far_as_it_is_known(
    heard: Heard | None, words: str, qtbot: QtBot, qapp: QApplication
) -> None:
    floor = Floor()
    floor.do(ANN, RaiseEscalation(Level.RED, "Refund?", Recipients(people=(BOB,))), SECOND)
    floor.fold(Decision((EscalationStepped(SECOND, TakenStep(Taken.CALL, floor.now + 60)),)))
    if heard is not None:
        floor.fold(Decision((PhonesHeard(SECOND, heard),)))
        older = Heard(Taken.CALL, SendState.SENT, heard.news - 1)
        floor.fold(Decision((PhonesHeard(SECOND, older),)))
    side = side_of(floor, ANN, qtbot, qapp)
    assert side.hands.cards[SECOND].tried.accessibleName() == words


def test_what_an_answer_kept_from_being_sent_is_not_said(qtbot: QtBot, qapp: QApplication) -> None:
    floor = Floor()
    floor.do(ANN, RaiseEscalation(Level.RED, "Refund?", Recipients(people=(BOB,))), SECOND)
    floor.fold(Decision((EscalationStepped(SECOND, TakenStep(Taken.TEXT, floor.now + 60)),)))
    floor.do(BOB, AnswerEscalation(SECOND, AnswerKind.COMING))
    side = side_of(floor, ANN, qtbot, qapp)
    assert not side.hands.cards[SECOND].tried.isVisible()


def test_the_raiser_is_told_once_besides(floor: Floor, qtbot: QtBot, qapp: QApplication) -> None:
    floor.do(BOB, AnswerEscalation(SECOND, AnswerKind.COMING))
    side = side_of(floor, ANN, qtbot, qapp)
    told: list[str] = []
    side.hand_actions.left_alone.connect(told.append)
    floor.do(BOB, AnswerEscalation(SECOND, AnswerKind.DECLINE))
    side.settle()
    side.settle()
    assert told == ["Nobody is available. Everything was tried; your hand stays raised."]


def test_it_stands_on_top_of_a_supervisors_queue_until_somebody_answers(
    floor: Floor, qtbot: QtBot, qapp: QApplication
) -> None:
    side = side_of(floor, BOB, qtbot, qapp)
    assert [row.id for row in side.hands_model.rows] == [SECOND, FIRST]
    card = side.hands.cards[SECOND]
    assert card.alone.accessibleName() == "Nobody available"

    floor.do(BOB, AnswerEscalation(SECOND, AnswerKind.COMING))
    side.settle()
    assert [row.id for row in side.hands_model.rows] == [FIRST, SECOND]
    assert not card.alone.isVisible()
    assert card.tried.isVisible()
    assert plain(hand_spans(card.row)).startswith("You will come")


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        (AnswerKind.KEY, "Duty phone answered by phone"),
        (AnswerKind.SMS, "Duty phone answered by text message"),
        (AnswerKind.API, "Duty phone answered through another program"),
    ],
)
def test_who_answers_from_outside_is_named(
    floor: Floor, qtbot: QtBot, qapp: QApplication, kind: AnswerKind, said: str
) -> None:
    answer = OutsideAnswer("Duty phone", kind, floor.now)
    floor.fold(Decision((EscalationAnsweredOutside(SECOND, answer),)))
    side = side_of(floor, ANN, qtbot, qapp)
    card = side.hands.cards[SECOND]
    assert not card.alone.isVisible()
    assert said in plain(hand_spans(card.row))


def test_what_answered_from_outside_and_cannot_any_more_is_not_waited_for(
    floor: Floor, qtbot: QtBot, qapp: QApplication
) -> None:
    side = side_of(floor, ANN, qtbot, qapp)
    card = side.hands.cards[SECOND]
    for kind in (AnswerKind.KEY, AnswerKind.DECLINE):
        answer = OutsideAnswer("Duty phone", kind, floor.now)
        floor.fold(Decision((EscalationAnsweredOutside(SECOND, answer),)))
    side.settle()
    assert card.alone.isVisible()
    words = plain(hand_spans(card.row))
    assert "Duty phone can’t now" in words
    assert "answered" not in words


@pytest.mark.parametrize(("person", "shown"), [(ANN, True), (BOB, True), (CHIE, True), (DEV, False)])
def test_its_timeline_is_offered_to_the_raiser_and_to_those_who_lead(
    floor: Floor, person: PersonId, shown: bool, qtbot: QtBot, qapp: QApplication
) -> None:
    side = side_of(floor, person, qtbot, qapp)
    card = side.hands.cards[SECOND]
    assert card.timeline.isVisible() is shown
    wanted: list[str] = []
    side.hand_actions.timeline_wanted.connect(wanted.append)
    card.setFocus()
    QTest.keyClick(card, Qt.Key.Key_T)
    assert wanted == ([SECOND] if shown else [])
