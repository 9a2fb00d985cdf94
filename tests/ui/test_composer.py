"""Where a message is written: what stands below the field, and the button that sends."""

from __future__ import annotations

from pytestqt.qtbot import QtBot

from app.ui.panels.side_panel import Tab
from tests.helpers.office import ANN
from tests.ui import test_window
from tests.ui.test_window import Screens

floor, screens = test_window.floor, test_window.screens


def test_whom_it_calls_is_never_cut_and_the_switch_stays_where_it_is(screens: Screens, qtbot: QtBot) -> None:
    ann = screens(ANN)
    ann.desk.window.show_tab(Tab.CHAT)
    ann.desk.chat.new_conversation()
    composer = ann.desk.panels.chat.conversation.composer
    qtbot.waitUntil(composer.toggle.isVisible)
    composer.set_reach("")
    qtbot.waitUntil(lambda: composer.toggle.width() == composer.toggle.sizeHint().width())
    assert composer.toggle.x() == composer.field.x()
    words = "Calls 12 people aloud until read; not here now: 11. " * 2
    composer.set_reach(words)
    qtbot.waitUntil(lambda: composer.reach.height() >= composer.reach.heightForWidth(composer.reach.width()))
    assert composer.reach.heightForWidth(composer.reach.width()) > 2 * composer.reach.fontMetrics().height()
    assert composer.toggle.x() == composer.field.x()


def test_the_button_stands_out_when_there_is_something_to_send(screens: Screens) -> None:
    composer = screens(ANN).desk.panels.chat.conversation.composer
    kinds = [composer.button.property("kind")]
    composer.set_text("now")
    kinds.append(composer.button.property("kind"))
    composer.set_priority(True)
    kinds.append(composer.button.property("kind"))
    composer.set_text(" ")
    kinds.append(composer.button.property("kind"))
    assert kinds == ["bare", "primary", "priority", "bare"]
