"""The control toolbar at the map's lower edge: status, Escalation, chat, home seat, settings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QPoint, QSize, Signal
from PySide6.QtGui import QAccessible, QActionGroup, QKeySequence
from PySide6.QtWidgets import QHBoxLayout, QMenu, QWidget

from app.core.model import Level, Status
from app.ui.i18n import tr, trn
from app.ui.theme.icons import icon
from app.ui.theme.tokens import LIGHT, Tokens
from app.ui.widgets import tooltip
from app.ui.widgets.action_button import ActionButton
from app.ui.widgets.floating import FloatingCard
from app.ui.words import elapsed, status_words

STATUS_ICONS = {
    Status.AVAILABLE: "available",
    Status.ON_CALL: "phone",
    Status.BUSY: "busy",
    Status.AWAY: "moon",
}
AUTO_AWAY_ICON = "clock"
PAD = 8
"""px between the card's edge and its buttons."""
DENSEST = 3
"""The last of the steps in which words go."""


@dataclass(frozen=True, slots=True)
class Keys:
    """Shortcuts as the tooltips name them; empty where there is none. The window listens to them."""

    escalation: str = "Ctrl+Shift+E"
    chat: str = "Ctrl+2"
    seat: str = ""
    settings: str = ""


class Toolbar(FloatingCard):
    """Args:
        now: the server's time, s, as the moments of hands are given.

    Attributes:
        escalation_button: what the escalation dialog stands above.

    Signals:
        status_chosen: a :class:`Status`.
        escalation_pressed: open the dialog, or lower the hand that is up.
        chat_pressed, seat_pressed, settings_pressed
    """

    role = QAccessible.Role.ToolBar
    ground = "surface"
    status_chosen = Signal(object)
    escalation_pressed = Signal()
    chat_pressed = Signal()
    seat_pressed = Signal()
    settings_pressed = Signal()

    def __init__(
        self,
        tokens: Tokens,
        now: Callable[[], float],
        parent: QWidget | None = None,
        *,
        keys: Keys = Keys(),
    ) -> None:
        super().__init__(tokens, parent)
        self._now, self._keys = now, keys
        self._status, self._auto_away = Status.AVAILABLE, False
        self._level: Level | None = None
        self._since, self._waiting = 0.0, False
        self._connected = True
        self._dense = 0
        self.status_button = ActionButton(tokens, "available", trailing="chevron-down", parent=self)
        self.escalation_button = ActionButton(tokens, "hand-solid", kind="yellow", parent=self)
        self.chat_button = ActionButton(tokens, "chat", parent=self)
        self.seat_button = ActionButton(tokens, "home", parent=self)
        self.settings_button = ActionButton(tokens, "settings", parent=self)
        self._arrange()
        self._connect()
        self.setAccessibleName(tr("Controls"))
        self._name_buttons()
        self.set_status(self._status, False)
        self.set_unread(0)
        self._show_hand()

    @property
    def _buttons(self) -> tuple[ActionButton, ...]:
        return (
            self.status_button,
            self.escalation_button,
            self.chat_button,
            self.seat_button,
            self.settings_button,
        )

    def _arrange(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(PAD, PAD, PAD, PAD)
        row.setSpacing(LIGHT.spacing.s - 2)
        for button in self._buttons:
            row.addWidget(button)

    def _connect(self) -> None:
        self.status_button.clicked.connect(self._open_menu)
        self.escalation_button.clicked.connect(self.escalation_pressed)
        self.chat_button.clicked.connect(self.chat_pressed)
        self.seat_button.clicked.connect(self.seat_pressed)
        self.settings_button.clicked.connect(self.settings_pressed)
        self.menu = QMenu(self)
        group = QActionGroup(self.menu)
        for status in Status:
            action = self.menu.addAction(status_words(status))
            action.setCheckable(True)
            action.setData(status)
            group.addAction(action)
            action.triggered.connect(lambda _=False, chosen=status: self._choose(chosen))
        self._draw_menu()

    def _name_buttons(self) -> None:
        self.seat_button.set_text(tr("Seat"))
        _explain(self.seat_button, tr("Go to your home seat"), self._keys.seat)
        self.settings_button.set_text("")
        _explain(self.settings_button, tr("Settings"), self._keys.settings)

    # What is shown

    def set_status(self, status: Status, auto_away: bool) -> None:
        """``auto_away``: the screen is locked or nobody touches it; ``status`` is what was chosen by hand."""
        self._status, self._auto_away = status, auto_away
        colours = self.tokens.colours
        absent = auto_away and status is not Status.AWAY
        self.status_button.set_icon(
            AUTO_AWAY_ICON if absent else STATUS_ICONS[status],
            colours.grey if absent else colours.status(status),
        )
        self.status_button.set_text(tr("Away (automatic)") if absent else status_words(status))
        _explain(self.status_button, tr("Status: {status}", status=status_words(status, absent)), "")
        self._check()

    def _check(self) -> None:
        for action in self.menu.actions():
            action.setChecked(action.data() == self._status)

    def set_hand(self, level: Level | None, since: float = 0.0, *, waiting: bool = False) -> None:
        """One's own hand is up since ``since`` (s, server's time), or waits for the connection since then, or
        is down (``None``)."""
        self._level, self._since, self._waiting = level, since, waiting
        self._show_hand()

    def set_unread(self, n: int) -> None:
        """Unread messages of mention chats."""
        self.chat_button.set_text(tr("Chat"))
        self.chat_button.set_badge(n)
        name = tr("Chat") if n == 0 else trn("Chat, {n} unread message", "Chat, {n} unread messages", n)
        _explain(self.chat_button, name, self._keys.chat)

    def set_connected(self, connected: bool) -> None:
        """Without a connection a hand can still be raised; it says when it goes up."""
        self._connected = connected
        self._show_hand()

    def tick(self) -> None:
        """About once a second while a hand is up."""
        if self._level is not None:
            self.escalation_button.set_trailing_text(elapsed(self._now() - self._since))

    def _show_hand(self) -> None:
        button, keys = self.escalation_button, self._keys.escalation
        if self._level is None:
            button.set_kind("yellow")
            button.set_text(tr("Escalation"))
            if self._connected:
                button.set_hint(_native(keys))
                _explain(button, tr("Raise your hand"), keys)
            else:
                button.set_hint(tr("when back online"))
                _explain(button, tr("NOT PROTECTED: your hand goes up when the connection is back."), keys)
        else:
            button.set_kind("red" if self._level is Level.RED else "yellow")
            button.set_text(tr("Take it back") if self._waiting else tr("Lower hand"))
            said = tr("Lower your red hand") if self._level is Level.RED else tr("Lower your yellow hand")
            waits = tr("Your hand waits for the connection. Take it back")
            _explain(button, waits if self._waiting else said, keys)
            self.tick()
        button.set_active(self._level is not None)

    def set_tokens(self, tokens: Tokens) -> None:
        super().set_tokens(tokens)
        for button in self._buttons:
            button.set_tokens(tokens)
        self._draw_menu()
        self.set_status(self._status, self._auto_away)

    def _draw_menu(self) -> None:
        for action in self.menu.actions():
            status = action.data()
            action.setIcon(icon(STATUS_ICONS[status], self.tokens.colours.status(status)))

    # Room

    def set_compact(self, available: int) -> None:
        """Take at most ``available`` px of width: first the key goes, then words, the main one last."""
        dense = next((dense for dense in range(DENSEST) if self._width(dense) <= available), DENSEST)
        self._dense = dense
        for button in self._buttons:
            button.set_dense(**self._density(button, dense))

    @property
    def least_width(self) -> int:
        """px; it cannot be narrower."""
        return self._width(DENSEST)

    def _density(self, button: ActionButton, dense: int) -> dict[str, bool]:
        if button is self.escalation_button:
            return {"hint": dense < 1, "text": dense < 3}
        return {"hint": True, "text": dense < 2}

    def _width(self, dense: int) -> int:
        buttons = self._buttons
        gaps = (len(buttons) - 1) * (LIGHT.spacing.s - 2)
        widths = (button.width_with(**self._density(button, dense)) for button in buttons)
        return sum(widths) + gaps + 2 * PAD

    def sizeHint(self) -> QSize:
        return QSize(self._width(self._dense), self.escalation_button.sizeHint().height() + 2 * PAD)

    # The status menu

    def _choose(self, status: Status) -> None:
        """What was chosen is shown when it is so."""
        self._check()
        self.status_chosen.emit(status)

    def _open_menu(self) -> None:
        """Above the button, without a loop of its own."""
        height = self.menu.sizeHint().height()
        self.menu.popup(self.status_button.mapToGlobal(QPoint(0, -height - 6)))
        for action in self.menu.actions():
            if action.isChecked():
                self.menu.setActiveAction(action)


def _native(keys: str) -> str:
    return QKeySequence(keys).toString(QKeySequence.SequenceFormat.NativeText)


def _explain(button: ActionButton, words: str, keys: str) -> None:
    """Name and tooltip, with the shortcut."""
    button.setAccessibleName(words)
    tooltip(button, f"{words} ({_native(keys)})" if keys else words)
