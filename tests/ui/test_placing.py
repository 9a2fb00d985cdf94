"""Windows open within their screen, whatever they were like before and wherever their parent is."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import QMargins, QRect, QSize
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from app.ui.entrance import Entrance
from app.ui.models.rows import RowModel
from app.ui.models.ticker import Ticker
from app.ui.panels.look import Look
from app.ui.policies.window import PolicyWindow
from app.ui.question import ask
from app.ui.reports.reports_window import ReportsWindow, View
from app.ui.reports.timeline_window import TimelineWindow
from app.ui.shortcuts import ShortcutsSheet
from app.ui.widgets import Sheet
from app.ui.widgets.placing import within
from app.ui.window import SMALLEST
from tests.helpers.desk import theme_of
from tests.helpers.floor import Floor
from tests.helpers.office import ANN
from tests.ui.test_window import Screen

AREA, NO_SIZE = QRect(0, 0, 1280, 800), QSize(0, 0)
TITLE = QMargins(1, 26, 1, 1)


@pytest.mark.parametrize(
    ("window", "placed"),
    [
        (QRect(100, 100, 400, 300), QRect(100, 100, 400, 300)),
        (QRect(76, 13, 1120, 760), QRect(76, 26, 1120, 760)),  # half of the title was above
        (QRect(76, 13, 1120, 790), QRect(76, 26, 1120, 773)),
        (QRect(-500, -500, 400, 300), QRect(1, 26, 400, 300)),
        (QRect(1200, 700, 400, 300), QRect(879, 499, 400, 300)),
        (QRect(4000, 3000, 3000, 2000), QRect(1, 26, 1278, 773)),  # of a screen that is gone
    ],
)
def test_all_of_a_window_is_inside_with_its_frame(window: QRect, placed: QRect) -> None:
    assert within(window, AREA, TITLE, NO_SIZE) == placed
    moved = AREA.translated(1280, -300)  # a screen beside
    assert within(window.translated(1280, -300), moved, TITLE, NO_SIZE) == placed.translated(1280, -300)


def test_what_cannot_be_smaller_keeps_its_title_inside() -> None:
    narrow = QRect(0, 0, 853, 493)  # of 1280 x 800 px at 150 %, with a taskbar
    placed = within(QRect(10, 10, 1120, 760), narrow, TITLE, QSize(800, 520))
    assert placed == QRect(1, 26, 851, 520)


Make = Callable[[Look, QWidget], QWidget]


def make_policies(look: Look, host: QWidget) -> QWidget:
    return PolicyWindow(RowModel(host), look, "Osaka", lambda: True, host)


def make_reports(look: Look, host: QWidget) -> QWidget:
    return ReportsWindow(look, {View.BOARD: QWidget()}, host)


def make_timeline(look: Look, host: QWidget) -> QWidget:
    return TimelineWindow(look, Ticker(host), lambda: 0.0, host)


def make_keys(look: Look, host: QWidget) -> QWidget:
    return ShortcutsSheet(look.theme.tokens, host)


def make_sheet(look: Look, host: QWidget) -> QWidget:
    return Sheet(400, host)


def make_question(look: Look, host: QWidget) -> QWidget:
    return ask(host, "Delete?", "It is gone then.", "Delete", lambda: None, look.theme.tokens)


def make_entrance(look: Look, host: QWidget) -> QWidget:
    return Entrance(look.theme)


@pytest.mark.parametrize(
    "make",
    [make_policies, make_reports, make_timeline, make_keys, make_sheet, make_question, make_entrance],
    ids=lambda make: make.__name__,
)
@pytest.mark.parametrize("corner", [QRect(-900, -900, 1000, 1000), QRect(700, 700, 1000, 1000)])
def test_every_window_opens_on_its_screen(
    qtbot: QtBot, qapp: QApplication, make: Make, corner: QRect
) -> None:
    host = QWidget()
    qtbot.addWidget(host)
    host.setGeometry(corner)
    host.show()
    window = make(Look(theme_of(qapp), lambda _asset: None), host)
    if window.parent() is None:
        qtbot.addWidget(window)
    window.show()
    area = window.screen().availableGeometry()
    assert area.contains(window.frameGeometry()), (area, window.frameGeometry())


def test_who_has_made_it_larger_meanwhile_keeps_it_so(qtbot: QtBot, qapp: QApplication) -> None:
    host = QWidget()
    qtbot.addWidget(host)
    window = make_policies(Look(theme_of(qapp), lambda _asset: None), host)
    window.show()
    window.resize(1_120, 760)
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    assert window.size() == QSize(1_120, 760)


def test_a_window_that_was_left_on_a_screen_that_is_gone_comes_back(qtbot: QtBot, qapp: QApplication) -> None:
    far = QWidget()
    qtbot.addWidget(far)
    far.setGeometry(4_000, 3_000, 3_000, 2_000)
    geometry = bytes(far.saveGeometry().toBase64().data()).decode("ascii")
    screen = Screen(Floor(), ANN, qapp)
    qtbot.addWidget(screen.window)
    screen.window.restore_layout(geometry, 0)
    room = screen.window.screen().availableGeometry()
    placed = screen.window.frameGeometry()
    assert room.contains(placed.topLeft())
    assert (screen.window.width(), placed.bottom() <= room.bottom()) == (SMALLEST[0], True)
    screen.desk.close()
