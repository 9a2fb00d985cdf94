"""Short sentences that appear over the map and go by themselves, also announced to a screen reader."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, Qt, QTimer
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from app.ui.theme import Theme
from app.ui.widgets import label
from app.ui.widgets.floating import FloatingCard

SHOWN_MS = 5_000
LONGER_PER_CHARACTER_MS = 40
ABOVE_PX = 96
"""px between a toast and the lower edge: the control toolbar floats there."""
WIDEST = 520
GAP = 8
"""px between a toast and what it keeps clear of."""


class Toasts(QObject):
    """One sentence at a time over ``host``; a new one takes the place of the last.

    Args:
        clear_of: what floats over ``host`` too and is not to be covered.

    Attributes:
        card: where it is shown.
    """

    def __init__(self, host: QWidget, theme: Theme, clear_of: Sequence[QWidget] = ()) -> None:
        super().__init__(host)
        self._host = host
        self._clear_of = tuple(clear_of)
        self._theme = theme
        self.card = FloatingCard(theme.tokens, host)
        theme.changed.connect(self._theme_changed)
        self.card.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._text = label(weight=600, wrap=True, parent=self.card)
        self._text.setAlignment(Qt.AlignmentFlag.AlignCenter)
        box = QHBoxLayout(self.card)
        box.setContentsMargins(16, 10, 16, 10)
        box.addWidget(self._text)
        self.card.hide()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.card.hide)
        host.installEventFilter(self)

    @property
    def text(self) -> str:
        """What is shown now; empty when nothing is."""
        return self._text.text() if self.card.isVisibleTo(self._host) else ""

    def say(self, sentence: str) -> None:
        """Show it for as long as it takes to read."""
        self._text.setText(sentence)
        self._place()
        self.card.show()
        self.card.raise_()
        self._timer.start(SHOWN_MS + LONGER_PER_CHARACTER_MS * len(sentence))
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self._host, sentence))

    def _place(self) -> None:
        room = min(WIDEST, self._host.width() - 32)
        wanted = self._text.fontMetrics().horizontalAdvance(self._text.text()) + 40
        width = max(160, min(room, wanted))
        self._text.setFixedWidth(width - 34)
        self.card.setFixedWidth(width)
        self.card.adjustSize()
        left = (self._host.width() - self.card.width()) // 2
        place = QRect(QPoint(left, 0), self.card.size())
        place.moveBottom(self._host.height() - ABOVE_PX)
        taken = [QRect(one.mapTo(self._host, QPoint(0, 0)), one.size()) for one in self._clear_of]
        for box in sorted(taken, key=QRect.top, reverse=True):
            if box.adjusted(-GAP, -GAP, GAP, GAP).intersects(place):
                place.moveBottom(box.top() - GAP)
        self.card.setGeometry(place)

    def _theme_changed(self) -> None:
        self.card.set_tokens(self._theme.tokens)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.Resize and self.card.isVisible():
            QTimer.singleShot(0, self, self._place)  # once the host has placed what else floats there
        return super().eventFilter(watched, event)
