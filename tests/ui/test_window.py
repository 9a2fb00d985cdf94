"""The whole window on a fake client: a hand from the key to the walk, and everything by keyboard."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import QLocale, QPoint, QRect, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton
from pytestqt.qtbot import QtBot

from app.core.commands import RaiseEscalation, SetAutoAway, SetStatus, TakeSeat
from app.core.errors import Code, Refused
from app.core.model import AnswerKind, Level, PersonId, Recipients, SeatId, Status
from app.core.policy_questions import ListPolicies, Policies
from app.net.client import ConnectionProblem, ConnectionState, Link
from app.net.problems import Trouble
from app.ui.desk import Desk
from app.ui.idle import IdleWatch
from app.ui.panels.side_panel import Tab
from app.ui.shortcuts import ShortcutsSheet
from app.ui.toolbar import Toolbar
from app.ui.window import SMALLEST
from tests.helpers.desk import run_now, theme_of
from tests.helpers.floor import SERVER, FakeClient, Floor
from tests.helpers.office import ANN, BOB, CHIE, DEV, IN_KITA, SUPERVISORS, at


class Screen:
    """One person's window, and the client behind it."""

    def __init__(self, floor: Floor, person: PersonId, app: QApplication) -> None:
        self.client: FakeClient = floor.client(person)
        self.idle_for: float | None = 0.0
        self.idle = IdleWatch(lambda: self.idle_for)
        self.desk = Desk(self.client, theme_of(app), self.idle, run_now, QLocale("en_GB"))
        self.window = self.desk.window
        self.window.show()
        self.settle()

    def settle(self) -> None:
        """Everything that happened is on the screen now."""
        self.desk.bridge.tell()
        self.desk.panels.hands.sync()

    @property
    def toolbar(self) -> Toolbar:
        return self.desk.toolbar

    @property
    def said(self) -> str:
        return self.desk.toasts.text


Screens = Callable[[PersonId], Screen]


@pytest.fixture
def floor() -> Floor:
    return Floor()


@pytest.fixture
def screens(floor: Floor, qtbot: QtBot, qapp: QApplication) -> Iterator[Screens]:
    opened: list[Screen] = []

    def open_for(person: PersonId) -> Screen:
        screen = Screen(floor, person, qapp)
        opened.append(screen)
        return screen

    yield open_for
    for screen in opened:
        screen.idle.stop()
        screen.desk.close()


def test_a_map_that_cannot_be_loaded_is_said_where_it_would_be_and_tried_again(
    screens: Screens, qtbot: QtBot
) -> None:
    ann = screens(ANN)
    missing = ann.desk.view.missing
    assert missing.isHidden()
    ann.client.lose_map(ConnectionProblem(Trouble.BROKEN_FILE))
    ann.settle()
    assert missing.text == "The map of this space could not be loaded. The server sent a damaged file."
    for width in (800, 1280):
        ann.window.resize(width, 560)
        qtbot.waitUntil(lambda: ann.desk.view.rect().contains(missing.geometry()))
    again = missing.findChild(QPushButton)
    assert again is not None
    QTest.mouseClick(again, Qt.MouseButton.LeftButton)
    ann.settle()
    assert missing.isHidden()


