"""Paints the tray icon: a hand on a tile, red when it calls, grey when not protected, with a badge.

States differ in shape as well as in colour: a count, a dot, a stroke through the hand.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPainterPath, QPen, QPixmap

from app.ui.map import glyphs
from app.ui.theme.fonts import font
from app.ui.theme.tokens import LIGHT, Tokens

SIZES = (16, 20, 22, 24, 32, 44, 48, 64, 128)
"""px; trays ask for these at 100 % to 200 %."""


class Look(enum.Enum):
    NORMAL = "normal"
    UNREAD = "unread"
    NOT_PROTECTED = "not_protected"
    PRIORITY = "priority"
    """A priority message waits: a tile of its colour, with the count."""
    RINGING = "ringing"
    RINGING_DIM = "ringing_dim"
    """The other half of the flashing: the hand is red on a pale tile."""


@dataclass(frozen=True)
class TrayColours:
    """``#rrggbb`` each; the same in light and dark, since the tray's ground is not ours."""

    tile: str
    on_tile: str
    red: str
    on_red: str
    priority: str
    grey: str
    on_grey: str
    badge: str

    @classmethod
    def of(cls, tokens: Tokens) -> TrayColours:
        c = tokens.colours
        return cls(c.accent, c.on_accent, c.red, c.on_red, c.priority, c.grey, c.surface, c.text)


class TrayIcons:
    """Icons by look and count, painted once each."""

    def __init__(self, colours: TrayColours | None = None) -> None:
        self._colours = colours or TrayColours.of(LIGHT)
        self._made: dict[tuple[Look, int], QIcon] = {}

    def icon(self, look: Look, count: int = 0) -> QIcon:
        """``count`` is shown while ringing, and when something is muted (0 shows none)."""
        key = (look, min(count, 10))
        if key not in self._made:
            icon = QIcon()
            for side in SIZES:
                icon.addPixmap(self.pixmap(look, key[1], side))
            self._made[key] = icon
        return self._made[key]

    def pixmap(self, look: Look, count: int, side: int) -> QPixmap:
        pixmap = QPixmap(side, side)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.scale(side, side)
        self._tile(painter, look)
        if look is Look.NOT_PROTECTED:
            self._stroke(painter)
        if count:
            self._count(painter, look, count, side)
        elif look is Look.UNREAD:
            self._dot(painter)
        painter.end()
        return pixmap

    def _tile(self, painter: QPainter, look: Look) -> None:
        c = self._colours
        tile, hand = {
            Look.NORMAL: (c.tile, c.on_tile),
            Look.UNREAD: (c.tile, c.on_tile),
            Look.NOT_PROTECTED: (c.grey, c.on_grey),
            Look.PRIORITY: (c.priority, c.on_tile),
            Look.RINGING: (c.red, c.on_red),
            Look.RINGING_DIM: (c.on_red, c.red),
        }[look]
        path = QPainterPath()
        path.addRoundedRect(QRectF(0.03, 0.03, 0.94, 0.94), 0.24, 0.24)
        painter.fillPath(path, QColor(tile))
        if look is Look.RINGING_DIM:  # a white tile needs an edge on a white tray
            painter.strokePath(path, QPen(QColor(c.red), 0.05))
        glyphs.draw(painter, glyphs.hand(), QRectF(0.13, 0.11, 0.74, 0.77), QColor(hand))

    def _stroke(self, painter: QPainter) -> None:
        """Red, from corner to corner, with an edge that parts it from the hand."""
        for colour, width in ((self._colours.grey, 0.24), (self._colours.red, 0.12)):
            pen = QPen(QColor(colour), width)
            pen.setCapStyle(Qt.PenCapStyle.RoundCap)
            painter.setPen(pen)
            painter.drawLine(QPointF(0.17, 0.17), QPointF(0.83, 0.83))

    def _badge(self, painter: QPainter, box: QRectF, colour: str, edge: str) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        for grown, fill in ((0.05, edge), (0.0, colour)):
            outer = box.adjusted(-grown, -grown, grown, grown)
            painter.setBrush(QColor(fill))
            painter.drawRoundedRect(outer, outer.height() / 2, outer.height() / 2)

    def _dot(self, painter: QPainter) -> None:
        self._badge(painter, QRectF(0.60, 0.07, 0.32, 0.32), self._colours.on_tile, self._colours.tile)

    def _count(self, painter: QPainter, look: Look, count: int, side: int) -> None:
        c = self._colours
        fill, ink = (c.red, c.on_red) if look is Look.RINGING_DIM else (c.badge, c.on_red)
        text = "9+" if count > 9 else str(count)
        width = 0.54 if len(text) == 1 else 0.72
        box = QRectF(0.95 - width, 0.41, width, 0.54)
        self._badge(painter, box, fill, c.on_red)
        painter.save()
        painter.resetTransform()  # text is laid out in real px, or hinting tears it apart
        painter.setFont(font(max(7, round(side * 0.46)), LIGHT.type.bold))
        painter.setPen(QColor(ink))
        real = QRectF(box.x() * side, box.y() * side, box.width() * side, box.height() * side)
        painter.drawText(real, Qt.AlignmentFlag.AlignCenter, text)
        painter.restore()
