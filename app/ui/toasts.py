"""Short sentences that appear over the map and go by themselves, also announced to a screen reader."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
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


class Toasts(QObject):
    """One sentence at a time over ``host``; a new one takes the place of the last."""

    def __init__(self, host: QWidget, theme: Theme) -> None:
        super().__init__(host)
        self._host = host
        self._theme = theme
        self._card = FloatingCard(theme.tokens, host)
        theme.changed.connect(self._theme_changed)
        self._card.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._text = label(weight=600, wrap=True, parent=self._card)
        self._text.setAlignment(Qt.AlignmentFlag.AlignCenter)
        box = QHBoxLayout(self._card)
        box.setContentsMargins(16, 10, 16, 10)
        box.addWidget(self._text)
        self._card.hide()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._card.hide)
        host.installEventFilter(self)

    @property
    def text(self) -> str:
        """What is shown now; empty when nothing is."""
        return self._text.text() if self._card.isVisibleTo(self._host) else ""

    def say(self, sentence: str) -> None:
        """Show it for as long as it takes to read."""
        self._text.setText(sentence)
        self._place()
        self._card.show()
        self._card.raise_()
        self._timer.start(SHOWN_MS + LONGER_PER_CHARACTER_MS * len(sentence))
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self._host, sentence))

    def _place(self) -> None:
        room = min(WIDEST, self._host.width() - 32)
        wanted = self._text.fontMetrics().horizontalAdvance(self._text.text()) + 40
        width = max(160, min(room, wanted))
        self._text.setFixedWidth(width - 34)
        self._card.setFixedWidth(width)
        self._card.adjustSize()
        left = (self._host.width() - self._card.width()) // 2
        self._card.move(left, self._host.height() - ABOVE_PX - self._card.height())

    def _theme_changed(self) -> None:
        self._card.set_tokens(self._theme.tokens)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.Resize and self._card.isVisible():
            self._place()
        return super().eventFilter(watched, event)
