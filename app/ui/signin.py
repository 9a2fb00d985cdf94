"""The page where a person signs in: server, handle, password."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from app.ui.i18n import tr
from app.ui.theme import Theme
from app.ui.theme.icons import FOLDER, icon
from app.ui.theme.tokens import LIGHT
from app.ui.widgets import Notice, Tone, button, card, icon_button, label
from app.ui.widgets.buttons import recolour
from app.ui.widgets.switch import Switch

CARD_PX = 400
LOGO_PX = 52
TALL = 680
"""px of height from which there is room for the logo, whatever is said below the fields."""


class SignInPage(QWidget):
    """Keeps what was typed whatever happens.

    Signals:
        sign_in_requested: server, handle, password, whether to remember.
        plain_allowed: the address that :meth:`offer_plain` named may be reached without encryption.
        preferences_pressed: language and look.
    """

    sign_in_requested = Signal(str, str, str, bool)
    plain_allowed = Signal(str)
    preferences_pressed = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        tokens = theme.tokens
        self.setMinimumSize(560, 600)
        self.server = self._field(tr("Server"), tr("support.example.com"))
        self.handle = self._field(tr("Handle"), "")
        self.password = self._field(tr("Password"), "")
        self.password.setEchoMode(QLineEdit.EchoMode.Password)
        self._add_eye()
        self.remember = Switch(tr("Stay signed in on this machine"), tokens, parent=self)
        self.remember.setChecked(True)
        self.kept = label(size="small", rank="muted", wrap=True, parent=self)
        self.notice = Notice(tokens, self)
        self.notice.acted.connect(self._allow_plain)
        self._plain = ""
        self.button = button(tr("Sign in"), kind="primary", tokens=tokens, parent=self)
        self.button.clicked.connect(self._submit)
        self.settings = icon_button("settings", tr("Settings"), tokens=tokens, parent=self)
        self.settings.clicked.connect(self.preferences_pressed)
        for field in (self.server, self.handle, self.password):
            field.returnPressed.connect(self._submit)
        self._busy = False
        self._lay_out()
        self.set_secret_store("", kept=True)
        theme.changed.connect(self._follow_theme)

    def _field(self, name: str, example: str) -> QLineEdit:
        made = QLineEdit(self)
        made.setAccessibleName(name)
        made.setPlaceholderText(example)
        return made

    def _add_eye(self) -> None:
        self._eye = self.password.addAction(
            icon("eye", self._theme.tokens.colours.muted), QLineEdit.ActionPosition.TrailingPosition
        )
        self._eye.setText(tr("Show the password"))
        self._eye.triggered.connect(self._toggle_echo)

    def _toggle_echo(self) -> None:
        hidden = self.password.echoMode() is QLineEdit.EchoMode.Password
        mode = QLineEdit.EchoMode.Normal if hidden else QLineEdit.EchoMode.Password
        self.password.setEchoMode(mode)
        self._eye.setText(tr("Hide the password") if hidden else tr("Show the password"))

    def _lay_out(self) -> None:
        self.card = card(self._theme.tokens, self)
        self.card.setFixedWidth(CARD_PX)
        column = QVBoxLayout(self.card)
        column.setContentsMargins(32, 28, 32, 28)
        column.setSpacing(LIGHT.spacing.s)
        self.logo = _Logo(self)
        column.addWidget(self.logo, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addSpacing(LIGHT.spacing.xs)
        title = label("Handraise", size="title", weight=LIGHT.type.bold, parent=self)
        column.addWidget(title, 0, Qt.AlignmentFlag.AlignHCenter)
        promise = label(tr("Raise a hand, and somebody comes."), rank="muted", wrap=True, parent=self)
        promise.setAlignment(Qt.AlignmentFlag.AlignCenter)
        column.addWidget(promise)
        column.addSpacing(LIGHT.spacing.s)
        for name, field in (
            (tr("Server"), self.server),
            (tr("Handle"), self.handle),
            (tr("Password"), self.password),
        ):
            column.addWidget(self._named(name, field))
            column.addWidget(field)
        column.addSpacing(LIGHT.spacing.xs)
        column.addLayout(self._switch_row())
        column.addWidget(self.kept)
        column.addWidget(self.notice)
        column.addSpacing(LIGHT.spacing.xs)
        self.button.setMinimumHeight(40)
        column.addWidget(self.button)
        self.teaching = label(size="small", rank="muted", wrap=True, parent=self)
        self.teaching.setAlignment(Qt.AlignmentFlag.AlignCenter)
        column.addWidget(self.teaching)
        outer = QVBoxLayout(self)
        outer.addStretch(2)
        middle = QHBoxLayout()  # an alignment would ignore how high the wrapped lines become
        middle.addStretch(1)
        middle.addWidget(self.card)
        middle.addStretch(1)
        outer.addLayout(middle)
        outer.addStretch(3)
        self.set_first_start(True)

    def _switch_row(self) -> QHBoxLayout:
        row = QHBoxLayout()
        words = label(self.remember.accessibleName(), parent=self)
        words.setBuddy(self.remember)
        row.addWidget(words, 1)
        row.addWidget(self.remember)
        return row

    def _named(self, name: str, field: QLineEdit) -> QLabel:
        made = label(name, size="small", weight=LIGHT.type.semibold, parent=self)
        made.setBuddy(field)
        return made

    # What is shown

    def fill(self, server: str, handle: str, *, remember: bool) -> None:
        """What is known from the last time; the keyboard goes to the first empty field."""
        self.server.setText(server)
        self.handle.setText(handle)
        self.remember.setChecked(remember)
        self.set_first_start(not (server or handle))
        self.focus_first_empty()

    def focus_first_empty(self) -> None:
        fields = (self.server, self.handle, self.password)
        next((field for field in fields if not field.text()), self.password).setFocus()

    def set_first_start(self, first: bool) -> None:
        """Whether to say where the address and the handle come from."""
        words = tr("Your admin gives you the server's address, your handle and a first password.")
        self.teaching.setText(words if first else "")
        self.teaching.setVisible(first)

    def set_secret_store(self, sentence: str, *, kept: bool) -> None:
        """Where the session is kept, or why it cannot be; honest in both cases."""
        self.kept.setText(sentence)
        self.kept.setVisible(bool(sentence))
        self.remember.setEnabled(kept)

    def set_busy(self, busy: bool) -> None:
        self._busy = busy
        for part in (self.server, self.handle, self.password, self.button, self.remember):
            part.setEnabled(not busy)
        self.button.setText(tr("Signing in…") if busy else tr("Sign in"))
        if busy:
            self.notice.say("")

    def show_error(self, text: str, *, password: bool = False) -> None:
        """Args:
        password: it was about the password, so that is what is typed again.
        """
        self.set_busy(False)
        self.notice.say(text, Tone.PROBLEM)
        if password:
            self.password.setFocus()
            self.password.selectAll()

    def offer_plain(self, text: str, address: str) -> None:
        """Not encrypted: say so, and let the person allow it for this one server."""
        self.set_busy(False)
        self._plain = address
        self.notice.say(text, Tone.PROBLEM, tr("Allow for this server"))

    def _allow_plain(self) -> None:
        self.plain_allowed.emit(self._plain)
        self._submit()

    def show_note(self, text: str) -> None:
        """Something to know that is no error: signed out elsewhere, settings set aside."""
        self.notice.say(text, Tone.INFO)

    def clear_secret(self) -> None:
        """The password is not kept longer than needed."""
        self.password.clear()

    def _submit(self) -> None:
        if self._busy:
            return
        server, handle = self.server.text().strip(), self.handle.text().strip().removeprefix("@")
        missing = [(server, self.server), (handle, self.handle), (self.password.text(), self.password)]
        for value, field in missing:
            if not value:
                self.notice.say(tr("Please fill in “{name}”.", name=field.accessibleName()), Tone.PROBLEM)
                field.setFocus()
                return
        self.sign_in_requested.emit(server, handle, self.password.text(), self.remember.isChecked())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not self.settings.hasFocus():
            self._submit()
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.logo.setVisible(self.height() >= TALL)
        gap = LIGHT.spacing.l
        self.settings.move(self.width() - self.settings.width() - gap, gap)

    def _follow_theme(self) -> None:
        tokens = self._theme.tokens
        self.notice.set_tokens(tokens)
        self.remember.set_tokens(tokens)
        recolour(self.button, tokens)
        recolour(self.settings, tokens)
        self._eye.setIcon(icon("eye", tokens.colours.muted))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """A floor plan, quiet, with one raised hand: what this is about."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colours = self._theme.tokens.colours
        painter.fillRect(self.rect(), QColor(colours.window))
        Ground(painter, self._theme).draw(self.width(), self.height())


