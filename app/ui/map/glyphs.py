"""The small drawings on the map: hand, phone, minus, moon, clock, broken link, door. In a unit square."""

from __future__ import annotations

from functools import cache

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPainterPath, QPainterPathStroker, QPen


def _stroke(path: QPainterPath, width: float) -> QPainterPath:
    stroker = QPainterPathStroker()
    stroker.setWidth(width)
    stroker.setCapStyle(Qt.PenCapStyle.RoundCap)
    stroker.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    return stroker.createStroke(path)


def _line(*points: tuple[float, float]) -> QPainterPath:
    path = QPainterPath(QPointF(*points[0]))
    for point in points[1:]:
        path.lineTo(*point)
    return path


def strokes(*lines: tuple[tuple[float, float], ...], width: float) -> QPainterPath:
    """Round-ended lines as one path."""
    path = QPainterPath()
    path.setFillRule(Qt.FillRule.WindingFill)
    for line in lines:
        path.addPath(_stroke(_line(*line), width))
    return path.simplified()


def ring(radius: float, width: float) -> QPainterPath:
    circle = QPainterPath()
    circle.addEllipse(QPointF(0.5, 0.5), radius, radius)
    return _stroke(circle, width)


@cache
def hand() -> QPainterPath:
    """An open hand: four fingers, a thumb, a palm."""
    path = QPainterPath()
    path.setFillRule(Qt.FillRule.WindingFill)
    for x, top in ((0.27, 0.24), (0.42, 0.10), (0.57, 0.08), (0.72, 0.17)):
        path.addRoundedRect(QRectF(x - 0.062, top, 0.124, 0.62 - top), 0.062, 0.062)
    palm = QPainterPath(QPointF(0.208, 0.48))
    palm.lineTo(0.782, 0.48)
    palm.cubicTo(0.80, 0.72, 0.74, 0.94, 0.50, 0.94)
    palm.cubicTo(0.32, 0.94, 0.26, 0.80, 0.208, 0.66)
    palm.closeSubpath()
    thumb = _stroke(_line((0.105, 0.55), (0.26, 0.74), (0.40, 0.84)), 0.135)
    return path.united(palm).united(thumb).simplified()


@cache
def phone() -> QPainterPath:
    """A telephone receiver."""
    path = QPainterPath(QPointF(0.24, 0.12))
    path.cubicTo(0.33, 0.08, 0.40, 0.26, 0.42, 0.33)
    path.cubicTo(0.43, 0.39, 0.33, 0.42, 0.34, 0.47)
    path.cubicTo(0.38, 0.57, 0.46, 0.64, 0.54, 0.67)
    path.cubicTo(0.59, 0.68, 0.61, 0.57, 0.67, 0.58)
    path.cubicTo(0.75, 0.60, 0.92, 0.67, 0.88, 0.76)
    path.cubicTo(0.84, 0.86, 0.76, 0.90, 0.68, 0.89)
    path.cubicTo(0.40, 0.86, 0.14, 0.60, 0.11, 0.32)
    path.cubicTo(0.10, 0.24, 0.14, 0.16, 0.24, 0.12)
    return path


@cache
def minus() -> QPainterPath:
    path = QPainterPath()
    path.addRoundedRect(QRectF(0.16, 0.40, 0.68, 0.20), 0.10, 0.10)
    return path


@cache
def moon() -> QPainterPath:
    """Away by hand."""
    disc, bite = QPainterPath(), QPainterPath()
    disc.addEllipse(QPointF(0.48, 0.52), 0.40, 0.40)
    bite.addEllipse(QPointF(0.70, 0.36), 0.35, 0.35)
    return disc.subtracted(bite)


@cache
def clock() -> QPainterPath:
    """Away by itself: time passes."""
    circle = QPainterPath()
    circle.addEllipse(QPointF(0.5, 0.5), 0.38, 0.38)
    hands = _stroke(_line((0.5, 0.28), (0.5, 0.53), (0.66, 0.62)), 0.12)
    return _stroke(circle, 0.12).united(hands)


@cache
def broken_link() -> QPainterPath:
    """Two links that no longer hold each other, and a stroke between them."""
    left = QPainterPath(QPointF(0.36, 0.72))
    left.cubicTo(0.08, 0.72, 0.08, 0.30, 0.36, 0.30)
    right = QPainterPath(QPointF(0.64, 0.30))
    right.cubicTo(0.92, 0.30, 0.92, 0.72, 0.64, 0.72)
    cut = _line((0.58, 0.12), (0.42, 0.90))
    return _stroke(left, 0.13).united(_stroke(right, 0.13)).united(_stroke(cut, 0.10))


@cache
def exclamation() -> QPainterPath:
    path = QPainterPath()
    path.addRoundedRect(QRectF(0.40, 0.10, 0.20, 0.52), 0.10, 0.10)
    path.addEllipse(QPointF(0.5, 0.80), 0.12, 0.12)
    return path


@cache
def walker() -> QPainterPath:
    """Somebody on the way."""
    path = QPainterPath()
    path.addEllipse(QPointF(0.56, 0.14), 0.11, 0.11)
    body = _stroke(_line((0.52, 0.34), (0.46, 0.60), (0.62, 0.74), (0.64, 0.94)), 0.13)
    leg = _stroke(_line((0.46, 0.60), (0.40, 0.78), (0.26, 0.92)), 0.13)
    arms = _stroke(_line((0.26, 0.54), (0.34, 0.38), (0.52, 0.34), (0.62, 0.48), (0.78, 0.52)), 0.11)
    return path.united(body).united(leg).united(arms)


@cache
def door() -> QPainterPath:
    """A meeting room."""
    frame = QPainterPath()
    frame.addRoundedRect(QRectF(0.22, 0.10, 0.56, 0.80), 0.06, 0.06)
    knob = QPainterPath()
    knob.addEllipse(QPointF(0.62, 0.52), 0.07, 0.07)
    return _stroke(frame, 0.12).united(knob)


@cache
def closed_door() -> QPainterPath:
    """A meeting room with people in it."""
    plate, knob = QPainterPath(), QPainterPath()
    plate.addRoundedRect(QRectF(0.18, 0.06, 0.64, 0.88), 0.08, 0.08)
    knob.addEllipse(QPointF(0.64, 0.52), 0.09, 0.09)
    return plate.subtracted(knob)


@cache
def leaf() -> QPainterPath:
    """A quiet corner."""
    path = QPainterPath(QPointF(0.14, 0.84))
    path.cubicTo(0.06, 0.36, 0.40, 0.12, 0.90, 0.12)
    path.cubicTo(0.92, 0.60, 0.68, 0.92, 0.26, 0.80)
    path.cubicTo(0.38, 0.58, 0.52, 0.46, 0.66, 0.38)
    path.cubicTo(0.44, 0.44, 0.26, 0.58, 0.14, 0.84)
    return path


def draw(painter: QPainter, path: QPainterPath, box: QRectF, colour: QColor) -> None:
    """Fill a glyph into a box; antialiasing must be on."""
    painter.save()
    painter.translate(box.topLeft())
    painter.scale(box.width(), box.height())
    painter.fillPath(path, QBrush(colour))
    painter.restore()


def pen(colour: QColor, width: float, style: Qt.PenStyle = Qt.PenStyle.SolidLine) -> QPen:
    made = QPen(colour, width, style)
    made.setCapStyle(Qt.PenCapStyle.RoundCap)
    made.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    return made
