"""The control toolbar: what it says, what it asks for, and how it shrinks."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from app.core.model import Level, Status
from app.ui.theme.tokens import DARK, LIGHT
from app.ui.toolbar import Toolbar


class Now:
    """A clock that stands still."""

    def __init__(self) -> None:
        self.time = 1_000.0

    def __call__(self) -> float:
        return self.time


@pytest.fixture
def now() -> Now:
    return Now()


@pytest.fixture
def window(qtbot: QtBot) -> QWidget:
    made = QWidget()
    made.resize(900, 200)
    qtbot.addWidget(made)
    return made


@pytest.fixture
def toolbar(qtbot: QtBot, window: QWidget, now: Now) -> Toolbar:
    made = Toolbar(LIGHT, now, window)
    made.move(20, 60)
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    return made


def test_the_escalation_button_counts_while_the_hand_is_up(toolbar: Toolbar, now: Now) -> None:
    button = toolbar.escalation_button
    assert (button.words, button.trailing_text, button.kind) == ("Escalation", "Ctrl+Shift+E", "yellow")
    toolbar.set_hand(Level.RED, now.time - 161)
    assert (button.words, button.trailing_text, button.kind) == ("Lower hand", "2:41", "red")
    assert button.accessibleName() == "Lower your red hand"
    now.time += 3_600
    toolbar.tick()
    assert button.trailing_text == "1:02:41"
    toolbar.set_hand(None)
    assert (button.words, button.active, button.kind) == ("Escalation", False, "yellow")


def test_a_yellow_hand_stays_yellow(toolbar: Toolbar, now: Now) -> None:
    toolbar.set_hand(Level.YELLOW, now.time)
    assert toolbar.escalation_button.kind == "yellow"
    assert toolbar.escalation_button.active


def test_the_button_keeps_its_width_while_digits_change(toolbar: Toolbar, now: Now) -> None:
    toolbar.set_hand(Level.RED, now.time - 71)
    width = toolbar.sizeHint().width()
    for _ in range(60):
        now.time += 7
        toolbar.tick()
        assert toolbar.sizeHint().width() == width


def test_without_connection_it_can_be_pressed_and_says_when_the_hand_goes_up(
    qtbot: QtBot, toolbar: Toolbar
) -> None:
    toolbar.set_connected(False)
    button = toolbar.escalation_button
    assert button.trailing_text == "when back online"
    assert "when the connection is back" in button.accessibleName()
    with qtbot.waitSignal(toolbar.escalation_pressed):
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    toolbar.set_connected(True)
    assert button.trailing_text == "Ctrl+Shift+E"


def test_the_keyboard_reaches_and_presses_each_button(qtbot: QtBot, toolbar: Toolbar) -> None:
    order = [
        (toolbar.escalation_button, toolbar.escalation_pressed),
        (toolbar.chat_button, toolbar.chat_pressed),
        (toolbar.seat_button, toolbar.seat_pressed),
        (toolbar.settings_button, toolbar.settings_pressed),
    ]
    toolbar.status_button.setFocus()
    for button, signal in order:
        focused = QApplication.focusWidget()
        assert focused is not None
        QTest.keyClick(focused, Qt.Key.Key_Tab)
        assert QApplication.focusWidget() is button
        for key in (Qt.Key.Key_Space, Qt.Key.Key_Return):
            with qtbot.waitSignal(signal):
                QTest.keyClick(button, key)


def test_focus_can_be_seen(toolbar: Toolbar) -> None:
    for button in toolbar.findChildren(QPushButton):
        button.clearFocus()
        without = button.grab().toImage()
        button.setFocus()
        assert button.grab().toImage() != without


def test_each_button_has_a_name_and_a_tooltip(toolbar: Toolbar) -> None:
    names = [button.accessibleName() for button in toolbar.findChildren(QPushButton)]
    assert names == ["Status: Available", "Raise your hand", "Chat", "Go to your home seat", "Settings"]
    assert "Raise your hand (Ctrl+Shift+E)" in toolbar.escalation_button.toolTip()


def test_the_status_menu_shows_and_changes_the_status(qtbot: QtBot, toolbar: Toolbar) -> None:
    toolbar.set_status(Status.BUSY, False)
    QTest.mouseClick(toolbar.status_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(toolbar.menu.isVisible)
    actions = toolbar.menu.actions()
    assert [action.text() for action in actions] == ["Available", "On a call", "Busy", "Away"]
    assert [action.isChecked() for action in actions] == [False, False, True, False]
    assert toolbar.menu.activeAction() is actions[2]
    with qtbot.waitSignal(toolbar.status_chosen) as chosen:
        QTest.keyClick(toolbar.menu, Qt.Key.Key_Up)
        QTest.keyClick(toolbar.menu, Qt.Key.Key_Return)
    assert chosen.args == [Status.ON_CALL]
    assert toolbar.status_button.words == "Busy"  # until the server says so


def test_what_the_server_refused_is_not_shown_as_chosen(qtbot: QtBot, toolbar: Toolbar) -> None:
    toolbar.menu.actions()[3].trigger()
    QTest.mouseClick(toolbar.status_button, Qt.MouseButton.LeftButton)
    assert [action.isChecked() for action in toolbar.menu.actions()] == [True, False, False, False]
    toolbar.menu.close()


def test_automatic_away_is_told_from_away_by_hand(toolbar: Toolbar) -> None:
    toolbar.set_status(Status.ON_CALL, True)
    assert toolbar.status_button.words == "Away (automatic)"
    assert toolbar.status_button.accessibleName() == "Status: On a call, away from the screen"
    toolbar.set_status(Status.AWAY, True)
    assert toolbar.status_button.words == "Away"


def test_unread_messages_are_counted_and_said(toolbar: Toolbar) -> None:
    narrow = toolbar.chat_button.sizeHint().width()
    toolbar.set_unread(3)
    assert toolbar.chat_button.badge == 3
    assert toolbar.chat_button.accessibleName() == "Chat, 3 unread messages"
    assert toolbar.chat_button.sizeHint().width() > narrow
    toolbar.set_unread(0)
    assert toolbar.chat_button.accessibleName() == "Chat"


def test_it_shrinks_step_by_step_and_grows_again(toolbar: Toolbar) -> None:
    def worded() -> list[str]:
        buttons = (toolbar.status_button, toolbar.escalation_button, toolbar.chat_button, toolbar.seat_button)
        return [button.words for button in buttons if button.shows_words]

    whole, everything = toolbar.sizeHint().width(), ["Available", "Escalation", "Chat", "Seat"]
    assert worded() == everything
    for room, words in ((whole - 1, everything), (420, ["Escalation"]), (300, [])):
        toolbar.set_compact(room)
        assert toolbar.sizeHint().width() <= room
        assert worded() == words
    toolbar.set_compact(whole)
    assert toolbar.sizeHint().width() == whole


def test_it_follows_the_theme(toolbar: Toolbar) -> None:
    before = toolbar.grab().toImage()
    toolbar.set_tokens(DARK)
    assert toolbar.grab().toImage() != before
