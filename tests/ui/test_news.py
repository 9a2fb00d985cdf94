"""What came of one's own call reaches who does not look at the window, once, and takes no focus."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from pytestqt.qtbot import QtBot

from app.core.calls import Answered
from app.core.commands import AnswerEscalation, EndEscalation, RaiseEscalation, SendMessage
from app.core.events import (
    EscalationAnsweredOutside,
    NobodyAvailable,
    PriorityAnswered,
    PriorityExhausted,
)
from app.core.model import AnswerKind, EscalationId, Level, MessageId, OutsideAnswer, Recipients
from app.core.policy import AnswerWay
from app.core.scene import Decision
from app.net.outbox import Entry
from app.net.problems import Problem, Trouble
from app.ui.alerts.notes import Note
from app.ui.calls import Calls
from app.ui.controllers.news_controller import NewsController
from app.ui.panels.side_panel import Tab
from tests.helpers.alert_desk import Desk as AlertDesk
from tests.helpers.alert_desk import Notes
from tests.helpers.floor import Floor
from tests.helpers.office import ANN, BOB, CHIE, SPACE
from tests.ui import test_window
from tests.ui.test_alert_center import desk as alert_desk
from tests.ui.test_window import Screen, Screens

floor, screens, desk = test_window.floor, test_window.screens, alert_desk
HAND, URGENT = EscalationId("hand"), MessageId("urgent")
RED = RaiseEscalation(Level.RED, "line 3", Recipients(people=(BOB,)))


class Away:
    """Ann, whose window is out of sight, and what her desktop shows."""

    def __init__(self, screen: Screen, alerts: AlertDesk, monkeypatch: pytest.MonkeyPatch) -> None:
        self.screen, self.desk = screen, alerts
        self.notes: tuple[Note, ...] = ()
        monkeypatch.setattr(Notes, "show", lambda _self, notes: setattr(self, "notes", tuple(notes)))
        screen.window.hide()
        self.calls = Calls(screen.desk, alerts.alerts, ANN)

    @property
    def said(self) -> list[tuple[str, str, bool]]:
        """Title, text, and whether it stays until it was seen."""
        self.screen.settle()
        return [(note.title, note.body, note.urgent) for note in self.notes]


@pytest.fixture
def away(screens: Screens, desk: AlertDesk, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Iterator[Away]:
    made = Away(screens(ANN), desk, monkeypatch)
    yield made
    made.calls.close()


def nobody(floor: Floor) -> None:
    floor.fold(Decision((NobodyAvailable(HAND, floor.now),)))


def test_nobody_available_is_told_to_a_hidden_window_until_it_is_seen(
    away: Away, floor: Floor, qtbot: QtBot
) -> None:
    floor.do(ANN, RED, HAND)
    assert away.said == []
    nobody(floor)
    assert away.said == [("Nobody available", "Everything was tried; your hand stays raised.", True)]
    window = away.screen.window
    assert not window.isVisible()
    away.desk.notes.opened.emit(away.notes[0].id)
    qtbot.waitUntil(window.isActiveWindow)
    assert away.screen.desk.panels.side.tab is Tab.HANDS
    assert away.said == []
    window.hide()
    assert away.said == []


def test_who_looks_at_the_window_is_told_nothing_besides(away: Away, floor: Floor, qtbot: QtBot) -> None:
    away.screen.window.open()
    qtbot.waitUntil(away.screen.window.isActiveWindow)
    floor.do(ANN, RED, HAND)
    nobody(floor)
    assert away.said == []


def test_who_comes_takes_the_place_of_nobody(away: Away, floor: Floor) -> None:
    floor.do(ANN, RED, HAND)
    nobody(floor)
    floor.do(BOB, AnswerEscalation(HAND, AnswerKind.APPROACH))
    assert away.said == [("Bob Stone is on the way", "line 3", False)]
    (first,) = away.notes
    floor.do(CHIE, AnswerEscalation(HAND, AnswerKind.CHAT))
    assert [note.key for note in away.notes] == [first.key]
    floor.do(ANN, EndEscalation(HAND))
    assert away.said == []


def test_an_answer_by_phone_is_told(away: Away, floor: Floor) -> None:
    floor.do(ANN, RED, HAND)
    answer = OutsideAnswer("Duty phone", AnswerKind.KEY, floor.now)
    floor.fold(Decision((EscalationAnsweredOutside(HAND, answer),)))
    assert away.said == [("Duty phone answered by phone", "line 3", False)]


def test_that_nobody_comes_any_more_is_told_until_somebody_does(away: Away, floor: Floor) -> None:
    floor.do(ANN, RED, HAND)
    for kind in (AnswerKind.KEY, AnswerKind.DECLINE):
        answer = OutsideAnswer("Duty phone", kind, floor.now)
        floor.fold(Decision((EscalationAnsweredOutside(HAND, answer),)))
        said = away.said
    assert said == [("Nobody is coming any more", "Duty phone can’t now", True)]
    floor.do(CHIE, AnswerEscalation(HAND, AnswerKind.CHAT))
    assert [title for title, _, _ in away.said] == ["森 千恵 is chatting"]
    floor.do(ANN, EndEscalation(HAND))
    assert away.said == []


def test_who_cannot_and_never_said_otherwise_is_no_news(away: Away, floor: Floor) -> None:
    floor.do(ANN, RED, HAND)
    answer = OutsideAnswer("Duty phone", AnswerKind.DECLINE, floor.now)
    floor.fold(Decision((EscalationAnsweredOutside(HAND, answer),)))
    assert away.said == []


def test_a_colleagues_hand_is_no_news_of_mine(away: Away, floor: Floor) -> None:
    floor.do(BOB, RaiseEscalation(Level.RED, "mine", Recipients(people=(CHIE,))), HAND)
    nobody(floor)
    assert away.said == []


def test_a_hand_that_was_not_raised_is_told(away: Away, floor: Floor) -> None:
    why = Problem(Trouble.EXPIRED, {"seconds": 60})
    away.screen.client.wait(Entry("old", RED, floor.now - 90, space=SPACE, problem=why))
    assert away.said == [
        ("Your hand was not raised", "This was not sent: there was no connection for 60 s.", True)
    ]


@pytest.mark.parametrize(
    ("event", "title", "body"),
    [
        (
            lambda at: PriorityExhausted(URGENT, at),
            "Nobody available",
            "Nobody was available for your priority message to Bob Stone. Escalate it.",
        ),
        (
            lambda at: PriorityAnswered(URGENT, Answered(AnswerWay.KEY, at, BOB)),
            "Bob Stone confirmed on the phone",
            "Which contract?",
        ),
    ],
)
def test_the_author_of_a_priority_message_is_told_and_led_to_it(
    away: Away,
    floor: Floor,
    event: Callable[[float], PriorityExhausted | PriorityAnswered],
    title: str,
    body: str,
) -> None:
    floor.do(ANN, SendMessage("Which contract?", Recipients(people=(BOB,)), priority=True), URGENT)
    assert away.said == []
    floor.fold(Decision((), ((ANN, event(floor.now)),)))
    assert [(said, text) for said, text, _ in away.said] == [(title, body)]
    away.desk.notes.opened.emit(away.notes[0].id)
    assert away.screen.desk.panels.chat.shows_one


def test_what_was_so_before_signing_in_is_told_no_more(
    screens: Screens, floor: Floor, desk: AlertDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    floor.do(ANN, RED, HAND)
    nobody(floor)
    late = Away(screens(ANN), desk, monkeypatch)
    assert late.said == []
    assert isinstance(late.calls.news, NewsController)
    late.calls.close()
