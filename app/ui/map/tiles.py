"""Draws a Tiled map's layers, tile by tile, from the pictures that came with the map."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QImage, QPainter, QPixmap, QTransform

from app.core.maps import (
    FLIP_DIAGONAL,
    FLIP_HORIZONTAL,
    FLIP_VERTICAL,
    GID_MASK,
    ImageLayer,
    SpaceMap,
    TileLayer,
    Tileset,
)
from app.core.model import AssetId
from app.ui.map import atlas

_FLIPS = FLIP_HORIZONTAL | FLIP_VERTICAL | FLIP_DIAGONAL


class TilePainter:
    """Paints parts of one map's layers. Pictures that are missing are left out.

    Args:
        pictures: decoded pictures by name.
    """

    def __init__(self, space_map: SpaceMap, pictures: Mapping[AssetId, QImage]) -> None:
        self._map = space_map
        self._tilesets = sorted(space_map.tilesets, key=lambda tileset: tileset.first_gid)
        self._first = [tileset.first_gid for tileset in self._tilesets]
        self._pixmaps = {
            name: QPixmap.fromImage(pictures[name]) for name in space_map.assets if name in pictures
        }
        shape = (space_map.rows, space_map.columns)
        self._grids: dict[int, npt.NDArray[np.uint32]] = {
            i: np.frombuffer(layer.data, "<u4").reshape(shape)
            for i, layer in enumerate(space_map.layers)
            if isinstance(layer, TileLayer)
        }
        # Tiles may be larger than cells (trees), and then stand out to the right and to the top.
        self._over_x = max([t.tile_width for t in self._tilesets], default=0)
        self._over_y = max([t.tile_height for t in self._tilesets], default=0)

    def has(self, *, above: bool) -> bool:
        """There is something to paint below, or above, the avatars."""
        return any(layer.above == above for layer in self._map.layers)

    def paint(self, painter: QPainter, part: QRectF, scale: float, *, above: bool) -> None:
        """Paint what lies in ``part`` (map px) with a painter in device px of the zoomed map.

        The layers are put together at their own resolution first and scaled once, as one picture: no
        seams between tiles, and averaged where many px become one.
        """
        halvings = max(math.floor(-math.log2(scale)), 0) if scale < 1 else 0
        grain = 1 << halvings
        left = math.floor((part.left() - 2 * grain) / grain) * grain
        top = math.floor((part.top() - 2 * grain) / grain) * grain
        width = math.ceil((part.right() + 2 * grain - left) / grain) * grain
        height = math.ceil((part.bottom() + 2 * grain - top) / grain) * grain
        picture = self._compose(QRect(left, top, width, height), above=above)
        if grain > 1:
            picture = picture.scaled(
                width // grain,
                height // grain,
                Qt.AspectRatioMode.IgnoreAspectRatio,
                Qt.TransformationMode.SmoothTransformation,
            )
        painter.save()
        painter.scale(scale * grain, scale * grain)
        smooth = not float(scale).is_integer()
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, smooth)
        painter.drawImage(QPointF(left / grain, top / grain), picture)
        painter.restore()

    def _compose(self, part: QRect, *, above: bool) -> QImage:
        """The layers of one side of the avatars in map px."""
        picture = QImage(part.size(), QImage.Format.Format_ARGB32_Premultiplied)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        painter.translate(-part.topLeft())
        for i, layer in enumerate(self._map.layers):
            if layer.above != above:
                continue
            painter.setOpacity(layer.opacity)
            painter.save()
            painter.translate(round(layer.offset_x), round(layer.offset_y))
            if isinstance(layer, ImageLayer):
                pixmap = self._pixmaps.get(layer.image)
                if pixmap is not None:
                    painter.drawPixmap(0, 0, pixmap)
            else:
                moved = part.translated(-round(layer.offset_x), -round(layer.offset_y))
                self._layer(painter, self._grids[i], moved)
            painter.restore()
        painter.end()
        return picture

    def _layer(self, painter: QPainter, grid: npt.NDArray[np.uint32], part: QRect) -> None:
        tile_width, tile_height = self._map.tile_width, self._map.tile_height
        first_column = max((part.left() - self._over_x) // tile_width, 0)
        first_row = max(part.top() // tile_height, 0)
        last_column = part.right() // tile_width + 1
        last_row = (part.bottom() + self._over_y) // tile_height + 1
        cells = grid[first_row : max(last_row, 0), first_column : max(last_column, 0)]
        rows, columns = np.nonzero(cells)
        gids = cells[rows, columns]
        xs = (columns + first_column) * tile_width
        # Tiled stands tiles on the lower left corner of their cell.
        bottoms = (rows + first_row + 1) * tile_height
        numbers = gids & np.uint32(GID_MASK)
        owners = np.searchsorted(self._first, numbers, side="right") - 1
        flipped = (gids & np.uint32(_FLIPS)) != 0
        for owner in np.unique(owners[owners >= 0]):
            tileset = self._tilesets[owner]
            pixmap = self._pixmaps.get(tileset.image)
            if pixmap is None:
                continue
            mine = (owners == owner) & (numbers < tileset.first_gid + tileset.count)
            plain = mine & ~flipped
            _fragments(painter, pixmap, tileset, numbers[plain], xs[plain], bottoms[plain])
            turned = mine & flipped
            for gid, x, bottom in zip(
                gids[turned].tolist(), xs[turned].tolist(), bottoms[turned].tolist(), strict=True
            ):
                _draw_flipped(painter, pixmap, tileset, gid, x, bottom)


def _sources(
    tileset: Tileset, numbers: npt.NDArray[np.uint32]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Upper left corners of tiles in their tileset's picture, px."""
    local = numbers.astype(np.int64) - tileset.first_gid
    columns = max(tileset.columns, 1)
    left = tileset.margin + (local % columns) * (tileset.tile_width + tileset.spacing)
    top = tileset.margin + (local // columns) * (tileset.tile_height + tileset.spacing)
    return left, top


def _fragments(
    painter: QPainter,
    pixmap: QPixmap,
    tileset: Tileset,
    numbers: npt.NDArray[np.uint32],
    xs: npt.NDArray[np.int64],
    bottoms: npt.NDArray[np.int64],
) -> None:
    """All the tiles of one picture that are not flipped, in one call."""
    if not len(numbers):
        return
    width, height = tileset.tile_width, tileset.tile_height
    table = np.ones((len(numbers), 10))
    table[:, atlas.X] = xs + width / 2
    table[:, atlas.Y] = bottoms - height / 2
    table[:, atlas.LEFT], table[:, atlas.TOP] = _sources(tileset, numbers)
    table[:, atlas.WIDTH], table[:, atlas.HEIGHT] = width, height
    table[:, atlas.ROTATION] = 0.0
    atlas.draw_fragments(painter, table, pixmap)


def _draw_flipped(
    painter: QPainter, pixmap: QPixmap, tileset: Tileset, gid: int, x: int, bottom: int
) -> None:
    """One flipped tile. Tiled flips along the diagonal first, then left-right, then up-down."""
    left, top = _sources(tileset, np.array([gid & GID_MASK], np.uint32))
    width, height = tileset.tile_width, tileset.tile_height
    turn = QTransform()
    turn.translate(x + width / 2, bottom - height / 2)
    turn.scale(-1 if gid & FLIP_HORIZONTAL else 1, -1 if gid & FLIP_VERTICAL else 1)
    if gid & FLIP_DIAGONAL:
        turn = QTransform(0, 1, 1, 0, 0, 0) * turn
    painter.save()
    painter.setTransform(turn, True)
    painter.drawPixmap(
        QRectF(-width / 2, -height / 2, width, height),
        pixmap,
        QRectF(int(left[0]), int(top[0]), width, height),
    )
    painter.restore()
