"""Labels, buttons and notices show what they are given, literally and whole."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QAction, QEnterEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QToolButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from app.ui.map.controls import ZoomControls
from app.ui.theme import DARK, LIGHT, Theme
from app.ui.theme.fonts import font
from app.ui.widgets import Badge, EmptyState, Notice, Tone, button, icon_button, label, tooltip
from app.ui.widgets.action_button import ActionButton
from app.ui.widgets.fields import CLEAR_ACTION, clearable
from app.ui.words import elapsed
from tests.helpers.desk import theme_of

HOSTILE = "<img src=x onerror=1><b>お客様</b> &amp; \u202etxt"
JAPANESE = "挙手中です。終了するとスペースから退出し、手も下がります。gjpqy"


@pytest.fixture(autouse=True)
def theme(qapp: QApplication) -> Theme:
    return theme_of(qapp)


@pytest.mark.parametrize("options", [{}, {"wrap": True}, {"elide": True}, {"selectable": True}])
def test_a_label_shows_markup_as_it_was_written(qtbot: QtBot, options: dict[str, bool]) -> None:
    made = label(HOSTILE, **options)  # type: ignore[arg-type]  # mypy: each option is a bool
    qtbot.addWidget(made)
    assert made.textFormat() is Qt.TextFormat.PlainText
    assert made.text() == HOSTILE


def test_a_tooltip_shows_markup_as_it_was_written(qtbot: QtBot) -> None:
    widget = QWidget()
    qtbot.addWidget(widget)
    tooltip(widget, "<b>x</b>")
    assert "&lt;b&gt;x&lt;/b&gt;" in widget.toolTip()
    tooltip(widget, "")
    assert widget.toolTip() == ""


@pytest.mark.parametrize("size", ["tiny", "small", "body", "large", "title"])
def test_japanese_is_as_high_as_its_label(qtbot: QtBot, size: str) -> None:
    """The fallback font's glyphs are taller than Inter's: no solid ink touches the label's edges."""
    made = label(JAPANESE, size=size)  # type: ignore[arg-type]  # mypy: one of Size
    qtbot.addWidget(made)
    made.setAttribute(Qt.WidgetAttribute.WA_TranslucentBackground)
    made.adjustSize()
    image = made.grab().toImage()
    inked = [
        y
        for y in range(image.height())
        if any(image.pixelColor(x, y).alpha() > 128 for x in range(image.width()))
    ]
    assert inked[0] > 0
    assert inked[-1] < image.height() - 1


def test_an_elided_label_gives_way_and_keeps_its_text(qtbot: QtBot) -> None:
    made = label("Tara Whitfield-Longmore " * 4, elide=True)
    qtbot.addWidget(made)
    assert made.minimumSizeHint().width() < 80
    assert made.text().count("Tara") == 4


@pytest.mark.parametrize(
    ("seconds", "text"), [(-3, "0:00"), (0, "0:00"), (38.9, "0:38"), (161, "2:41"), (3_762, "1:02:42")]
)
def test_running_time_is_written_as_on_a_clock(seconds: float, text: str) -> None:
    assert elapsed(seconds) == text


@pytest.mark.parametrize("key", [Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter])
def test_a_button_is_pressed_by_each_key_for_it(qtbot: QtBot, key: Qt.Key) -> None:
    host = QWidget()
    qtbot.addWidget(host)
    made = button("Go", kind="primary", parent=host)
    host.show()
    made.setFocus()
    with qtbot.waitSignal(made.clicked):
        QTest.keyClick(made, key)


def test_a_button_shows_that_it_has_the_keyboard(qtbot: QtBot) -> None:
    host = QWidget()
    qtbot.addWidget(host)
    column = QVBoxLayout(host)
    other = QLineEdit(host)
    column.addWidget(other)
    buttons = [
        button(kind, kind=kind, parent=host) for kind in ("", "quiet", "bare", "primary", "red", "yellow")
    ]
    for made in buttons:
        column.addWidget(made)
    host.show()
    host.activateWindow()
    qtbot.waitUntil(host.isActiveWindow)
    other.setFocus()
    for made in buttons:
        before, size = made.grab().toImage(), made.sizeHint()
        made.setFocus()
        assert made.grab().toImage() != before, made.text()
        assert made.sizeHint() == size, "the ring moves nothing"


