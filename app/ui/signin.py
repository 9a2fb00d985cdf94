"""The page where a person signs in: server, handle, password."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from app.ui.floor_drawing import FloorDrawing
from app.ui.i18n import tr
from app.ui.signin_corner import Corner
from app.ui.theme import Theme
from app.ui.theme.icons import FOLDER, icon
from app.ui.theme.tokens import LIGHT
from app.ui.widgets import Notice, Tone, button, card, label
from app.ui.widgets.buttons import recolour
from app.ui.widgets.switch import Switch

CARD_PX = 400
EDGE = 8
"""px that stay free round the card."""
LOGO_PX, SMALL_LOGO_PX = 52, 26
TALL, WIDE = 680, 720
"""px of height from which the logo stands over the name, of width from which the corner lies in a row."""


class SignInPage(QWidget):
    """Keeps what was typed whatever happens.

    Signals:
        sign_in_requested: server, handle, password, whether to remember.
        server_entered: an address stands in the field, perhaps another one; answered with
            :meth:`offer_ways`.
        way_requested: server, the id of a way in, whether to remember.
        cancel_requested: the person does not want to wait for the browser any longer.
        plain_allowed: the address that :meth:`offer_plain` named may be reached without encryption.
        language_chosen: a code, "" for the system's; answered with :meth:`retranslate`.
        theme_chosen: ``system`` or a name in ``THEMES``.
        preferences_pressed: everything else that can be set.
    """

    sign_in_requested = Signal(str, str, str, bool)
    server_entered = Signal(str)
    way_requested = Signal(str, str, bool)
    cancel_requested = Signal()
    plain_allowed = Signal(str)
    language_chosen = Signal(str)
    theme_chosen = Signal(str)
    preferences_pressed = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        tokens = theme.tokens
        self.setMinimumSize(560, 600)
        self._drawing = FloorDrawing(tokens)
        self.server, self.handle, self.password = QLineEdit(self), QLineEdit(self), QLineEdit(self)
        self._names = {field: self._name_of(field) for field in self._fields}
        self.password.setEchoMode(QLineEdit.EchoMode.Password)
        self._eye = self.password.addAction(
            icon("eye", tokens.colours.muted), QLineEdit.ActionPosition.TrailingPosition
        )
        self._eye.triggered.connect(self._toggle_echo)
        self.remember = Switch("", tokens, parent=self)
        self.remember.setChecked(True)
        self._remember_words = label(wrap=True, parent=self)
        self._remember_words.setBuddy(self.remember)
        self.kept = label(size="small", rank="muted", wrap=True, parent=self)
        self.notice = Notice(tokens, self)
        self.notice.acted.connect(self._act)
        self._plain, self._again = "", self._submit
        self.button = button("", kind="primary", tokens=tokens, parent=self)
        self.button.setProperty("tall", "true")
        self.button.clicked.connect(self._submit)
        self.corner = Corner(theme, self)
        self.corner.language_chosen.connect(self.language_chosen)
        self.corner.theme_chosen.connect(self.theme_chosen)
        self.corner.settings_pressed.connect(self.preferences_pressed)
        for field in self._fields:
            field.returnPressed.connect(self._submit)
        self.server.editingFinished.connect(self._server_entered)
        self.server.textEdited.connect(lambda: self.offer_ways(()))
        self.way_buttons: list[QPushButton] = []
        self._ways: tuple[tuple[str, str], ...] = ()
        self._busy, self._first, self._can_keep = False, True, True
        self._in_browser = False
        self._lay_out()
        self.retranslate()
        self.set_secret_store("", kept=True)
        theme.changed.connect(self._follow_theme)

    @property
    def _fields(self) -> tuple[QLineEdit, QLineEdit, QLineEdit]:
        return self.server, self.handle, self.password

    def _name_of(self, field: QLineEdit) -> QLabel:
        made = label(size="small", weight=LIGHT.type.semibold, parent=self)
        made.setBuddy(field)
        return made

    def _toggle_echo(self) -> None:
        hidden = self.password.echoMode() is QLineEdit.EchoMode.Password
        self.password.setEchoMode(QLineEdit.EchoMode.Normal if hidden else QLineEdit.EchoMode.Password)
        self._name_eye()

    def _name_eye(self) -> None:
        hidden = self.password.echoMode() is QLineEdit.EchoMode.Password
        self._eye.setText(tr("Show the password") if hidden else tr("Hide the password"))

    # Layout

    def _lay_out(self) -> None:
        self.card = card(self._theme.tokens, self)
        self.card.setFixedWidth(CARD_PX)
        self._column = column = QVBoxLayout(self.card)
        column.setSpacing(LIGHT.spacing.s)
        self._add_header(column)
        for field in self._fields:
            column.addWidget(self._names[field])
            column.addWidget(field)
        column.addSpacing(LIGHT.spacing.xs)
        row = QHBoxLayout()
        row.addWidget(self._remember_words, 1)
        row.addWidget(self.remember)
        column.addLayout(row)
        column.addWidget(self.kept)
        column.addWidget(self.notice)
        column.addSpacing(LIGHT.spacing.xs)
        column.addWidget(self.button)
        self._way_column = QVBoxLayout()
        self._way_column.setSpacing(LIGHT.spacing.s)
        column.addLayout(self._way_column)
        self.teaching = label(size="small", rank="muted", wrap=True, parent=self)
        self.teaching.setAlignment(Qt.AlignmentFlag.AlignCenter)
        column.addWidget(self.teaching)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(EDGE, EDGE, EDGE, EDGE)
        outer.addStretch(2)
        middle = QHBoxLayout()  # an alignment would ignore how high the wrapped lines become
        middle.addStretch(1)
        middle.addWidget(self.card)
        middle.addStretch(1)
        outer.addLayout(middle)
        outer.addStretch(3)

    def _add_header(self, column: QVBoxLayout) -> None:
        """Logo, name and what it does; the logo stands beside the name where height is short."""
        self.logo = _Logo(self)
        self._header = QBoxLayout(QBoxLayout.Direction.TopToBottom)
        self._header.setSpacing(LIGHT.spacing.s)
        title = label("Handraise", size="title", weight=LIGHT.type.bold, parent=self)
        self._header.addStretch(1)
        for part in (self.logo, title):
            self._header.addWidget(part, 0, Qt.AlignmentFlag.AlignCenter)
        self._header.addStretch(1)
        column.addLayout(self._header)
        self._promise = label(rank="muted", wrap=True, parent=self)
        self._promise.setAlignment(Qt.AlignmentFlag.AlignCenter)
        column.addWidget(self._promise)
        column.addSpacing(LIGHT.spacing.s)

    def retranslate(self, language: str | None = None) -> None:
        """Say everything in the present language; ``language`` is the code that was chosen."""
        if language is not None:
            self.corner.set_language(language)
        words = (tr("Server"), tr("Handle"), tr("Password"))
        for field, name in zip(self._fields, words, strict=True):
            field.setAccessibleName(name)
            self._names[field].setText(name)
        self.server.setPlaceholderText(tr("support.example.com"))
        self._promise.setText(tr("Raise a hand, and somebody comes."))
        stay = tr("Stay signed in on this machine")
        self.remember.setAccessibleName(stay)
        self._remember_words.setText(stay)
        self.teaching.setText(
            tr("Your admin gives you the server's address, your handle and a first password.")
        )
        self._say("")
        self._show_ways()
        self._name_eye()
        self._name_button()
        self.corner.retranslate()

    def _name_button(self) -> None:
        self.button.setText(tr("Signing in…") if self._busy else tr("Sign in"))

    # What is shown

    def fill(self, server: str, handle: str, *, remember: bool) -> None:
        """What is known from the last time; the keyboard goes to the first empty field."""
        self.server.setText(server)
        self.handle.setText(handle)
        self.remember.setChecked(remember)
        self.set_first_start(not (server or handle))
        self.focus_first_empty()
        self._server_entered()

    def focus_first_empty(self) -> None:
        next((field for field in self._fields if not field.text()), self.password).setFocus()

    def set_first_start(self, first: bool) -> None:
        """Whether to say where the address and the handle come from."""
        self._first = first
        self._make_room()

    def set_secret_store(self, sentence: str, *, kept: bool) -> None:
        """Where the session is kept, or why it cannot be; honest in both cases."""
        self.kept.setText(sentence)
        self.kept.setVisible(bool(sentence))
        self._can_keep = kept
        self.remember.setEnabled(kept and not self._busy)
        self._make_room()

    @property
    def in_use(self) -> bool:
        """Somebody is signing in with a password, or about to."""
        return self._busy or bool(self.password.text())

    def set_busy(self, busy: bool) -> None:
        self._busy, self._in_browser = busy, False
        for part in (*self._fields, self.button, *self.way_buttons):
            part.setEnabled(not busy)
        self.remember.setEnabled(not busy and self._can_keep)
        self._name_button()
        if busy:
            self._say("")

    def show_error(self, text: str, *, password: bool = False, server: bool = False) -> None:
        """Args:
        password, server: it was about this field, so that is what is typed again; else Enter tries again.
        """
        self.set_busy(False)
        self._say(text, Tone.PROBLEM)
        field = self.password if password else self.server if server else None
        if field is None:
            self.button.setFocus()
        else:
            field.setFocus()
            field.selectAll()

    def offer_plain(self, text: str, address: str) -> None:
        """Not encrypted: say so, and let the person allow it for this one server."""
        self.set_busy(False)
        self._plain = address
        self._say(text, Tone.PROBLEM, tr("Allow for this server"))

    def _act(self) -> None:
        """The notice's button."""
        if self._in_browser:
            self.cancel_requested.emit()
        else:
            self.plain_allowed.emit(self._plain)
            self._again()

    # Ways in besides the password

    def offer_ways(self, ways: Sequence[tuple[str, str]]) -> None:
        """Providers of the server that stands in the field: their ids and their names."""
        if tuple(ways) != self._ways:
            self._ways = tuple(ways)
            self._show_ways()

    def _show_ways(self) -> None:
        for old in self.way_buttons:
            self._way_column.removeWidget(old)
            old.hide()
            old.deleteLater()
        self.way_buttons = []
        for way, name in self._ways:
            made = button(
                tr("Sign in with {name}", name=name),
                icon_name="globe",
                tokens=self._theme.tokens,
                parent=self,
            )
            made.setProperty("tall", "true")
            made.setEnabled(not self._busy)
            made.clicked.connect(lambda _=False, way=way: self._go(way))
            self._way_column.addWidget(made)
            made.show()  # now: the layout would do it later, and the keyboard could not reach it until then
            self.way_buttons.append(made)
        following = [self.button, *self.way_buttons, *self.corner.buttons]
        for before, after in pairwise(following):
            QWidget.setTabOrder(before, after)
        self._make_room()

    def _server_entered(self) -> None:
        server = self.server.text().strip()
        if server:
            self.server_entered.emit(server)

    def _go(self, way: str) -> None:
        if not self._busy:
            self._again = lambda: self._go(way)
            self.way_requested.emit(self.server.text().strip(), way, self.remember.isChecked())

    def show_browser(self, name: str) -> None:
        """The person signs in elsewhere; here they can only change their mind."""
        self.set_busy(True)
        self._in_browser = True
        words = tr(
            "Sign in with {name} in the browser window that has opened, then come back here.", name=name
        )
        self._say(words, Tone.INFO, tr("Cancel"))
        self.notice.focus_action()

    def show_note(self, text: str) -> None:
        """Something to know that is no error: signed out elsewhere, settings set aside."""
        self._say(text, Tone.INFO)

    def show_waiting(self, text: str) -> None:
        """It goes on by itself; what is typed may be another way in."""
        if self._busy:
            self.set_busy(False)
            self.focus_first_empty()
        self._say(text, Tone.INFO)

    def _say(self, text: str, tone: Tone = Tone.INFO, action: str = "") -> None:
        self.notice.say(text, tone, action)
        self._make_room()

    def _make_room(self) -> None:
        """A small window drops what is only kind for what has to be read."""
        self._promise.setVisible(True)
        self.teaching.setVisible(self._first)
        self._column.setContentsMargins(32, 28, 32, 28)
        for part in (self.teaching, self._promise):
            if self._is_tight():
                part.setVisible(False)
        if self._is_tight():
            self._column.setContentsMargins(32, 14, 32, 14)

    def _is_tight(self) -> bool:
        """Whether all that the card says is higher than the window."""
        self._column.invalidate()
        return self._column.totalHeightForWidth(CARD_PX) > self.height() - 2 * EDGE

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
                self._say(tr("Please fill in “{name}”.", name=field.accessibleName()), Tone.PROBLEM)
                field.setFocus()
                return
        self._again = self._submit
        self.sign_in_requested.emit(server, handle, self.password.text(), self.remember.isChecked())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._submit()
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        tall = self.height() >= TALL
        way = QBoxLayout.Direction.TopToBottom if tall else QBoxLayout.Direction.LeftToRight
        self._header.setDirection(way)
        side = LOGO_PX if tall else SMALL_LOGO_PX
        self.logo.setFixedSize(side, side)
        self.corner.set_upright(self.width() < WIDE)
        self._make_room()
        gap = LIGHT.spacing.m
        self.corner.move(self.width() - self.corner.width() - gap, gap)

    def _follow_theme(self) -> None:
        tokens = self._theme.tokens
        self._drawing = FloorDrawing(tokens)
        self.notice.set_tokens(tokens)
        self.remember.set_tokens(tokens)
        for made in (self.button, *self.way_buttons):
            recolour(made, tokens)
        self.corner.follow_theme()
        self._eye.setIcon(icon("eye", tokens.colours.muted))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        self._drawing.paint(QPainter(self), self.size())


class _Logo(QWidget):
    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._image = QSvgRenderer(str(FOLDER / "app.svg"))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        self._image.render(painter, QRectF(self.rect()))
