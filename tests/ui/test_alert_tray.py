"""The tray: what the icon says, what the menu offers, and desktops without a tray."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

import pytest
from PySide6.QtGui import QAction, QColor
from PySide6.QtWidgets import QMenu, QSystemTrayIcon
from pytestqt.qtbot import QtBot

from app.core.model import AnswerKind, EscalationId, PersonId, Status
from app.ui.alerts.tray import NO_TRAY, Snooze, Tray, TrayState
from app.ui.alerts.tray_icons import Look, TrayIcons
from app.ui.alerts.views import AlertView, Phase, Raiser
from app.ui.theme.tokens import LIGHT
from app.ui.widgets import menu_text

FINN = Raiser(PersonId("finn"), "Finn & Olsen <b>", "Desk row 1", Status.ON_CALL)
CALL = AlertView(EscalationId("e1"), FINN, "Line 3", 0.0, Phase.RINGING)


@pytest.fixture
def tray(qtbot: QtBot) -> Iterator[Tray]:
    made = Tray(TrayIcons(), available=lambda: True)
    yield made
    made.close()


def entries(menu: QMenu) -> list[str]:
    """The menu as a person reads it; submenus indented."""
    lines: list[str] = []
    for action in menu.actions():
        if action.isSeparator():
            lines.append("--")
            continue
        mark = "" if action.isEnabled() else " (off)"
        lines.append(action.text().replace("&&", "&") + (" *" if action.isChecked() else "") + mark)
        submenu = action.menu()
        if isinstance(submenu, QMenu):
            lines += ["  " + line for line in entries(submenu)]
    return lines


def entry(menu: QMenu, *path: str) -> QAction:
    [action] = [a for a in menu.actions() if a.text().replace("&&", "&").startswith(path[0])]
    submenu = action.menu()
    if len(path) == 1:
        return action
    assert isinstance(submenu, QMenu)
    return entry(submenu, *path[1:])


def test_signed_out_there_is_only_open_and_quit(tray: Tray) -> None:
    tray.start()
    assert entries(tray.menu) == ["Open Handraise", "Quit"]


def test_the_menu_of_a_quiet_day(tray: Tray) -> None:
    tray.set_state(TrayState(status=Status.BUSY, connection="Protected"))
    assert entries(tray.menu) == [
        "Status: Busy",
        "  Available",
        "  On a call",
        "  Busy *",
        "  Away",
        "Raise a hand…",
        "Snooze",
        "  For 15 minutes",
        "  For 1 hour",
        "  Until tomorrow morning",
        "  Your own groups still ring (off)",
        "--",
        "Open Handraise",
        "Quit",
    ]


def test_a_call_can_be_answered_by_keyboard_from_the_menu(tray: Tray, qtbot: QtBot) -> None:
    tray.set_state(TrayState(ringing=(CALL,), status=Status.BUSY, can_approach=False))
    assert entries(tray.menu)[:5] == [
        "Finn & Olsen <b> needs help: Line 3",
        "  Approach (off)",
        "  Chat",
        "  Can’t now",
        "--",
    ]
    with qtbot.waitSignal(tray.answered) as answered:
        entry(tray.menu, "Finn", "Chat").trigger()
    assert answered.args == ["e1", AnswerKind.CHAT]


def test_what_is_chosen_is_told(tray: Tray, qtbot: QtBot) -> None:
    tray.set_state(TrayState(status=Status.BUSY))
    with qtbot.waitSignal(tray.status_chosen) as status:
        entry(tray.menu, "Status", "On a call").trigger()
    assert status.args == [Status.ON_CALL]
    with qtbot.waitSignal(tray.snoozed) as snoozed:
        entry(tray.menu, "Snooze", "For 1 hour").trigger()
    assert snoozed.args == [Snooze.HOUR]
    with qtbot.waitSignals([tray.raised, tray.opened, tray.quit_chosen]):
        for words in ("Raise a hand", "Open", "Quit"):
            entry(tray.menu, words).trigger()
    tray.set_state(TrayState(status=Status.BUSY, snoozed_until=datetime(2026, 3, 2, 9, 5).timestamp()))
    with qtbot.waitSignal(tray.snoozed) as resumed:
        entry(tray.menu, "Resume alerts (snoozed until 09:05)").trigger()
    assert resumed.args == [None]


def test_my_own_hand_is_lowered_from_the_same_place(tray: Tray) -> None:
    tray.set_state(TrayState(status=Status.BUSY, hand_up=True))
    assert "Lower your hand" in entries(tray.menu)


@pytest.mark.parametrize(
    ("state", "look"),
    [
        (TrayState(), Look.NORMAL),
        (TrayState(unread=2), Look.UNREAD),
        (TrayState(muted=1), Look.UNREAD),
        (TrayState(protected=False, unread=2), Look.NOT_PROTECTED),
        (TrayState(protected=False, ringing=(CALL,)), Look.RINGING),
    ],
)
def test_the_most_urgent_thing_is_shown(tray: Tray, state: TrayState, look: Look) -> None:
    tray.set_state(replace(state, status=Status.AVAILABLE))
    assert tray.look() is look


def test_it_flashes_while_it_rings_and_rests_after(tray: Tray) -> None:
    tray.set_state(TrayState(ringing=(CALL,)))
    looks = [tray.look()]
    for _ in range(2):
        tray._flash.timeout.emit()
        looks.append(tray.look())
    assert looks == [Look.RINGING, Look.RINGING_DIM, Look.RINGING]
    tray.set_state(TrayState())
    assert not tray._flash.isActive()
    assert tray.look() is Look.NORMAL


def test_reduced_motion_does_not_flash(tray: Tray) -> None:
    tray.set_reduced_motion(True)
    tray.set_state(TrayState(ringing=(CALL,)))
    assert not tray._flash.isActive()
    assert tray.look() is Look.RINGING


def test_the_tooltip_has_no_words_of_others(tray: Tray) -> None:
    tray.set_state(
        TrayState(ringing=(CALL,), muted=1, protected=False, connection="NOT PROTECTED since 14:02", unread=3)
    )
    assert tray.tooltip().splitlines() == [
        "Handraise",
        "2 people need help",
        "NOT PROTECTED since 14:02",
        "3 unread messages",
    ]


def test_refilling_leaves_no_menus_behind(tray: Tray, qtbot: QtBot) -> None:
    for unread in range(20):
        tray.set_state(TrayState(ringing=(CALL,), status=Status.BUSY, unread=unread))
    # the call, status, snooze; deleted ones go a moment later
    qtbot.waitUntil(lambda: len(tray.menu.findChildren(QMenu)) == 3)


def test_an_open_menu_is_not_changed_under_the_pointer(tray: Tray, monkeypatch: pytest.MonkeyPatch) -> None:
    tray.set_state(TrayState(status=Status.BUSY))
    monkeypatch.setattr(tray.menu, "isVisible", lambda: True)
    tray.set_state(TrayState(ringing=(CALL,), status=Status.BUSY))
    assert entries(tray.menu)[0] == "Status: Busy"
    monkeypatch.undo()
    tray.menu.aboutToHide.emit()
    assert entries(tray.menu)[0].startswith("Finn")


def test_no_tray_is_reported_and_a_later_one_found(qtbot: QtBot) -> None:
    there = False
    tray = Tray(TrayIcons(), available=lambda: there)
    tray.start()
    assert tray.trouble == NO_TRAY
    there = True
    with qtbot.waitSignal(tray.trouble_changed) as trouble:
        tray._finder.timeout.emit()
    assert trouble.args == [""]
    tray.close()


def test_a_click_opens(tray: Tray, qtbot: QtBot) -> None:
    with qtbot.waitSignal(tray.opened):
        tray._icon.activated.emit(QSystemTrayIcon.ActivationReason.Trigger)
    with qtbot.assertNotEmitted(tray.opened):
        tray._icon.activated.emit(QSystemTrayIcon.ActivationReason.Context)


def test_snoozes_end_when_they_say() -> None:
    late = datetime(2026, 3, 2, 23, 50).timestamp()
    assert Snooze.QUARTER.until(late) == late + 900
    assert Snooze.HOUR.until(late) == late + 3_600
    assert Snooze.TOMORROW.until(late) == datetime(2026, 3, 3, 6, 0).timestamp()


def test_menu_text_is_literal_and_short() -> None:
    assert menu_text("R&D\n needs  help") == "R&&D needs help"
    assert len(menu_text("x" * 500)) == 80


def test_every_look_is_another_picture(qtbot: QtBot) -> None:
    icons = TrayIcons()
    pictures = [icons.pixmap(look, 0, 32).toImage() for look in Look]
    pictures += [icons.pixmap(Look.RINGING, count, 32).toImage() for count in (1, 2, 10)]
    for i, one in enumerate(pictures):
        assert all(one != other for other in pictures[i + 1 :])
    red = QColor(LIGHT.colours.red)
    ringing = icons.pixmap(Look.RINGING, 3, 64).toImage()
    assert ringing.pixelColor(6, 32) == red
    assert not icons.icon(Look.RINGING, 3).isNull()
    assert icons.icon(Look.RINGING, 12) is icons.icon(Look.RINGING, 99)
