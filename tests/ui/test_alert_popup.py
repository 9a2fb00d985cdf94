"""The pop-up: a window that never takes the keyboard, plain text, answers sent once, on every screen."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QAccessible, QGuiApplication, QWindow
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QLabel, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from app.core.model import AnswerKind, EscalationId, PersonId, Status
from app.ui.alerts import popup_window
from app.ui.alerts.card import AlertCard
from app.ui.alerts.popup import INSIST_MS, PATIENCE, AlertPopups
from app.ui.alerts.popup_window import MARGIN, WIDTH, PopupWindow, rounded
from app.ui.alerts.views import AlertView, Phase, Raiser
from app.ui.theme.tokens import LIGHT

FINN = Raiser(PersonId("finn"), "Finn Olsen", "Desk row 1", Status.ON_CALL)
OFFERED = (AnswerKind.APPROACH, AnswerKind.CHAT, AnswerKind.DECLINE)
EVIL = "<img src=x onerror=1><b>bold</b> &amp; https://x.test"


def view(
    name: str = "e1", phase: Phase = Phase.RINGING, message: str = "Line 3", **more: object
) -> AlertView:
    return replace(AlertView(EscalationId(name), FINN, message, 100.0, phase), **more)  # type: ignore[arg-type]  # mypy: fields by name


@pytest.fixture
def popups(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Iterator[AlertPopups]:
    monkeypatch.setattr(popup_window, "SETTLE_MS", 0)
    made = AlertPopups(lambda: 261.0, LIGHT, seen=QWindow.isExposed)
    yield made
    made.close()


def only(popups: AlertPopups) -> PopupWindow:
    [window] = popups.windows
    return window


def card(popups: AlertPopups) -> AlertCard:
    [found] = only(popups).cards
    return found


def texts(widget: QWidget) -> list[str]:
    labels = widget.findChildren(QLabel)
    return [label.text() for label in labels if label.isVisibleTo(widget) and label.text()]


def test_the_window_refuses_the_keyboard(popups: AlertPopups) -> None:
    popups.show([view()])
    window = only(popups)
    flags = window.windowFlags()
    for flag in (
        Qt.WindowType.WindowDoesNotAcceptFocus,
        Qt.WindowType.WindowStaysOnTopHint,
        Qt.WindowType.FramelessWindowHint,
    ):
        assert flags & flag
    assert flags & Qt.WindowType.WindowType_Mask == Qt.WindowType.Tool
    assert window.testAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
    assert not window.testAttribute(Qt.WidgetAttribute.WA_QuitOnClose)
    assert all(b.focusPolicy() is Qt.FocusPolicy.NoFocus for b in window.findChildren(QAbstractButton))


def test_a_field_that_is_being_typed_in_keeps_the_focus(popups: AlertPopups, qtbot: QtBot) -> None:
    field = QLineEdit()
    qtbot.addWidget(field)
    field.show()
    field.activateWindow()
    field.setFocus()
    qtbot.waitUntil(field.hasFocus)
    QTest.keyClicks(field, "pass")
    popups.show([view()])
    qtbot.waitUntil(only(popups).isVisible)
    focused = QGuiApplication.focusObject()
    assert focused is field
    QTest.keyClicks(field, "word")
    assert field.text() == "password"


def test_it_says_who_where_what_how_long_and_who_will_not_come(popups: AlertPopups) -> None:
    popups.show([view(declined=("Marco Bruno",), unreached=("Tara Singh",))])
    assert texts(card(popups)) == [
        "Red escalation",
        "2:41",
        "Finn Olsen",
        "Desk row 1 · On a call",
        "Line 3",
        "Marco Bruno can’t now · Tara Singh not reached",
    ]


def test_other_peoples_text_is_literal_everywhere(popups: AlertPopups) -> None:
    popups.show([view(message=EVIL, raiser=replace(FINN, name=EVIL, where=EVIL), refusal=EVIL)])
    labels = only(popups).findChildren(QLabel)
    assert sum(EVIL in label.text() for label in labels) == 4
    assert all(label.textFormat() is Qt.TextFormat.PlainText for label in labels)
    assert not any("img" in w.toolTip() for w in only(popups).findChildren(QWidget))


@pytest.mark.parametrize("kind", OFFERED)
def test_each_button_answers(popups: AlertPopups, qtbot: QtBot, kind: AnswerKind) -> None:
    popups.show([view()])
    with qtbot.waitSignal(popups.answered) as answered:
        QTest.mouseClick(card(popups).button(kind), Qt.MouseButton.LeftButton)
    assert answered.args == ["e1", kind]


def test_while_an_answer_is_on_its_way_nothing_can_be_pressed(popups: AlertPopups) -> None:
    popups.show([view(pending=AnswerKind.CHAT)])
    buttons = {kind: card(popups).button(kind) for kind in OFFERED}
    assert [b.isEnabled() for b in buttons.values()] == [False, False, False]
    assert buttons[AnswerKind.CHAT].text() == "Sending…"
    popups.show([view(refusal="You are not in this space any more.")])
    assert all(b.isEnabled() for b in buttons.values())
    assert buttons[AnswerKind.CHAT].text() == "Chat"
    assert texts(card(popups))[-1] == "You are not in this space any more."


def test_from_a_meeting_room_one_cannot_approach_and_is_told_why(popups: AlertPopups) -> None:
    popups.show([view()])
    popups.set_can_approach(False)
    approach = card(popups).button(AnswerKind.APPROACH)
    assert not approach.isEnabled()
    assert card(popups).button(AnswerKind.CHAT).isEnabled()
    assert "Leave the meeting room first to approach." in texts(card(popups))
    assert approach.accessibleDescription() == "Leave the meeting room first"
    popups.set_can_approach(True)
    assert approach.isEnabled()
    assert approach.accessibleDescription() == ""


def test_calm_says_who_comes_and_can_be_put_away(popups: AlertPopups, qtbot: QtBot) -> None:
    popups.show([view()])
    popups.show([view(phase=Phase.CALM, coming=("Quentin Roy",), chatting=("Mia Berg", "Lena Vogt"))])
    shown = texts(card(popups))
    assert shown[0] == "Answered"
    assert "Quentin Roy is on the way · Mia Berg, Lena Vogt are chatting" in shown
    assert not any(card(popups).button(kind).isVisible() for kind in OFFERED)
    [close] = [b for b in card(popups).findChildren(QAbstractButton) if b.isVisible()]
    assert close.accessibleName() == "Close"
    with qtbot.waitSignal(popups.put_away) as away:
        QTest.mouseClick(close, Qt.MouseButton.LeftButton)
    assert away.args == ["e1"]


def test_it_stands_at_the_bottom_right_of_the_usable_area(popups: AlertPopups) -> None:
    popups.set_reduced_motion(True)
    popups.show([view(), view("e2")])
    area = QGuiApplication.primaryScreen().availableGeometry()
    box = only(popups).geometry()
    assert (box.right(), box.bottom()) == (area.right() - MARGIN, area.bottom() - MARGIN)
    assert box.width() == WIDTH
    first, second = only(popups).cards
    assert first.geometry().bottom() < second.geometry().top()


def test_it_slides_in_once_and_ends_in_its_place(popups: AlertPopups, qtbot: QtBot) -> None:
    popups.show([view()])
    window = only(popups)
    target = window._target()
    assert window.pos() != target
    popups.show([view(declined=("Marco Bruno",))])  # news in the middle of the slide
    qtbot.waitUntil(lambda: window.pos() == window._target())
    popups.show([view("e0"), view()])
    assert window.pos() == window._target()  # later changes do not move by steps


def test_a_late_older_hand_takes_its_place_above(popups: AlertPopups) -> None:
    popups.set_reduced_motion(True)
    popups.show([view("later")])
    popups.show([view("earlier"), view("later")])
    only(popups).grab()
    tops = {c.view.id: c.y() for c in only(popups).cards if c.view is not None}
    assert tops[EscalationId("earlier")] < tops[EscalationId("later")]


def test_more_than_fit_are_counted(popups: AlertPopups, qtbot: QtBot) -> None:
    popups.show([view(f"e{i:02}") for i in range(12)])
    window = only(popups)
    shown = [c for c in window.cards if not c.isHidden()]
    assert 1 <= len(shown) < 12
    assert texts(window._more)[-1] == f"{12 - len(shown)} more alerts. Open Handraise"
    assert window.height() <= QGuiApplication.primaryScreen().availableGeometry().height() - 2 * MARGIN
    with qtbot.waitSignal(popups.opened):
        QTest.mouseClick(window._more, Qt.MouseButton.LeftButton)


def test_exposed_is_said_for_what_is_on_the_screen_and_not_for_what_did_not_fit(
    popups: AlertPopups, qtbot: QtBot
) -> None:
    seen: set[str] = set()
    popups.exposed.connect(seen.add)
    many = [view(f"e{i:02}") for i in range(12)]
    popups.show(many)
    qtbot.waitUntil(lambda: "e00" in seen)
    assert "e11" not in seen
    popups.show(many[-1:])
    assert "e11" in seen
    assert popups.trouble == ""


class Screen:
    """Whether windows are seen, as a test decides; says what was said of them."""

    def __init__(self) -> None:
        self.lit = False
        self.popups = AlertPopups(lambda: 261.0, LIGHT, seen=lambda window: self.lit and window.isExposed())
        self.shown: list[str] = []
        self.popups.exposed.connect(self.shown.append)

    def wait_over(self) -> None:
        """The time until the next try is over."""
        assert self.popups._insisting.isActive()
        self.popups._insisting.stop()
        self.popups._insist()


@pytest.fixture
def dark(qtbot: QtBot) -> Iterator[Screen]:
    screen = Screen()
    yield screen
    screen.popups.close()


def test_a_pop_up_that_nobody_can_see_is_tried_again_and_is_a_trouble(dark: Screen) -> None:
    dark.popups.show([view()])
    for n in range(PATIENCE):
        assert dark.popups.trouble == ""
        assert dark.popups._insisting.interval() == INSIST_MS[n]
        before = only(dark.popups)
        dark.wait_over()
        assert only(dark.popups) is not before
        assert card(dark.popups).view == view()
    assert dark.popups.trouble == "not_visible"
    assert dark.shown == []


def test_shown_is_said_when_it_is_seen_at_last_and_the_trouble_ends(dark: Screen, qtbot: QtBot) -> None:
    dark.popups.show([view()])
    for _ in INSIST_MS:
        dark.wait_over()
    dark.lit = True
    dark.wait_over()
    qtbot.waitUntil(lambda: "e1" in dark.shown)
    assert dark.popups.trouble == ""
    assert not dark.popups._insisting.isActive()


def test_a_window_that_the_system_takes_away_is_made_anew(dark: Screen, qtbot: QtBot) -> None:
    dark.lit = True
    dark.popups.show([view()])
    qtbot.waitUntil(lambda: dark.shown != [] and not dark.popups._insisting.isActive())
    taken = only(dark.popups)
    taken.windowHandle().destroy()
    qtbot.waitUntil(dark.popups._insisting.isActive)
    dark.wait_over()
    assert only(dark.popups) is not taken
    qtbot.waitUntil(lambda: only(dark.popups).exposed_cards == {EscalationId("e1")})


def test_a_window_that_is_no_longer_wanted_is_not_insisted_on(dark: Screen) -> None:
    dark.popups.show([view()])
    dark.popups.show([])
    assert not dark.popups._insisting.isActive()


def test_where_nothing_is_drawn_nothing_is_shown(qtbot: QtBot) -> None:
    """The platform of these tests says of its windows that they are exposed; no person sees them."""
    made = AlertPopups(lambda: 261.0, LIGHT)
    said: list[str] = []
    made.exposed.connect(said.append)
    made.show([view()])
    qtbot.waitUntil(only(made).windowHandle().isExposed)
    made._look()
    made.close()
    assert said == []


def test_it_cannot_be_closed_but_by_an_answer(popups: AlertPopups) -> None:
    popups.show([view()])
    only(popups).close()
    assert only(popups).isVisible()
    popups.show([])
    assert not only(popups).isVisible()


def test_a_click_meant_for_what_was_there_before_is_not_an_answer(
    popups: AlertPopups, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(popup_window, "SETTLE_MS", 60_000)
    popups.show([view()])
    with qtbot.assertNotEmitted(popups.answered):
        QTest.mouseClick(card(popups).button(AnswerKind.APPROACH), Qt.MouseButton.LeftButton)


def test_a_screen_that_goes_takes_its_window_along(popups: AlertPopups) -> None:
    popups.show([view()])
    screen = QGuiApplication.primaryScreen()
    popups._screen_removed(screen)
    assert popups.windows == ()
    popups._screen_added(screen)  # and comes back with what is wanted now
    assert card(popups).view == view()


def test_the_running_time_runs(popups: AlertPopups) -> None:
    now = 261.0
    popups._clock = lambda: now
    popups.show([view()])
    now += 60
    popups._tick()
    assert "3:41" in texts(card(popups))


def test_assistive_technology_gets_names_a_role_and_an_announcement(
    popups: AlertPopups, monkeypatch: pytest.MonkeyPatch
) -> None:
    events: list[tuple[QAccessible.Event, str]] = []

    def note(event: object) -> None:
        message = event.message() if hasattr(event, "message") else ""
        events.append((event.type(), message))  # type: ignore[attr-defined]  # every accessible event has it

    monkeypatch.setattr(QAccessible, "isActive", lambda: True)
    monkeypatch.setattr(QAccessible, "updateAccessibility", note)
    popups.show([view()])
    assert (QAccessible.Event.Announcement, "Red escalation: Finn Olsen. Line 3") in events
    assert QAccessible.Event.Alert in [kind for kind, _ in events]
    interface = QAccessible.queryAccessibleInterface(card(popups))
    assert interface is not None
    assert interface.role() is QAccessible.Role.AlertMessage
    assert interface.text(QAccessible.Text.Name) == "Finn Olsen needs help"
    assert interface.text(QAccessible.Text.Description) == "Line 3\nDesk row 1 · On a call"
    events.clear()
    popups.show([view(declined=("Marco Bruno",))])
    assert events == []  # said once, not at every change
    popups.show([view(phase=Phase.CALM, coming=("Quentin Roy",))])
    assert (QAccessible.Event.Announcement, "Quentin Roy is on the way") in events


def test_round_corners_are_cut_evenly() -> None:
    region = rounded(QRect(10, 20, 100, 60), 14)
    assert region.boundingRect() == QRect(10, 20, 100, 60)
    for corner in (QPoint(10, 20), QPoint(109, 20), QPoint(10, 79), QPoint(109, 79)):
        assert not region.contains(corner)
    assert region.contains(QPoint(24, 20))
    assert region.contains(QPoint(10, 34))
    assert region.contains(QPoint(95, 79))