def test_a_yellow_hand_by_key_is_seen_by_everybody(screens: Screens, floor: Floor) -> None:
    ann, bob = screens(ANN), screens(BOB)
    ann.window.escalation_wanted.emit()
    dialog = ann.desk.escalation.dialog
    assert dialog.isVisible()
    dialog.message.setText("Line 3 asks for a manager")
    QTest.keyClick(dialog.message, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    ann.settle()
    bob.settle()
    assert not dialog.isVisible()
    (hand,) = floor.space.escalations.values()
    assert (hand.level, hand.message) == (Level.YELLOW, "Line 3 asks for a manager")
    assert bob.desk.panels.hands.cards[hand.id].name.text() == "Ann Field"
    assert ann.toolbar.escalation_button.active
    assert floor.persons[BOB].alerts == {}


def test_a_refused_hand_says_why_and_keeps_what_was_typed(screens: Screens) -> None:
    ann = screens(ANN)
    ann.desk.escalation.press()
    dialog = ann.desk.escalation.dialog
    dialog.message.setText("help")
    ann.client.broken = Code.STORE_FAILED
    dialog.execute.emit(Level.YELLOW, "help", Recipients())
    assert dialog.isVisible()
    assert "could not save" in dialog.notice.text
    assert dialog.message.text() == "help"


def test_the_button_lowers_the_hand_that_is_up(screens: Screens, floor: Floor) -> None:
    ann = screens(ANN)
    floor.do(ANN, RaiseEscalation(Level.YELLOW))
    ann.settle()
    QTest.mouseClick(ann.toolbar.escalation_button, Qt.MouseButton.LeftButton)
    ann.settle()
    assert floor.space.escalations == {}
    assert ann.said == "Your hand is lowered."
    assert not ann.desk.ticker.running


def test_approach_walks_ones_own_avatar_to_the_raiser(
    screens: Screens, floor: Floor, monkeypatch: pytest.MonkeyPatch
) -> None:
    bob = screens(BOB)
    red = RaiseEscalation(Level.RED, "", Recipients(groups=(SUPERVISORS,)))
    floor.do(ANN, red, "h1")
    bob.settle()
    walked: list[object] = []
    monkeypatch.setattr(bob.desk.view, "walk_to", walked.append)
    bob.desk.map.approach(ANN)
    bob.settle()
    answer = floor.space.escalations["h1"].answer_of(BOB)  # type: ignore[index]  # an id is a str
    assert answer is not None
    assert answer.kind is AnswerKind.APPROACH
    assert walked == [answer.target]


def test_approaching_somebody_without_a_hand_asks_nobody(
    screens: Screens, floor: Floor, monkeypatch: pytest.MonkeyPatch
) -> None:
    bob = screens(BOB)
    walked: list[object] = []
    monkeypatch.setattr(bob.desk.view, "walk_to", walked.append)
    bob.desk.map.approach(DEV)
    assert len(walked) == 1
    assert bob.client.done == []
    floor.walk_person(BOB, IN_KITA)
    bob.settle()
    bob.desk.map.approach(DEV)
    assert len(walked) == 1
    assert bob.said == "Leave the meeting room first."


def test_a_chat_with_a_raiser_on_the_map_answers_the_hand(screens: Screens, floor: Floor) -> None:
    bob = screens(BOB)
    floor.do(ANN, RaiseEscalation(Level.YELLOW), "h1")
    bob.settle()
    bob.desk.view.chat_requested.emit(ANN)
    assert floor.space.escalations["h1"].chatting == (BOB,)  # type: ignore[index]  # an id is a str
    assert bob.desk.panels.side.tab is Tab.CHAT
    assert bob.desk.panels.chat.conversation.title.text() == "Ann Field"


def test_the_connection_is_shown_and_tried_again(screens: Screens, floor: Floor) -> None:
    ann = screens(ANN)
    lost = ConnectionState(Link.NOT_PROTECTED, floor.now, retry_at=floor.now + 5, server=SERVER)
    ann.client.link(lost)
    ann.settle()
    assert ann.desk.top_bar.pill.text.startswith("NOT PROTECTED since")
    ann.desk.top_bar.retry.click()
    assert ann.client.retried == 1
    ann.client.link(ConnectionState(Link.PROTECTED, floor.now, server=SERVER))
    ann.settle()
    assert ann.desk.top_bar.pill.text == "Protected"


def test_away_by_itself_is_told_and_ends_no_hand(screens: Screens, floor: Floor) -> None:
    ann = screens(ANN)
    floor.do(ANN, RaiseEscalation(Level.YELLOW))
    ann.settle()
    ann.idle_for = 400.0
    ann.idle.look()
    assert ann.client.done[-1] == SetAutoAway(True)
    assert len(floor.space.escalations) == 1
    ann.idle_for = 0.0
    ann.idle.look()
    assert not floor.space.occupants[ANN].auto_away


def test_a_status_is_chosen_and_away_says_why_the_hand_went_down(screens: Screens, floor: Floor) -> None:
    ann = screens(ANN)
    floor.do(ANN, RaiseEscalation(Level.YELLOW))
    ann.settle()
    ann.toolbar.status_chosen.emit(Status.AWAY)
    ann.settle()
    assert ann.client.done[-1] == SetStatus(Status.AWAY)
    assert ann.said == "Your hand was lowered: you set your status to away."


def test_a_seat_becomes_home_where_one_stands(screens: Screens, floor: Floor) -> None:
    ann = screens(ANN)
    ann.toolbar.seat_pressed.emit()
    assert "no home seat" in ann.said
    floor.walk_person(ANN, at(1, 1))
    ann.settle()
    ann.toolbar.seat_pressed.emit()
    assert ann.client.done[-1] == TakeSeat(SeatId("s1"))
    assert floor.space.occupants[ANN].seat == "s1"


def test_f6_goes_round_and_the_panel_folds_away(screens: Screens) -> None:
    ann = screens(ANN)
    window = ann.window
    window.activateWindow()
    window.map.setFocus()
    seen = []
    for _ in range(4):
        window.next_region(1)
        focused = window.focusWidget()
        regions = {"top": window.top_bar, "map": window.map, "bar": window.toolbar, "side": window.side}
        seen.append(next(n for n, r in regions.items() if focused is r or r.isAncestorOf(focused)))
    assert seen == ["bar", "side", "top", "map"]
    window.toggle_side()
    folded = not window.side_shown
    window.show_tab(Tab.PEOPLE)
    assert (folded, window.side_shown) == (True, True)
    assert ann.desk.panels.side.tab is Tab.PEOPLE


@pytest.mark.parametrize("key", [Qt.Key.Key_F1, Qt.Key.Key_Question])
def test_a_key_shows_all_keys_and_takes_them_away(screens: Screens, qtbot: QtBot, key: Qt.Key) -> None:
    window = screens(ANN).window
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    window.map.setFocus()
    QTest.keyClick(window.map, key)
    sheet = window.findChild(ShortcutsSheet)
    assert sheet is not None
    assert {"Ctrl+Shift+E", "N", "Del", "Ctrl+←"} <= {made.text() for made in sheet.findChildren(QLabel)}
    assert sheet.sizeHint().width() <= SMALLEST[0], "it fits a small screen at 150 %"
    QTest.keyClick(sheet, key)
    qtbot.waitUntil(lambda: window.findChild(ShortcutsSheet) is None)
    window.keys_wanted.emit()
    assert window.findChild(ShortcutsSheet) is not None


def test_the_sheet_has_the_keys_of_the_policy_editor_and_comes_there_too(
    screens: Screens, qtbot: QtBot
) -> None:
    bob = screens(BOB)
    bob.client.answers[ListPolicies] = lambda _: Policies()
    bob.desk.policies.open(bob.window)
    editor = bob.desk.policies.window
    assert editor is not None
    editor.activateWindow()
    qtbot.waitUntil(editor.isActiveWindow)
    QTest.keyClick(editor, Qt.Key.Key_F1)
    sheet = editor.findChild(ShortcutsSheet)
    assert sheet is not None
    spoken = {made.accessibleName() for made in sheet.findChildren(QLabel)}
    assert {"Move the step: Alt+↑, ↓", "Add a step below, remove it: Ins, Del"} <= spoken
    sheet.accept()
    bob.desk.policies.close()


def test_a_question_mark_is_typed_where_one_types(screens: Screens) -> None:
    ann = screens(ANN)
    ann.window.activateWindow()
    ann.desk.top_bar.search.setFocus()
    QTest.keyClicks(ann.desk.top_bar.search, "?")
    assert ann.desk.top_bar.search.text() == "?"
    assert ann.window.findChild(ShortcutsSheet) is None


@pytest.mark.parametrize("width", [800, 860, 1280])
def test_what_is_said_covers_no_button(screens: Screens, qtbot: QtBot, width: int) -> None:
    ann = screens(ANN)
    ann.window.resize(width, 560)
    qtbot.waitUntil(lambda: ann.window.width() == width)
    ann.desk.toasts.say("This machine has no place for secrets: you stay signed in until Handraise ends.")
    card = ann.desk.toasts.card
    for widget in (ann.desk.toolbar, ann.desk.view.controls):
        taken = QRect(widget.mapTo(ann.window.area, QPoint(0, 0)), widget.size())
        assert not taken.intersects(card.geometry())
    assert ann.window.area.rect().contains(card.geometry())


@pytest.mark.parametrize("height", [520, 800])
def test_the_list_of_recipients_covers_no_choice_made_before(screens: Screens, height: int) -> None:
    ann = screens(ANN)
    ann.window.resize(900, height)
    ann.window.escalation_wanted.emit()
    dialog = ann.desk.escalation.dialog
    dialog.notify.switch.setChecked(True)
    dialog.recipients.field.searched.emit("")
    assert dialog.found.isVisible()
    notify = QRect(dialog.notify.mapTo(ann.window, QPoint(0, 0)), dialog.notify.size())
    assert not dialog.found.geometry().intersects(notify)


def test_search_finds_people_at_once_and_opens_the_chat(screens: Screens) -> None:
    ann = screens(ANN)
    ann.desk.top_bar.search.setText("千恵")
    assert [row.key for row in ann.desk.popup.model.rows] == ["#people", CHIE]
    QTest.keyClick(ann.desk.top_bar.search, Qt.Key.Key_Return)
    assert ann.desk.panels.chat.conversation.title.text() == "森 千恵"
    assert ann.desk.top_bar.search.text() == ""


def test_closing_is_not_quitting(screens: Screens) -> None:
    ann = screens(ANN)
    closed: list[None] = []
    ann.window.close_wanted.connect(lambda: closed.append(None))
    ann.window.close()
    assert closed == [None]
    assert ann.window.isVisible()
    ann.window.put_away(in_tray=True)
    assert not ann.window.isVisible()


def test_the_layout_is_remembered(screens: Screens) -> None:
    ann = screens(ANN)
    text = ann.window.geometry_text()
    ann.window.restore_layout(text, 0)
    assert ann.window.panel_width == 0
    ann.window.restore_layout("not base64 at all", 400)
    assert ann.window.panel_width == 400


async def test_the_fake_client_refuses_like_the_server(floor: Floor) -> None:
    with pytest.raises(Refused):
        await floor.client(ANN).sign_in(SERVER, "ann", "wrong")
