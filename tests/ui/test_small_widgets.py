"""Switch, chip, flow layout and floating card."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtGui import QAccessible, QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QHBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from app.ui.theme.tokens import DARK, LIGHT, Tokens
from app.ui.widgets import Sheet, icon_button, label, tooltip
from app.ui.widgets.chip import Chip
from app.ui.widgets.floating import FloatingCard
from app.ui.widgets.flow import FlowLayout
from app.ui.widgets.switch import Switch


def click(widget: QWidget, at: QPoint) -> None:
    QTest.mouseClick(widget, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, at)


def shown(qtbot: QtBot, widget: QWidget) -> None:
    qtbot.addWidget(widget)
    widget.show()
    widget.activateWindow()
    qtbot.waitUntil(widget.isActiveWindow)
    widget.setFocus()


def test_a_switch_by_key_and_mouse(qtbot: QtBot) -> None:
    switch = Switch("Notify", LIGHT, reduced_motion=True)
    shown(qtbot, switch)
    QTest.keyClick(switch, Qt.Key.Key_Space)
    assert switch.isChecked()
    assert switch.position == 1.0
    click(switch, QPoint(2, 12))
    assert not switch.isChecked()
    assert switch.position == 0.0


def test_a_switch_slides_unless_motion_is_reduced(qtbot: QtBot) -> None:
    switch = Switch("Notify", LIGHT)
    shown(qtbot, switch)
    switch.setChecked(True)
    assert switch.position < 1.0
    qtbot.waitUntil(lambda: switch.position == 1.0)
    switch.set_reduced_motion(True)
    switch.setChecked(False)
    assert switch.position == 0.0


def test_a_switch_is_a_named_check_box(qtbot: QtBot) -> None:
    switch = Switch("Notify users", LIGHT)
    qtbot.addWidget(switch)
    interface = QAccessible.queryAccessibleInterface(switch)
    assert interface.role() is QAccessible.Role.CheckBox
    assert interface.text(QAccessible.Text.Name) == "Notify users"


@pytest.mark.parametrize("tokens", [LIGHT, DARK])
def test_a_switch_shows_focus_and_state_in_both_themes(qtbot: QtBot, tokens: Tokens) -> None:
    switch = Switch("Notify", tokens, reduced_motion=True)
    shown(qtbot, switch)
    focused = switch.grab().toImage()
    switch.clearFocus()
    plain = switch.grab().toImage()
    switch.setChecked(True)
    assert focused != plain != switch.grab().toImage()


def test_a_chip_is_removed_by_keys_and_by_its_cross_alone(qtbot: QtBot) -> None:
    chip = Chip("p:1", "Omar Said", LIGHT, spoken="Omar Said, on a call")
    shown(qtbot, chip)
    removed: list[str] = []
    chip.removed.connect(removed.append)
    QTest.keyClick(chip, Qt.Key.Key_Backspace)
    QTest.keyClick(chip, Qt.Key.Key_Delete)
    click(chip, QPoint(20, 14))
    assert removed == ["p:1", "p:1"]
    click(chip, QPoint(chip.width() - 8, 14))
    assert removed == ["p:1"] * 3
    assert chip.accessibleName() == "Omar Said, on a call"


def test_the_arrow_keys_leave_a_chip(qtbot: QtBot) -> None:
    chip = Chip("p:1", "Omar Said", LIGHT)
    shown(qtbot, chip)
    steps: list[tuple[str, int]] = []
    chip.step.connect(lambda key, by: steps.append((key, by)))
    QTest.keyClick(chip, Qt.Key.Key_Left)
    QTest.keyClick(chip, Qt.Key.Key_Right)
    assert steps == [("p:1", -1), ("p:1", 1)]


def test_a_long_name_makes_no_endless_chip(qtbot: QtBot) -> None:
    chip = Chip("p:1", "x" * 200, LIGHT)
    qtbot.addWidget(chip)
    assert chip.sizeHint().width() == 220


class Box(QWidget):
    def __init__(self, width: int, parent: QWidget) -> None:
        super().__init__(parent)
        self._width = width

    def sizeHint(self) -> QSize:
        return QSize(self._width, 20)


def flow(holder: QWidget, *widths: int, stretch_last: bool = False) -> tuple[FlowLayout, list[Box]]:
    layout = FlowLayout(holder, spacing=10, stretch_last=stretch_last, last_width=100)
    boxes = [Box(width, holder) for width in widths]
    for box in boxes:
        layout.addWidget(box)
    holder.show()
    return layout, boxes


@pytest.fixture
def holder(qtbot: QtBot) -> QWidget:
    made = QWidget()
    qtbot.addWidget(made)
    return made


def test_flow_starts_a_new_line_where_there_is_no_room(holder: QWidget) -> None:
    layout, boxes = flow(holder, 100, 100, 100)
    assert layout.heightForWidth(400) == 20
    assert layout.heightForWidth(320) == 20
    assert layout.heightForWidth(319) == 50
    assert layout.heightForWidth(100) == 80
    layout.setGeometry(QRect(0, 0, 220, 50))
    assert [box.pos() for box in boxes] == [QPoint(0, 0), QPoint(110, 0), QPoint(0, 30)]


def test_flow_keeps_margins_and_skips_what_is_hidden(holder: QWidget) -> None:
    layout, boxes = flow(holder, 100, 100)
    layout.setContentsMargins(5, 6, 7, 8)
    assert layout.heightForWidth(222) == 34
    assert layout.heightForWidth(221) == 64
    boxes[0].hide()
    assert layout.heightForWidth(112) == 34


def test_the_last_takes_the_rest_of_its_line_or_a_line_of_its_own(holder: QWidget) -> None:
    layout, boxes = flow(holder, 100, 30, stretch_last=True)
    layout.setGeometry(QRect(0, 0, 250, 20))
    assert boxes[1].geometry() == QRect(110, 0, 140, 20)
    layout.setGeometry(QRect(0, 0, 200, 50))
    assert boxes[1].geometry() == QRect(0, 30, 200, 20)


def test_what_is_wider_than_the_line_is_cut_to_it(holder: QWidget) -> None:
    layout, boxes = flow(holder, 500)
    layout.setGeometry(QRect(0, 0, 120, 20))
    assert boxes[0].width() == 120


class Below(QWidget):
    """Counts the clicks that reach it."""

    clicks = 0

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.clicks += 1


def test_a_floating_card_takes_clicks_and_its_shadow_does_not(qtbot: QtBot) -> None:
    below = Below()
    below.resize(300, 300)
    card = FloatingCard(LIGHT, below)
    card.setGeometry(100, 100, 100, 100)
    shown(qtbot, below)
    assert below.childAt(95, 150) is None  # in the shadow
    assert below.childAt(150, 150) is card
    click(card, QPoint(50, 50))
    assert below.clicks == 0


def test_the_shadow_follows_its_card(qtbot: QtBot) -> None:
    below = Below()
    below.resize(300, 300)
    card = FloatingCard(LIGHT, below)
    card.setGeometry(60, 60, 80, 80)
    shown(qtbot, below)
    plain = below.grab(QRect(200, 200, 60, 30)).toImage()
    card.move(190, 110)  # its lower edge at 190: the shadow falls into the looked-at part
    assert below.grab(QRect(200, 200, 60, 30)).toImage() != plain
    card.hide()
    assert below.grab(QRect(200, 200, 60, 30)).toImage() == plain


def test_a_card_is_what_it_says_to_a_screen_reader(qtbot: QtBot) -> None:
    below = Below()
    card = FloatingCard(LIGHT, below)
    card.setAccessibleName("Controls")
    qtbot.addWidget(below)
    below.show()
    interface = QAccessible.queryAccessibleInterface(card)
    assert interface.role() is QAccessible.Role.Grouping
    assert interface.text(QAccessible.Text.Name) == "Controls"


def test_a_tooltip_is_read_without_its_markup(qtbot: QtBot) -> None:
    made = icon_button("close", "Close <now>")
    qtbot.addWidget(made)
    interface = QAccessible.queryAccessibleInterface(made)
    assert interface.text(QAccessible.Text.Description) == "Close <now>"
    tooltip(made, "Later")
    assert interface.text(QAccessible.Text.Description) == "Later"
    made.setAccessibleDescription("Its own")
    tooltip(made, "Never")
    assert interface.text(QAccessible.Text.Description) == "Its own"


def test_a_sheet_is_as_high_as_its_lines_are_at_its_width(qtbot: QtBot) -> None:
    """Wrapped lines beside something narrow: Qt thinks of them as narrower, thus higher, than they are."""
    sheet = Sheet(400)
    for _ in range(4):
        row = QHBoxLayout()
        name = label("Name", parent=sheet)
        name.setFixedWidth(40)
        row.addWidget(name)
        row.addWidget(label("wants quiet until 11:56: is not reached", wrap=True), 1)
        sheet.column.addLayout(row)
    last = label("The last line", parent=sheet)
    sheet.column.addWidget(last)
    sheet.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, on=False)
    shown(qtbot, sheet)
    inside = last.parentWidget()
    assert inside is not None
    below = sheet.column.contentsMargins().bottom()
    assert last.height() == last.sizeHint().height()
    assert inside.height() == last.geometry().bottom() + 1 + below
    assert sheet._scroll.verticalScrollBar().maximum() == 0
