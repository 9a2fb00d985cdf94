"""Reads a Tiled map with all it refers to into one document that is safe to parse.

The parser library opens tilesets and templates by itself, wherever they lie, unpacks tile data without a
limit, and needs keys that old Tiled versions did not write. So it never sees a foreign file: what it gets
is written here, key by key, from what was checked; tilesets and templates are put in, tile data is
unpacked, and every picture is a path that was found inside the map's folder.
"""

from __future__ import annotations

import json
from pathlib import Path, PurePosixPath
from typing import Any, NoReturn

from app.server.map_files import MAX_SIDE, Folder, MapError
from app.server.tiled_values import Item, unpack
from app.server.tiled_xml import MAX_DEPTH, Raw, as_json, parse_xml

MAX_TILE = 1_024
"""px"""
MAX_WIDTH = 32_768
"""px of a whole map, in each direction."""
MAX_TILE_CELLS = 4_000_000
"""Cells of all tile layers of a map together."""
MAX_LAYERS = 300
MAX_OBJECTS = 20_000
MAX_TILESETS = 200
MAX_TILES = 65_536
"""Tiles of one tileset."""
MAX_GROUPS = 16
"""How deep groups may lie in groups."""
_SHAPES = ("ellipse", "point")
_LINES = ("polygon", "polyline")


def read_document(path: Path, folder: Folder) -> Raw:
    """A ``.tmj`` or ``.tmx`` as one self-contained Tiled JSON document, layer data as lists of numbers.

    Picture paths in it are relative to the folder's root.

    Raises:
        MapError: broken, too big, not an orthogonal map, or refers to what cannot be used.
    """
    return _Reader(folder).map(path)


