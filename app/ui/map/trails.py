"""Dotted ways on the floor: where somebody who walks is going."""

from __future__ import annotations

from dataclasses import dataclass, field

from PySide6.QtCore import QPointF, QRect, Qt
from PySide6.QtGui import QColor, QPainter, QPixmap

from app.core.model import PersonId
from app.ui.map.camera import Camera
from app.ui.map.colours import MapColours
from app.ui.map.walking import DOT_EVERY, Way

ARRIVED = 20.0
"""px from its end at which a way counts as walked."""
STRAYED = 160.0
"""px beside its way at which somebody is no longer on it."""


@dataclass(slots=True)
class Trail:
    """Attributes:
    done: px of the way already walked.
    dots: map places with their distance along the way, the last first.
    shown: how many of the dots, from the first of the list, are still ahead.
    """

    way: Way
    done: float = 0.0
    dots: list[tuple[float, float, float]] = field(default_factory=list)
    shown: int = 0


class Trails:
    """The ways of everybody who is on one."""

    def __init__(self) -> None:
        self._trails: dict[PersonId, Trail] = {}
        self._dot = QPixmap()
        self._end = QPixmap()
        self._spacing = DOT_EVERY

    @property
    def people(self) -> list[PersonId]:
        """Who is on a way."""
        return list(self._trails)

    def sharpen(self, zoom: float, dpr: float, colours: MapColours) -> None:
        """Draw for this zoom from now on."""
        self._spacing = DOT_EVERY / zoom
        self._dot = _disc(2.1 * dpr, colours.accent, colours.surface, dpr)
        self._end = _disc(4.2 * dpr, colours.surface, colours.accent, 2 * dpr)
        for trail in self._trails.values():
            trail.dots = trail.way.dots(self._spacing)
            self._count(trail)

    def show(self, person: PersonId, way: Way) -> None:
        trail = Trail(way, dots=way.dots(self._spacing))
        self._count(trail)
        self._trails[person] = trail

    def boxes(self, person: PersonId, camera: Camera) -> list[QRect]:
        """What the dots ahead of somebody cover; device px of the zoomed map."""
        trail = self._trails.get(person)
        return [] if trail is None else [self._box(camera, dot) for dot in trail.dots[: trail.shown]]

    def drop(self, person: PersonId) -> None:
        self._trails.pop(person, None)

    def walked(self, person: PersonId, x: float, y: float, camera: Camera) -> list[QRect]:
        """Somebody stands at (x, y) now; the boxes of the dots that are behind."""
        trail = self._trails.get(person)
        if trail is None:
            return []
        done, away = trail.way.nearest(x, y)
        if away > STRAYED or trail.way.length - done < ARRIVED:
            gone = self.boxes(person, camera)
            self.drop(person)
            return gone
        trail.done = max(trail.done, done)
        before = trail.shown
        self._count(trail)
        return [self._box(camera, dot) for dot in trail.dots[trail.shown : before]]

    def paint(self, painter: QPainter, camera: Camera, clip: QRect) -> None:
        for trail in self._trails.values():
            for i, dot in enumerate(trail.dots[: trail.shown]):
                sprite = self._dot if i else self._end
                x, y = camera.to_view(dot[0], dot[1])
                box = sprite.rect().translated(x - sprite.width() // 2, y - sprite.height() // 2)
                if box.intersects(clip):
                    painter.drawPixmap(box.topLeft(), sprite)

    def _count(self, trail: Trail) -> None:
        """Dots below the walker's own face are behind already."""
        ahead = trail.done + ARRIVED
        trail.shown = next((i for i, dot in enumerate(trail.dots) if dot[2] <= ahead), len(trail.dots))

    def _box(self, camera: Camera, dot: tuple[float, float, float]) -> QRect:
        side = max(self._end.width(), 2)
        return QRect(camera.snap(dot[0]) - side // 2, camera.snap(dot[1]) - side // 2, side, side)


def _disc(radius: float, fill: str, edge: str, width: float) -> QPixmap:
    side = round(radius + width + 1) * 2
    pixmap = QPixmap(side, side)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    middle = QPointF(side / 2, side / 2)
    painter.setBrush(QColor(edge))
    painter.drawEllipse(middle, radius + width, radius + width)
    painter.setBrush(QColor(fill))
    painter.drawEllipse(middle, radius, radius)
    painter.end()
    return pixmap
