"""A count in a small pill, on a tab or a button."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.ui.theme.fonts import font
from app.ui.theme.tokens import LIGHT, Tokens


class Badge(QWidget):
    """Shows a count from 1 to 99+, and nothing at 0.

    Args:
        alarming: red (raised red hands); otherwise the accent.
    """

    def __init__(self, tokens: Tokens, *, alarming: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tokens, self._alarming, self._count = tokens, alarming, 0
        self.setFont(font(LIGHT.type.tiny, LIGHT.type.bold, tabular=True))
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setVisible(False)

    @property
    def count(self) -> int:
        return self._count

    def set_count(self, count: int, *, alarming: bool | None = None) -> None:
        self._count = count
        if alarming is not None:
            self._alarming = alarming
        self.setVisible(count > 0)
        self.updateGeometry()
        self.update()

    def set_tokens(self, tokens: Tokens) -> None:
        self._tokens = tokens
        self.update()

    def text(self) -> str:
        return "99+" if self._count > 99 else str(self._count)

    def sizeHint(self) -> QSize:
        return QSize(max(18, self.fontMetrics().horizontalAdvance(self.text()) + 11), 18)

    def paintEvent(self, event: QPaintEvent) -> None:
        colours = self._tokens.colours
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colours.red if self._alarming else colours.accent))
        painter.drawRoundedRect(QRectF(self.rect()), self.height() / 2, self.height() / 2)
        painter.setPen(QColor(colours.on_red if self._alarming else colours.on_accent))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self.text())
