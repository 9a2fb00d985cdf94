"""One avatar's face: a disc with initials or a picture, status ring and badge; or a dot far away."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath

from app.core.model import Status
from app.ui.map import glyphs
from app.ui.map.colours import FACES, INITIALS, MapColours, face_colour
from app.ui.map.model import Avatar
from app.ui.theme.fonts import font

DIAMETER = 40
"""px at zoom 1, the ring included."""
SMALLEST, LARGEST = 9, 92
DOT = 17
"""px of diameter below which a face is a dot with a ring: initials could not be read."""
_BADGES = {
    Status.ON_CALL: glyphs.phone,
    Status.BUSY: glyphs.minus,
    Status.AWAY: glyphs.moon,
}


@dataclass(frozen=True, slots=True)
class FaceSize:
    """Device px: ``diameter`` of the ring's outer edge, ``side`` of the sprite; both even."""

    diameter: int
    side: int
    dpr: float

    @classmethod
    def at(cls, zoom: float, dpr: float) -> FaceSize:
        logical = min(max(DIAMETER * zoom, SMALLEST), LARGEST)
        diameter = max(round(logical * dpr / 2) * 2, 6)
        if logical < DOT:
            return cls(diameter, diameter + 2, dpr)
        return cls(diameter, diameter + 2 * round(diameter * 0.07 + dpr), dpr)

    @property
    def is_dot(self) -> bool:
        return self.diameter < DOT * self.dpr


class FacePainter:
    """Draws faces of one size in one set of colours."""

    def __init__(self, size: FaceSize, colours: MapColours) -> None:
        self.size = size
        self._colours = colours
        self._font = font(max(round(size.diameter * 0.34), 5), 600)

    def key(self, avatar: Avatar) -> Hashable:
        """Equal for avatars that look alike."""
        state = (avatar.status, avatar.auto_away, avatar.lost, face_colour(avatar.id))
        if self.size.is_dot:
            return state
        picture = avatar.picture.cacheKey() if avatar.picture is not None else None
        return (*state, avatar.initials if picture is None else picture)

    def draw(self, painter: QPainter, avatar: Avatar) -> None:
        """Paint into a square of ``size.side``."""
        if self.size.is_dot:
            self._draw_dot(painter, avatar)
            return
        painter.setOpacity(0.55 if avatar.lost else 1.0)
        self._draw_disc(painter, avatar)
        painter.setOpacity(1.0)
        self._draw_ring(painter, avatar)
        self._draw_badge(painter, avatar)

    def ring_colour(self, avatar: Avatar) -> QColor:
        colours = self._colours
        if avatar.lost:
            return QColor(colours.lost)
        return QColor(colours.absent if avatar.auto_away else colours.status[avatar.status])

    @property
    def _ring(self) -> float:
        """Device px: 2 px at zoom 1, a little more close by."""
        return max(2.2 * self.size.dpr, self.size.diameter * 0.055)

    def _draw_dot(self, painter: QPainter, avatar: Avatar) -> None:
        middle, radius = QPointF(self.size.side / 2, self.size.side / 2), self.size.diameter / 2
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self._colours.halo))
        painter.drawEllipse(middle, radius, radius)
        painter.setBrush(self.ring_colour(avatar))
        painter.drawEllipse(middle, radius - 0.5 * self.size.dpr, radius - 0.5 * self.size.dpr)
        inner = radius - max(2.4 * self.size.dpr, radius * 0.40)
        painter.setBrush(QColor(self._colours.halo))
        painter.drawEllipse(middle, inner + 0.6 * self.size.dpr, inner + 0.6 * self.size.dpr)
        if not (avatar.lost or avatar.auto_away):
            painter.setBrush(QColor(FACES[face_colour(avatar.id)]))
            painter.drawEllipse(middle, inner, inner)

    def _draw_disc(self, painter: QPainter, avatar: Avatar) -> None:
        middle, radius = self.size.side / 2, self.size.diameter / 2
        inner = radius - self._ring - max(1.4 * self.size.dpr, self.size.diameter * 0.03)
        box = QRectF(middle - inner, middle - inner, 2 * inner, 2 * inner)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self._colours.halo))
        painter.drawEllipse(QPointF(middle, middle), radius, radius)
        if avatar.picture is not None and not avatar.picture.isNull():
            path = QPainterPath()
            path.addEllipse(box)
            painter.save()
            painter.setClipPath(path, Qt.ClipOperation.IntersectClip)
            painter.drawImage(box, _squared(avatar.picture, round(2 * inner)))
            painter.restore()
            return
        painter.setBrush(QColor(FACES[face_colour(avatar.id)]))
        painter.drawEllipse(box)
        painter.setPen(QColor(INITIALS))
        painter.setFont(self._font)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, avatar.initials)

    def _draw_ring(self, painter: QPainter, avatar: Avatar) -> None:
        middle, radius = self.size.side / 2, (self.size.diameter - self._ring) / 2
        pen = glyphs.pen(self.ring_colour(avatar), self._ring)
        if avatar.lost:
            pen.setCapStyle(Qt.PenCapStyle.FlatCap)
            around = 2 * 3.14159265 * radius / self._ring
            pen.setDashPattern([around / 14 * 0.6, around / 14 * 0.4])
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawEllipse(QPointF(middle, middle), radius, radius)

    def _draw_badge(self, painter: QPainter, avatar: Avatar) -> None:
        if avatar.lost:
            glyph = glyphs.broken_link()
        elif avatar.auto_away:
            glyph = glyphs.clock()
        elif avatar.status in _BADGES:
            glyph = _BADGES[avatar.status]()
        else:
            return
        radius = self.size.diameter * 0.205
        at = (self.size.side + self.size.diameter * 0.66) / 2
        edge = max(self.size.dpr * 1.2, radius * 0.2)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self._colours.halo))
        painter.drawEllipse(QPointF(at, at), radius + edge * 0.5, radius + edge * 0.5)
        painter.setBrush(self.ring_colour(avatar))
        painter.drawEllipse(QPointF(at, at), radius - edge * 0.5, radius - edge * 0.5)
        half = (radius - edge * 0.5) * 0.74
        glyphs.draw(
            painter, glyph, QRectF(at - half, at - half, 2 * half, 2 * half), QColor(self._colours.halo)
        )


def _squared(picture: QImage, side: int) -> QImage:
    """The middle square of a picture, scaled down smoothly."""
    edge = min(picture.width(), picture.height())
    cut = picture.copy((picture.width() - edge) // 2, (picture.height() - edge) // 2, edge, edge)
    return cut.scaled(
        side, side, Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation
    )
