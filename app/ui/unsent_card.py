"""A question over the map that waits for its answer and takes the keyboard from nobody."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Signal
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.ui.theme import Theme
from app.ui.widgets import button, label
from app.ui.widgets.buttons import recolour
from app.ui.widgets.floating import FloatingCard

WIDTH = 400
TOP = 16
"""px between the card and the map's upper edge."""


class UnsentCard(FloatingCard):
    """Hidden until something is asked.

    Signals:
        agreed, dropped: the two answers.
    """

    agreed = Signal()
    dropped = Signal()

    def __init__(self, host: QWidget, theme: Theme) -> None:
        super().__init__(theme.tokens, host)
        self._host, self._theme = host, theme
        self.title = label(weight=600, wrap=True, parent=self)
        self.words = label(rank="muted", wrap=True, parent=self)
        self.no = button("", tokens=theme.tokens, parent=self)
        self.yes = button("", kind="primary", tokens=theme.tokens, parent=self)
        self.no.clicked.connect(self.dropped)
        self.yes.clicked.connect(self.agreed)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(self.no)
        row.addWidget(self.yes)
        self._box = box = QVBoxLayout(self)
        box.setContentsMargins(16, 12, 16, 12)
        box.setSpacing(8)
        box.addWidget(self.title)
        box.addWidget(self.words)
        box.addLayout(row)
        theme.changed.connect(self._theme_changed)
        host.installEventFilter(self)
        self.hide()

    def ask(self, title: str, words: str, yes: str, no: str) -> None:
        """``yes`` may be empty: then there is one answer only."""
        new = self.isHidden() or (title, words) != (self.title.text(), self.words.text())
        self.title.setText(title)
        self.words.setText(words)
        self.no.setText(no)
        self.yes.setText(yes)
        self.yes.setVisible(bool(yes))
        self.setAccessibleName(title)
        self.setAccessibleDescription(words)
        self.show()
        self.raise_()
        self._place()
        if new:
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, f"{title} {words}"))

    def set_possible(self, possible: bool, why_not: str) -> None:
        """Whether it can be agreed to at this moment."""
        self.yes.setEnabled(possible)
        self.yes.setAccessibleDescription("" if possible else why_not)

    def _place(self) -> None:
        width = min(WIDTH, self._host.width() - 2 * TOP)
        self.setFixedWidth(width)
        self.setFixedHeight(self._box.totalHeightForWidth(width))
        self.move((self._host.width() - width) // 2, TOP)

    def _theme_changed(self) -> None:
        self.set_tokens(self._theme.tokens)
        for made in (self.no, self.yes):
            recolour(made, self._theme.tokens)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.Resize and not self.isHidden():
            self._place()
        return super().eventFilter(watched, event)
