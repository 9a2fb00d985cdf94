"""A Tiled map becomes a map of ours: layers, walls, zones, seats, and the shapes of a plan.

WorkAdventure's conventions (https://docs.workadventu.re/map-building/tiled-editor/):

- a tile with the property ``collides`` is a wall; so is, here, each tile of a layer with that property,
  and of a layer named ``collisions``;
- people appear on the tiles of the layer ``start``, or of layers with the property ``startLayer``;
- what comes after the object layer ``floorLayer`` is painted over the avatars;
- a tile, a layer or an object with ``jitsiRoom`` (or another kind of meeting) is a meeting room, one with
  ``silent`` a quiet zone.

Our own: objects of the classes ``seat``, ``start``, ``meeting_room``, ``quiet``, and of each kind of shape
that a plan has (:class:`app.core.maps.ShapeKind`; the property ``radius`` rounds it). A layer with the
property ``sketch`` is for people who open the map in Tiled and is not painted.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Literal, NamedTuple

import pytiled_parser
from pytiled_parser import layer as tiled_layer
from pytiled_parser.tiled_object import TiledObject

from app.core.geometry import Cell, contains
from app.core.grid import components
from app.core.limits import NAME_CHARS
from app.core.maps import ImageLayer, Layer, Seat, Shape, ShapeKind, SpaceMap, Zone, ZoneKind
from app.core.model import MapId, Place, SeatId, ZoneId
from app.server.map_files import Folder, ImportedMap, MapError, finished
from app.server.tiled_read import read_document
from app.server.tiled_tiles import Grid, Painted, TileLayers, Tilesets
from app.server.tiled_xml import Raw
from app.server.tiled_zones import middle_of, object_outline, outline, parts

MEETING_PROPERTIES = ("jitsiRoom", "livekitRoomName", "bbbMeeting", "jitsiRoomAdminTag", "bbbMeetingAdminTag")
MAX_ZONES = 1_000
MAX_STARTS = 500
_DEFAULT_STARTS = 9
_UNREADABLE = (KeyError, TypeError, ValueError, AttributeError, IndexError, RuntimeError, AssertionError)
Properties = Mapping[str, object]
_SHAPES = frozenset(kind.value for kind in ShapeKind)
_ZONES = frozenset(kind.value for kind in ZoneKind)


def import_tiled(path: Path, folder: Folder) -> ImportedMap:
    """Read a Tiled map and every picture it shows.

    Raises:
        MapError: see :func:`app.server.maps.import_map`.
    """
    parsed = _parse(read_document(path, folder), path.name)
    try:
        return _Import(parsed, path, folder).result()
    except MapError:
        raise
    except ValueError as error:
        raise MapError(f"{path.name} cannot be used: {error}.") from error


def _parse(document: Raw, name: str) -> pytiled_parser.TiledMap:
    """What was checked, as the parser's types. The library reads files only, so it gets one."""
    with tempfile.TemporaryDirectory(prefix="handraise-map-") as place:
        file = Path(place, "map.tmj")
        file.write_text(json.dumps(document, allow_nan=False), encoding="utf-8")
        try:
            return pytiled_parser.parse_map(file)
        except (*_UNREADABLE, pytiled_parser.UnknownFormat) as error:
            raise MapError(f"{name} cannot be understood as a Tiled map.") from error


class _Leaf(NamedTuple):
    """A layer that is no group, with what its groups do to it."""

    layer: tiled_layer.Layer
    opacity: float
    x: float
    y: float
    visible: bool
    above: bool

    @property
    def properties(self) -> Properties:
        return self.layer.properties or {}

    @property
    def painted(self) -> Painted:
        visible = self.visible and self.opacity > 0 and self.properties.get("sketch") is not True
        return Painted(self.layer.name, self.opacity, self.x, self.y, self.above, visible)


