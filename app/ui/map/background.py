"""The map below (and above) the avatars, kept as 256 px tiles of the present zoom."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPixmap

from app.core.maps import SpaceMap
from app.core.model import AssetId
from app.ui.map.camera import Camera
from app.ui.map.colours import Materials
from app.ui.map.plan import PlanPainter
from app.ui.map.tiles import TilePainter

SIDE = 256
"""Device px of a cached tile."""
_Key = tuple[bool, int, int]


class Background:
    """One map in one set of materials.

    Args:
        pictures: decoded pictures by name.
    """

    def __init__(self, space_map: SpaceMap, pictures: Mapping[AssetId, QImage], office: Materials) -> None:
        self._map = space_map
        self._tiles = TilePainter(space_map, pictures)
        self._plan = PlanPainter(space_map, office)
        is_plan = space_map.style == "plan" and bool(space_map.shapes)
        self._is_plan = is_plan
        self._ground = QColor(office.ground if is_plan or not space_map.background else space_map.background)
        self.has_above = not is_plan and self._tiles.has(above=True)
        self._scale = 0.0
        self._cache: OrderedDict[_Key, QPixmap] = OrderedDict()

    def sharpen(self, scale: float) -> None:
        """Draw for this scale (device px per map px) from now on."""
        if scale != self._scale:
            self._scale = scale
            self._cache.clear()

    @property
    def scale(self) -> float:
        return self._scale

    def paint(self, painter: QPainter, camera: Camera, clip: QRect, *, above: bool = False) -> None:
        """Paint the part ``clip`` of the view (device px)."""
        if not above:
            painter.fillRect(clip, self._ground)
        elif not self.has_above:
            return
        ratio = camera.scale / self._scale
        side = SIDE * ratio
        limit_x = int(self._map.width * self._scale) // SIDE
        limit_y = int(self._map.height * self._scale) // SIDE
        first_x = max(int((clip.left() + camera.left) // side), 0)
        first_y = max(int((clip.top() + camera.top) // side), 0)
        last_x = min(int((clip.right() + camera.left) // side), limit_x)
        last_y = min(int((clip.bottom() + camera.top) // side), limit_y)
        self._bound((last_x - first_x + 1) * (last_y - first_y + 1))
        for row in range(first_y, last_y + 1):
            for column in range(first_x, last_x + 1):
                tile = self._tile(above, column, row)
                if ratio == 1.0:
                    painter.drawPixmap(column * SIDE - camera.left, row * SIDE - camera.top, tile)
                    continue
                # Neighbours share their rounded edges: no seams while the zoom changes.
                left, right = round(column * side), round((column + 1) * side)
                top, bottom = round(row * side), round((row + 1) * side)
                box = QRect(left - camera.left, top - camera.top, right - left, bottom - top)
                painter.drawPixmap(box, tile)

    def _bound(self, visible: int) -> None:
        """Keep about three views' worth of tiles."""
        while len(self._cache) > max(visible * 3 * (2 if self.has_above else 1), 48):
            self._cache.popitem(last=False)

    def _tile(self, above: bool, column: int, row: int) -> QPixmap:
        key = (above, column, row)
        tile = self._cache.get(key)
        if tile is None:
            tile = self._cache[key] = self._draw(above, column, row)
        else:
            self._cache.move_to_end(key)
        return tile

    def _draw(self, above: bool, column: int, row: int) -> QPixmap:
        tile = QPixmap(SIDE, SIDE)
        tile.fill(Qt.GlobalColor.transparent if above else self._ground)
        painter = QPainter(tile)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.translate(-column * SIDE, -row * SIDE)
        scale = self._scale
        part = QRectF(column * SIDE / scale, row * SIDE / scale, SIDE / scale, SIDE / scale)
        if self._is_plan:
            painter.scale(scale, scale)
            self._plan.paint(painter, part)
        else:
            inside = part.intersected(QRectF(0, 0, self._map.width, self._map.height))
            if not inside.isEmpty():
                self._tiles.paint(painter, inside, scale, above=above)
        painter.end()
        return tile
