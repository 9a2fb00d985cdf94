"""Settings: a choice counts at once, is kept whole, and a broken file is set aside and said."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import cast

import pytest
from PySide6.QtCore import QObject, QPoint, QPointF, Qt, Signal
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QFileDialog, QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from app.core.model import Channel
from app.tasks import Tasks
from app.ui.alerts.center import Alerts
from app.ui.alerts.sound import AlertSound, SoundSettings
from app.ui.alerts.text_state import TextTelling
from app.ui.alerts.troubles import Degraded
from app.ui.controllers.settings_controller import SettingsController
from app.ui.diagnostics import DiagnosticsSaver
from app.ui.folders import Folders
from app.ui.i18n import use_language
from app.ui.preferences import FILE, Preferences, Values
from app.ui.settings import SettingsDialog
from app.ui.theme import DARK, LIGHT
from tests.helpers.desk import theme_of


@pytest.fixture
def dialog(qtbot: QtBot) -> SettingsDialog:
    made = SettingsDialog(Values(device="gone"), LIGHT)
    made.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, on=False)
    qtbot.addWidget(made)
    made.open()
    return made


def test_each_choice_is_told_and_can_be_read(qtbot: QtBot, dialog: SettingsDialog) -> None:
    told: list[None] = []
    dialog.changed.connect(lambda: told.append(None))
    for box, key in ((dialog.theme, "dark"), (dialog.sound, "pulse"), (dialog.texts, "notification")):
        box.setCurrentIndex(box.findData(key))
        box.activated.emit(box.currentIndex())
    dialog.motion.setChecked(True)
    dialog.volume.setValue(35)
    values = dialog.values
    assert (values.theme, values.sound, values.reduce_motion, values.volume) == ("dark", "pulse", True, 35)
    assert values.texts == "notification"
    assert dialog.percent.text() == "35 %"
    assert len(told) == 5


def test_a_device_that_is_gone_stays_chosen(dialog: SettingsDialog) -> None:
    dialog.set_devices([("speakers", "Speakers"), ("headset", "Headset")])
    assert dialog.device.currentData() == "gone"
    assert dialog.device.currentText() == "gone (not connected)"
    dialog.device.setCurrentIndex(dialog.device.findData("headset"))
    dialog.device.activated.emit(2)
    dialog.set_devices([("speakers", "Speakers"), ("headset", "Headset")])
    assert dialog.device.currentText() == "Headset"
    assert dialog.device.findData("gone") < 0


def test_silence_is_not_chosen_unawares(dialog: SettingsDialog) -> None:
    dialog.volume.setValue(0)
    assert dialog.silence.isVisible()
    dialog.volume.setValue(1)
    assert not dialog.silence.isVisible()


def test_tests_are_asked_for_and_answered_in_the_dialog(qtbot: QtBot, dialog: SettingsDialog) -> None:
    dialog.say("No sound: the volume of alerts is 0.", problem=True)
    assert dialog.notice.isVisible()
    assert dialog.notice.text == "No sound: the volume of alerts is 0."


def test_the_keyboard_closes_it_and_moves_the_volume(qtbot: QtBot, dialog: SettingsDialog) -> None:
    dialog.volume.setFocus()
    QTest.keyClick(dialog.volume, Qt.Key.Key_Right)
    assert dialog.values.volume == 81
    with qtbot.waitSignal(dialog.finished):
        QTest.keyClick(dialog, Qt.Key.Key_Escape)


def test_every_field_has_a_name(dialog: SettingsDialog) -> None:
    boxes = (dialog.theme, dialog.language, dialog.sound, dialog.texts, dialog.device)
    for field in (*boxes, dialog.volume, dialog.motion):
        assert field.accessibleName()


@pytest.mark.parametrize("language", ["en", "ja"])
def test_every_word_has_room(qtbot: QtBot, language: str) -> None:
    use_language(language)
    try:
        made = SettingsDialog(Values(volume=0), LIGHT, "/a/folder/with/a/rather/long/name")
        made.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, on=False)
        qtbot.addWidget(made)
        made.show()
        for words in made.findChildren(QLabel):
            if words.isVisible() and words.text() and not words.wordWrap():
                assert words.width() >= words.fontMetrics().horizontalAdvance(words.text()), words.text()
        for pressed in made.findChildren(QPushButton):
            if pressed.isVisible():
                assert pressed.width() >= pressed.sizeHint().width(), pressed.text()
        for box in made.findChildren(QComboBox):
            widest = max(box.fontMetrics().horizontalAdvance(box.itemText(i)) for i in range(box.count()))
            assert box.width() >= widest + 40
    finally:
        use_language("en")


def test_it_takes_the_look_that_was_chosen_in_it(dialog: SettingsDialog) -> None:
    before = dialog.motion.grab().toImage()
    dialog.set_tokens(DARK)
    assert dialog.motion.grab().toImage() != before


class QuietAlerts(QObject):
    """What settings need of the alerts."""

    degraded_changed = Signal(object)
    reach_changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.sound = AlertSound(self)
        self.degraded: tuple[Degraded, ...] = ()
        self.unknown: tuple[Channel, ...] = ()
        self.tested: list[str] = []

    def set_sound(self, settings: SoundSettings) -> None:
        self.heard = settings

    def set_reduced_motion(self, reduced: bool) -> None:
        self.reduced = reduced

    def set_text_telling(self, telling: TextTelling) -> None:
        self.telling = telling

    def test(self, name: str) -> None:
        self.tested.append(name)


def test_another_language_is_told_once_and_said_where_it_comes_later(
    qtbot: QtBot, qapp: QApplication, tmp_path: Path
) -> None:
    host, alerts = QWidget(), QuietAlerts()
    qtbot.addWidget(host)
    preferences = Preferences.load(tmp_path)
    controller = SettingsController(
        preferences, theme_of(qapp), cast(Alerts, alerts), host, cast(DiagnosticsSaver, None)
    )
    told: list[str] = []
    controller.language_changed.connect(lambda: told.append(preferences.language))
    controller.open(host, "Mia")
    made = host.findChild(SettingsDialog)
    assert isinstance(made, SettingsDialog)
    made.language.setCurrentIndex(made.language.findData("ja"))
    made.language.activated.emit(made.language.currentIndex())
    made.volume.setValue(20)
    assert told == ["ja"]
    assert (alerts.heard.volume, Preferences.load(tmp_path).language) == (20, "ja")
    controller.say_later()
    assert (
        made.notice.text
        == "What you wrote is not sent yet: the language changes when Handraise starts again."
    )
    made.close()


def test_the_theme_of_the_command_line_stays_until_another_is_chosen(
    qtbot: QtBot, qapp: QApplication, tmp_path: Path
) -> None:
    host, theme = QWidget(), theme_of(qapp)
    qtbot.addWidget(host)
    theme.choose("dark")
    controller = SettingsController(
        Preferences.load(tmp_path), theme, cast(Alerts, QuietAlerts()), host, cast(DiagnosticsSaver, None)
    )
    controller.open(host, "Mia")
    dialog = host.findChild(SettingsDialog)
    assert isinstance(dialog, SettingsDialog)
    dialog.volume.setValue(20)
    assert theme.tokens is DARK
    dialog.theme.setCurrentIndex(dialog.theme.findData("light"))
    dialog.theme.activated.emit(dialog.theme.currentIndex())
    assert theme.tokens is LIGHT
    dialog.close()


def test_what_is_lost_here_stands_in_the_settings_with_how_to_mend_it(
    qtbot: QtBot, qapp: QApplication, tmp_path: Path
) -> None:
    host, alerts = QWidget(), QuietAlerts()
    qtbot.addWidget(host)
    alerts.degraded = (Degraded(Channel.SOUND, "no_device"),)
    alerts.unknown = (Channel.NOTIFICATION,)
    controller = SettingsController(
        Preferences.load(tmp_path), theme_of(qapp), cast(Alerts, alerts), host, cast(DiagnosticsSaver, None)
    )
    controller.open(host, "Mia")
    dialog = host.findChild(SettingsDialog)
    assert isinstance(dialog, SettingsDialog)
    assert dialog.channels.text == (
        "No sound: this computer has no output device. Connect a headset or speakers; it is noticed at once."
    )
    assert dialog.doubts.text().startswith("Whether notifications are shown is not known")
    dialog.grab()
    assert dialog.channels.height() >= dialog.channels.heightForWidth(dialog.channels.width())
    alerts.degraded = (Degraded(Channel.SOUND, "muted"),)  # beside the volume it is said already
    alerts.degraded_changed.emit(alerts.degraded)
    assert dialog.channels.text == ""
    alerts.unknown = ()
    alerts.reach_changed.emit()
    assert not dialog.doubts.isVisibleTo(dialog)
    dialog.close()


# -- the file


def test_what_is_saved_is_loaded(tmp_path: Path) -> None:
    folder = tmp_path / "profile"
    kept = Preferences.load(folder)
    kept.server, kept.handle, kept.plain_servers = "wss://a:1", "森", ("ws://b:2",)
    assert kept.save()
    again = Preferences.load(folder)
    assert again.values() == kept.values()
    assert (again.handle, again.trouble) == ("森", "")
    assert [file.name for file in folder.iterdir()] == [FILE]


@pytest.mark.parametrize("broken", [b"", b"{", b"[]", b'{"volume": "loud"}', b"\xff\xfe", b"[" * 100_000])
def test_a_broken_file_is_set_aside_and_said(tmp_path: Path, broken: bytes) -> None:
    (tmp_path / FILE).write_bytes(broken)
    loaded = Preferences.load(tmp_path)
    assert loaded.values() == Values()
    assert loaded.trouble == "preferences.broken.json"
    assert (tmp_path / loaded.trouble).read_bytes() == broken


def test_a_newer_program_may_have_written_more(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text(json.dumps({"handle": "mia", "from_the_future": 1}))
    loaded = Preferences.load(tmp_path)
    assert (loaded.handle, loaded.trouble) == ("mia", "")


def test_a_failed_save_leaves_the_earlier_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = Preferences.load(tmp_path)
    kept.handle = "mia"
    assert kept.save()

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    kept.handle = "ben"
    assert not kept.save()
    assert Preferences.load(tmp_path).handle == "mia"
    assert [file.name for file in tmp_path.iterdir()] == [FILE]


async def test_diagnostics_are_saved_where_the_person_says_and_a_failure_is_said(
    qapp: QApplication, tmp_path: Path
) -> None:
    folders = Folders(tmp_path, tmp_path, tmp_path, tmp_path, tmp_path / "logs")
    tasks, host = Tasks("test"), QWidget()
    saver = DiagnosticsSaver(folders, lambda coro, name: tasks.spawn(coro, name=name), host)
    said: list[tuple[str, bool]] = []
    saver.save(tmp_path / "a.zip", lambda words, problem: said.append((words, problem)))
    saver.save(tmp_path / "nowhere" / "a.zip", lambda words, problem: said.append((words, problem)))
    await tasks.idle()
    assert (tmp_path / "a.zip").exists()
    assert sorted(problem for _, problem in said) == [False, True]
    assert ("The diagnostics were not saved: No such file or directory", True) in said
    await tasks.close()


def test_the_button_for_diagnostics_asks_where(qtbot: QtBot, qapp: QApplication, tmp_path: Path) -> None:
    host = QWidget()
    qtbot.addWidget(host)
    saver = DiagnosticsSaver(Folders(*[tmp_path] * 5), lambda coro, name: coro.close(), host)
    preferences = Preferences.load(tmp_path)
    alerts = cast(Alerts, QuietAlerts())
    controller = SettingsController(preferences, theme_of(qapp), alerts, host, saver)
    controller.open(host, "Mia")
    made = host.findChild(SettingsDialog)
    assert isinstance(made, SettingsDialog)
    next(b for b in made.findChildren(QPushButton) if b.text() == "Save diagnostics…").click()
    (asking,) = made.findChildren(QFileDialog)
    assert asking.isVisible()
    assert asking.selectedFiles()[0].endswith(".zip")
    asking.reject()
    made.close()


def test_on_a_low_screen_it_scrolls_and_its_foot_stays(
    dialog: SettingsDialog, monkeypatch: pytest.MonkeyPatch
) -> None:
    tall = dialog.height()
    monkeypatch.setattr(dialog, "room", lambda: 300)
    dialog.say("No sound: the volume of alerts is 0.", problem=True)
    assert dialog.height() == 300 < tall

    def whole(part: QWidget) -> bool:
        return dialog.rect().contains(part.rect().translated(part.mapTo(dialog, part.rect().topLeft())))

    done = next(made for made in dialog.findChildren(QPushButton) if made.text() == "Done")
    assert whole(done)
    assert whole(dialog.notice)
    dialog.volume.setFocus()
    turned = QWheelEvent(
        QPointF(5, 5),
        QPointF(5, 5),
        QPoint(0, 0),
        QPoint(0, -120),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(dialog.theme, turned)
    assert dialog.theme.currentIndex() == 0
