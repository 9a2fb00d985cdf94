"""A map as every program of ours reads it, whatever file it came from.

The server imports a Tiled map or a picture once (``server/tiled.py``) and makes this of it: one
self-contained document plus pictures named by their SHA-256. Clients need no Tiled, no files and no
paths. Everything is in map pixels; a *cell* is one tile of the collision grid.
"""

from __future__ import annotations

import enum
from typing import Literal

import msgspec

from app.core.characters import LABEL_CHARS, line
from app.core.model import AssetId, Frozen, MapId, Place, SeatId, ZoneId, shown_as

FLIP_HORIZONTAL = 0x80000000
FLIP_VERTICAL = 0x40000000
FLIP_DIAGONAL = 0x20000000
"""Tiled's flags in the high bits of a global tile id.
https://doc.mapeditor.org/en/stable/reference/global-tile-ids/"""
GID_MASK = 0x0FFFFFFF


class ZoneKind(enum.StrEnum):
    MEETING_ROOM = "meeting_room"
    QUIET = "quiet"


class Zone(Frozen):
    """A rectangle (or polygon) of the map that means something.

    Attributes:
        outline: corners in px, at least three, clockwise or not, not repeated at the end.
    """

    id: ZoneId
    name: str
    kind: ZoneKind
    outline: tuple[Place, ...]

    def __post_init__(self) -> None:
        shown_as(self, name=line(self.name, LABEL_CHARS))


class Seat(Frozen):
    """A place where somebody can be at home: a desk chair. ``place`` is the centre of its cell."""

    id: SeatId
    name: str
    place: Place

    def __post_init__(self) -> None:
        shown_as(self, name=line(self.name, LABEL_CHARS))


class Tileset(Frozen):
    """One picture cut into tiles.

    Attributes:
        first_gid: global id of its first tile.
        columns: tiles in a row of the picture.
        margin, spacing: px round the picture, and between tiles.
    """

    first_gid: int
    image: AssetId
    tile_width: int
    tile_height: int
    count: int
    columns: int
    margin: int = 0
    spacing: int = 0


class TileLayer(Frozen, tag="tiles"):
    """Global tile ids row by row (0 = nothing), flip flags included, as little-endian uint32.

    Attributes:
        offset_x, offset_y: px, the sum over the groups it stands in.
        opacity: 0..1, the product over the groups it stands in.
        above: painted over the avatars (WorkAdventure: everything after ``floorLayer``).
    """

    name: str
    data: bytes
    opacity: float = 1.0
    offset_x: float = 0.0
    offset_y: float = 0.0
    above: bool = False


class ImageLayer(Frozen, tag="image"):
    name: str
    image: AssetId
    opacity: float = 1.0
    offset_x: float = 0.0
    offset_y: float = 0.0
    above: bool = False


Layer = TileLayer | ImageLayer


class SpaceMap(Frozen):
    """A whole map.

    Attributes:
        columns, rows: size of the grid in cells; the map is ``columns * tile_width`` px wide.
        blocked: one byte a cell, row by row; 1 where nobody can stand.
        start: px, centres of the cells where people without a seat appear; never empty.
        background: ``#rrggbb`` behind all layers, or "" for the theme's own.
        style: how the map wants to be drawn: ``tiles`` as it is, ``plan`` also lets the theme draw the
            floor, walls and furniture as shapes (``shapes``), so that it is sharp at each zoom and has
            a dark side.
        assets: every picture that layers and tilesets name.
    """

    id: MapId
    name: str
    columns: int
    rows: int
    tile_width: int
    tile_height: int
    blocked: bytes
    layers: tuple[Layer, ...] = ()
    tilesets: tuple[Tileset, ...] = ()
    zones: tuple[Zone, ...] = ()
    seats: tuple[Seat, ...] = ()
    start: tuple[Place, ...] = ()
    background: str = ""
    style: Literal["tiles", "plan"] = "tiles"
    shapes: tuple[Shape, ...] = ()

    def __post_init__(self) -> None:
        shown_as(self, name=line(self.name, LABEL_CHARS))

    @property
    def width(self) -> int:
        """px"""
        return self.columns * self.tile_width

    @property
    def height(self) -> int:
        """px"""
        return self.rows * self.tile_height

    @property
    def assets(self) -> frozenset[AssetId]:
        images = {layer.image for layer in self.layers if isinstance(layer, ImageLayer)}
        return frozenset(images | {tileset.image for tileset in self.tilesets})


class ShapeKind(enum.StrEnum):
    """What a drawn shape is; the theme knows the colour of each in light and dark."""

    FLOOR = "floor"
    WALL = "wall"
    DESK = "desk"
    TABLE = "table"
    CHAIR = "chair"
    PLANT = "plant"
    SCREEN = "screen"
    RUG = "rug"
    SOFA = "sofa"
    GLASS = "glass"
    DOOR = "door"


class Shape(Frozen):
    """A rounded rectangle of a plan, in px. Painted in order."""

    kind: ShapeKind
    x: int
    y: int
    width: int
    height: int
    radius: int = 0


def check(space_map: SpaceMap) -> None:
    """Refuse a map that does not fit together.

    Raises:
        ValueError: sizes, grid or start places contradict each other.
    """
    cells = space_map.columns * space_map.rows
    if cells <= 0 or space_map.tile_width <= 0 or space_map.tile_height <= 0:
        raise ValueError("the map has no size")
    if len(space_map.blocked) != cells:
        raise ValueError("the collision grid does not have the map's size")
    for layer in space_map.layers:
        if isinstance(layer, TileLayer) and len(layer.data) != cells * 4:
            raise ValueError(f"layer {layer.name!r} does not have the map's size")
    if not space_map.start:
        raise ValueError("nobody could stand anywhere on the map")


encode = msgspec.msgpack.Encoder().encode
_decoder = msgspec.msgpack.Decoder(SpaceMap)


def decode(data: bytes) -> SpaceMap:
    """A map document as :func:`encode` wrote it, checked.

    Raises:
        ValueError: it is no map document, or contradicts itself.
    """
    try:
        space_map = _decoder.decode(data)
    except (msgspec.DecodeError, RecursionError, OverflowError) as error:
        raise ValueError("this is no map document") from error
    check(space_map)
    return space_map
