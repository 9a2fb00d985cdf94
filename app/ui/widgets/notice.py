"""A sentence that matters where it stands (Notice), and what an empty list teaches (EmptyState)."""

from __future__ import annotations

import enum

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from app.ui.theme.icons import icon_pixmap
from app.ui.theme.tokens import LIGHT, Tokens
from app.ui.widgets.buttons import button
from app.ui.widgets.labels import label

AROUND_TEXT = 52
"""px of a notice's width that are neither its sentence nor its action."""


class Tone(enum.Enum):
    INFO = "info"
    GOOD = "check"
    PROBLEM = "warning"


class Notice(QWidget):
    """One sentence on a soft ground, with an icon and perhaps one action.

    Signals:
        acted: the action's button was pressed.
    """

    acted = Signal()

    def __init__(self, tokens: Tokens, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tokens, self._tone = tokens, Tone.INFO
        self._sign = QLabel(self)
        self._text = label(wrap=True, parent=self)
        self._action = button("", kind="bare", tokens=tokens, parent=self)
        self._action.clicked.connect(self.acted)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 8, 8, 8)
        row.setSpacing(LIGHT.spacing.s)
        row.addWidget(self._sign, 0, Qt.AlignmentFlag.AlignTop)
        self._parts = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._parts.setSpacing(LIGHT.spacing.xs)
        self._parts.addWidget(self._text, 1)
        self._parts.addWidget(self._action)
        row.addLayout(self._parts, 1)
        self.setVisible(False)

    @property
    def text(self) -> str:
        return self._text.text()

    def say(self, text: str, tone: Tone = Tone.INFO, action: str = "") -> None:
        """Show ``text``; an empty one hides the notice."""
        self._tone = tone
        self._text.setText(text)
        self._action.setText(action)
        self._action.setVisible(bool(action))
        self.setAccessibleName(text)
        self.setVisible(bool(text))
        self._place_action()
        self.set_tokens(self._tokens)

    def focus_action(self) -> None:
        """The keyboard goes to the action's button."""
        self._action.setFocus()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place_action()

    def _place_action(self) -> None:
        """Below the sentence where it would squeeze it into more than two lines."""
        room = self.width() - AROUND_TEXT - self._action.sizeHint().width()
        squeezed = self._text.fontMetrics().horizontalAdvance(self._text.text()) > 2 * room
        below = self._action.isVisibleTo(self) and squeezed
        ways = QBoxLayout.Direction
        self._parts.setDirection(ways.TopToBottom if below else ways.LeftToRight)
        self._parts.setAlignment(
            self._action, Qt.AlignmentFlag.AlignLeft if below else Qt.AlignmentFlag.AlignVCenter
        )

    def set_tokens(self, tokens: Tokens) -> None:
        self._tokens = tokens
        self._sign.setPixmap(icon_pixmap(self._tone.value, self._ink(), 18, self.devicePixelRatioF()))
        self.update()

    def _ink(self) -> str:
        colours = self._tokens.colours
        return {
            Tone.INFO: colours.accent_text,
            Tone.GOOD: colours.green_text,
            Tone.PROBLEM: colours.text,  # red and yellow are hands alone
        }[self._tone]

    def paintEvent(self, event: QPaintEvent) -> None:
        colours = self._tokens.colours
        ground = {
            Tone.INFO: colours.accent_soft,
            Tone.GOOD: colours.green_soft,
            Tone.PROBLEM: colours.sunken,
        }[self._tone]
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QColor(colours.line) if self._tokens.high_contrast else Qt.PenStyle.NoPen)
        painter.setBrush(QColor(ground))
        box = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.drawRoundedRect(box, self._tokens.radii.m, self._tokens.radii.m)


class EmptyState(QWidget):
    """What stands where nothing is yet: an icon, what it means, and how to begin."""

    def __init__(
        self, icon_name: str, title: str, teaching: str, tokens: Tokens, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._icon_name = icon_name
        self._sign = QLabel(self)
        self._sign.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.title = label(title, size="large", weight=LIGHT.type.semibold, wrap=True, parent=self)
        self.teaching = label(teaching, rank="muted", wrap=True, parent=self)
        column = QVBoxLayout(self)
        column.setContentsMargins(32, 24, 32, 24)
        column.setSpacing(LIGHT.spacing.s)
        column.addStretch(2)
        for part in (self._sign, self.title, self.teaching):
            part.setAlignment(Qt.AlignmentFlag.AlignCenter)
            column.addWidget(part)
        column.addStretch(3)
        self.set_tokens(tokens)

    def set_tokens(self, tokens: Tokens) -> None:
        self._sign.setPixmap(icon_pixmap(self._icon_name, tokens.colours.faint, 40, self.devicePixelRatioF()))
