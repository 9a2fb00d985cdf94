"""Settings of this machine: how it looks, how alerts sound. A choice counts at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QGridLayout,
    QHBoxLayout,
    QPushButton,
    QSlider,
    QWidget,
)

from app.ui.alerts.text_state import TextTelling
from app.ui.choices import language_choices, theme_choices
from app.ui.i18n import tr
from app.ui.preferences import Values
from app.ui.theme.tokens import LIGHT, Tokens
from app.ui.widgets import Notice, Sheet, Tone, button, label, line
from app.ui.widgets.buttons import recolour
from app.ui.widgets.fields import call
from app.ui.widgets.flow import FlowLayout
from app.ui.widgets.switch import Switch

WIDTH = 460
NAMES_PX = 136
"""px of the column of names, so that the fields of all groups stand in one line."""


class SettingsDialog(Sheet):
    """Shown with ``open()``; nothing waits for it.

    Args:
        values: the present ones; :attr:`values` follows what is chosen.
        folders: what lies where, as sentences for people.

    Signals:
        changed: a choice was made; read :attr:`values`.
        listen_requested: play the chosen sound once.
        test_requested: send a test alert.
        diagnostics_requested: save what helps somebody who helps.
    """

    changed = Signal()
    listen_requested = Signal()
    test_requested = Signal()
    diagnostics_requested = Signal()

    def __init__(
        self, values: Values, tokens: Tokens, folders: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(WIDTH, parent)
        self.values = values
        self._tokens = tokens
        self.setWindowTitle(tr("Settings"))
        self._make_fields()
        self._lay_out(folders)
        self._show_silence()

    # Fields

    def _make_fields(self) -> None:
        values = self.values
        self.theme = self._choice(tr("Look"), theme_choices(), values.theme)
        self.language = self._choice(tr("Language"), language_choices(), values.language)
        sounds = [("chime", tr("Chime")), ("pulse", tr("Pulse"))]
        self.sound = self._choice(tr("Sound of a red alert"), sounds, values.sound)
        tellings = [
            (TextTelling.SOUND, tr("A gentle sound and a notification")),
            (TextTelling.NOTIFICATION, tr("A notification without sound")),
            (TextTelling.COUNT, tr("Only the number in the Inbox")),
        ]
        self.texts = self._choice(tr("Customers’ texts"), tellings, values.texts)
        self.device = self._choice(tr("Plays on"), [("", tr("The system's default"))], "")
        self.motion = Switch(tr("Reduce motion"), self._tokens, parent=self)
        self.motion.setChecked(values.reduce_motion)
        self.volume = QSlider(Qt.Orientation.Horizontal, self)
        self.volume.setRange(0, 100)
        self.volume.setPageStep(10)
        self.volume.setMinimumHeight(26)
        self.volume.setValue(values.volume)
        self.volume.setAccessibleName(tr("Volume"))
        self.percent = label(f"{values.volume} %", tabular=True, rank="muted", parent=self)
        ways = [
            ("", tr("Only fill in the dialog")),
            ("yellow", tr("Raise a yellow hand")),
            ("red", tr("Raise yellow and red hands")),
        ]
        self.programs = self._choice(tr("Other programs may"), ways, values.raise_directly)
        for box in (self.theme, self.language, self.sound, self.texts, self.device, self.programs):
            box.activated.connect(self._chosen)
        self.motion.toggled.connect(self._chosen)
        self.volume.valueChanged.connect(self._chosen)

    def _choice(self, name: str, options: Sequence[tuple[str, str]], value: str) -> QComboBox:
        box = QComboBox(self)
        call(box, name)
        for key, words in options:
            box.addItem(words, key)
        box.setCurrentIndex(max(0, box.findData(value)))
        return box

    def set_devices(self, devices: Sequence[tuple[str, str]]) -> None:
        """Output devices by id and name. A chosen one that is not there now stays chosen, and is marked."""
        self.device.clear()
        self.device.addItem(tr("The system's default"), "")
        for key, name in devices:
            self.device.addItem(name, key)
        chosen = self.values.device
        if chosen and self.device.findData(chosen) < 0:
            self.device.addItem(tr("{name} (not connected)", name=chosen), chosen)
        self.device.setCurrentIndex(max(0, self.device.findData(chosen)))

    def show_channels(self, broken: Sequence[str], unknown: Sequence[str]) -> None:
        """What of an alert would not come through here and how to mend it, and what cannot be known."""
        self.channels.say("\n".join(broken), Tone.PROBLEM)
        self.doubts.setText("\n".join(unknown))
        self.doubts.setVisible(bool(unknown))
        self.fit()

    def set_tokens(self, tokens: Tokens) -> None:
        """The look that was just chosen is shown here too."""
        self._tokens = tokens
        self.motion.set_tokens(tokens)
        for notice in (self.silence, self.channels, self.notice):
            notice.set_tokens(tokens)
        for made in self.findChildren(QPushButton):
            recolour(made, tokens)

    def say(self, text: str, *, problem: bool = False) -> None:
        """A sentence at the foot: what the test alert could not do, what was not saved."""
        self.notice.say(text, Tone.PROBLEM if problem else Tone.INFO)
        self.fit(self.notice)

    def _chosen(self, *_: object) -> None:
        values = self.values
        values.theme = str(self.theme.currentData())
        values.language = str(self.language.currentData())
        values.sound = str(self.sound.currentData())
        values.texts = str(self.texts.currentData())
        values.device = str(self.device.currentData())
        values.raise_directly = str(self.programs.currentData())
        values.reduce_motion = self.motion.isChecked()
        values.volume = self.volume.value()
        self.percent.setText(f"{values.volume} %")
        self._show_silence()
        self.changed.emit()

    def _show_silence(self) -> None:
        silent = self.volume.value() == 0
        words = tr("At volume 0 a red alert makes no sound. The pop-up still comes.")
        self.silence.say(words if silent else "", Tone.PROBLEM)
        self.fit(self.silence)

    # Layout

    def _lay_out(self, folders: str) -> None:
        self.silence, self.notice = Notice(self._tokens, self), Notice(self._tokens, self)
        self.channels = Notice(self._tokens, self)
        self.doubts = label(size="small", rank="muted", wrap=True, parent=self)
        column = self.column
        column.setSpacing(LIGHT.spacing.m)
        column.addWidget(label(tr("Settings"), size="title", weight=LIGHT.type.bold, parent=self))
        column.addWidget(self._heading(tr("Appearance")))
        looks = self._grid()
        self._row(looks, tr("Look"), self.theme)
        self._row(looks, tr("Language"), self.language)
        self._row(looks, tr("Reduce motion"), self.motion)
        column.addLayout(looks)
        column.addWidget(line(self))
        column.addWidget(self._heading(tr("Alerts")))
        alerts = self._grid()
        self._row(alerts, tr("Sound of a red alert"), self._with(self.sound, self._listen_button()))
        self._row(alerts, tr("Customers’ texts"), self.texts)
        self._row(alerts, tr("Plays on"), self.device)
        self._row(alerts, tr("Volume"), self._with(self.volume, self.percent))
        column.addLayout(alerts)
        column.addWidget(self.silence)
        column.addWidget(self.channels)
        column.addWidget(self.doubts)
        self.show_channels((), ())
        test = button(
            tr("Send a test alert"), kind="quiet", icon_name="bell", tokens=self._tokens, parent=self
        )
        test.clicked.connect(self.test_requested)
        column.addWidget(test, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(self.notice)
        column.addWidget(line(self))
        others = self._grid()
        self._row(others, tr("Other programs may"), self.programs)
        column.addLayout(others)
        if folders:
            column.addWidget(line(self))
            column.addWidget(
                label(folders, size="small", rank="muted", wrap=True, selectable=True, parent=self)
            )
        save = button(tr("Save diagnostics…"), kind="bare", tokens=self._tokens, parent=self)
        save.clicked.connect(self.diagnostics_requested)
        done = button(tr("Done"), kind="primary", tokens=self._tokens, parent=self)
        done.clicked.connect(self.accept)
        self.foot.addWidget(save)
        self.foot.addStretch(1)
        self.foot.addWidget(done)
        self.offers: list[QPushButton] = []
        self._offers = FlowLayout(spacing=LIGHT.spacing.s)
        column.addLayout(self._offers)

    def offer(self, words: str, then: Callable[[], None]) -> None:
        """Another dialog that takes the place of this one, such as that of one's own account."""
        made = button(words, kind="quiet", tokens=self._tokens, parent=self)
        made.clicked.connect(self.accept)
        made.clicked.connect(lambda: then())
        self._offers.addWidget(made)
        self.offers.append(made)

    def _listen_button(self) -> QWidget:
        made = button(tr("Listen"), kind="bare", icon_name="volume", tokens=self._tokens, parent=self)
        made.clicked.connect(self.listen_requested)
        return made

    def _heading(self, words: str) -> QWidget:
        return label(words, size="small", weight=LIGHT.type.bold, rank="muted", parent=self)

    @staticmethod
    def _grid() -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(LIGHT.spacing.l)
        grid.setVerticalSpacing(LIGHT.spacing.s)
        grid.setColumnStretch(1, 1)
        grid.setColumnMinimumWidth(0, NAMES_PX)
        return grid

    def _row(self, grid: QGridLayout, name: str, field: QWidget | QHBoxLayout) -> None:
        row = grid.rowCount()
        grid.addWidget(label(name, parent=self), row, 0)
        if isinstance(field, QWidget):
            stretch = isinstance(field, QComboBox)
            grid.addWidget(field, row, 1, Qt.AlignmentFlag(0) if stretch else Qt.AlignmentFlag.AlignRight)
        else:
            grid.addLayout(field, row, 1)

    @staticmethod
    def _with(first: QWidget, second: QWidget) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(LIGHT.spacing.s)
        row.addWidget(first, 1)
        row.addWidget(second)
        return row
