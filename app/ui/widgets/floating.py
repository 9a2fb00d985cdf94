"""What floats over the map: a rounded card with the one shadow, painted without an effect.

A graphics effect would blur anew each time the map below is repainted; this shadow is made once.
"""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import QMargins, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen, QPixmap, QWheelEvent
from PySide6.QtWidgets import QWidget

from app.ui.theme.tokens import Tokens

SHADOW_PX = 24
"""px round a floating card that its shadow needs."""


def paint_floating(widget: QWidget, painter: QPainter, tokens: Tokens, radius: int | None = None) -> None:
    """Paint the card and its shadow into the whole of ``widget``; the card is ``SHADOW_PX`` smaller."""
    corner = tokens.radii.l if radius is None else radius
    pixmap = _pixmap(widget.size(), tokens, corner, widget.devicePixelRatioF())
    painter.drawPixmap(QPointF(0, 0), pixmap)


@lru_cache(maxsize=24)
def _pixmap(size: QSize, tokens: Tokens, corner: int, ratio: float) -> QPixmap:
    pixmap = QPixmap(round(size.width() * ratio), round(size.height() * ratio))
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    box = QRectF(0, 0, size.width(), size.height()) - QMargins(*([SHADOW_PX] * 4))
    _shadow(painter, box, tokens, corner)
    painter.setPen(QPen(QColor(tokens.colours.line), 1))
    painter.setBrush(QColor(tokens.colours.raised))
    painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), corner, corner)
    painter.end()
    return pixmap


def _shadow(painter: QPainter, box: QRectF, tokens: Tokens, corner: int) -> None:
    """Rings that add up to a soft fall from the card's edge to nothing."""
    reach, steps = SHADOW_PX - tokens.shadow.offset_y, 18
    painter.setPen(Qt.PenStyle.NoPen)
    colour = QColor(tokens.colours.shadow)
    total = sum(range(1, steps + 1))
    for step in range(1, steps + 1):
        spread = reach * (1 - (step - 1) / steps) - 1
        colour.setAlphaF(min(1.0, tokens.shadow.alpha / 255 * step / total * 1.6))
        painter.setBrush(colour)
        ring = box.adjusted(-spread, -spread, spread, spread).translated(0, tokens.shadow.offset_y)
        painter.drawRoundedRect(ring, corner + spread, corner + spread)


class FloatingCard(QWidget):
    """A card over something else. Clicks on its shadow go to what lies below it (its parent)."""

    def __init__(self, tokens: Tokens, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.tokens = tokens
        self.setContentsMargins(SHADOW_PX, SHADOW_PX, SHADOW_PX, SHADOW_PX)

    def set_tokens(self, tokens: Tokens) -> None:
        self.tokens = tokens
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        paint_floating(self, QPainter(self), self.tokens)

    def _below(self, event: QMouseEvent | QWheelEvent) -> None:
        inside = self.contentsRect().contains(event.position().toPoint())
        event.setAccepted(inside)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._below(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._below(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self._below(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        self._below(event)