class _Import:
    """One import; gathers the parts of the map in the order of the document."""

    def __init__(self, parsed: pytiled_parser.TiledMap, path: Path, folder: Folder) -> None:
        self._file = path.name
        self._parsed = parsed
        self._leaves = list(_leaves(parsed.layers))
        named = _words((parsed.properties or {}).get("mapName"))
        self._name = named or _words(path.stem) or "Map"
        tiles = [leaf.layer for leaf in self._leaves if isinstance(leaf.layer, tiled_layer.TileLayer)]
        self._grid = Grid.of(parsed, tiles, self._file)
        self._tilesets = Tilesets(parsed.tilesets, folder, self._file)
        self._special = [gid for gid, found in self._tilesets.properties.items() if _meaning(found, "")]
        self._layers = TileLayers(self._grid, self._tilesets)
        self._blocked = bytearray(self._grid.columns * self._grid.rows)
        self._start: dict[Literal["start", "startLayer", "object"], list[Cell]] = {}
        self._painted: list[Layer] = []
        self._areas: dict[tuple[ZoneKind, str], set[Cell]] = {}
        self._zones: list[Zone] = []
        self._seats: list[Seat] = []
        self._shapes: list[Shape] = []

    def result(self) -> ImportedMap:
        for leaf in self._leaves:
            if isinstance(leaf.layer, tiled_layer.TileLayer):
                self._add_tiles(leaf, leaf.layer)
            elif isinstance(leaf.layer, tiled_layer.ImageLayer):
                self._add_image(leaf, leaf.layer)
            elif isinstance(leaf.layer, tiled_layer.ObjectLayer):
                self._add_objects(leaf, leaf.layer)
        self._add_areas()
        grid, colour = self._grid, self._parsed.background_color
        space_map = SpaceMap(
            id=MapId(""),
            name=self._name,
            columns=grid.columns,
            rows=grid.rows,
            tile_width=grid.tile_width,
            tile_height=grid.tile_height,
            blocked=bytes(self._blocked),
            layers=tuple(self._painted),
            tilesets=self._tilesets.used(),
            zones=tuple(self._zones),
            seats=tuple(self._checked_seats()),
            start=self._starts(),
            background="" if colour is None else f"#{colour.red:02x}{colour.green:02x}{colour.blue:02x}",
            style="plan" if self._shapes else "tiles",
            shapes=tuple(self._shapes),
        )
        return finished(space_map, self._tilesets.assets)

    # Layers

    def _add_tiles(self, leaf: _Leaf, layer: tiled_layer.TileLayer) -> None:
        cells = self._layers.cells(layer)
        name = layer.name.rpartition("/")[2]
        whole = name.lower() == "collisions" or leaf.properties.get("collides") is True
        walls = None if whole else self._tilesets.having("collides", (True,))
        for index in self._layers.indexes(cells, walls):
            self._blocked[index] = 1
        if name == "start" or leaf.properties.get("startLayer") is True:
            key: Literal["start", "startLayer"] = "start" if name == "start" else "startLayer"
            self._start.setdefault(key, []).extend(self._cell(i) for i in self._layers.indexes(cells, None))
        meaning = _meaning(leaf.properties, layer.name)
        if meaning is not None:
            area = self._areas.setdefault(meaning, set())
            area.update(self._cell(i) for i in self._layers.indexes(cells, None))
        for gid in self._special:
            meaning = _meaning(self._tilesets.properties[gid], layer.name)
            if meaning is not None:
                area = self._areas.setdefault(meaning, set())
                area.update(self._cell(i) for i in self._layers.indexes(cells, frozenset({gid})))
        painted = self._layers.painted(leaf.painted, cells)
        if painted is not None:
            self._painted.append(painted)

    def _add_image(self, leaf: _Leaf, layer: tiled_layer.ImageLayer) -> None:
        painted = leaf.painted
        if painted.visible:
            dx, dy = self._grid.shift
            image = self._tilesets.picture(layer.image).id
            self._painted.append(
                ImageLayer(
                    painted.name, image, painted.opacity, painted.x + dx, painted.y + dy, painted.above
                )
            )

    def _add_objects(self, leaf: _Leaf, layer: tiled_layer.ObjectLayer) -> None:
        shift = (leaf.x + self._grid.shift[0], leaf.y + self._grid.shift[1])
        for thing in layer.tiled_objects:
            self._add_object(thing, shift, layer.name)

    def _add_object(self, thing: TiledObject, shift: tuple[float, float], layer_name: str) -> None:
        kind, properties = thing.class_.lower(), thing.properties or {}
        name = _words(thing.name)
        if kind in _SHAPES:
            self._add_shape(ShapeKind(kind), thing, shift)
        elif kind == "seat":
            cell = self._grid.cell_of(middle_of(thing, shift))
            self._seats.append(Seat(SeatId(f"seat-{thing.id}"), name, self._grid.centre(cell)))
        elif kind == "start" or properties.get("start") is True:
            cells = self._start.setdefault("object", [])
            corners = object_outline(thing, shift)
            inside = [c for c in self._grid.cells() if contains(corners, self._grid.centre(c))]
            cells.extend(inside or [self._grid.cell_of(middle_of(thing, shift))])
        else:
            meaning = (ZoneKind(kind), name) if kind in _ZONES else _meaning(properties, name or layer_name)
            corners = object_outline(thing, shift)
            if meaning is not None and corners:
                # What the map calls an area is what people know it by; the room's technical name is not.
                title = _words(properties.get("meetingRoomLabel")) or name or meaning[1]
                self._add_zone(f"zone-{thing.id}", title, meaning[0], corners)

    def _add_shape(self, kind: ShapeKind, thing: TiledObject, shift: tuple[float, float]) -> None:
        corners = object_outline(thing, shift)
        if not corners:
            return
        left, top = min(c.x for c in corners), min(c.y for c in corners)
        width, height = max(c.x for c in corners) - left, max(c.y for c in corners) - top
        radius = (thing.properties or {}).get("radius", 0)
        rounded = int(radius) if isinstance(radius, (int, float)) else 0
        limit = min(width, height) // 2
        self._shapes.append(Shape(kind, left, top, width, height, max(0, min(rounded, limit))))

    # Zones, seats, start

    def _add_areas(self) -> None:
        """Painted cells that mean the same and touch are one zone."""
        number = 0
        width, height = self._grid.tile_width, self._grid.tile_height
        for (kind, name), cells in self._areas.items():
            for part in parts(cells):
                number += 1
                corners = tuple(Place(x * width, y * height) for x, y in outline(part))
                self._add_zone(f"area-{number}", name, kind, corners)

    def _add_zone(self, key: str, name: str, kind: ZoneKind, corners: tuple[Place, ...]) -> None:
        if len(self._zones) >= MAX_ZONES:
            raise MapError(f"{self._file} has more than {MAX_ZONES} zones.")
        self._zones.append(Zone(ZoneId(key), name, kind, corners))

    def _checked_seats(self) -> Iterator[Seat]:
        seen = set()
        for seat in self._seats:
            column, row = self._grid.cell_of(seat.place)
            if not (0 <= column < self._grid.columns and 0 <= row < self._grid.rows):
                raise MapError(f"{self._file}: seat {seat.name!r} lies outside of the map.")
            if self._blocked[row * self._grid.columns + column]:
                raise MapError(f"{self._file}: seat {seat.name!r} stands in a wall.")
            if seat.id in seen:
                raise MapError(f"{self._file}: two seats have the same object number.")
            seen.add(seat.id)
            yield seat

    def _starts(self) -> tuple[Place, ...]:
        """Where people appear: what the map says, else the middle of its largest floor."""
        columns, rows = self._grid.columns, self._grid.rows
        labels = components(bytes(self._blocked), columns, rows)
        for key in ("start", "startLayer", "object"):
            cells = [c for c in self._start.get(key, ()) if 0 <= c[0] < columns and 0 <= c[1] < rows]
            free = dict.fromkeys(c for c in cells if labels[c[1] * columns + c[0]])
            if free:
                return tuple(self._grid.centre(cell) for cell in list(free)[:MAX_STARTS])
        sizes: dict[int, int] = {}
        for label in labels:
            sizes[label] = sizes.get(label, 0) + 1
        sizes.pop(0, None)
        if not sizes:
            raise MapError(f"{self._file} is all wall: nobody could stand anywhere.")
        largest = max(sizes, key=lambda label: (sizes[label], -label))
        floor = (self._cell(i) for i, label in enumerate(labels) if label == largest)
        near = sorted(floor, key=lambda c: ((2 * c[0] - columns) ** 2 + (2 * c[1] - rows) ** 2, c))
        return tuple(self._grid.centre(cell) for cell in near[:_DEFAULT_STARTS])

    def _cell(self, index: int) -> Cell:
        return index % self._grid.columns, index // self._grid.columns