def test_an_icon_alone_has_a_name(qtbot: QtBot) -> None:
    made = icon_button("settings", "Settings")
    qtbot.addWidget(made)
    assert made.accessibleName() == "Settings"
    assert "Settings" in made.toolTip()
    assert made.size().width() >= 24


def test_a_notice_grows_with_its_sentence(qtbot: QtBot) -> None:
    host = QWidget()
    qtbot.addWidget(host)
    column = QVBoxLayout(host)
    notice = Notice(LIGHT, host)
    column.addWidget(notice)
    column.addStretch(1)
    host.resize(300, 400)
    host.show()
    notice.say("Short.")
    low = notice.heightForWidth(280)
    notice.say(JAPANESE * 3, Tone.PROBLEM, "Undo")
    assert notice.heightForWidth(280) > 2 * low
    assert notice.accessibleName() == JAPANESE * 3
    with qtbot.waitSignal(notice.acted):
        notice._action.click()
    notice.say("")
    assert not notice.isVisible()


def test_an_empty_state_teaches(qtbot: QtBot) -> None:
    made = EmptyState("hand", "All quiet.", "Ctrl+Shift+E raises yours.", LIGHT)
    qtbot.addWidget(made)
    assert (made.title.text(), made.teaching.text()) == ("All quiet.", "Ctrl+Shift+E raises yours.")


@pytest.mark.parametrize(("count", "text"), [(1, "1"), (99, "99"), (100, "99+")])
def test_a_badge_counts(qtbot: QtBot, count: int, text: str) -> None:
    host = QWidget()
    qtbot.addWidget(host)
    made = Badge(LIGHT, parent=host)
    host.show()
    made.set_count(count)
    assert made.text() == text
    assert made.isVisible()
    assert made.sizeHint().width() >= made.fontMetrics().horizontalAdvance(text)
    made.set_count(0)
    assert not made.isVisible()


@pytest.mark.parametrize("words", ["Escalation", "エスカレーション", "Lower hand"])
def test_an_action_button_has_room_for_its_words(qtbot: QtBot, words: str) -> None:
    made = ActionButton(LIGHT, "hand-solid", kind="yellow")
    qtbot.addWidget(made)
    made.setFont(font(13, 600))
    made.set_text(words)
    assert made.sizeHint().width() >= made.fontMetrics().horizontalAdvance(words) + 20
    made.set_dense(hint=False, text=False)
    assert not made.shows_words
    assert made.sizeHint().width() < 60


@pytest.mark.parametrize("where", ["toolbar", "map"])
def test_a_painted_button_shows_that_the_pointer_is_over_it(qtbot: QtBot, where: str) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    made = (
        ActionButton(LIGHT, "chat", parent=parent) if where == "toolbar" else ZoomControls(parent).buttons[0]
    )
    parent.show()
    before, middle = made.grab().toImage(), QPointF(made.rect().center())
    QApplication.sendEvent(made, QEnterEvent(middle, middle, middle))
    assert made.grab().toImage() != before
    QApplication.sendEvent(made, QEvent(QEvent.Type.Leave))
    assert made.grab().toImage() == before
    assert made.testAttribute(Qt.WidgetAttribute.WA_Hover)  # so Qt paints it anew by itself


def test_a_field_is_cleared_by_our_own_icon(qtbot: QtBot) -> None:
    field = QLineEdit()
    qtbot.addWidget(field)
    clearable(field, LIGHT)
    clear = field.findChild(QAction, CLEAR_ACTION)
    assert clear is not None, "Qt calls the action otherwise now"
    before = clear.icon().cacheKey()
    clearable(field, DARK)
    assert clear.icon().cacheKey() != before
    field.setText("something")
    field.show()
    QTest.mouseClick(field.findChildren(QToolButton)[-1], Qt.MouseButton.LeftButton)
    assert field.text() == ""


def test_a_placeholder_can_be_read(qtbot: QtBot, theme: Theme) -> None:
    """Qt would make it half transparent."""
    field = QLineEdit()
    qtbot.addWidget(field)
    field.setFont(font(18, 700))
    field.setPlaceholderText("■■■■")
    field.resize(200, 40)
    field.show()
    image = field.grab().toImage()
    middle = image.height() // 2
    colours = {image.pixelColor(x, middle).name() for x in range(10, 80)}
    assert theme.tokens.colours.muted in colours
