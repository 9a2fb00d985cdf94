"""The window's layout comes to rest, however narrow it is: an idle window costs nothing."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.ui.window import SMALLEST, MapArea
from tests.helpers.floor import Floor
from tests.helpers.office import ANN
from tests.ui.test_window import Screen

TURNS = 12


def turn(qtbot: QtBot) -> None:
    """One turn of the loop: what was posted or due now is done."""
    timer = QTimer(singleShot=True, interval=0)
    with qtbot.waitSignal(timer.timeout):
        timer.start()


def test_the_toolbar_is_placed_once_at_every_width(
    qtbot: QtBot, qapp: QApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    placed: list[int] = []
    place = MapArea._place

    def counted(area: MapArea) -> None:
        placed.append(area.width())
        place(area)

    monkeypatch.setattr(MapArea, "_place", counted)
    screen = Screen(Floor(), ANN, qapp)
    qtbot.addWidget(screen.window)
    restless = []
    for width in range(SMALLEST[0], 1_300, 40):
        screen.window.resize(width, SMALLEST[1])
        for _ in range(TURNS):
            turn(qtbot)
        placed.clear()
        for _ in range(TURNS):
            turn(qtbot)
        if placed:
            restless.append((width, len(placed)))
    screen.desk.close()
    assert restless == []
