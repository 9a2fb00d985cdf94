"""Tiles of an imported map: the grid they lie on, the pictures they are cut from, the layers they make."""

from __future__ import annotations

import sys
from array import array
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import pytiled_parser
from pytiled_parser import layer as tiled_layer
from pytiled_parser import tileset as tiled_tileset

from app.core.geometry import Cell
from app.core.maps import (
    FLIP_DIAGONAL,
    FLIP_HORIZONTAL,
    FLIP_VERTICAL,
    GID_MASK,
    TileLayer,
    Tileset,
)
from app.core.model import AssetId, Place
from app.server.map_files import MAX_SIDE, Folder, MapError
from app.server.pictures import Picture

MAX_ASSETS_BYTES = 128 * 1024 * 1024
_KEPT = FLIP_HORIZONTAL | FLIP_VERTICAL | FLIP_DIAGONAL | GID_MASK


class Painted(NamedTuple):
    """How a layer is painted; offsets in px."""

    name: str
    opacity: float
    x: float
    y: float
    above: bool
    visible: bool


class Grid(NamedTuple):
    """The cells of the map.

    Attributes:
        left, top: the cell of the document that becomes (0, 0): other than that on infinite maps only.
    """

    columns: int
    rows: int
    tile_width: int
    tile_height: int
    left: int = 0
    top: int = 0

    @classmethod
    def of(cls, parsed: pytiled_parser.TiledMap, layers: Sequence[tiled_layer.TileLayer], file: str) -> Grid:
        """The size that a map says, or, if it is infinite, that its tiles need.

        Raises:
            MapError: none, or too large.
        """
        tile_width, tile_height = int(parsed.tile_size.width), int(parsed.tile_size.height)
        if not parsed.infinite:
            columns, rows = int(parsed.map_size.width), int(parsed.map_size.height)
            if columns < 1 or rows < 1:
                raise MapError(f"{file} has no size.")
            return cls(columns, rows, tile_width, tile_height)
        xs: list[int] = []
        ys: list[int] = []
        for x, y, row in (run for layer in layers for run in _rows(layer)):
            full = [i for i, gid in enumerate(row) if gid]
            if full:
                xs += (x + full[0], x + full[-1])
                ys.append(y)
        if not xs:
            raise MapError(f"{file} has no tiles.")
        columns, rows = max(xs) - min(xs) + 1, max(ys) - min(ys) + 1
        if max(columns, rows) > MAX_SIDE:
            raise MapError(f"{file} has {columns} × {rows} cells; {MAX_SIDE} × {MAX_SIDE} is the limit.")
        return cls(columns, rows, tile_width, tile_height, min(xs), min(ys))

    @property
    def shift(self) -> tuple[int, int]:
        """px that everything else moves by."""
        return -self.left * self.tile_width, -self.top * self.tile_height

    def cell_of(self, place: Place) -> Cell:
        return place.x // self.tile_width, place.y // self.tile_height

    def centre(self, cell: Cell) -> Place:
        width, height = self.tile_width, self.tile_height
        return Place(cell[0] * width + width // 2, cell[1] * height + height // 2)

    def cells(self) -> Iterator[Cell]:
        return ((x, y) for y in range(self.rows) for x in range(self.columns))


class Tilesets:
    """All tilesets of a map, and every picture it shows.

    Attributes:
        properties: of each tile that has any, by global id.
        assets: the pictures that were asked for.
    """

    def __init__(self, tilesets: dict[int, tiled_tileset.Tileset], folder: Folder, file: str) -> None:
        self._tilesets = dict(sorted(tilesets.items()))
        self._folder = folder
        self._file = file
        self._pictures: dict[Path, Picture] = {}
        self._used: set[int] = set()
        self.assets: dict[AssetId, bytes] = {}
        self.properties: dict[int, dict[str, object]] = {
            first + number: dict(tile.properties)
            for first, tileset in self._tilesets.items()
            for number, tile in (tileset.tiles or {}).items()
            if tile.properties
        }

    def having(self, key: str, values: Iterable[object]) -> frozenset[int]:
        """Global ids of the tiles with a property of one of the values."""
        wanted = tuple(values)
        return frozenset(gid for gid, properties in self.properties.items() if properties.get(key) in wanted)

    def owner(self, gid: int) -> int | None:
        """The first global id of the tileset that a tile belongs to, ``None`` if it belongs to none."""
        firsts = [first for first in self._tilesets if first <= gid]
        if not firsts:
            return None
        tileset = self._tilesets[firsts[-1]]
        number = gid - firsts[-1]
        # A tileset of single pictures may have gaps and numbers beyond its count.
        known = number < tileset.tile_count if tileset.image else number in (tileset.tiles or {})
        return firsts[-1] if known else None

    def use(self, gids: Iterable[int]) -> None:
        """Keep the pictures of these tiles."""
        self._used.update(gids)

    def picture(self, path: Path) -> Picture:
        """A picture by its path below the folder.

        Raises:
            MapError: it is none, or the map has too many.
        """
        if path not in self._pictures:
            picture = self._folder.picture(self._folder.root / path)
            self._pictures[path] = picture
            self.assets[picture.id] = picture.data
            if sum(map(len, self.assets.values())) > MAX_ASSETS_BYTES:
                raise MapError(f"{self._file} needs more than {MAX_ASSETS_BYTES // 1024**2} MB of pictures.")
        return self._pictures[path]

    def used(self) -> tuple[Tileset, ...]:
        """The tilesets that painted layers use; tiles with a picture each become a tileset each."""
        found: list[Tileset] = []
        for gid in sorted(self._used):
            first = self.owner(gid)
            if first is None or (found and gid < found[-1].first_gid + found[-1].count):
                continue
            tileset = self._tilesets[first]
            if tileset.image is not None:
                found.append(self._cut(tileset, first))
            else:
                tile = (tileset.tiles or {})[gid - first]
                if tile.image is not None:
                    picture = self.picture(tile.image)
                    found.append(Tileset(gid, picture.id, picture.width, picture.height, 1, 1))
        return tuple(found)

    def _cut(self, tileset: tiled_tileset.Tileset, first: int) -> Tileset:
        """A tileset as far as its picture reaches."""
        assert tileset.image is not None
        picture = self.picture(tileset.image)
        width, height, gap = tileset.tile_width, tileset.tile_height, tileset.spacing
        columns = (picture.width - 2 * tileset.margin + gap) // (width + gap)
        rows = (picture.height - 2 * tileset.margin + gap) // (height + gap)
        if columns < 1 or rows < 1:
            raise MapError(f"{self._file}: the picture of tileset {tileset.name!r} is smaller than one tile.")
        columns = min(columns, tileset.columns or columns)
        count = min(tileset.tile_count, columns * rows)
        return Tileset(first, picture.id, width, height, count, columns, tileset.margin, gap)


class TileLayers:
    """Tile layers on a grid, as arrays of global ids."""

    def __init__(self, grid: Grid, tilesets: Tilesets) -> None:
        self._grid = grid
        self._tilesets = tilesets

    def cells(self, layer: tiled_layer.TileLayer) -> array[int]:
        """Global ids with flip flags, row by row; tiles that no tileset has are left out."""
        columns, rows = self._grid.columns, self._grid.rows
        cells = array("I", bytes(4 * columns * rows))
        for x, y, row in _rows(layer):
            column, line = x - self._grid.left, y - self._grid.top
            if 0 <= line < rows:
                start, end = max(column, 0), min(column + len(row), columns)
                if start < end:
                    part = array("I", row[start - column : end - column])
                    cells[line * columns + start : line * columns + end] = part
        swap = {gid: self._known(gid) for gid in set(cells) if gid and self._known(gid) != gid}
        return array("I", (swap.get(gid, gid) for gid in cells)) if swap else cells

    def _known(self, gid: int) -> int:
        return gid & _KEPT if self._tilesets.owner(gid & GID_MASK) is not None else 0

    def indexes(self, cells: array[int], gids: frozenset[int] | None) -> list[int]:
        """Where one of the tiles lies; with ``None``, where any does."""
        if gids is None:
            return [index for index, gid in enumerate(cells) if gid]
        wanted = {gid for gid in set(cells) if gid & GID_MASK in gids}
        return [index for index, gid in enumerate(cells) if gid in wanted] if wanted else []

    def painted(self, how: Painted, cells: array[int]) -> TileLayer | None:
        """The layer as it is painted; ``None`` if there is nothing to see."""
        gids = {gid & GID_MASK for gid in set(cells)} - {0}
        if not how.visible or not gids:
            return None
        self._tilesets.use(gids)
        if sys.byteorder == "big":
            cells = array("I", cells)
            cells.byteswap()
        return TileLayer(how.name, cells.tobytes(), how.opacity, how.x, how.y, how.above)


def _rows(layer: tiled_layer.TileLayer) -> Iterator[tuple[int, int, list[int]]]:
    """Each row of each chunk: the cell it begins at, its global ids."""
    for chunk in layer.chunks or ():
        left, top = int(chunk.coordinates.x), int(chunk.coordinates.y)
        for index, row in enumerate(chunk.data):
            yield left, top + index, row
