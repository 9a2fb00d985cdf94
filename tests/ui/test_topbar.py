"""The top bar: the space, protected or not, the search, oneself."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot
from shiboken6 import delete

from app.core.model import MapId, Person, PersonId, Role, Space, SpaceId, Status
from app.ui.i18n import use_language
from app.ui.panels.look import Look
from app.ui.topbar import Protection, TopBar
from tests.helpers.desk import theme_of

OSAKA = Space(SpaceId("o"), "Osaka & <b>Support</b>", MapId("m"))
KYOTO = Space(SpaceId("k"), "京都", MapId("m"))
MIA = Person(PersonId("mia"), "mia", "Mia Young", Role.SUPERVISOR)


@pytest.fixture
def bar(qtbot: QtBot, qapp: QApplication) -> TopBar:
    made = TopBar(Look(theme_of(qapp), lambda _asset: None))
    qtbot.addWidget(made)
    made.resize(1280, 52)
    made.set_spaces((OSAKA,), OSAKA.id)
    made.set_me(MIA, Status.AVAILABLE, False, False)
    made.set_counts(18, 9)
    made.show_connection(Protection.PROTECTED)
    made.show()
    made.activateWindow()
    qtbot.waitUntil(made.isActiveWindow)
    return made


def menu_of(bar: TopBar) -> QMenu:
    return bar.findChildren(QMenu)[-1]


def test_it_says_where_one_is_and_with_whom(bar: TopBar) -> None:
    assert bar.space_label.text() == "Osaka & <b>Support</b>"
    assert bar.space_label.textFormat() is Qt.TextFormat.PlainText
    assert bar.counts.text() == "18 here · 9 on calls"
    bar.set_counts(1, 1)
    assert bar.counts.text() == "1 here · 1 on a call"
    bar.set_counts(3, 0)
    assert bar.counts.text() == "3 here"


def test_not_protected_is_said_with_since_when_and_what_is_done(qtbot: QtBot, bar: TopBar) -> None:
    assert bar.pill.text == "Protected"
    assert not bar.retry.isVisible()
    bar.show_connection(Protection.NOT_PROTECTED, 1_700_000_000.0, 4.6, "The server has stopped answering.")
    assert bar.pill.text.startswith("NOT PROTECTED since ")
    assert bar.pill.text.endswith(", trying again in 5 s")
    assert bar.pill.accessibleName() == bar.pill.text
    assert bar.pill.accessibleDescription() == "The server has stopped answering."
    bar.show_connection(Protection.NOT_PROTECTED, 1_700_000_000.0, None)
    assert bar.pill.text.endswith(", trying again")
    with qtbot.waitSignal(bar.retry_pressed):
        bar.retry.click()


def test_an_alert_channel_that_is_lost_stands_there_until_it_is_back(qtbot: QtBot, bar: TopBar) -> None:
    assert not bar.troubles.isVisible()
    bar.show_troubles("no sound", "No sound: this computer has no output device.")
    assert bar.troubles.text() == "Alerts: no sound"
    assert bar.troubles.accessibleDescription() == "No sound: this computer has no output device."
    with qtbot.waitSignal(bar.settings_pressed):
        bar.troubles.click()
    bar.show_troubles("", "")
    assert not bar.troubles.isVisible()


def test_only_not_protected_is_red(bar: TopBar) -> None:
    red = bar._look.colour("red").rgb()

    def has_red() -> bool:
        image = bar.pill.grab().toImage()
        return any(image.pixel(x, image.height() // 2) == red for x in range(image.width()))

    for protection in Protection:
        bar.show_connection(protection, 1_700_000_000.0, 3.0)
        assert has_red() is (protection is Protection.NOT_PROTECTED)


def test_the_pill_is_never_cut_and_the_counts_give_way(qtbot: QtBot, bar: TopBar) -> None:
    bar.resize(800, 52)
    assert not bar.counts.isVisible()
    bar.show_connection(Protection.NOT_PROTECTED, 1_700_000_000.0, 88.0)
    qtbot.waitUntil(lambda: bar.pill.width() >= bar.pill.sizeHint().width())
    assert bar.search.width() >= bar.search.minimumWidth()
    assert bar.me.geometry().right() <= bar.width()


@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize("protection", list(Protection))
def test_only_the_name_of_the_space_is_shortened(
    qtbot: QtBot, qapp: QApplication, language: str, protection: Protection
) -> None:
    """At the smallest width of the window, with a long name and several spaces."""
    use_language(language)
    try:
        bar = TopBar(Look(theme_of(qapp), lambda _asset: None))
        qtbot.addWidget(bar)
        bar.setFixedWidth(800)
        bar.set_spaces((Space(SpaceId("o"), "大阪サポートフロア " * 4, MapId("m")), KYOTO), SpaceId("o"))
        bar.show_connection(protection, 1_700_000_000.0, 120.0)
        bar.show()
        for part in (bar.pill, bar.retry, bar.space_button):
            assert part.isHidden() or part.width() >= part.sizeHint().width()
        assert bar.fontMetrics().horizontalAdvance("あ") < bar.space_label.width() < 500
        assert bar.me.geometry().right() <= bar.width()
    finally:
        use_language("en")


def test_a_bar_that_is_gone_follows_no_theme(qtbot: QtBot, qapp: QApplication) -> None:
    """After signing out, the look may change on the sign-in page."""
    look = Look(theme_of(qapp), lambda _asset: None)
    bar = TopBar(look)
    delete(bar)
    with qtbot.captureExceptions() as errors:
        look.changed.emit()
    assert not errors


def test_the_status_is_chosen_from_ones_own_face(qtbot: QtBot, bar: TopBar) -> None:
    bar.me.setFocus()
    QTest.keyClick(bar.me, Qt.Key.Key_Space)
    menu = menu_of(bar)
    by_text = {action.text(): action for action in menu.actions()}
    assert by_text["Available"].isChecked()
    assert not by_text["Mia Young · Supervisor"].isEnabled()
    with qtbot.waitSignal(bar.status_chosen) as chosen:
        by_text["On a call"].trigger()
    assert chosen.args == [Status.ON_CALL]
    with qtbot.waitSignal(bar.sign_out_pressed):
        by_text["Sign out"].trigger()
    menu.close()


def test_automatic_away_is_shown_and_is_not_the_status(qtbot: QtBot, bar: TopBar) -> None:
    bar.set_me(MIA, Status.ON_CALL, True, False)
    assert bar.me.accessibleName() == "Mia Young, On a call, away from the screen"
    bar.me.click()
    menu = menu_of(bar)
    texts = [action.text() for action in menu.actions()]
    assert "Away from the screen (automatic)" in texts
    assert next(a for a in menu.actions() if a.text() == "On a call").isChecked()
    menu.close()


def test_another_space_is_offered_where_there_is_one(qtbot: QtBot, bar: TopBar) -> None:
    assert not bar.space_button.isVisible()
    bar.set_spaces((OSAKA, KYOTO), OSAKA.id)
    assert bar.space_button.isVisible()
    bar.space_button.click()
    menu = menu_of(bar)
    assert [action.text() for action in menu.actions()] == ["Osaka && <b>Support</b>", "京都"]
    with qtbot.waitSignal(bar.space_chosen) as chosen:
        menu.actions()[1].trigger()
    assert chosen.args == [KYOTO.id]
    with qtbot.assertNotEmitted(bar.space_chosen):
        menu.actions()[0].trigger()
    menu.close()


def test_the_search_has_a_name_and_can_be_cleared(bar: TopBar) -> None:
    assert bar.search.accessibleName() == "Search people and messages"
    bar.search.setText("mo")
    assert bar.search.isClearButtonEnabled()
