"""One state, all channels: what rings together falls silent together, and one broken channel is one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from app.core.model import (
    Alert,
    Answer,
    AnswerKind,
    Channel,
    Escalation,
    EscalationId,
    Level,
    PersonId,
    Reach,
    SpaceId,
    Status,
)
from app.ui.alerts import center as center_module
from app.ui.alerts import popup_window, troubles
from app.ui.alerts.sound_protocol import Device
from app.ui.alerts.state import CALM_SECONDS, Incoming
from app.ui.alerts.system_volume import SystemVolume
from app.ui.alerts.telling import ReachTeller
from app.ui.alerts.tray import Snooze
from app.ui.alerts.troubles import Degraded
from app.ui.alerts.views import Raiser
from app.ui.theme.tokens import DARK, LIGHT
from tests.helpers.alert_desk import Desk, alert_desk

ME, QUENTIN = PersonId("me"), PersonId("quentin")
APPROACH, CHAT, DECLINE = AnswerKind.APPROACH, AnswerKind.CHAT, AnswerKind.DECLINE


@pytest.fixture
def desk(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    with alert_desk(monkeypatch) as made:
        yield made


def alert(name: str = "e1", *answers: tuple[PersonId, AnswerKind], own_group: bool = False) -> Incoming:
    escalation = Escalation(
        EscalationId(name),
        PersonId("finn"),
        Level.RED,
        900.0,
        message="Line 3",
        notified=(ME, QUENTIN),
        answers=tuple(Answer(who, kind, 950.0) for who, kind in answers),
    )
    raiser = Raiser(PersonId("finn"), "Finn Olsen", "Desk row 1", Status.ON_CALL, own_group=own_group)
    return Incoming(Alert(SpaceId("s"), escalation), raiser, {QUENTIN: "Quentin Roy"})


EVERYTHING = "pop1+sound+note+flash+taskbar"


def press(desk: Desk, kind: AnswerKind) -> None:
    QTest.mouseClick(desk.popups.windows[0].cards[0].button(kind), Qt.MouseButton.LeftButton)


def test_everything_rings_together_and_calms_together(desk: Desk) -> None:
    assert desk.channels() == ""
    desk.alerts.set_alerts([alert()])
    assert desk.channels() == EVERYTHING
    desk.alerts.set_alerts([alert("e1", (QUENTIN, APPROACH))])
    assert desk.channels() == "pop1"
    desk.later(CALM_SECONDS)
    assert desk.channels() == ""


@pytest.mark.parametrize("kind", [APPROACH, CHAT, DECLINE])
def test_my_answer_anywhere_silences_everything_at_once(desk: Desk, kind: AnswerKind) -> None:
    desk.alerts.set_alerts([alert()])
    desk.alerts.set_alerts([alert("e1", (ME, kind))])
    assert desk.channels() == ""


def test_the_calm_ends_by_its_own_timer(desk: Desk, qtbot: QtBot) -> None:
    desk.alerts.set_alerts([alert()])
    desk.alerts.set_alerts([alert("e1", (QUENTIN, APPROACH))])
    assert desk.alerts._timer.remainingTime() == pytest.approx(CALM_SECONDS * 1000, abs=500)
    desk.now += CALM_SECONDS
    desk.alerts._timer.start(0)
    qtbot.waitUntil(lambda: desk.channels() == "")


def test_the_sound_goes_on_while_one_of_two_rings(desk: Desk) -> None:
    desk.alerts.set_alerts([alert(), alert("e2")])
    desk.alerts.set_alerts([alert("e1", (QUENTIN, CHAT)), alert("e2")])
    assert desk.channels() == "pop2+sound+note+flash+taskbar"
    assert list(desk.notes.shown) == ["e2"]


@pytest.mark.parametrize("place", ["popup", "notification", "tray", "window"])
def test_an_answer_is_asked_for_once_wherever_it_was_given(desk: Desk, place: str) -> None:
    asked: list[tuple[str, AnswerKind]] = []
    desk.alerts.answer_requested.connect(lambda a, k: asked.append((a, k)))
    desk.alerts.set_alerts([alert()])
    for _ in range(2):
        if place == "popup":
            press(desk, APPROACH)
        elif place == "notification":
            desk.notes.answered.emit("e1", APPROACH)
        elif place == "tray":
            desk.tray.answered.emit("e1", APPROACH)
        else:
            desk.alerts.answer(EscalationId("e1"), APPROACH)
    assert asked == [("e1", APPROACH)]
    assert desk.channels() == EVERYTHING  # it rings until the server said yes
    assert desk.popups.windows[0].cards[0].view is not None
    assert desk.popups.windows[0].cards[0].view.pending is APPROACH


def test_a_refusal_comes_back_into_the_pop_up(desk: Desk) -> None:
    desk.alerts.set_alerts([alert()])
    press(desk, APPROACH)
    desk.alerts.answer_refused(EscalationId("e1"), "Leave the meeting room first.")
    card = desk.popups.windows[0].cards[0]
    assert card.view is not None
    assert card.view.refusal == "Leave the meeting room first."
    assert card.button(APPROACH).isEnabled()


def test_a_meeting_room_takes_approach_away_everywhere(desk: Desk) -> None:
    desk.alerts.set_alerts([alert()])
    desk.alerts.set_in_meeting_room(True)
    assert not desk.popups.windows[0].cards[0].button(APPROACH).isEnabled()
    assert not desk.tray.state.can_approach


def test_shown_is_said_once_for_each_alert(desk: Desk, qtbot: QtBot) -> None:
    said: list[str] = []
    desk.alerts.shown.connect(said.append)
    desk.alerts.set_alerts([alert()])
    qtbot.waitUntil(lambda: said == ["e1"])
    desk.alerts.set_alerts([alert(), alert("e2")])
    desk.popups.exposed.emit("e1")
    qtbot.waitUntil(lambda: said == ["e1", "e2"])


def test_a_snooze_quiets_others_counts_them_and_tells_when_it_ends(desk: Desk) -> None:
    ends: list[float | None] = []
    desk.alerts.snooze_changed.connect(ends.append)
    desk.tray.snoozed.emit(Snooze.QUARTER)
    desk.alerts.set_alerts([alert()])
    assert desk.channels() == ""
    assert desk.tray.state.count == 1
    desk.alerts.set_alerts([alert(), alert("mine", own_group=True)])
    assert desk.channels() == EVERYTHING
    assert list(desk.notes.shown) == ["mine"]
    desk.later(900)
    assert list(desk.notes.shown) == ["e1", "mine"]
    assert ends == [1_900.0, None]


def test_a_test_alert_uses_every_channel_and_tells_nobody(desk: Desk, qtbot: QtBot) -> None:
    with (
        qtbot.assertNotEmitted(desk.alerts.answer_requested),
        qtbot.assertNotEmitted(desk.alerts.shown, wait=20),
    ):
        desk.alerts.set_me(Status.ON_CALL, hand_up=False)
        desk.alerts.test("Mia Berg")
        assert desk.channels() == EVERYTHING
        card = desk.popups.windows[0].cards[0]
        assert card.view is not None
        assert card.view.test
        assert card.view.raiser.status is Status.ON_CALL, "as one really is"
        press(desk, DECLINE)
    assert desk.channels() == ""


def test_a_broken_channel_is_reported_and_the_others_ring(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    told: list[tuple[Degraded, ...]] = []
    desk.alerts.degraded_changed.connect(told.append)
    desk.notes.broken = True
    desk.alerts.set_alerts([alert()])
    assert desk.channels() == "pop1+sound+flash+taskbar"
    assert told == [(Degraded(Channel.NOTIFICATION, "broken"),)]
    assert "the alert's notification failed" in caplog.text
    desk.notes.broken = False
    desk.alerts.set_alerts([alert(), alert("e2")])
    assert told[-1] == ()


def test_troubles_of_all_channels_are_told_with_a_sentence(desk: Desk) -> None:
    desk.sound._hear("no_device")
    desk.tray._available = lambda: False
    desk.tray._look_for_tray()
    desk.notes._failed = True
    desk.notes._judge()
    assert desk.alerts.degraded == (
        Degraded(Channel.SOUND, "no_device"),
        Degraded(Channel.NOTIFICATION, "unavailable"),
        Degraded(Channel.TRAY, "no_tray"),
    )
    words = [troubles.words(d) for d in desk.alerts.degraded]
    assert len(set(words)) == 3
    assert all(w.startswith("No ") for w in words)
    assert troubles.words(Degraded(Channel.SOUND, "new in 2.0")) != ""
    assert troubles.MENDING.keys() == troubles.SENTENCES.keys()
    assert troubles.mending(desk.alerts.degraded[0]).startswith("Connect a headset")
    assert desk.alerts.reach == Reach((Channel.SOUND, Channel.NOTIFICATION, Channel.TRAY))


def test_what_the_system_does_not_tell_is_unknown_and_never_fine(desk: Desk) -> None:
    assert desk.alerts.reach == Reach((), (Channel.SOUND, Channel.NOTIFICATION))
    desk.sound._ready((Device("d", "Headset"),))
    assert desk.alerts.reach == Reach((), (Channel.NOTIFICATION,))
    desk.sound._hear("failed")
    assert desk.alerts.reach == Reach((Channel.SOUND,), (Channel.NOTIFICATION,))


def test_a_muted_system_is_no_sound_and_one_that_does_not_tell_is_unknown(qtbot: QtBot) -> None:
    volume = SystemVolume(ask=lambda _: [])
    desk = Desk(volume)
    desk.sound._ready((Device("d", "Headset"),))
    assert Channel.SOUND in desk.alerts.reach.unknown
    volume._conclude(True)
    assert Degraded(Channel.SOUND, "system_muted") in desk.alerts.degraded
    volume._conclude(False)
    assert Channel.SOUND not in (*desk.alerts.reach.lost, *desk.alerts.reach.unknown)
    desk.tray.close()


def test_others_are_told_at_first_and_when_a_channel_stays_lost_or_is_back(desk: Desk) -> None:
    told: list[Reach] = []
    teller = ReachTeller(desk.alerts, told.append)
    unsure = Reach((), (Channel.SOUND, Channel.NOTIFICATION))
    assert told == [unsure]
    desk.sound._hear("helper_down")
    assert teller._timer.isActive()
    desk.sound._hear("no_device")
    assert told == [unsure]
    teller._timer.timeout.emit()
    assert told[1:] == [Reach((Channel.SOUND,), (Channel.NOTIFICATION,))]
    desk.sound._ready((Device("d", "Headset"),))
    teller._timer.timeout.emit()
    assert told[2:] == [Reach((), (Channel.NOTIFICATION,))]


def test_channels_that_die_one_after_another_leave_the_pop_up_and_are_known(desk: Desk) -> None:
    """Sound helper, notification service and tray go while alerts arrive."""
    lost: tuple[Channel, ...] = ()
    for n, channel in enumerate((Channel.SOUND, Channel.NOTIFICATION, Channel.TRAY), 1):
        if channel is Channel.SOUND:
            desk.sound._hear("helper_down")
        elif channel is Channel.NOTIFICATION:
            desk.notes.broken = True
        else:
            desk.tray._available = lambda: False
            desk.tray._look_for_tray()
        lost = (*lost, channel)
        desk.alerts.set_alerts([alert(f"e{i}") for i in range(n)])
        assert f"pop{n}" in desk.channels()
        assert desk.alerts.reach.lost == lost


def test_the_main_window_demands_attention_and_is_never_activated(
    desk: Desk, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[QWidget] = []
    monkeypatch.setattr(QApplication, "alert", lambda window, ms: calls.append(window))
    for forbidden in ("activateWindow", "raise_"):
        monkeypatch.setattr(QWidget, forbidden, lambda self: pytest.fail("took the focus"))
    monkeypatch.setattr(popup_window.PopupWindow, "raise_", lambda self: None)
    window = QWidget()
    qtbot.addWidget(window)
    desk.alerts.set_window(window)
    desk.alerts.set_alerts([alert()])
    assert calls == []  # hidden in the tray: it has no taskbar entry
    window.show()
    desk.alerts._attention.timeout.emit()
    assert calls == [window]


def test_a_new_theme_leaves_what_rings_on_the_screen(desk: Desk) -> None:
    desk.alerts.set_alerts([alert()])
    desk.alerts.set_tokens(DARK)
    assert desk.channels() == EVERYTHING


def test_another_person_starts_with_nothing(desk: Desk) -> None:
    desk.alerts.set_alerts([alert()])
    desk.alerts.snooze(5_000)
    desk.alerts.set_person(PersonId("other"))
    assert desk.channels() == ""
    assert desk.alerts.snoozed_until is None


def test_the_real_channels_can_be_made(qtbot: QtBot) -> None:
    made = center_module.make_alerts(lambda: 0.0, LIGHT)
    made.set_alerts([])
    assert made.degraded == ()
