"""The strip at the top: the space, whether one is protected, the search, oneself."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from datetime import datetime

from PySide6.QtCore import QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleAnnouncementEvent,
    QActionGroup,
    QColor,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QMenu, QPushButton, QSizePolicy, QWidget

from app.core.characters import isolated
from app.core.model import Person, Role, Space, SpaceId, Status
from app.ui.i18n import tr, trn
from app.ui.panels.look import Look
from app.ui.theme.fonts import font
from app.ui.theme.icons import icon, icon_pixmap
from app.ui.theme.tokens import LIGHT, Tokens
from app.ui.toolbar import AUTO_AWAY_ICON, STATUS_ICONS
from app.ui.widgets import button, icon_button, label, menu_text, tooltip
from app.ui.widgets.buttons import recolour
from app.ui.widgets.fields import clearable
from app.ui.words import in_a_row, role_words, status_words

HEIGHT = 52
FACE = 34
KEYS = "Ctrl K"
AROUND_WORDS = 64
"""px of a search field that are neither its words nor its keys."""
NARROW = 980
"""px of width below which the counts give way."""


class Protection(enum.Enum):
    """What the connection pill says."""

    OFFLINE = "offline"
    CONNECTING = "connecting"
    PROTECTED = "protected"
    NOT_PROTECTED = "not_protected"


class ConnectionPill(QWidget):
    """Protected, in green; NOT PROTECTED, in red, since when, and when it is tried again."""

    def __init__(self, tokens: Tokens, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tokens = tokens
        self.protection, self.text = Protection.CONNECTING, ""
        self.setFont(font(LIGHT.type.small, LIGHT.type.semibold, tabular=True))
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.show_state(Protection.CONNECTING)

    def show_state(self, protection: Protection, since: float = 0.0, retry_in: float | None = None) -> None:
        """Args:
        since: s since the epoch; retry_in: s until the next attempt, ``None`` while one runs.
        """
        text = self._words(protection, since, retry_in)
        if (protection, text) == (self.protection, self.text):
            return
        self.protection, self.text = protection, text
        self.setAccessibleName(text)
        self.updateGeometry()
        self.update()

    @staticmethod
    def _words(protection: Protection, since: float, retry_in: float | None) -> str:
        match protection:
            case Protection.PROTECTED:
                return tr("Protected")
            case Protection.CONNECTING:
                return tr("Connecting…")
            case Protection.OFFLINE:
                return tr("Signed out")
        at = datetime.fromtimestamp(since).strftime("%H:%M")
        if retry_in is None:
            return tr("NOT PROTECTED since {time}, trying again", time=at)
        seconds = max(1, round(retry_in))
        return trn(
            "NOT PROTECTED since {time}, trying again in {n} s",
            "NOT PROTECTED since {time}, trying again in {n} s",
            seconds,
            time=at,
        )

    def set_tokens(self, tokens: Tokens) -> None:
        self._tokens = tokens
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(self.fontMetrics().horizontalAdvance(self.text) + 42, 26)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        colours = self._tokens.colours
        ground, ink, sign = {
            Protection.PROTECTED: (colours.green_soft, colours.green_text, "shield"),
            Protection.NOT_PROTECTED: (colours.red, colours.on_red, "shield-off"),
            Protection.CONNECTING: (colours.sunken, colours.muted, "retry"),
            Protection.OFFLINE: (colours.sunken, colours.muted, "shield-off"),
        }[self.protection]
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(ground))
        painter.drawRoundedRect(QRectF(self.rect()), self.height() / 2, self.height() / 2)
        pixmap = icon_pixmap(sign, ink, 15, self.devicePixelRatioF())
        painter.drawPixmap(QPoint(10, (self.height() - 15) // 2), pixmap)
        painter.setPen(QColor(ink))
        painter.drawText(self.rect().adjusted(29, 0, -10, 0), Qt.AlignmentFlag.AlignVCenter, self.text)


class SearchField(QLineEdit):
    """The search, with a magnifier and its shortcut."""

    def __init__(self, tokens: Tokens, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tokens = tokens
        self.setProperty("soft", "true")
        self.setPlaceholderText(tr("Search people, chat"))
        self.setAccessibleName(tr("Search people and messages"))
        clearable(self, tokens)
        self.setTextMargins(22, 0, 0, 0)
        self.setMinimumWidth(150)
        self.setMaximumWidth(240)

    def set_tokens(self, tokens: Tokens) -> None:
        self._tokens = tokens
        clearable(self, tokens)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter = QPainter(self)
        colours = self._tokens.colours
        sign = icon_pixmap("search", colours.muted, 16, self.devicePixelRatioF())
        painter.drawPixmap(QPoint(10, (self.height() - 16) // 2), sign)
        painter.setFont(font(LIGHT.type.tiny, LIGHT.type.semibold))
        words = self.fontMetrics().horizontalAdvance(self.placeholderText())
        room = self.width() - AROUND_WORDS - words - painter.fontMetrics().horizontalAdvance(KEYS)
        if not self.text() and not self.hasFocus() and room >= 0:
            painter.setPen(QColor(colours.muted))
            right = self.rect().adjusted(0, 0, -12, 0)
            painter.drawText(right, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, KEYS)


class MeButton(QPushButton):
    """One's own face with the status ring; opens the menu about oneself."""

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self.person: Person | None = None
        self.status, self.auto_away, self.lost = Status.AVAILABLE, False, False
        self.setProperty("kind", "bare")
        self.setFixedSize(FACE + 10, FACE + 10)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        look.changed.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:
        if self.person is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.hasFocus():
            painter.setPen(QPen(self._look.colour("focus"), 2))
            painter.drawEllipse(QRectF(self.rect()).adjusted(1, 1, -1, -1))
        side = (self.width() - FACE) / 2
        box = QRectF(side, side, FACE, FACE)
        person = self.person
        self._look.paint_face(
            painter, box, person.id, person.name, person.picture, self.status, self.auto_away, self.lost
        )


