"""The settings of this machine: applied at once, and kept."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QWidget

from app.ui.alerts import troubles
from app.ui.alerts.center import Alerts
from app.ui.alerts.sound import MUTED, SoundSettings
from app.ui.alerts.text_state import TextTelling
from app.ui.diagnostics import DiagnosticsSaver
from app.ui.i18n import tr
from app.ui.preferences import Preferences
from app.ui.settings import SettingsDialog
from app.ui.theme import Theme

Offer = tuple[str, Callable[[], None]]
"""What a button says, and what opens then."""
LISTEN_MS = 2_500
"""How long a sound is tried out."""


class SettingsController(QObject):
    """Args:
    preferences: read at the start, changed and saved with each choice.

    Signals:
        motion_changed: whether motion is to be reduced.
        language_changed: another language was chosen; :meth:`say_later` if it cannot be shown at once.
    """

    motion_changed = Signal(bool)
    language_changed = Signal()

    def __init__(
        self,
        preferences: Preferences,
        theme: Theme,
        alerts: Alerts,
        parent: QObject,
        saver: DiagnosticsSaver,
    ) -> None:
        super().__init__(parent)
        self._saver = saver
        self._preferences, self._theme, self._alerts = preferences, theme, alerts
        self._dialog: SettingsDialog | None = None
        self._language, self._theme_chosen = preferences.language, preferences.theme
        alerts.sound.outputs_changed.connect(self._show_devices)
        alerts.degraded_changed.connect(self._show_channels)
        alerts.reach_changed.connect(self._show_channels)
        self.apply()

    def apply(self) -> None:
        """Make everything be as the preferences say, besides the language."""
        values = self._preferences
        self._alerts.set_sound(SoundSettings(values.sound, values.device, values.volume))
        self._alerts.set_text_telling(TextTelling(values.texts))
        self._alerts.set_reduced_motion(values.reduce_motion)
        self.motion_changed.emit(values.reduce_motion)

    def open(self, parent: QWidget, name: str, offers: Sequence[Offer] = ()) -> None:
        """Args:
        name: whom a test alert is said to come from: oneself.
        offers: further settings of somebody who is signed in.
        """
        if self._dialog is not None:
            self._dialog.activateWindow()
            return
        dialog = SettingsDialog(self._preferences, self._theme.tokens, self._folders(), parent)
        self._dialog = dialog
        dialog.finished.connect(self._closed)
        dialog.changed.connect(lambda: self._changed(dialog))
        dialog.listen_requested.connect(self._listen)
        dialog.test_requested.connect(lambda: self._test(dialog, name))
        dialog.diagnostics_requested.connect(lambda: self._save_diagnostics(dialog))
        for words, then in offers:
            dialog.offer(words, then)
        self._show_devices()
        self._show_channels()
        dialog.open()

    def _folders(self) -> str:
        return tr("Settings are kept in {folder}.", folder=self._preferences.folder)

    def _save_diagnostics(self, dialog: SettingsDialog) -> None:
        def say(words: str, problem: bool) -> None:
            if dialog is self._dialog:
                dialog.say(words, problem=problem)

        self._saver.ask(dialog, say)

    def _closed(self) -> None:
        self._dialog = None

    def _changed(self, dialog: SettingsDialog) -> None:
        if self._preferences.theme != self._theme_chosen:  # else that of the command line stays
            self._theme_chosen = self._preferences.theme
            self._theme.choose(self._theme_chosen)
            dialog.set_tokens(self._theme.tokens)
        self.apply()
        saved = self._preferences.save()
        if self._preferences.language != self._language:
            self._language = self._preferences.language
            self.language_changed.emit()
        if not saved:
            dialog.say(tr("The settings could not be saved; they count until the end."), problem=True)

    def say_later(self) -> None:
        """The window that is open keeps its language."""
        if self._dialog is not None:
            words = tr("What you wrote is not sent yet: the language changes when Handraise starts again.")
            self._dialog.say(words)

    def close(self) -> None:
        if self._dialog is not None:
            self._dialog.reject()

    def _show_devices(self) -> None:
        if self._dialog is not None:
            self._dialog.set_devices([(device.id, device.name) for device in self._alerts.sound.outputs])

    def _show_channels(self, *_: object) -> None:
        if self._dialog is None:
            return
        # At volume 0 the dialog says so itself, beside the volume.
        told = [trouble for trouble in self._alerts.degraded if trouble.reason != MUTED]
        broken = [f"{troubles.words(trouble)} {troubles.mending(trouble)}" for trouble in told]
        self._dialog.show_channels(broken, [troubles.doubt(channel) for channel in self._alerts.unknown])

    def _listen(self) -> None:
        self._alerts.sound.ring()
        QTimer.singleShot(LISTEN_MS, self, self._alerts.look)  # as loud or quiet as the alerts want it

    def _test(self, dialog: SettingsDialog, name: str) -> None:
        self._alerts.test(name)
        problems = [troubles.words(trouble) for trouble in self._alerts.degraded]
        dialog.say(" ".join(problems) or tr("A test alert is on its way to you."), problem=bool(problems))
