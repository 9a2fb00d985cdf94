"""The escalation dialog as a person uses it, with the keyboard, the mouse and an input method."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QRectF, Qt
from PySide6.QtGui import QInputMethodEvent, QPainter
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from app.core.model import AssetId, Group, GroupId, Level, Occupant, Person, PersonId, Recipients, Status
from app.core.text import count
from app.ui.escalation import EscalationChoices
from app.ui.escalation_dialog import EscalationDialog
from app.ui.theme.tokens import DARK, LIGHT

Key, Modifier = Qt.Key, Qt.KeyboardModifier
RECENTS = ("Line 3 asks for a manager", "Refund over limit", "Printer on fire")
MORI, OMAR, LENA = (PersonId(name) for name in ("mori", "omar", "lena"))
SUPERVISORS = GroupId("g1")
CHOICES = EscalationChoices(
    people=(
        (Person(PersonId("me"), "me", "Myself"), Occupant(PersonId("me"))),
        (Person(MORI, "mori", "森 千恵"), Occupant(MORI, Status.ON_CALL)),
        (Person(OMAR, "omar", "Omar Said"), Occupant(OMAR)),
        (Person(LENA, "lena", "Lena Vogt"), None),
    ),
    groups=(Group(SUPERVISORS, "supervisors", "Supervisors", (MORI, LENA)),),
    me=PersonId("me"),
    recents=RECENTS,
)


def no_face(
    painter: QPainter,
    box: QRectF,
    person: PersonId,
    name: str,
    picture: AssetId | None,
    status: Status | None,
    auto_away: bool,
    lost: bool,
) -> None:
    """A face nobody looks at here."""


class Desk:
    """A window with an Escalation button, and the dialog."""

    def __init__(self, qtbot: QtBot) -> None:
        self.bot = qtbot
        self.window = QWidget()
        self.window.resize(900, 700)
        qtbot.addWidget(self.window)
        self.button = QPushButton("Escalation", self.window)
        self.button.setGeometry(400, 640, 120, 40)
        self.dialog = EscalationDialog(LIGHT, no_face, self.window, reduced_motion=True)
        self.dialog.set_choices(CHOICES)
        self.executed: list[tuple[Level, str, Recipients]] = []
        self.dialog.execute.connect(lambda *what: self.executed.append(what))
        self.window.show()
        self.window.activateWindow()
        qtbot.waitUntil(self.window.isActiveWindow)
        self.dialog.open_above(self.button)

    def focused(self) -> QWidget:
        widget = QApplication.focusWidget()
        assert widget is not None
        return widget

    def press(self, key: Qt.Key, modifiers: Qt.KeyboardModifier = Modifier.NoModifier) -> None:
        QTest.keyClick(self.focused(), key, modifiers)

    def type(self, text: str) -> None:
        QTest.keyClicks(self.focused(), text)

    def click(self, widget: QWidget, at: QPoint | None = None) -> None:
        spot = at or widget.rect().center()
        QTest.mouseClick(widget, Qt.MouseButton.LeftButton, Modifier.NoModifier, spot)

    def compose(self, preedit: str, commit: str = "") -> None:
        event = QInputMethodEvent(preedit, [])
        event.setCommitString(commit)
        QApplication.sendEvent(self.focused(), event)

    def red(self, *keys: str) -> None:
        self.dialog.notify.switch.setChecked(True)
        for key in keys:
            self.dialog.recipients.choose(key)

    def offered(self) -> list[str]:
        return [row.key for row in self.dialog.found.rows] if self.dialog.found.isVisible() else []


@pytest.fixture
def desk(qtbot: QtBot) -> Desk:
    return Desk(qtbot)


# --- stories ---------------------------------------------------------------------------------------------


def test_a_yellow_one_with_the_keyboard_alone(desk: Desk) -> None:
    desk.type("Line 3")
    desk.press(Key.Key_Return, Modifier.ControlModifier)
    assert desk.executed == [(Level.YELLOW, "Line 3", Recipients())]


def test_a_red_one_with_the_keyboard_alone(desk: Desk) -> None:
    desk.type("Help")
    desk.press(Key.Key_Tab)
    assert desk.focused() is desk.dialog.notify.switch
    desk.press(Key.Key_Space)
    desk.press(Key.Key_Tab)
    desk.type("@sup")
    desk.press(Key.Key_Return)
    desk.type("oma")
    desk.press(Key.Key_Tab)
    assert [chip.accessibleName() for chip in desk.dialog.recipients.chips] == [
        "Supervisors, 1 of 2 here",
        "Omar Said, Available",
    ]
    desk.press(Key.Key_Tab)
    assert desk.focused() is desk.dialog.execute_button
    desk.press(Key.Key_Space)
    assert desk.executed == [(Level.RED, "Help", Recipients(people=(OMAR,), groups=(SUPERVISORS,)))]


def test_tab_goes_round_inside(desk: Desk) -> None:
    stops = []
    for _ in range(4):
        stops.append(desk.focused())
        desk.press(Key.Key_Tab)
    dialog = desk.dialog
    assert stops == [dialog.message, dialog.notify.switch, dialog.execute_button, dialog.close_button]
    assert desk.focused() is dialog.message
    desk.press(Key.Key_Backtab)
    assert desk.focused() is dialog.close_button


def test_enter_alone_calls_nobody(desk: Desk) -> None:
    desk.type("Help")
    desk.press(Key.Key_Return)
    assert desk.executed == []


def test_escape_closes_and_keeps_what_was_typed(desk: Desk) -> None:
    desk.type("Half a sen")
    desk.red("p:omar")
    with desk.bot.waitSignal(desk.dialog.closed):
        desk.press(Key.Key_Escape)
    assert not desk.dialog.isVisible()
    assert desk.focused() is desk.button
    desk.dialog.open_above(desk.button)
    assert desk.dialog.message.text() == "Half a sen"
    assert desk.dialog.level is Level.RED
    assert desk.dialog.chosen == Recipients(people=(OMAR,))


def test_it_is_empty_again_after_it_was_accepted(desk: Desk) -> None:
    desk.type("Help")
    desk.red("p:omar")
    desk.click(desk.dialog.execute_button)
    desk.dialog.done()
    assert not desk.dialog.isVisible()
    desk.dialog.open_above(desk.button)
    assert (desk.dialog.message.text(), desk.dialog.level) == ("", Level.YELLOW)
    desk.dialog.notify.switch.setChecked(True)
    assert desk.dialog.chosen == Recipients()


# --- Execute ---------------------------------------------------------------------------------------------


def test_two_clicks_make_one(desk: Desk) -> None:
    desk.click(desk.dialog.execute_button)
    desk.click(desk.dialog.execute_button)
    QTest.keyClick(desk.dialog, Key.Key_Return, Modifier.ControlModifier)
    assert len(desk.executed) == 1
    assert desk.dialog.execute_button.words == "Raising…"


def test_a_refusal_is_said_and_keeps_everything(desk: Desk) -> None:
    desk.type("Help")
    desk.red("p:omar")
    desk.click(desk.dialog.execute_button)
    desk.dialog.show_refusal("One of the chosen people is no longer in this space.")
    assert desk.dialog.notice.text == "One of the chosen people is no longer in this space."
    assert desk.dialog.notice.isVisible()
    assert desk.focused() is desk.dialog.message
    assert desk.dialog.message.text() == "Help"
    desk.click(desk.dialog.execute_button)
    assert [what[2] for what in desk.executed] == [Recipients(people=(OMAR,))] * 2


def test_a_refusal_after_it_was_closed_opens_it_again_without_taking_the_keyboard(desk: Desk) -> None:
    desk.type("Help")
    desk.press(Key.Key_Return, Modifier.ControlModifier)
    desk.press(Key.Key_Escape)
    assert desk.focused() is desk.button
    desk.dialog.show_refusal("Your hand is already raised.")
    assert desk.dialog.isVisible()
    assert desk.dialog.message.text() == "Help"
    assert desk.focused() is desk.button


def test_red_without_recipients_cannot_be_executed_and_says_why(desk: Desk) -> None:
    desk.red()
    assert not desk.dialog.execute_button.isEnabled()
    assert desk.dialog.reason.text() == "Choose who is to be notified."
    desk.press(Key.Key_Return, Modifier.ControlModifier)
    assert desk.executed == []
    assert desk.focused() is desk.dialog.recipients.field
    desk.dialog.recipients.choose("p:omar")
    assert desk.dialog.execute_button.isEnabled()
    assert desk.dialog.reason.text() == ""


def test_the_switch_says_what_it_means_and_a_yellow_one_forgets_no_chips(desk: Desk) -> None:
    meaning = desk.dialog.notify.meaning
    assert meaning.text() == "Everyone sees your hand. Nobody is alerted."
    desk.click(desk.dialog.notify, QPoint(20, 20))
    assert "called until somebody comes" in meaning.text()
    assert desk.dialog.execute_button.kind == "red"
    desk.dialog.recipients.choose("p:omar")
    desk.click(desk.dialog.notify.switch)
    assert (desk.dialog.level, desk.dialog.chosen) == (Level.YELLOW, Recipients())
    desk.click(desk.dialog.notify.switch)
    assert desk.dialog.chosen == Recipients(people=(OMAR,))


def test_without_connection_it_can_be_executed_and_says_when_the_hand_goes_up(desk: Desk) -> None:
    desk.dialog.set_connected(False)
    assert "NOT PROTECTED" in desk.dialog.offline.text()
    assert desk.dialog.offline.isVisible()
    desk.click(desk.dialog.execute_button)
    assert len(desk.executed) == 1
    assert desk.dialog.execute_button.words == "Waiting for the connection…"
    desk.dialog.set_connected(True)
    assert desk.dialog.execute_button.words == "Raising…"


# --- the message -----------------------------------------------------------------------------------------


def test_fifty_characters_and_no_more(desk: Desk) -> None:
    message = desk.dialog.message
    desk.type("a" * 50)
    assert message.counter.text() == "50 / 50"
    assert not desk.dialog.too_long.isVisible()
    desk.type("b")
    assert message.text() == "a" * 50
    assert desk.dialog.too_long.isVisible()
    desk.press(Key.Key_Backspace)
    assert not desk.dialog.too_long.isVisible()
    assert message.counter.text() == "49 / 50"


def test_what_is_typed_in_the_middle_is_refused_not_the_end(desk: Desk) -> None:
    desk.type("a" * 25 + "z" * 25)
    desk.dialog.message.setCursorPosition(25)
    desk.type("!")
    assert desk.dialog.message.text() == "a" * 25 + "z" * 25
    assert desk.dialog.message.cursorPosition() == 25


def test_a_combining_mark_counts_with_its_letter(desk: Desk) -> None:
    desk.type("a" * 49 + "e")
    desk.dialog.message.insert("\u0301")
    assert desk.dialog.message.counter.text() == "50 / 50"
    assert not desk.dialog.too_long.isVisible()
    desk.dialog.message.insert("\u0301")
    assert count(desk.dialog.message.text()) == 50
    assert desk.dialog.too_long.isVisible()


def test_emoji_count_as_they_are_stored_and_are_never_cut_in_half(desk: Desk) -> None:
    desk.dialog.message.insert("🔥" * 48)
    assert desk.dialog.message.counter.text() == "48 / 50"
    desk.dialog.message.insert("👩‍🚒")  # three code points, one sign
    assert desk.dialog.message.text() == "🔥" * 48
    desk.dialog.message.insert("👍🏽👍🏽")
    assert desk.dialog.message.text() == "🔥" * 48 + "👍🏽"


def test_a_long_paste_keeps_what_fits(desk: Desk) -> None:
    desk.type("Line 3: ")
    QApplication.clipboard().setText("x" * 80)
    desk.dialog.message.paste()
    assert desk.dialog.message.text() == "Line 3: " + "x" * 42


def test_an_input_method_is_left_alone_until_it_commits(desk: Desk) -> None:
    message = desk.dialog.message
    message.insert("あ" * 48)
    desk.compose("せきにんしゃ")
    assert message.text() == "あ" * 48
    assert not desk.dialog.too_long.isVisible()
    desk.compose("", commit="責任者")
    assert message.text() == "あ" * 48 + "責任"
    assert desk.dialog.too_long.isVisible()


# --- recent messages ----------------------------------------------------------------------------------------


def test_opening_covers_nothing_and_a_click_offers_the_recent_messages(desk: Desk) -> None:
    recents = desk.dialog.recents
    assert not recents.isVisible()
    desk.click(desk.dialog.message)
    assert [row.key for row in recents.rows] == list(RECENTS)
    assert recents.isVisible()
    desk.click(recents.view.viewport(), recents.view.visualRect(recents.model.index(1, 0)).center())
    assert desk.dialog.message.text() == RECENTS[1]
    assert not recents.isVisible()
    assert desk.focused() is desk.dialog.message


def test_recent_messages_by_arrows(desk: Desk) -> None:
    desk.press(Key.Key_Down)
    desk.press(Key.Key_Down)
    desk.press(Key.Key_Return)
    assert desk.dialog.message.text() == RECENTS[1]
    assert desk.executed == []


def test_escape_closes_the_list_first_and_typing_closes_it_too(desk: Desk) -> None:
    desk.press(Key.Key_Down)
    desk.press(Key.Key_Escape)
    assert desk.dialog.isVisible()
    assert not desk.dialog.recents.isVisible()
    desk.press(Key.Key_Down)
    desk.type("x")
    assert not desk.dialog.recents.isVisible()
    desk.press(Key.Key_Backspace)
    assert desk.dialog.recents.isVisible()


# --- recipients ------------------------------------------------------------------------------------------


def test_search_in_japanese_while_the_input_method_composes(desk: Desk) -> None:
    desk.red()
    desk.dialog.recipients.field.setFocus()
    desk.compose("ちえ")
    assert desk.offered() == []
    desk.compose("千恵")
    assert desk.offered() == [f"p:{MORI}"]
    desk.compose("", commit="千恵")
    desk.press(Key.Key_Return)
    assert desk.dialog.chosen == Recipients(people=(MORI,))
    assert desk.dialog.recipients.field.text() == ""


def test_nothing_is_chosen_by_tab_or_enter_before_something_was_typed(desk: Desk) -> None:
    desk.red()
    desk.click(desk.dialog.recipients.field)
    assert desk.offered() == [f"g:{SUPERVISORS}", f"p:{OMAR}", f"p:{MORI}", f"p:{LENA}"]
    desk.press(Key.Key_Return)
    assert desk.dialog.chosen == Recipients()
    desk.press(Key.Key_Up)
    desk.press(Key.Key_Return)
    assert desk.dialog.chosen == Recipients(people=(LENA,))


def test_chips_by_keyboard(desk: Desk) -> None:
    recipients = desk.dialog.recipients
    desk.red("p:omar", "p:mori", "p:lena")
    desk.press(Key.Key_Left)
    assert desk.focused() is recipients.chips[2]
    desk.press(Key.Key_Left)
    desk.press(Key.Key_Delete)
    assert [offer.key for offer in recipients.chosen] == ["p:omar", "p:lena"]
    assert desk.focused() is recipients.chips[1]
    desk.press(Key.Key_Right)
    assert desk.focused() is recipients.field
    desk.press(Key.Key_Backspace)
    assert [offer.key for offer in recipients.chosen] == ["p:omar"]
    desk.press(Key.Key_Left)
    desk.press(Key.Key_Tab)
    assert desk.focused() is desk.dialog.execute_button


def test_a_chip_by_mouse(desk: Desk) -> None:
    desk.red("p:omar", "p:mori")
    chip = desk.dialog.recipients.chips[0]
    desk.click(chip, QPoint(12, 14))
    assert len(desk.dialog.recipients.chips) == 2
    desk.click(chip, QPoint(chip.width() - 10, 14))
    assert desk.dialog.chosen == Recipients(people=(MORI,))


def test_many_chips_scroll_and_the_field_stays_in_sight(desk: Desk) -> None:
    people = tuple(
        (Person(PersonId(f"p{n}"), f"p{n}", f"Person number {n}"), Occupant(PersonId(f"p{n}")))
        for n in range(30)
    )
    desk.dialog.set_choices(EscalationChoices(people=people, me=PersonId("me")))
    desk.red(*(f"p:p{n}" for n in range(30)))
    field = desk.dialog.recipients.field
    desk.bot.waitUntil(lambda: not field.visibleRegion().isEmpty())
    assert desk.dialog.recipients.height() < 130
    assert desk.window.rect().contains(desk.dialog.geometry())


def test_who_leaves_the_space_leaves_the_chips(desk: Desk) -> None:
    desk.red("p:omar", "p:mori")
    people = tuple(pair for pair in CHOICES.people if pair[0].id != OMAR)
    desk.dialog.set_choices(EscalationChoices(people, CHOICES.groups, CHOICES.me))
    assert desk.dialog.chosen == Recipients(people=(MORI,))


def test_it_says_before_execute_who_will_not_be_reached_and_follows_who_comes(desk: Desk) -> None:
    reach = desk.dialog.reach
    desk.red("g:g1")
    assert reach.who.text() == "1 of 2 is offline."
    assert reach.then.text().startswith("They are alerted as soon as they come back")
    assert reach.isVisible()
    back = tuple((p, Occupant(p.id)) for p, _ in CHOICES.people)
    desk.dialog.set_choices(EscalationChoices(back, CHOICES.groups, CHOICES.me))
    assert reach.who.text() == "Lena Vogt, 森 千恵 will be called."
    assert not reach.then.isVisible()
    desk.dialog.notify.switch.setChecked(False)
    assert not reach.isVisible()


# --- its place --------------------------------------------------------------------------------------------


def test_it_stands_above_the_button_inside_the_window(desk: Desk) -> None:
    desk.red("p:lena")
    dialog = desk.dialog
    assert dialog.geometry().bottom() < desk.button.y()
    assert desk.window.rect().contains(dialog.geometry())
    desk.window.resize(500, 560)
    desk.button.move(10, 500)
    assert dialog.geometry().bottom() < desk.button.y()
    assert desk.window.rect().contains(dialog.geometry())


def test_another_theme_is_taken_over(desk: Desk) -> None:
    desk.red("p:omar")
    before = desk.window.grab().toImage()
    desk.dialog.set_tokens(DARK)
    assert desk.window.grab().toImage() != before
