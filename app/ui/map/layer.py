"""All that stands still, painted once: the map, names of zones, ways, and everybody who does not move.

A picture as large as the view. What changes of it is painted again there alone; when the view pans it is
scrolled, and only what comes into view is painted. A new frame is then this picture and those who move.

While the zoom changes over a crowd the picture is scaled as a whole, names and all; it is painted anew once
the zoom settles. Sprite by sprite that takes twice the time for 1,000 people.
"""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect
from PySide6.QtGui import QPainter, QPixmap

from app.ui.map import painting
from app.ui.map.dirty import merged
from app.ui.map.scene import Scene

MANY = 48
"""Places to paint again from which painting everything is cheaper."""


class Layer:
    """The picture; ``pixmap`` is in device px, like the view."""

    def __init__(self) -> None:
        self.pixmap = QPixmap()
        self._at = QPoint()
        self._scale = 0.0

    def refresh(self, scene: Scene) -> None:
        """Bring the picture up to date with a scene whose zoom has settled."""
        camera, view = scene.camera, self._view(scene)
        at = QPoint(camera.left, camera.top)
        moved = self._at - at
        boxes = [box.translated(-at) for box in scene.stale]
        fits = self.pixmap.size() == view.size() and self._scale == camera.scale
        near = abs(moved.x()) < view.width() // 2 and abs(moved.y()) < view.height() // 2
        if not fits:
            self.pixmap = QPixmap(view.size())
        if not fits or not near or scene.all_stale or len(boxes) > MANY:
            boxes = [view]
        elif moved != QPoint():
            boxes += self._scroll(moved, view)
        self._at, self._scale = at, camera.scale
        scene.stale.clear()
        scene.all_stale = False
        self._paint(scene, merged(box.intersected(view) for box in boxes if box.intersects(view)))

    def can_stretch(self, scene: Scene) -> bool:
        """Whether it still shows a scene as it is, but for the zoom, and is worth scaling."""
        current = not (scene.stale or scene.all_stale or self.pixmap.isNull())
        return current and len(painting.rows_near(scene, self._view(scene))) > painting.FEW

    def paint_stretched(self, scene: Scene, painter: QPainter, clip: QRect) -> None:
        """Paint ``clip`` of the view, scaled; beyond the picture's edges from tiles and sprites."""
        camera, ratio = scene.camera, scene.camera.scale / self._scale
        size = self.pixmap.size()
        left, top = round(self._at.x() * ratio), round(self._at.y() * ratio)
        right, bottom = (
            round((self._at.x() + size.width()) * ratio),
            round((self._at.y() + size.height()) * ratio),
        )
        inside = QRect(left - camera.left, top - camera.top, right - left, bottom - top)
        painter.drawPixmap(inside, self.pixmap)
        for box in _beyond(clip, inside):
            painter.setClipRect(box)
            painting.paint_still(scene, painter, box)
        painter.setClipRect(clip)

    @staticmethod
    def _view(scene: Scene) -> QRect:
        return QRect(0, 0, scene.camera.width, scene.camera.height)

    def _paint(self, scene: Scene, boxes: list[QRect]) -> None:
        if not boxes:
            return
        painter = QPainter(self.pixmap)
        for box in boxes:
            painter.setClipRect(box)
            painting.paint_still(scene, painter, box)
        painter.end()

    def _scroll(self, by: QPoint, view: QRect) -> list[QRect]:
        """Move the picture; the strips that came into view."""
        self.pixmap.scroll(by.x(), by.y(), view)
        strips: list[QRect] = []
        if by.x():
            left = 0 if by.x() > 0 else view.width() + by.x()
            strips.append(QRect(left, 0, abs(by.x()), view.height()))
        if by.y():
            top = 0 if by.y() > 0 else view.height() + by.y()
            strips.append(QRect(0, top, view.width(), abs(by.y())))
        return strips


def _beyond(clip: QRect, inside: QRect) -> list[QRect]:
    """What of ``clip`` lies above, below, left and right of a rectangle."""
    middle = clip.intersected(inside)
    if middle.isEmpty():
        return [clip]
    strips = [
        QRect(clip.left(), clip.top(), clip.width(), middle.top() - clip.top()),
        QRect(clip.left(), middle.bottom() + 1, clip.width(), clip.bottom() - middle.bottom()),
        QRect(clip.left(), middle.top(), middle.left() - clip.left(), middle.height()),
        QRect(middle.right() + 1, middle.top(), clip.right() - middle.right(), middle.height()),
    ]
    return [strip for strip in strips if not strip.isEmpty()]
