"""Small parts of the escalation dialog: the hand, the box with the switch, who will not be reached."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from app.core.model import Level
from app.ui.i18n import tr
from app.ui.theme.icons import icon_pixmap
from app.ui.theme.tokens import LIGHT, Tokens
from app.ui.widgets import label
from app.ui.widgets.switch import Switch

HAND_PX = 36


class HandSign(QWidget):
    """The hand as it will stand over the avatar: a yellow disc, or a red square. Not told by colour alone."""

    def __init__(self, tokens: Tokens, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tokens, self._level = tokens, Level.YELLOW
        self.setFixedSize(HAND_PX, HAND_PX)

    def show_level(self, level: Level) -> None:
        self._level = level
        self.update()

    def set_tokens(self, tokens: Tokens) -> None:
        self._tokens = tokens
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        fill, ink, _ = self._tokens.colours.level(self._level)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(fill))
        corner = self._tokens.radii.m if self._level is Level.RED else HAND_PX / 2
        painter.drawRoundedRect(QRectF(self.rect()), corner, corner)
        sign = icon_pixmap("hand-solid", ink, 20, self.devicePixelRatioF())
        painter.drawPixmap(QPointF((HAND_PX - 20) / 2, (HAND_PX - 20) / 2), sign)


class NotifyBox(QWidget):
    """“Notify users in the space”, and what that means; a click anywhere in it toggles.

    Signals:
        toggled: the new level is red.
    """

    toggled = Signal(bool)

    def __init__(self, tokens: Tokens, *, reduced_motion: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tokens = tokens
        name = tr("Notify users in the space")
        self.switch = Switch(name, tokens, tone="red", reduced_motion=reduced_motion, parent=self)
        self.title = label(name, weight=LIGHT.type.semibold, wrap=True, parent=self)
        self.meaning = label(size="small", wrap=True, parent=self)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self.title)
        words.addWidget(self.meaning)
        row = QHBoxLayout(self)
        row.setContentsMargins(LIGHT.spacing.m, 10, LIGHT.spacing.m - 3, 10)
        row.setSpacing(LIGHT.spacing.m)
        row.addLayout(words, 1)
        row.addWidget(self.switch, 0, Qt.AlignmentFlag.AlignVCenter)
        self.switch.toggled.connect(self._toggled)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self._toggled(False)

    @property
    def level(self) -> Level:
        return Level.RED if self.switch.isChecked() else Level.YELLOW

    def _toggled(self, red: bool) -> None:
        if red:
            self.meaning.setText(
                tr("Everyone sees your hand, and the people you choose are called until somebody comes.")
            )
        else:
            self.meaning.setText(tr("Everyone sees your hand. Nobody is alerted."))
        self.switch.setAccessibleDescription(self.meaning.text())
        self.update()
        self.toggled.emit(red)

    def set_tokens(self, tokens: Tokens) -> None:
        self._tokens = tokens
        self.switch.set_tokens(tokens)
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() is Qt.MouseButton.LeftButton and self.rect().contains(event.position().toPoint()):
            self.switch.setFocus(Qt.FocusReason.MouseFocusReason)
            self.switch.toggle()

    def paintEvent(self, event: QPaintEvent) -> None:
        fill, _, soft = self._tokens.colours.level(self.level)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        edge = QColor(fill)
        edge.setAlpha(120)
        painter.setPen(QPen(edge, 1))
        painter.setBrush(QColor(soft))
        corner = self._tokens.radii.m
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), corner, corner)


class ReachLine(QWidget):
    """Who is called, or who will not be reached and what happens then."""

    def __init__(self, tokens: Tokens, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tokens, self._missing = tokens, False
        self.who = label(size="small", wrap=True, parent=self)
        self.then = label(size="small", rank="muted", wrap=True, parent=self)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, LIGHT.spacing.xs, 0, 0)
        column.setSpacing(2)
        column.addWidget(self.who)
        column.addWidget(self.then)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)

    def say(self, who: str, then: str) -> None:
        self._missing = bool(then)
        self.who.setText(who)
        self.then.setText(then)
        self.then.setVisible(bool(then))
        self.setVisible(bool(who))
        font = self.who.font()
        font.setWeight(font.Weight.DemiBold if then else font.Weight.Normal)
        self.who.setFont(font)
        self.setAccessibleName(f"{who} {then}".strip())
        self.update()

    def set_tokens(self, tokens: Tokens) -> None:
        self._tokens = tokens
        self.update()

    def minimumSizeHint(self) -> QSize:
        return QSize(120, super().minimumSizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        colours = self._tokens.colours
        name, ink = ("link-off", colours.text) if self._missing else ("bell", colours.muted)
        sign = icon_pixmap(name, ink, 16, self.devicePixelRatioF())
        QPainter(self).drawPixmap(QPointF(1, LIGHT.spacing.xs), sign)
