"""Pointers at the view's edge to raised hands that stand outside of it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QMargins, QPoint, QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPixmap

from app.core.model import Level, PersonId
from app.ui.map import glyphs
from app.ui.map.colours import MapColours
from app.ui.map.model import Hand

SIDE = 56
"""px of a pointer with its arrow and shadow."""
TURNS = 24
"""Directions a pointer is drawn for."""


@dataclass(frozen=True, slots=True)
class Pointer:
    """``box`` in device px of the view."""

    person: PersonId
    hand: Hand
    box: QRect
    turn: int


def arrange_pointers(
    hands: Sequence[tuple[PersonId, Hand, QPoint, QPoint]], safe: QRect, side: int
) -> list[Pointer]:
    """Where pointers stand.

    Args:
        hands: with the places of the avatars and of the middles of their bubbles, device px of the view.
        safe: the part of the view that nothing floats over.
    """
    inner = safe.adjusted(side // 2, side // 2, -side // 2, -side // 2)
    if inner.width() <= 0 or inner.height() <= 0:
        return []
    found: list[Pointer] = []
    edge = _Edge(inner, side)
    for person, hand, at, body in hands:
        if safe.marginsAdded(QMargins(*[side // 4] * 4)).contains(at) or safe.contains(body):
            continue
        middle = inner.center()
        dx, dy = at.x() - middle.x(), at.y() - middle.y()
        share = min(
            inner.width() / 2 / abs(dx) if dx else math.inf, inner.height() / 2 / abs(dy) if dy else math.inf
        )
        centre = QPoint(round(middle.x() + dx * share), round(middle.y() + dy * share))
        turn = round(math.atan2(dy, dx) / math.tau * TURNS) % TURNS
        box = QRect(centre.x() - side // 2, centre.y() - side // 2, side, side)
        found.append(Pointer(person, hand, edge.take(box), turn))
    return found


class _Edge:
    """The places along the edge, and which are still free: panning asks at each step, with every hand."""

    def __init__(self, inner: QRect, side: int) -> None:
        half, step = side // 2, side // 4
        xs = range(inner.left() - half, inner.right() + 1 - half, step)
        ys = range(inner.top() - half, inner.bottom() + 1 - half, step)
        self._free = [(x, y) for x in xs for y in (inner.top() - half, inner.bottom() - half)]
        self._free += [(x, y) for y in ys for x in (inner.left() - half, inner.right() - half)]
        self._taken: list[tuple[int, int]] = []
        self._apart = side - 2 * (side // 8)

    def take(self, box: QRect) -> QRect:
        """``box``, or the place next to it where no other pointer is hidden; ``box`` where there is none."""
        wanted = box.x(), box.y()
        place = wanted
        if any(self._hides(wanted, other) for other in self._taken):
            place = min(
                self._free, key=lambda at: (at[0] - wanted[0]) ** 2 + (at[1] - wanted[1]) ** 2, default=wanted
            )
        self._taken.append(place)
        self._free = [at for at in self._free if not self._hides(at, place)]
        return QRect(*place, box.width(), box.height())

    def _hides(self, one: tuple[int, int], other: tuple[int, int]) -> bool:
        return abs(one[0] - other[0]) < self._apart and abs(one[1] - other[1]) < self._apart


class PointerPainter:
    """Draws pointers for one pixel density in one set of colours."""

    def __init__(self, dpr: float, colours: MapColours) -> None:
        self.dpr = dpr
        self.side = round(SIDE * dpr)
        self._colours = colours
        self._kept: dict[tuple[Level, int], QPixmap] = {}

    def pixmap(self, level: Level, turn: int) -> QPixmap:
        key = (level, turn)
        if key not in self._kept:
            self._kept[key] = self._draw(level, turn)
        return self._kept[key]

    def _draw(self, level: Level, turn: int) -> QPixmap:
        dpr, red = self.dpr, level is Level.RED
        pixmap = QPixmap(self.side, self.side)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        middle = QPointF(self.side / 2, self.side / 2)
        radius = 16 * dpr
        shape = QPainterPath()
        if red:
            corner = 8 * dpr
            shape.addRoundedRect(
                QRectF(middle.x() - radius, middle.y() - radius, 2 * radius, 2 * radius), corner, corner
            )
        else:
            shape.addEllipse(middle, radius, radius)
        painter.translate(middle)
        painter.rotate(turn * 360 / TURNS)
        arrow = QPainterPath(QPointF(25 * dpr, 0))
        arrow.lineTo(13 * dpr, -9 * dpr)
        arrow.lineTo(13 * dpr, 9 * dpr)
        arrow.closeSubpath()
        arrow = painter.transform().map(arrow)
        painter.resetTransform()
        shape = shape.united(arrow)
        shadow = QColor(self._colours.office.shadow)
        for width, alpha in ((5.0, 16), (2.5, 28)):
            shadow.setAlpha(alpha)
            painter.strokePath(shape.translated(0, dpr), glyphs.pen(shadow, width * dpr))
        painter.strokePath(shape, glyphs.pen(QColor(self._colours.surface), 2 * dpr))
        painter.fillPath(shape, QColor(self._colours.red if red else self._colours.yellow))
        ink = QColor(self._colours.on_red if red else self._colours.on_yellow)
        half = 10 * dpr
        box = QRectF(middle.x() - half, middle.y() - half, 2 * half, 2 * half)
        if red:
            glyphs.draw(painter, glyphs.exclamation(), box.translated(-7.5 * dpr, 0), ink)
            box = box.adjusted(dpr, dpr, -dpr, -dpr).translated(4 * dpr, 0)
        glyphs.draw(painter, glyphs.hand(), box, ink)
        painter.end()
        return pixmap
