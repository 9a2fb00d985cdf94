"""One's own account: another password, and the devices on which one is signed in."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QDateTime, Qt, Signal
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLineEdit, QPushButton, QScrollArea, QVBoxLayout, QWidget

from app.core.errors import Refusal
from app.core.limits import PASSWORD_MIN
from app.core.passwords import check_password
from app.core.wire import Device
from app.ui.i18n import tr
from app.ui.theme.tokens import LIGHT, Tokens
from app.ui.widgets import Notice, Tone, button, label, line
from app.ui.words import refusal_words

WIDTH = 460
LIST_PX = 190
"""px of height that the devices take at most; more of them scroll."""


class AccountDialog(QDialog):
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
        super().__init__(parent)
        self._handle, self._name, self._tokens = handle, name, tokens
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(tr("Password and devices"))
        self.setFixedWidth(WIDTH)
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
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 20)
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
        column.addWidget(self._make_list())
        done = button(tr("Done"), tokens=self._tokens, parent=self)
        done.clicked.connect(self.accept)
        for made in (self.change, done):
            made.setAutoDefault(False)
        column.addWidget(done, 0, Qt.AlignmentFlag.AlignRight)

    def _make_list(self) -> QWidget:
        self._area = QScrollArea(self)
        self._area.setWidgetResizable(True)
        self._area.setFrameShape(QScrollArea.Shape.NoFrame)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.show_devices(())
        return self._area

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
        self.notice.say("")

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

    def changed(self) -> None:
        """It is the new one now."""
        self._set_busy(False)
        for field in (self.current, self.new, self.again):
            field.clear()
        self._show_hint()
        words = tr("Your password is changed. You were signed out on all other devices.")
        self.notice.say(words, Tone.GOOD)

    def refuse(self, why: str, *, current: bool = False) -> None:
        """Args:
        current: it was about the present password, so that is what is typed again.
        """
        self._set_busy(False)
        self.notice.say(why, Tone.PROBLEM)
        field = self.current if current or not self.current.text() else self.new
        field.setFocus()
        field.selectAll()

    # Devices

    def show_devices(self, devices: Sequence[Device]) -> None:
        """Where the person is signed in, this machine first."""
        rows, self.sign_outs = QWidget(self._area), {}
        column = QVBoxLayout(rows)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(LIGHT.spacing.s)
        for device in devices:
            column.addLayout(self._row(device, rows))
        column.addStretch(1)
        self._area.setWidget(rows)
        self._area.setFixedHeight(min(LIST_PX, rows.sizeHint().height() + LIGHT.spacing.l))

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
            made.setAutoDefault(False)
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

    @staticmethod
    def _when(device: Device) -> str:
        if device.here:
            return tr("This device")
        moment = QDateTime.fromSecsSinceEpoch(int(device.seen))
        return tr("Last used {when}", when=moment.toString("yyyy-MM-dd HH:mm"))