class _Reader:
    """Reads one map; counts what it holds."""

    def __init__(self, folder: Folder) -> None:
        self._folder = folder
        self._cells = self._layers = self._objects = 0
        self._templates: dict[Path, Raw] = {}

    def map(self, path: Path) -> Raw:
        raw, base = self._load(path, "map", "a Tiled map")
        name = path.name
        orientation = raw.get("orientation", "orthogonal")
        if orientation != "orthogonal":
            raise MapError(f"{name} is {str(orientation)[:40]}; only orthogonal maps can be used.")
        item = Item(raw, name)
        columns, rows = item.whole("width", 0, 10**9), item.whole("height", 0, 10**9)
        if max(columns, rows) > MAX_SIDE:
            raise MapError(f"{name} has {columns} × {rows} cells; {MAX_SIDE} × {MAX_SIDE} is the limit.")
        tile_width, tile_height = item.whole("tilewidth", 1, MAX_TILE), item.whole("tileheight", 1, MAX_TILE)
        if max(columns * tile_width, rows * tile_height) > MAX_WIDTH:
            raise MapError(f"{name} is wider or higher than {MAX_WIDTH} px.")
        if not isinstance(raw.get("layers"), list):
            raise MapError(f"{name} is not a Tiled map: it has no layers.")
        tilesets = item.items("tilesets", MAX_TILESETS)
        background = raw.get("backgroundcolor")
        return {
            "type": "map",
            "version": "1.10",
            "orientation": "orthogonal",
            "renderorder": "right-down",
            "nextobjectid": 0,
            "infinite": item.flag("infinite", False),
            "width": columns,
            "height": rows,
            "tilewidth": tile_width,
            "tileheight": tile_height,
            "properties": item.properties(),
            "tilesets": [self._tileset(entry, base) for entry in tilesets],
            "layers": self._layers_of(item, base, 0),
        } | ({"backgroundcolor": background} if _is_colour(background) else {})

    # Files

    def _load(self, path: Path, kind: str, what: str) -> tuple[Raw, PurePosixPath]:
        """A document of the kind, and the folder it lies in."""
        name = path.name
        text = self._folder.read(path)
        is_xml = text.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")
        try:
            raw = as_json(parse_xml(text)) if is_xml else json.loads(text, parse_constant=_no_constant)
            _check_depth(raw)
        except (RecursionError, ValueError) as error:
            language = "XML" if is_xml else "JSON"
            why = _reason(error)
            raise MapError(f"{name} is broken or no {language} that could be {what} ({why}).") from error
        if not isinstance(raw, dict) or raw.get("type", kind) != kind:
            raise MapError(f"{name} is not {what}.")
        try:
            return raw, self._folder.relative(path)
        except ValueError as error:
            raise MapError(f"{name} lies outside of the folder of maps.") from error

    def _picture(self, item: Item, base: PurePosixPath) -> str:
        reference = item.raw.get("image")
        if not isinstance(reference, str):
            raise MapError(f"{item.where} has no picture.")
        path = self._folder.locate(reference, base, item.where)
        return path.relative_to(self._folder.root).as_posix()

    # Tilesets

    def _tileset(self, item: Item, base: PurePosixPath) -> Raw:
        first = item.whole("firstgid", 1, 0x0FFFFFFF)
        source = item.raw.get("source")
        if source is not None:
            path = self._folder.locate(str(source), base, item.where)
            raw, base = self._load(path, "tileset", "a tileset")
            item = Item(raw, path.name)
        clean: Raw = {
            "firstgid": first,
            "name": item.text("name"),
            "tilewidth": item.whole("tilewidth", 1, MAX_TILE, 1),
            "tileheight": item.whole("tileheight", 1, MAX_TILE, 1),
            "tilecount": item.whole("tilecount", 0, MAX_TILES, 0),
            "columns": item.whole("columns", 0, MAX_TILES, 0),
            "spacing": item.whole("spacing", 0, MAX_TILE, 0),
            "margin": item.whole("margin", 0, MAX_TILE, 0),
            "tiles": [self._tile(tile, base) for tile in item.items("tiles", MAX_TILES)],
        }
        if item.raw.get("image"):
            clean["image"] = self._picture(item, base)
        return clean

    def _tile(self, item: Item, base: PurePosixPath) -> Raw:
        clean: Raw = {"id": item.whole("id", 0, 0x0FFFFFFF), "properties": item.properties()}
        if item.raw.get("image"):
            clean["image"] = self._picture(item, base)
        return clean

    # Layers

    def _layers_of(self, parent: Item, base: PurePosixPath, depth: int) -> list[Raw]:
        entries = parent.items("layers", MAX_LAYERS)
        # Tiled lets an image layer without an image be; it shows nothing.
        shown = (e for e in entries if e.raw.get("type") != "imagelayer" or e.raw.get("image"))
        return [self._layer(entry, base, depth) for entry in shown]

    def _layer(self, item: Item, base: PurePosixPath, depth: int) -> Raw:
        self._layers += 1
        if self._layers > MAX_LAYERS:
            raise MapError(f"{item.where} has more than {MAX_LAYERS} layers.")
        kind = item.raw.get("type")
        clean: Raw = {
            "type": kind,
            "id": self._layers,
            "name": item.text("name"),
            "opacity": min(1.0, max(0.0, item.number("opacity", 1.0))),
            "visible": item.flag("visible", True),
            "offsetx": item.number("offsetx", 0.0),
            "offsety": item.number("offsety", 0.0),
            "properties": item.properties(),
        }
        if kind == "group":
            if depth >= MAX_GROUPS:
                raise MapError(f"{item.where} is nested too deeply: more than {MAX_GROUPS} groups.")
            return clean | {"layers": self._layers_of(item, base, depth + 1)}
        if kind == "imagelayer":
            return clean | {"image": self._picture(item, base)}
        if kind == "objectgroup":
            objects = [self._object(entry, base) for entry in item.items("objects", MAX_OBJECTS)]
            return clean | {"draworder": "index", "objects": objects}
        if kind == "tilelayer":
            return clean | self._tile_data(item)
        raise MapError(f"{item.where} is of a kind that Tiled does not have.")

    def _tile_data(self, item: Item) -> Raw:
        """Every tile layer as chunks: a map of fixed size has one."""
        encoding, compression = item.text("encoding"), item.text("compression")
        chunks = item.items("chunks", 100_000) if item.raw.get("chunks") else []
        if not chunks and item.raw.get("data"):
            chunks = [item]
        clean = []
        for chunk in chunks:
            width, height = chunk.whole("width", 1, MAX_SIDE), chunk.whole("height", 1, MAX_SIDE)
            self._cells += width * height
            if self._cells > MAX_TILE_CELLS:
                raise MapError(f"{item.where} is too much: its map has over {MAX_TILE_CELLS:,} tiles.")
            cells = unpack(chunk.raw.get("data"), encoding, compression, width * height, item.where)
            x, y = chunk.whole("x", -(10**6), 10**6, 0), chunk.whole("y", -(10**6), 10**6, 0)
            clean.append({"x": x, "y": y, "width": width, "height": height, "data": cells})
        return {"chunks": clean}

    # Objects

    def _object(self, item: Item, base: PurePosixPath) -> Raw:
        self._objects += 1
        if self._objects > MAX_OBJECTS:
            raise MapError(f"{item.where} has more than {MAX_OBJECTS} objects.")
        if item.raw.get("template"):
            item = self._from_template(item, base)
        clean: Raw = {
            "id": item.whole("id", 0, 2**31, 0),
            "name": item.text("name"),
            # Tiled 1.9 wrote "class", all other versions "type".
            "class": item.text("class") or item.text("type"),
            "x": item.number("x", 0.0),
            "y": item.number("y", 0.0),
            "width": item.number("width", 0.0),
            "height": item.number("height", 0.0),
            "rotation": item.number("rotation", 0.0),
            "visible": item.flag("visible", True),
            "properties": item.properties(),
        }
        clean |= {key: True for key in _SHAPES if item.raw.get(key) is True}
        for key in _LINES:
            if item.raw.get(key):
                points = item.items(key, MAX_OBJECTS)
                clean[key] = [{"x": p.number("x", 0.0), "y": p.number("y", 0.0)} for p in points]
        if item.raw.get("gid"):
            clean["gid"] = item.whole("gid", 1, 0xFFFFFFFF)
        return clean

    def _from_template(self, item: Item, base: PurePosixPath) -> Item:
        """The object with what its template adds; what it says itself counts."""
        path = self._folder.locate(str(item.raw["template"]), base, item.where)
        if path not in self._templates:
            raw, _ = self._load(path, "template", "an object template")
            self._templates[path] = Item(raw, path.name).item("object").raw
        template = self._templates[path]
        merged = template | item.raw
        own = item.raw.get("properties")
        inherited = template.get("properties")
        if isinstance(own, list) and isinstance(inherited, list):
            merged["properties"] = inherited + own
        return Item(merged, item.where)


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a number in JSON")


def _reason(error: Exception) -> str:
    """Why a document could not be read. Python's own words about JSON are for programmers."""
    if isinstance(error, json.JSONDecodeError):
        return f"line {error.lineno}, column {error.colno}"
    if isinstance(error, UnicodeDecodeError):
        return "it is not UTF-8 text"
    return "it is nested too deeply" if isinstance(error, RecursionError) else str(error)


def _is_colour(value: object) -> bool:
    digits = value.removeprefix("#") if isinstance(value, str) else ""
    return len(digits) in (6, 8) and all(digit in "0123456789abcdefABCDEF" for digit in digits)


def _check_depth(raw: Any) -> None:
    """Refuse JSON nested deeper than any Tiled map. Without recursion."""
    level = [raw]
    for _ in range(MAX_DEPTH):
        below = []
        for value in level:
            if isinstance(value, dict):
                below += [v for v in value.values() if isinstance(v, (dict, list))]
            elif isinstance(value, list):
                below += [v for v in value if isinstance(v, (dict, list))]
        if not below:
            return
        level = below
    raise ValueError("it is nested too deeply")
