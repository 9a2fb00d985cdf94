"""Menus for a screen reader: each entry has a name and can be pressed, and knows the menu that it is in.

Qt lists no pop-up among an application's windows, and no menu among the children of a widget (Qt 6.11,
``QAccessibleApplication`` and ``_q_ac_childWidgets``): who goes through the tree from above finds none. What
has the keyboard is told with its name and its parents, which is how menus are read.
"""

from __future__ import annotations

from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from app.core.model import Status
from app.ui.words import status_words
from tests.helpers.floor import Floor
from tests.helpers.office import ANN
from tests.ui.test_window import Screen


def entries(menu: QMenu) -> list[tuple[str, bool]]:
    """The name of each, and whether it can be pressed."""
    spoken = QAccessible.queryAccessibleInterface(menu)
    assert spoken is not None
    assert spoken.role() is QAccessible.Role.PopupMenu
    found = []
    for number in range(spoken.childCount()):
        entry = spoken.child(number)
        can = "Press" in entry.actionInterface().actionNames()
        assert entry.parent().object() is menu
        found.append((entry.text(QAccessible.Text.Name), can))
    return found


def test_the_entries_of_the_status_menu_are_named_and_can_be_pressed(
    qtbot: QtBot, qapp: QApplication
) -> None:
    screen = Screen(Floor(), ANN, qapp)
    qtbot.addWidget(screen.window)
    assert entries(screen.desk.toolbar.menu) == [(status_words(status), True) for status in Status]
    screen.desk.close()