class _Logo(QWidget):
    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setFixedSize(LOGO_PX, LOGO_PX)
        self._image = QSvgRenderer(str(FOLDER / "app.svg"))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        self._image.render(painter, QRectF(self.rect()))


class Ground:
    """The drawing behind the card: desks and people, of whom one has a hand up."""

    STEP_X, STEP_Y = 150, 130

    def __init__(self, painter: QPainter, theme: Theme) -> None:
        self._painter, self._colours = painter, theme.tokens.colours

    def draw(self, width: int, height: int) -> None:
        number = 0
        for y in range(60, height + self.STEP_Y, self.STEP_Y):
            for x in range(70, width + self.STEP_X, self.STEP_X):
                self._desk(x, y)
                number += 1
                if number % 3:
                    self._person(x + (-28 if number % 2 else 28), y + 38, raised=number == 7)

    def _desk(self, x: int, y: int) -> None:
        self._painter.setPen(Qt.PenStyle.NoPen)
        self._painter.setBrush(QColor(self._colours.line))
        self._painter.drawRoundedRect(QRectF(x - 56, y - 12, 112, 24), 6, 6)

    def _person(self, x: int, y: int, *, raised: bool) -> None:
        painter, colours = self._painter, self._colours
        painter.setBrush(QColor(colours.surface))
        painter.setPen(QPen(QColor(colours.yellow if raised else colours.line), 3))
        painter.drawEllipse(QPointF(x, y), 15, 15)
        if raised:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(colours.yellow))
            painter.drawEllipse(QPointF(x, y - 34), 14, 14)
            hand = icon("hand-solid", colours.on_yellow).pixmap(16, 16)
            painter.drawPixmap(QPointF(x - 8, y - 42), hand)