def _leaves(
    layers: Iterable[tiled_layer.Layer],
    opacity: float = 1.0,
    x: float = 0.0,
    y: float = 0.0,
    visible: bool = True,
    floor_seen: list[bool] | None = None,
) -> Iterator[_Leaf]:
    """All layers from the lowest to the highest, groups dissolved."""
    floor_seen = floor_seen if floor_seen is not None else []
    for layer in layers:
        inner = (opacity * layer.opacity, x + layer.offset.x, y + layer.offset.y, visible and layer.visible)
        if isinstance(layer, tiled_layer.LayerGroup):
            yield from _leaves(layer.layers or (), *inner, floor_seen)
            continue
        yield _Leaf(layer, *inner, above=bool(floor_seen))
        if isinstance(layer, tiled_layer.ObjectLayer) and layer.name.rpartition("/")[2] == "floorLayer":
            floor_seen.append(True)


def _meaning(properties: Properties, name: str) -> tuple[ZoneKind, str] | None:
    """What WorkAdventure's properties make of a place, and what to call it."""
    for key in MEETING_PROPERTIES:
        value = properties.get(key)
        if isinstance(value, str) and value.strip():
            label = _words(properties.get("meetingRoomLabel"))
            room = "" if key.endswith("AdminTag") else _words(value)
            return ZoneKind.MEETING_ROOM, label or room or _words(name)
    if properties.get("silent") is True:
        return ZoneKind.QUIET, _words(name)
    return None


def _words(value: object) -> str:
    """A name as one line of bounded length."""
    return " ".join(str(value).split())[:NAME_CHARS].strip() if isinstance(value, str) else ""
