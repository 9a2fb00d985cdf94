"""One's own account: another password, and the devices on which one is signed in."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QDateTime, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from app.core.errors import Refusal
from app.core.limits import PASSWORD_MIN
from app.core.passwords import check_password
from app.core.questions import Device
from app.ui.i18n import tr, trn
from app.ui.theme.tokens import LIGHT, Tokens
from app.ui.widgets import Notice, Sheet, Tone, button, label, line
from app.ui.words import refusal_words

WIDTH = 460
"""px."""


class AccountDialog(Sheet):
    """Shown with ``open()``; nothing waits for it.

    Args:
        handle, name: of the person; a password must not be one of them.

    Signals:
        password_chosen: the present one and the new one; answered with :meth:`changed` or :meth:`refuse`.
        device_ended: the id of a device that is to be signed out.
    """

    password_chosen = Signal(str, str)
    device_ended = Signal(str)

    def __init__(self, handle: str, name: str, tokens: Tokens, parent: QWidget | None = None) -> None:
        super().__init__(WIDTH, parent)
        self._handle, self._name, self._tokens = handle, name, tokens
        self.setWindowTitle(tr("Password and devices"))
        self.current = self._field(tr("Present password"))
        self.new = self._field(tr("New password"))
        self.again = self._field(tr("New password once more"))
        self.hint = label(size="small", rank="muted", wrap=True, parent=self)
        self.notice, self.devices_notice = Notice(tokens, self), Notice(tokens, self)
        self.change = button(tr("Change the password"), kind="primary", tokens=tokens, parent=self)
        self.change.clicked.connect(self._submit)
        self.sign_outs: dict[str, QPushButton] = {}
        self._lay_out()
        self._show_hint()

    def _field(self, name: str) -> QLineEdit:
        made = QLineEdit(self)
        made.setEchoMode(QLineEdit.EchoMode.Password)
        made.setAccessibleName(name)
        made.textEdited.connect(self._show_hint)
        made.returnPressed.connect(self._submit)
        return made

    def _lay_out(self) -> None:
        space = LIGHT.spacing
        column = self.column
        column.setSpacing(space.s)
        title = tr("{name} (@{handle})", name=self._name, handle=self._handle)
        column.addWidget(label(title, size="title", weight=LIGHT.type.bold, wrap=True, parent=self))
        column.addWidget(self._heading(tr("Password")))
        for field in (self.current, self.new, self.again):
            words = label(field.accessibleName(), size="small", parent=self)
            words.setBuddy(field)
            column.addWidget(words)
            column.addWidget(field)
        for part in (self.hint, self.notice):
            column.addWidget(part)
        column.addWidget(self.change, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(line(self))
        column.addWidget(self._heading(tr("Where you are signed in")))
        column.addWidget(self.devices_notice)
        self._rows = QWidget(self)
        column.addWidget(self._rows)
        column.addStretch(1)
        self.done_button = button(tr("Done"), tokens=self._tokens, parent=self)
        self.done_button.clicked.connect(self.accept)
        for made in (self.change, self.done_button):
            self.press_by_enter(made)
        self.foot.addStretch(1)
        self.foot.addWidget(self.done_button)

    def _heading(self, words: str) -> QWidget:
        return label(words, size="small", weight=LIGHT.type.bold, rank="muted", parent=self)

    # The password

    def _why_not(self) -> str:
        """What is missing or wrong, as far as it can be seen here."""
        if not self.current.text():
            return tr("Enter your present password.")
        problem: Refusal | None = check_password(self.new.text(), self._handle, self._name)
        if problem is not None:
            return refusal_words(problem)
        if self.new.text() != self.again.text():
            return tr("The new password is not the same both times.")
        return ""

    def _show_hint(self) -> None:
        problem = check_password(self.new.text(), self._handle, self._name) if self.new.text() else None
        fits = self.new.text() and problem is None
        words = tr("At least {n} characters; several words are good and easy to remember.", n=PASSWORD_MIN)
        if problem is not None:
            words = refusal_words(problem)
        elif fits and self.again.text() and self.new.text() != self.again.text():
            words = tr("The new password is not the same both times.")
        elif fits:
            words = tr("This password will do.")
        self.hint.setText(words)
        self.hint.setVisible(True)
        self.notice.say("")
        self.fit()

    def _submit(self) -> None:
        why = self._why_not()
        if why:
            self.refuse(why)
            return
        self._set_busy(True)
        self.password_chosen.emit(self.current.text(), self.new.text())

    def _set_busy(self, busy: bool) -> None:
        for part in (self.current, self.new, self.again, self.change):
            part.setEnabled(not busy)

    def changed(self, ended: int) -> None:
        """It is the new one now, and so many other devices were signed out."""
        self._set_busy(False)
        for field in (self.current, self.new, self.again):
            field.clear()
        self._show_hint()
        words = tr("Your password is changed.")
        if ended:
            words = trn(
                "Your password is changed. You were signed out on {n} other device.",
                "Your password is changed. You were signed out on {n} other devices.",
                ended,
            )
        self.notice.say(words, Tone.GOOD)
        self.done_button.setFocus()
        self.fit(self.notice)

    def refuse(self, why: str, *, current: bool = False) -> None:
        """Args:
        current: it was about the present password, so that is what is typed again.
        """
        self._set_busy(False)
        self.notice.say(why, Tone.PROBLEM)
        self.hint.setVisible(self.hint.text() != why)  # not twice
        field = self.current if current or not self.current.text() else self.new
        field.setFocus()
        field.selectAll()
        self.fit(self.notice)

    # Devices

    def show_devices(self, devices: Sequence[Device]) -> None:
        """Where the person is signed in, this machine first."""
        rows, self.sign_outs = QWidget(self), {}
        column = QVBoxLayout(rows)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(LIGHT.spacing.s)
        for device in devices:
            column.addLayout(self._row(device, rows))
        self.column.replaceWidget(self._rows, rows)
        self._rows.deleteLater()
        self._rows = rows
        self.fit()

    def _row(self, device: Device, parent: QWidget) -> QHBoxLayout:
        words = QVBoxLayout()
        words.setSpacing(0)
        name = device.name or tr("A machine without a name")
        words.addWidget(label(name, weight=LIGHT.type.semibold, wrap=True, parent=parent))
        words.addWidget(label(self._when(device), size="small", rank="muted", wrap=True, parent=parent))
        row = QHBoxLayout()
        row.addLayout(words, 1)
        if not device.here:
            made = button(tr("Sign out"), tokens=self._tokens, parent=parent)
            made.setAccessibleName(tr("Sign out {device}", device=name))
            self.press_by_enter(made)
            made.clicked.connect(lambda: self._end(device.id))
            row.addWidget(made, 0, Qt.AlignmentFlag.AlignVCenter)
            self.sign_outs[device.id] = made
        return row

    def _end(self, device: str) -> None:
        self.sign_outs[device].setEnabled(False)
        self.device_ended.emit(device)

    def say_devices(self, text: str) -> None:
        """Why they cannot be shown, or one could not be signed out."""
        self.devices_notice.say(text, Tone.PROBLEM)
        self.fit(self.devices_notice)

    @staticmethod
    def _when(device: Device) -> str:
        if device.here:
            return tr("This device")
        moment = QDateTime.fromSecsSinceEpoch(int(device.seen))
        return tr("Last used {when}", when=moment.toString("yyyy-MM-dd HH:mm"))
