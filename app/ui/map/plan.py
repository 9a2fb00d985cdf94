"""Draws an office plan from its shapes and zones in the theme's colours, sharp at every zoom."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPolygonF

from app.core.maps import Shape, ShapeKind, SpaceMap, Zone, ZoneKind
from app.ui.map import glyphs
from app.ui.map.colours import Materials

REACH = 12
"""px round a shape that its shadow may touch."""
_UNDER_ZONES = frozenset({ShapeKind.FLOOR, ShapeKind.RUG})
_CASTS = {
    ShapeKind.WALL: 5.0,
    ShapeKind.DESK: 4.0,
    ShapeKind.TABLE: 4.0,
    ShapeKind.SOFA: 3.5,
    ShapeKind.PLANT: 3.5,
    ShapeKind.CHAIR: 2.0,
    ShapeKind.SCREEN: 1.5,
}
"""px a shape's shadow falls; higher things throw longer ones."""


class PlanPainter:
    """Paints parts of one plan; the painter is in map px with antialiasing on."""

    def __init__(self, space_map: SpaceMap, office: Materials) -> None:
        self._map = space_map
        self._office = office
        self._special: dict[ShapeKind, Callable[[QPainter, Shape, QRectF], None]] = {
            ShapeKind.DESK: self._desk,
            ShapeKind.TABLE: self._table,
            ShapeKind.CHAIR: self._chair,
            ShapeKind.PLANT: self._plant,
            ShapeKind.RUG: self._rug,
            ShapeKind.SOFA: self._sofa,
            ShapeKind.GLASS: self._glass,
            ShapeKind.SCREEN: self._screen,
        }

    def paint(self, painter: QPainter, part: QRectF) -> None:
        near = [
            (shape, box)
            for shape in self._map.shapes
            if (box := QRectF(shape.x, shape.y, shape.width, shape.height))
            .adjusted(-REACH, -REACH, REACH, REACH)
            .intersects(part)
        ]
        under = [(shape, box) for shape, box in near if shape.kind in _UNDER_ZONES]
        over = [(shape, box) for shape, box in near if shape.kind not in _UNDER_ZONES]
        for shape, box in under:
            self._shape(painter, shape, box)
        for zone in self._map.zones:
            self._zone(painter, zone)
        # All shadows first: none falls on a neighbour that stands as high.
        for shape, box in over:
            self._shadow(painter, shape, box)
        for shape, box in over:
            self._shape(painter, shape, box)

    def _shape(self, painter: QPainter, shape: Shape, box: QRectF) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self._office.shapes[shape.kind]))
        special = self._special.get(shape.kind)
        if special is not None:
            special(painter, shape, box)
        else:
            painter.drawRoundedRect(box, shape.radius, shape.radius)

    def _zone(self, painter: QPainter, zone: Zone) -> None:
        outline = QPolygonF([QPointF(corner.x, corner.y) for corner in zone.outline])
        if zone.kind is ZoneKind.MEETING_ROOM:
            painter.setPen(glyphs.pen(QColor(self._office.room_edge), 1.5))
            painter.setBrush(QColor(self._office.room))
            painter.drawPolygon(outline)
        else:
            pen = glyphs.pen(QColor(self._office.quiet), 1.8)
            pen.setDashPattern([4.0, 3.4])
            path = QPainterPath()
            path.addRoundedRect(outline.boundingRect().adjusted(3, 3, -3, -3), 12, 12)
            painter.setPen(pen)
            painter.setBrush(self._tint(self._office.quiet, 16))
            painter.drawPath(path if _is_box(zone) else _closed(outline))

    def _shadow(self, painter: QPainter, shape: Shape, box: QRectF) -> None:
        fall = _CASTS.get(shape.kind)
        if fall is None:
            return
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._tint(self._office.shadow, self._office.shadow_alpha // 3))
        radius = shape.radius or (min(box.width(), box.height()) / 2 if shape.kind is ShapeKind.PLANT else 2)
        for share in (0.35, 0.7, 1.0):
            spread = fall * share * 0.5
            soft = box.adjusted(-spread, -spread, spread, spread).translated(0, fall * 0.55)
            painter.drawRoundedRect(soft, radius + spread, radius + spread)

    def _desk(self, painter: QPainter, shape: Shape, box: QRectF) -> None:
        self._top(painter, box, max(shape.radius, 5))

    def _table(self, painter: QPainter, shape: Shape, box: QRectF) -> None:
        radius = min(max(shape.radius, 8), min(box.width(), box.height()) / 2)
        self._top(painter, box, radius)
        inset = min(box.width(), box.height()) * 0.14
        painter.setPen(glyphs.pen(self._tint(self._office.detail, 26), 1.2))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(
            box.adjusted(inset, inset, -inset, -inset), max(radius - inset, 2), max(radius - inset, 2)
        )

    def _top(self, painter: QPainter, box: QRectF, radius: float) -> None:
        """A wooden top: a lit edge above, a darker one below."""
        painter.drawRoundedRect(box, radius, radius)
        edge = QPainterPath()
        edge.addRoundedRect(box, radius, radius)
        lower = QPainterPath()
        lower.addRoundedRect(box.translated(0, -2.2), radius, radius)
        painter.fillPath(edge.subtracted(lower), self._tint(self._office.shadow, 58))
        upper = QPainterPath()
        upper.addRoundedRect(box.translated(0, 1.2), radius, radius)
        painter.fillPath(edge.subtracted(upper), self._tint(self._office.detail, self._office.lift))

    def _chair(self, painter: QPainter, shape: Shape, box: QRectF) -> None:
        radius = shape.radius or min(box.width(), box.height()) * 0.36
        painter.drawRoundedRect(box, radius, radius)
        inset = min(box.width(), box.height()) * 0.16
        painter.setBrush(self._tint(self._office.detail, self._office.lift // 2))
        painter.drawRoundedRect(box.adjusted(inset, inset, -inset, -inset), radius * 0.7, radius * 0.7)

    def _plant(self, painter: QPainter, shape: Shape, box: QRectF) -> None:
        """A pot with leaves seen from above."""
        middle, radius = box.center(), min(box.width(), box.height()) / 2
        painter.save()
        painter.translate(middle)
        for turn in range(7):
            painter.save()
            painter.rotate(turn * 360 / 7 + shape.x % 40)
            leaf = QPainterPath(QPointF(0, 0))
            leaf.cubicTo(radius * 0.62, -radius * 0.55, radius * 0.5, -radius * 1.05, 0, -radius)
            leaf.cubicTo(-radius * 0.5, -radius * 1.05, -radius * 0.62, -radius * 0.55, 0, 0)
            painter.fillPath(leaf, QColor(self._office.shapes[ShapeKind.PLANT]))
            shade = self._tint(
                self._office.detail if turn % 2 else self._office.shadow, 22 if turn % 2 else 34
            )
            painter.fillPath(leaf, shade)
            painter.restore()
        painter.restore()

    def _rug(self, painter: QPainter, shape: Shape, box: QRectF) -> None:
        painter.drawRoundedRect(box, shape.radius, shape.radius)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(glyphs.pen(self._tint(self._office.quiet, 52), 1.4))
        painter.drawRoundedRect(
            box.adjusted(5, 5, -5, -5), max(shape.radius - 5, 0), max(shape.radius - 5, 0)
        )

    def _sofa(self, painter: QPainter, shape: Shape, box: QRectF) -> None:
        radius = shape.radius or 8
        painter.drawRoundedRect(box, radius, radius)
        wide = box.width() >= box.height()
        length = box.width() if wide else box.height()
        count = max(round(length / 40), 1)
        painter.setBrush(self._tint(self._office.detail, self._office.lift))
        for i in range(count):
            step = (length - 8) / count
            if wide:
                seat = QRectF(box.left() + 4 + i * step, box.top() + 7, step - 2, box.height() - 11)
            else:
                seat = QRectF(box.left() + 7, box.top() + 4 + i * step, box.width() - 11, step - 2)
            painter.drawRoundedRect(seat, radius * 0.6, radius * 0.6)

    def _glass(self, painter: QPainter, shape: Shape, box: QRectF) -> None:
        painter.drawRoundedRect(box, shape.radius, shape.radius)
        painter.setBrush(self._tint(self._office.detail, self._office.lift))
        wide = box.width() >= box.height()
        shine = QRectF(box)
        if wide:
            shine.setHeight(max(box.height() * 0.3, 1))
        else:
            shine.setWidth(max(box.width() * 0.3, 1))
        painter.drawRect(shine)

    def _screen(self, painter: QPainter, shape: Shape, box: QRectF) -> None:
        painter.drawRoundedRect(box, max(shape.radius, 1.5), max(shape.radius, 1.5))
        glow = box.adjusted(1.4, 1.2, -1.4, -box.height() * 0.45)
        if glow.height() > 0.5 and glow.width() > 1:
            painter.setBrush(self._tint(self._office.room_edge, 130))
            painter.drawRoundedRect(glow, 1, 1)

    @staticmethod
    def _tint(colour: str, alpha: int) -> QColor:
        tinted = QColor(colour)
        tinted.setAlpha(alpha)
        return tinted


def _is_box(zone: Zone) -> bool:
    xs, ys = {corner.x for corner in zone.outline}, {corner.y for corner in zone.outline}
    return len(zone.outline) == 4 and len(xs) == 2 and len(ys) == 2


def _closed(outline: QPolygonF) -> QPainterPath:
    path = QPainterPath()
    path.addPolygon(outline)
    path.closeSubpath()
    return path