class TopBar(QWidget):
    """Signals:
    status_chosen: a :class:`Status`. space_chosen: a SpaceId.
    retry_pressed: try to connect now.
    settings_pressed, sign_out_pressed, quit_pressed, board_pressed, history_pressed: from the menu about
        oneself.
    policies_pressed: from there too, for supervisors and admins.
    integrations_pressed, privacy_pressed: from there too, for admins.

    Attributes:
        search: the field; what it finds is shown elsewhere.
    """

    status_chosen = Signal(object)
    space_chosen = Signal(str)
    retry_pressed = Signal()
    settings_pressed = Signal()
    policies_pressed = Signal()
    integrations_pressed = Signal()
    privacy_pressed = Signal()
    keys_pressed = Signal()
    sign_out_pressed = Signal()
    quit_pressed = Signal()
    board_pressed = Signal()
    history_pressed = Signal()

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        tokens = look.theme.tokens
        self._look, self._spaces, self._space = look, tuple[Space, ...](), ""
        self.setFixedHeight(HEIGHT)
        self.setAccessibleName(tr("Top bar"))
        self.space_label = label(size="large", weight=LIGHT.type.semibold, elide=True, parent=self)
        self.space_button = icon_button(
            "chevron-down", tr("Choose another space"), tokens=tokens, parent=self
        )
        self.space_button.clicked.connect(self._choose_space)
        self.pill = ConnectionPill(tokens, self)
        self.retry = button(tr("Try now"), kind="bare", tokens=tokens, parent=self)
        self.retry.clicked.connect(self.retry_pressed)
        self.troubles = button("", kind="bare", icon_name="bell-off", tokens=tokens, parent=self)
        self.troubles.clicked.connect(self.settings_pressed)
        self.show_troubles("", "")
        self.counts = label(rank="muted", tabular=True, parent=self)
        self.search = SearchField(tokens, self)
        self.me = MeButton(look, self)
        self.me.clicked.connect(self._about_me)
        self._lay_out()
        self.set_spaces((), "")
        self.show_connection(Protection.CONNECTING)
        look.changed.connect(self._follow_look)

    def _lay_out(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 0, 12, 0)
        row.setSpacing(LIGHT.spacing.m)
        name = QHBoxLayout()
        name.setSpacing(LIGHT.spacing.xs)
        name.addWidget(self.space_label)
        name.addWidget(self.space_button)
        row.addLayout(name)
        row.addWidget(self.pill)
        row.addWidget(self.retry)
        row.addWidget(self.troubles)
        row.addWidget(self.counts)
        row.addStretch(1)
        row.addWidget(self.search, 1)
        row.addWidget(self.me)
        self.space_label.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)

    # What is shown

    def set_spaces(self, spaces: Sequence[Space], current: str) -> None:
        """The spaces one may enter, and the one that is open."""
        self._spaces, self._space = tuple(spaces), current
        name = next((space.name for space in spaces if space.id == current), "")
        self.space_label.setText(name)
        self.space_button.setVisible(len(self._spaces) > 1)

    def set_counts(self, here: int, on_calls: int) -> None:
        people = trn("{n} here", "{n} here", here)
        calls = trn("{n} on a call", "{n} on calls", on_calls)
        self.counts.setText(f"{people} · {calls}" if on_calls else people)

    def show_connection(
        self, protection: Protection, since: float = 0.0, retry_in: float | None = None, reason: str = ""
    ) -> None:
        """See :meth:`ConnectionPill.show_state`. ``reason``: why, as a sentence."""
        changed = protection is not self.pill.protection
        self.pill.show_state(protection, since, retry_in)
        if changed and protection in (Protection.PROTECTED, Protection.NOT_PROTECTED):
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self.pill, self.pill.text))
        tooltip(self.pill, reason)
        self.pill.setAccessibleDescription(reason)
        self.retry.setVisible(protection is Protection.NOT_PROTECTED)
        self._give_way()

    def show_troubles(self, lost: str, sentences: str) -> None:
        """What of an alert would not reach the person here, in a few words, and why; empty: all would."""
        words = tr("Alerts: {lost}", lost=lost) if lost else ""
        self.troubles.setText(words)
        self.troubles.setAccessibleName(words)
        self.troubles.setAccessibleDescription(sentences)
        tooltip(self.troubles, sentences)
        self.troubles.setVisible(bool(lost))

    def set_me(self, person: Person | None, status: Status, auto_away: bool, lost: bool) -> None:
        self.me.person, self.me.status = person, status
        self.me.auto_away, self.me.lost = auto_away, lost
        if person is not None:
            words = in_a_row((person.name, status_words(status, auto_away)))
            self.me.setAccessibleName(words)
            tooltip(self.me, words)
        self.me.update()

    def set_tokens(self, tokens: Tokens) -> None:
        self.pill.set_tokens(tokens)
        self.search.set_tokens(tokens)
        recolour(self.space_button, tokens)
        recolour(self.troubles, tokens)
        self.update()

    def _follow_look(self) -> None:
        self.set_tokens(self._look.theme.tokens)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._look.colour("surface"))
        painter.fillRect(0, self.height() - 1, self.width(), 1, self._look.colour("line"))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._give_way()

    def _give_way(self) -> None:
        """The counts are what one can do without."""
        self.counts.setVisible(self.width() >= NARROW and self.retry.isHidden())

    # Menus

    def _choose_space(self) -> None:
        menu = _menu(self)
        for space in self._spaces:
            action = menu.addAction(menu_text(space.name))
            action.setCheckable(True)
            action.setChecked(space.id == self._space)
            action.triggered.connect(lambda _=False, to=space.id: self._space_chosen(to))
        menu.popup(self.space_button.mapToGlobal(QPoint(0, self.space_button.height() + 4)))

    def _space_chosen(self, space: SpaceId) -> None:
        if space != self._space:
            self.space_chosen.emit(space)

    def _about_me(self) -> None:
        menu = _menu(self)
        if self.me.person is not None:
            about = f"{isolated(self.me.person.name)} · {role_words(self.me.person.role)}"
            menu.addAction(menu_text(about)).setEnabled(False)
            menu.addSeparator()
        self._add_statuses(menu)
        menu.addSeparator()
        colours = self._look.theme.tokens.colours
        person = self.me.person
        if person is not None and person.role is not Role.AGENT:
            board = menu.addAction(icon("eye", colours.muted), tr("Board and charts"))
            board.triggered.connect(lambda: self.board_pressed.emit())
            policies = menu.addAction(icon("steps", colours.muted), tr("Escalation policies…"))
            policies.triggered.connect(lambda: self.policies_pressed.emit())
        if person is not None and person.role is Role.ADMIN:
            others = menu.addAction(icon("link", colours.muted), tr("Integrations…"))
            others.triggered.connect(lambda: self.integrations_pressed.emit())
            kept = menu.addAction(icon("shield", colours.muted), tr("Data protection…"))
            kept.triggered.connect(lambda: self.privacy_pressed.emit())
        for name, words, signal in (
            ("clock", tr("History"), self.history_pressed),
            ("settings", tr("Settings…"), self.settings_pressed),
            ("keyboard", tr("Keyboard shortcuts"), self.keys_pressed),
            ("logout", tr("Sign out"), self.sign_out_pressed),
            ("close", tr("Quit Handraise"), self.quit_pressed),
        ):
            menu.addAction(icon(name, colours.muted), words).triggered.connect(
                lambda _=False, s=signal: s.emit()
            )
        corner = self.me.mapToGlobal(QPoint(self.me.width(), self.me.height() + 4))
        menu.popup(corner - QPoint(menu.sizeHint().width(), 0))

    def _add_statuses(self, menu: QMenu) -> None:
        colours = self._look.theme.tokens.colours
        group = QActionGroup(menu)
        for status in Status:
            sign = icon(STATUS_ICONS[status], colours.status(status))
            action = menu.addAction(sign, status_words(status))
            action.setCheckable(True)
            action.setChecked(status is self.me.status)
            action.triggered.connect(lambda _=False, to=status: self.status_chosen.emit(to))
            group.addAction(action)
        if self.me.auto_away:
            words = tr("Away from the screen (automatic)")
            menu.addAction(icon(AUTO_AWAY_ICON, colours.grey), words).setEnabled(False)


def _menu(parent: QWidget) -> QMenu:
    menu = QMenu(parent)
    menu.aboutToHide.connect(menu.deleteLater)
    return menu
