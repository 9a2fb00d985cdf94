"""Priority messages at the recipient: one state drives pop-up, sound, notification, tray and taskbar."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from app.core.calls import Call
from app.core.model import ConversationId, Message, MessageId, PersonId, Recipients, SpaceId, Status
from app.ui.alerts import sentences
from app.ui.alerts.call_state import SOUND_SECONDS, CallAnswer, IncomingCall
from app.ui.alerts.card import AlertCard
from app.ui.alerts.sound import Mode
from app.ui.alerts.state import BUSY_SECONDS, AlertCenter, Wanted
from app.ui.alerts.tray_icons import Look
from app.ui.alerts.views import Raiser
from tests.helpers.alert_desk import Desk, alert_desk
from tests.ui.test_alert_center import alert

ANN, ME = PersonId("ann"), PersonId("me")
OPEN, READ, LATER = CallAnswer


def call(
    name: str = "m1", number: int = 0, text: str = "Which contract?", own_group: bool = False
) -> IncomingCall:
    message = Message(
        MessageId(name),
        SpaceId("s"),
        ConversationId("c"),
        ANN,
        text,
        100.0,
        Recipients(people=(ME,)),
        priority=True,
    )
    raiser = Raiser(ANN, "Ann Field", "Desk row 1", Status.ON_CALL, own_group=own_group)
    return IncomingCall(Call(message, number, 100.0 + 120 * number), raiser)


def told(wanted: Wanted) -> str:
    """``*m1`` stands there and sounds, ``-m1`` is silent, ``!e1`` rings, ``zz1``: one is muted."""
    words = [f"!{view.id}" for view in wanted.ringing]
    words += [f"{'*' if view.sounding else '-'}{view.id}" for view in wanted.calls]
    return " ".join([*words, *([f"zz{wanted.muted}"] if wanted.muted else [])])


@pytest.fixture
def center() -> AlertCenter:
    return AlertCenter(ME)


def transcript(
    center: AlertCenter, lines: Sequence[tuple[float, Sequence[IncomingCall] | None, str]]
) -> None:
    """Each line: (s, the messages that call now or ``None`` for a mere look, what is wanted then)."""
    for now, present, expected in lines:
        wanted = center.look(now) if present is None else center.update_calls(present, now)
        assert told(wanted) == expected, f"at {now} s"


def test_it_sounds_when_it_comes_and_each_time_it_calls_and_stands_there_until_it_is_read(
    center: AlertCenter,
) -> None:
    transcript(
        center,
        [
            (0, [call()], "*m1"),
            (SOUND_SECONDS - 0.1, None, "*m1"),
            (SOUND_SECONDS, None, "-m1"),
            (120, [call(number=1)], "*m1"),
            (120 + SOUND_SECONDS, None, "-m1"),
            (130, [call(number=1)], "-m1"),  # the same call again is no other one
            (140, [], ""),
        ],
    )


def test_it_says_when_it_falls_silent_so_that_somebody_looks(center: AlertCenter) -> None:
    assert center.update_calls([call()], 10).look_again == 10 + SOUND_SECONDS
    assert center.look(10 + SOUND_SECONDS).look_again is None


def test_later_puts_it_away_until_it_calls_again(center: AlertCenter) -> None:
    center.update_calls([call()], 0)
    assert not center.answer("m1", LATER, 1)
    transcript(center, [(1, None, ""), (60, [call()], ""), (120, [call(number=1)], "*m1")])


def test_a_machine_that_slept_through_calls_sounds_once(center: AlertCenter) -> None:
    transcript(center, [(0, [call()], "*m1"), (500, [call(number=4)], "*m1"), (507, None, "-m1")])


def test_a_snooze_keeps_it_quiet_unless_it_is_from_ones_own_group(center: AlertCenter) -> None:
    center.snooze(1_000)
    transcript(center, [(0, [call()], "zz1"), (1, [call(), call("m2", own_group=True)], "*m2 zz1")])
    transcript(center, [(1_000, None, "*m1 -m2")])


def test_a_red_one_rings_over_it(center: AlertCenter) -> None:
    center.update_calls([call()], 0)
    wanted = center.update([alert()], 1)
    assert told(wanted) == "!e1 *m1"
    assert [card.id for card in wanted.cards] == ["e1", "m1"]
    assert wanted.count == 2


def test_an_answer_is_given_once_and_a_refusal_is_shown_with_the_buttons(center: AlertCenter) -> None:
    center.update_calls([call()], 0)
    assert center.answer("m1", READ, 1)
    assert not center.answer("m1", OPEN, 2)
    assert center.look(2).calls[0].pending is READ
    center.refused("m1", "No connection.")
    view = center.look(3).calls[0]
    assert (view.pending, view.refusal) == (None, "No connection.")
    assert center.answer("m1", READ, 4)
    assert center.look(4 + BUSY_SECONDS).calls[0].pending is None


# All channels


@pytest.fixture
def desk(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    with alert_desk(monkeypatch) as made:
        yield made


def channels(desk: Desk) -> tuple[int, Mode, int, Look]:
    """Cards, what is heard, notifications, tray."""
    cards = sum(len(w.cards) for w in desk.popups.windows if w.isVisible())
    return cards, desk.sound.mode, len(desk.notes.shown), desk.tray.look()


def test_one_state_drives_all_of_them(desk: Desk) -> None:
    desk.alerts.set_alerts([], [call()])
    assert channels(desk) == (1, Mode.CALLING, 1, Look.PRIORITY)
    assert desk.alerts._attention.isActive()
    desk.later(SOUND_SECONDS)
    assert channels(desk) == (1, Mode.QUIET, 1, Look.PRIORITY)
    assert not desk.alerts._attention.isActive()
    desk.alerts.set_alerts([], [call(number=1)])
    assert channels(desk) == (1, Mode.CALLING, 1, Look.PRIORITY)
    desk.alerts.set_alerts([], [])
    assert channels(desk) == (0, Mode.QUIET, 0, Look.NORMAL)


def test_red_has_the_sound_and_the_tray_while_both_call(desk: Desk) -> None:
    desk.alerts.set_alerts([alert()], [call()])
    assert channels(desk) == (2, Mode.RINGING, 2, Look.RINGING)
    desk.alerts.set_alerts([], [call()])
    assert channels(desk) == (1, Mode.CALLING, 1, Look.PRIORITY)


@pytest.mark.parametrize("kind", [OPEN, READ])
def test_the_buttons_of_its_card_ask_for_it(desk: Desk, qtbot: QtBot, kind: CallAnswer) -> None:
    desk.alerts.set_alerts([], [call()])
    with qtbot.waitSignal(desk.alerts.answer_requested) as asked:
        QTest.mouseClick(card(desk).button(kind), Qt.MouseButton.LeftButton)
    assert asked.args == ["m1", kind]
    assert card(desk).button(kind).text() == "Sending…"
    desk.alerts.answer_refused("m1", "No connection.")
    assert card(desk).button(kind).isEnabled()


def test_later_is_told_to_nobody(desk: Desk, qtbot: QtBot) -> None:
    desk.alerts.set_alerts([], [call()])
    with qtbot.assertNotEmitted(desk.alerts.answer_requested):
        QTest.mouseClick(card(desk).button(LATER), Qt.MouseButton.LeftButton)
    assert channels(desk)[0] == 0


def test_it_is_said_to_be_shown_once_however_often_it_calls(desk: Desk, qtbot: QtBot) -> None:
    said: list[str] = []
    desk.alerts.shown.connect(said.append)
    for number in range(3):
        desk.alerts.set_alerts([], [call(number=number)])
        qtbot.waitUntil(lambda: bool(said))
    desk.alerts.set_alerts([], [call(), call("m2")])
    qtbot.waitUntil(lambda: len(said) > 1)
    assert said == ["m1", "m2"]


def test_who_types_a_password_goes_on_typing_it(desk: Desk, qtbot: QtBot) -> None:
    field = QLineEdit()
    qtbot.addWidget(field)
    field.show()
    field.activateWindow()
    field.setFocus()
    qtbot.waitUntil(field.hasFocus)
    QTest.keyClicks(field, "pass")
    desk.alerts.set_alerts([], [call()])
    desk.alerts.set_alerts([], [call(number=1)])
    assert QGuiApplication.focusObject() is field
    QTest.keyClicks(field, "word")
    assert field.text() == "password"


def test_the_card_shows_its_own_buttons_and_the_beginning_of_a_long_message(desk: Desk) -> None:
    desk.alerts.set_alerts([], [call(text="word " * 200)])
    shown = card(desk)
    assert [kind for kind in CallAnswer if shown.button(kind).isVisibleTo(shown)] == [OPEN, READ, LATER]
    assert shown.accessibleName() == "Priority message from Ann Field"
    view = shown.view
    assert view is not None
    assert sentences.message(view).endswith("word…")
    assert len(sentences.message(view)) <= sentences.SHOWN_CHARS


def test_the_tray_offers_to_open_and_to_read_it(desk: Desk) -> None:
    desk.alerts.set_alerts([], [call()])
    menu = desk.tray.menu.actions()[0].menu()
    assert menu is not None
    assert [action.text() for action in menu.actions()] == ["Open chat", "Mark as read"]  # type: ignore[attr-defined]  # QMenu
    assert "1 priority message" in desk.tray.tooltip()
    assert "help" not in desk.tray.tooltip()


def card(desk: Desk) -> AlertCard:
    [found] = [card for window in desk.popups.windows for card in window.cards]
    return found
