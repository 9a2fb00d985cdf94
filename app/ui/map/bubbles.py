"""Raised hands over the avatars: what a bubble looks like.

Red and yellow differ in more than colour: a red bubble is angular, has a second ring round it and an
exclamation mark; a yellow one is a plain pill.
"""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPainterPath, QPixmap

from app.core.model import Level
from app.ui.map import glyphs
from app.ui.map.colours import MapColours
from app.ui.map.model import Hand
from app.ui.theme.fonts import font

TEXT_WIDTH = 200
"""px of a message that a bubble shows at most; the card shows all of it."""
HEIGHT, TAIL, RIM = 28, 8, 7
"""px of the bubble's body, its tail, and what shadow and second ring need round both."""


@dataclass(frozen=True, slots=True)
class Shifted:
    """Where a bubble's body stands relative to the place it would like best.

    Attributes:
        across: share of the body's width it is moved to the right, -0.45..0.45.
        lift: device px it is raised, the tail becomes as much longer.
    """

    across: float = 0.0
    lift: int = 0


class BubblePainter:
    """Draws bubbles for one pixel density in one set of colours; keeps those in use."""

    def __init__(self, dpr: float, colours: MapColours) -> None:
        self.dpr = dpr
        self._colours = colours
        self._font = font(max(round(12 * dpr), 6), 600)
        self._metrics = QFontMetricsF(self._font)
        self._kept: dict[tuple[Hand, Shifted], QPixmap] = {}

    def body_width(self, hand: Hand) -> int:
        """Device px."""
        return self._width(hand, self._text(hand))

    def _width(self, hand: Hand, text: str) -> int:
        dpr = self.dpr
        width = 36.0 * dpr if not text else (10 + 16 + 7 + 11) * dpr + self._metrics.horizontalAdvance(text)
        if hand.level is Level.RED:
            width += 15 * dpr
        if hand.coming:
            width += self._coming_width(hand)
        return int(width / 2 + 1) * 2

    @property
    def body_height(self) -> int:
        return round(HEIGHT * self.dpr)

    @property
    def rim(self) -> int:
        return round(RIM * self.dpr)

    @property
    def tail(self) -> int:
        return round(TAIL * self.dpr)

    def place(self, hand: Hand, tip_x: int, tip_y: int, shifted: Shifted) -> tuple[QRect, QRect]:
        """Box and body of a bubble whose tail ends at a device px of the zoomed map."""
        width, height = self.body_width(hand), self.body_height
        left = tip_x - width // 2 + round(shifted.across * width)
        body = QRect(left, tip_y - self.tail - shifted.lift - height, width, height)
        rim = self.rim
        return body.adjusted(-rim, -rim, rim, rim + self.tail + shifted.lift), body

    def pixmap(self, hand: Hand, shifted: Shifted) -> QPixmap:
        key = (hand, shifted)
        if key not in self._kept:
            if len(self._kept) > 256:
                self._kept.clear()
            self._kept[key] = self._draw(hand, shifted)
        return self._kept[key]

    def _text(self, hand: Hand) -> str:
        line = " ".join(hand.message.split())
        return self._metrics.elidedText(line, Qt.TextElideMode.ElideRight, TEXT_WIDTH * self.dpr)

    def _coming_width(self, hand: Hand) -> float:
        return 24 * self.dpr + self._metrics.horizontalAdvance(str(hand.coming))

    def _draw(self, hand: Hand, shifted: Shifted) -> QPixmap:
        box, body_at = self.place(hand, 0, 0, shifted)
        pixmap = QPixmap(box.size())
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        body = QRectF(body_at.translated(-box.topLeft()))
        tip = QPointF(-box.left(), -box.top())
        outline = self._outline(hand, shifted, body, tip)
        self._draw_shadow(painter, outline)
        red = hand.level is Level.RED
        fill = QColor(self._colours.red if red else self._colours.yellow)
        if red:
            ring = QColor(fill)
            ring.setAlpha(150)
            painter.setPen(glyphs.pen(ring, 1.6 * self.dpr))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            around = 3.6 * self.dpr
            radius = self._radius(hand) + around
            painter.drawRoundedRect(body.adjusted(-around, -around, around, around), radius, radius)
        painter.fillPath(outline, fill)
        self._draw_content(painter, hand, body)
        painter.end()
        return pixmap

    def _radius(self, hand: Hand) -> float:
        return (7 if hand.level is Level.RED else HEIGHT / 2) * self.dpr

    def _outline(self, hand: Hand, shifted: Shifted, body: QRectF, tip: QPointF) -> QPainterPath:
        radius = self._radius(hand)
        outline = QPainterPath()
        outline.addRoundedRect(body, radius, radius)
        half = (4 if shifted.lift else 6.5) * self.dpr
        foot = min(max(tip.x(), body.left() + radius * 0.6 + half), body.right() - radius * 0.6 - half)
        tail = QPainterPath(QPointF(foot - half, body.bottom() - self.dpr))
        tail.quadTo(QPointF(tip.x() - self.dpr, body.bottom() + self.dpr), tip)
        tail.quadTo(
            QPointF(tip.x() + self.dpr, body.bottom() + self.dpr),
            QPointF(foot + half, body.bottom() - self.dpr),
        )
        tail.closeSubpath()
        return outline.united(tail)

    def _draw_shadow(self, painter: QPainter, outline: QPainterPath) -> None:
        shadow = QColor(self._colours.office.shadow)
        for width, alpha in ((6.0, 12), (3.5, 18), (1.5, 26)):
            shadow.setAlpha(alpha)
            painter.setPen(glyphs.pen(shadow, width * self.dpr))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawPath(outline.translated(0, 1.5 * self.dpr))
        painter.setPen(Qt.PenStyle.NoPen)

    def _draw_content(self, painter: QPainter, hand: Hand, body: QRectF) -> None:
        dpr = self.dpr
        red = hand.level is Level.RED
        ink = QColor(self._colours.on_red if red else self._colours.on_yellow)
        text = self._text(hand)
        left = body.left() + (10 * dpr)
        side = 16 * dpr
        if red:
            mark = QRectF(left - 3 * dpr, body.center().y() - side / 2, side, side)
            glyphs.draw(painter, glyphs.exclamation(), mark, ink)
            left += 12 * dpr
        icon = QRectF(left, body.center().y() - side / 2, side, side)
        glyphs.draw(painter, glyphs.hand(), icon, ink)
        right = body.right() - 11 * dpr
        if hand.coming:
            width = self._coming_width(hand)
            self._draw_coming(
                painter, hand, QRectF(body.right() - width - 4 * dpr, body.top(), width, body.height())
            )
            right -= width
        if text:
            painter.setPen(ink)
            painter.setFont(self._font)
            room = QRectF(icon.right() + 7 * dpr, body.top(), right - icon.right(), body.height())
            flags = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft | Qt.TextFlag.TextSingleLine
            painter.drawText(room, flags, text)

    def _draw_coming(self, painter: QPainter, hand: Hand, room: QRectF) -> None:
        """How many are on the way: somebody walking, and the number."""
        dpr = self.dpr
        chip = room.adjusted(0, 4 * dpr, 0, -4 * dpr)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self._colours.surface))
        painter.drawRoundedRect(chip, min(self._radius(hand), chip.height() / 2), chip.height() / 2)
        ink = QColor(self._colours.text)
        side = 14 * dpr
        icon = QRectF(chip.left() + 4 * dpr, chip.center().y() - side / 2, side, side)
        glyphs.draw(painter, glyphs.walker(), icon, ink)
        painter.setPen(ink)
        painter.setFont(self._font)
        painter.drawText(
            QRectF(icon.right() + dpr, chip.top(), chip.right() - icon.right() - dpr, chip.height()),
            Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft,
            str(hand.coming),
        )
