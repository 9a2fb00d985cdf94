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
        found.append(Pointer(person, hand, _free(box, found, inner), turn))
    return found


def _free(box: QRect, others: list[Pointer], inner: QRect) -> QRect:
    """The place on the edge next to the wanted one where no other pointer is hidden."""
    step = box.width() // 4
    tops = [
        (x, y) for x in range(inner.left(), inner.right() + 1, step) for y in (inner.top(), inner.bottom())
    ]
    sides = [
        (x, y) for y in range(inner.top(), inner.bottom() + 1, step) for x in (inner.left(), inner.right())
    ]
    wanted, half = box.center(), box.width() // 2
    near = sorted(tops + sides, key=lambda at: (at[0] - wanted.x()) ** 2 + (at[1] - wanted.y()) ** 2)
    moved = (QRect(x - half, y - half, box.width(), box.height()) for x, y in near)
    core = QMargins(*[box.width() // 8] * 4)
    taken = [other.box.marginsRemoved(core) for other in others]
    return next(
        (one for one in (box, *moved) if not any(one.marginsRemoved(core).intersects(t) for t in taken)), box
    )


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
