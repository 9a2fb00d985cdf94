"""One's own phone: a number that counts once a code has come back, tests, and quiet hours."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTime, QTimeZone, Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLineEdit, QPushButton, QTimeEdit, QWidget

from app.core.phone_questions import MyPhone, QuietHours
from app.ui.i18n import tr
from app.ui.theme.tokens import LIGHT, Tokens
from app.ui.widgets import Notice, Sheet, Tone, button, label, line
from app.ui.widgets.fields import call, searchable
from app.ui.widgets.switch import Switch
from app.ui.words import clock_time

WIDTH = 460
"""px."""
NIGHT = (22 * 60, 7 * 60)
"""Minutes since midnight: what is offered first."""


class PhoneDialog(Sheet):
    """Shown with ``open()``; nothing waits for it. Each signal is answered with :meth:`show_phone` or
    :meth:`say`.

    Signals:
        number_chosen: a number that a code is to be sent to.
        code_brought: the code.
        removed: the number is to be forgotten.
        quiet_chosen: QuietHours, or ``None``.
        test_wanted: whether it is to be a call.
    """

    number_chosen = Signal(str)
    code_brought = Signal(str)
    removed = Signal()
    quiet_chosen = Signal(object)
    test_wanted = Signal(bool)

    def __init__(self, tokens: Tokens, parent: QWidget | None = None) -> None:
        super().__init__(WIDTH, parent)
        self._tokens = tokens
        self._showing = False
        self.setWindowTitle(tr("Phone"))
        self.state = label(weight=LIGHT.type.semibold, wrap=True, parent=self)
        self.number = self._field(tr("Phone number"), "+81 90 1234 5678")
        self.send = self._button(tr("Send a code"))
        self.code = self._field(tr("Code from the text message"), "")
        self.confirm = self._button(tr("Confirm"))
        self.code_hint = label(size="small", rank="muted", wrap=True, parent=self)
        self.remove = self._button(tr("Remove"))
        self.text_me = self._button(tr("Text me a test"))
        self.call_me = self._button(tr("Call me"))
        self.notice = Notice(tokens, self)
        self.quiet = Switch(tr("Quiet hours"), tokens, parent=self)
        self.start, self.end = self._time(tr("Quiet from"), NIGHT[0]), self._time(tr("Quiet until"), NIGHT[1])
        self.zone = self._zones()
        self._lay_out()
        self._connect()
        self.show_phone(None)

    def _field(self, name: str, example: str) -> QLineEdit:
        made = QLineEdit(self)
        made.setAccessibleName(name)
        made.setPlaceholderText(example)
        return made

    def _button(self, words: str) -> QPushButton:
        made = button(words, kind="quiet", tokens=self._tokens, parent=self)
        made.setAutoDefault(False)
        return made

    def _time(self, name: str, minutes: int) -> QTimeEdit:
        made = QTimeEdit(QTime(minutes // 60, minutes % 60), self)
        made.setDisplayFormat("HH:mm")
        made.setAlignment(Qt.AlignmentFlag.AlignCenter)
        made.setAccessibleName(name)
        return made

    def _zones(self) -> QComboBox:
        box = QComboBox(self)
        call(box, tr("Time zone"))
        searchable(box)
        names = sorted(bytes(zone.data()).decode() for zone in QTimeZone.availableTimeZoneIds())
        box.addItems([name for name in names if "/" in name or name == "UTC"])
        box.setCurrentText(bytes(QTimeZone.systemTimeZoneId().data()).decode())
        return box

    def _lay_out(self) -> None:
        column, space = self.column, LIGHT.spacing
        column.setSpacing(space.s)
        column.addWidget(label(tr("Phone"), size="title", weight=LIGHT.type.bold, parent=self))
        words = tr("What nobody answers can reach you by text message or call. Nobody else sees the number.")
        column.addWidget(label(words, rank="muted", wrap=True, parent=self))
        column.addWidget(self.state)
        tries = _row(self.text_me, self.call_me, self.remove)
        tries.addStretch(1)
        column.addLayout(tries)
        column.addLayout(_row(self.number, self.send))
        column.addLayout(_row(self.code, self.confirm))
        column.addWidget(self.code_hint)
        column.addWidget(self.notice)
        column.addWidget(line(self))
        column.addLayout(_row(label(tr("Quiet hours"), weight=LIGHT.type.semibold, parent=self), self.quiet))
        hint = tr("No text messages and no calls then. Alerts in Handraise still come.")
        column.addWidget(label(hint, size="small", rank="muted", wrap=True, parent=self))
        between = label(tr("until"), rank="muted", parent=self)
        hours = QHBoxLayout()
        hours.setSpacing(space.s)
        for part in (self.start, between, self.end):
            hours.addWidget(part)
        hours.addWidget(self.zone, 1)
        column.addLayout(hours)
        done = button(tr("Done"), kind="primary", tokens=self._tokens, parent=self)
        done.setAutoDefault(False)
        done.clicked.connect(self.accept)
        self.foot.addStretch(1)
        self.foot.addWidget(done)

    def _connect(self) -> None:
        self.send.clicked.connect(self._send)
        self.number.returnPressed.connect(self._send)
        self.confirm.clicked.connect(self._confirm)
        self.code.returnPressed.connect(self._confirm)
        self.remove.clicked.connect(self.removed)
        self.text_me.clicked.connect(lambda: self.test_wanted.emit(False))
        self.call_me.clicked.connect(lambda: self.test_wanted.emit(True))
        self.quiet.toggled.connect(self._quiet_changed)
        for edit in (self.start, self.end):
            edit.editingFinished.connect(self._quiet_changed)
        self.zone.currentTextChanged.connect(self._quiet_changed)

    # What is shown

    def show_phone(self, phone: MyPhone | None) -> None:
        """As the server knows it; ``None`` while it was not heard yet."""
        self._showing = True
        known = phone or MyPhone()
        verified, waiting = bool(known.shown), bool(known.waiting)
        self.state.setText(
            tr("{number}, confirmed", number=known.shown) if verified else tr("No number is confirmed.")
        )
        for made in (self.remove, self.text_me, self.call_me):
            made.setVisible(verified)
        self.remove.setVisible(verified or waiting)
        for tried in (self.text_me, self.call_me, self.send, self.number):
            tried.setEnabled(known.available)
        self.number.clear()
        for part in (self.code, self.confirm, self.code_hint):
            part.setVisible(waiting)
        if waiting:
            until = clock_time(known.waits_until or 0.0)
            words = tr(
                "A code was sent to {number}. It is valid until {time}.", number=known.waiting, time=until
            )
            self.code_hint.setText(words)
            self.code.setFocus()
        self._show_quiet(known.quiet)
        missing = tr("This server cannot send text messages, so no number can be confirmed.")
        self.notice.say(missing if phone is not None and not phone.available else "", Tone.INFO)
        self._showing = False
        self.fit()

    def _show_quiet(self, quiet: QuietHours | None) -> None:
        self.quiet.setChecked(quiet is not None)
        if quiet is not None:
            self.start.setTime(QTime(quiet.start // 60, quiet.start % 60))
            self.end.setTime(QTime(quiet.end // 60, quiet.end % 60))
            self.zone.setCurrentText(quiet.zone)
        for part in (self.start, self.end, self.zone):
            part.setEnabled(quiet is not None)

    def say(self, words: str, *, problem: bool = True) -> None:
        """Why something was not done, or that it was."""
        self.notice.say(words, Tone.PROBLEM if problem else Tone.INFO)
        self.fit(self.notice)

    # What the person does

    def _send(self) -> None:
        if self.number.text().strip():
            self.number_chosen.emit(self.number.text())

    def _confirm(self) -> None:
        if self.code.text().strip():
            self.code_brought.emit(self.code.text())
            self.code.clear()

    def _quiet_changed(self, *_: object) -> None:
        if self._showing:
            return
        if not self.quiet.isChecked():
            self.quiet_chosen.emit(None)
        elif self.zone.findText(self.zone.currentText(), Qt.MatchFlag.MatchFixedString) >= 0:
            zone = self.zone.itemText(
                self.zone.findText(self.zone.currentText(), Qt.MatchFlag.MatchFixedString)
            )
            self.quiet_chosen.emit(QuietHours(_minutes(self.start), _minutes(self.end), zone))


def _minutes(edit: QTimeEdit) -> int:
    return edit.time().hour() * 60 + edit.time().minute()


def _row(first: QWidget, *others: QWidget) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(LIGHT.spacing.s)
    row.addWidget(first, 0 if isinstance(first, QPushButton) else 1)
    for other in others:
        row.addWidget(other)
    return row
