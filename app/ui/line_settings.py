"""The escalation of a line: where messages go that nobody touches, and after how many minutes."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLineEdit, QSpinBox, QWidget

from app.core.line_questions import LineSetting
from app.core.lines import MOST_MINUTES
from app.ui.i18n import tr
from app.ui.theme.tokens import LIGHT, Tokens
from app.ui.widgets import Notice, Sheet, Switch, Tone, button, label, line
from app.ui.widgets.fields import call

WIDTH = 440


class LineSettingsDialog(Sheet):
    """Shown with ``open()``; each line has a setting of its own, saved by its button.

    Signals:
        saved: the line's id, whether it is on, the minutes, and the number as it was typed (empty: the one
            that is known).
    """

    saved = Signal(str, bool, int, str)

    def __init__(self, tokens: Tokens, parent: QWidget | None = None) -> None:
        super().__init__(WIDTH, parent)
        self._tokens = tokens
        self._settings: dict[str, LineSetting] = {}
        self.setWindowTitle(tr("Escalation of lines"))
        self._make_fields()
        self._lay_out()
        self._enable()

    def _make_fields(self) -> None:
        self.line = QComboBox(self)
        call(self.line, tr("Line"))
        self.line.currentIndexChanged.connect(self._line_chosen)
        self.enabled = Switch(tr("Forward messages that nobody looks at"), self._tokens, parent=self)
        self.enabled.toggled.connect(self._enable)
        self.cell = QLineEdit(self)
        self.cell.setAccessibleName(tr("Cell phone"))
        self.cell.setInputMethodHints(Qt.InputMethodHint.ImhDialableCharactersOnly)
        self.cell.setMaxLength(40)
        self.cell.returnPressed.connect(self._save)
        self.minutes = QSpinBox(self)
        self.minutes.setAccessibleName(tr("Minutes to wait"))
        self.minutes.setRange(1, MOST_MINUTES)
        self.minutes.setSuffix(tr(" min"))
        self.minutes.lineEdit().setTextMargins(8, 0, 8, 0)
        self.notice = Notice(self._tokens, self)
        self.save = button(tr("Save"), kind="primary", tokens=self._tokens, parent=self)
        self.save.clicked.connect(self._save)
        self.done_button = button(tr("Done"), tokens=self._tokens, parent=self)
        self.done_button.setAutoDefault(False)
        self.done_button.clicked.connect(self.accept)

    def _lay_out(self) -> None:
        column = self.column
        column.setSpacing(LIGHT.spacing.s)
        title = tr("Escalation of lines")
        column.addWidget(label(title, size="title", weight=LIGHT.type.bold, parent=self))
        self._named(tr("Line"), self.line)
        column.addWidget(line(self))
        switch = QHBoxLayout()
        switch.setSpacing(LIGHT.spacing.s)
        words = label(self.enabled.accessibleName(), weight=LIGHT.type.semibold, parent=self)
        switch.addWidget(words, 1)
        switch.addWidget(self.enabled)
        column.addLayout(switch)
        teach = tr(
            "A message that nobody has opened for so long is texted to this phone, from the line’s number. "
            "What the phone answers becomes a note in the inbox; the customer never gets it."
        )
        column.addWidget(label(teach, size="small", rank="muted", wrap=True, parent=self))
        self._named(tr("Cell phone"), self.cell)
        self._named(tr("Minutes to wait"), self.minutes)
        column.addWidget(self.notice)
        column.addStretch(1)
        self.foot.addStretch(1)
        self.foot.addWidget(self.done_button)
        self.foot.addWidget(self.save)

    def _named(self, name: str, field: QWidget) -> None:
        words = label(name, size="small", parent=self)
        words.setBuddy(field)
        self.column.addWidget(words)
        self.column.addWidget(field)

    # What is shown

    def show_lines(self, settings: Sequence[LineSetting]) -> None:
        """The lines and what is set for them; the chosen one stays chosen."""
        chosen = self.line.currentData()
        self._settings = {setting.line.id: setting for setting in settings}
        self.line.blockSignals(True)
        self.line.clear()
        for setting in settings:
            self.line.addItem(tr("{name} · {number}", name=setting.line.name, number=setting.line.number))
            self.line.setItemData(self.line.count() - 1, str(setting.line.id))
        self.line.setCurrentIndex(max(0, self.line.findData(chosen)))
        self.line.blockSignals(False)
        self._show()

    def say(self, words: str, *, problem: bool = False) -> None:
        self.notice.say(words, Tone.PROBLEM if problem else Tone.GOOD)
        self._enable()
        self.fit(self.notice)

    def refuse(self, words: str, *, number: bool) -> None:
        """``number``: it is about the number, so that is typed again."""
        self.say(words, problem=True)
        if number:
            self.cell.setFocus()
            self.cell.selectAll()

    def _line_chosen(self) -> None:
        self.notice.say("")
        self._show()

    def _show(self) -> None:
        setting = self._settings.get(str(self.line.currentData()))
        if setting is None:
            return
        self.enabled.setChecked(setting.enabled)
        self.cell.clear()
        known = tr("Known: {number}. Type another one to change it.", number=setting.cell)
        self.cell.setPlaceholderText(known if setting.cell else "+81 90 1234 5678")
        self.cell.setAccessibleDescription(known if setting.cell else "")
        self.minutes.setValue(setting.minutes)
        self._enable()
        self.fit()

    def _enable(self, *_: object) -> None:
        for field in (self.cell, self.minutes):
            field.setEnabled(self.enabled.isChecked())
        self.save.setEnabled(bool(self._settings))

    def _save(self) -> None:
        chosen = self.line.currentData()
        if chosen is not None and self.save.isEnabled():
            self.save.setEnabled(False)
            on = self.enabled.isChecked()
            self.saved.emit(str(chosen), on, self.minutes.value(), self.cell.text() if on else "")
