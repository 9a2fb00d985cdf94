"""Draws the small map in the manner of WorkAdventure that the import tests read: ``python make_map.py``.

Everything the conventions know is in it once: an embedded and an external tileset (``.tsj`` for the
``.tmj``, ``.tsx`` for the ``.tmx``), colliding tiles, flips, groups with opacity and offset, ``start``, a
meeting room by layer and one by area, a silent area, ``floorLayer`` with a layer above it, an image layer.
The ``.tmx`` says the same as the ``.tmj``.
"""

from __future__ import annotations

import base64
import json
import struct
import zlib
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from PIL import Image, ImageDraw

HERE = Path(__file__).parent
COLUMNS, ROWS, TILE = 16, 12, 32
FLOOR, CARPET, WALL, PLANT, BLOCK, START, LAMP = 1, 2, 3, 4, 101, 102, 103
FLIP_H, FLIP_V, FLIP_D = 0x80000000, 0x40000000, 0x20000000
Grid = list[int]
Raw = dict[str, Any]


def grid(*spots: tuple[int, int, int, int, int]) -> Grid:
    """Rectangles of one tile each: tile, left, top, width, height."""
    cells = [0] * (COLUMNS * ROWS)
    for tile, left, top, width, height in spots:
        for y in range(top, top + height):
            cells[y * COLUMNS + left : y * COLUMNS + left + width] = [tile] * width
    return cells


def properties(**values: object) -> list[Raw]:
    kinds = {bool: "bool", int: "int", float: "float", str: "string"}
    return [{"name": name, "type": kinds[type(value)], "value": value} for name, value in values.items()]


def common(number: int, name: str, kind: str, **more: Any) -> Raw:
    return {"id": number, "name": name, "type": kind, "opacity": 1, "visible": True, "x": 0, "y": 0} | more


def tiles(number: int, name: str, cells: Grid, **more: Any) -> Raw:
    size = {"width": COLUMNS, "height": ROWS}
    return common(number, name, "tilelayer", **size, data=cells, **more)


def packed(layer: Raw, compression: str) -> Raw:
    data = struct.pack(f"<{len(layer['data'])}I", *layer["data"])
    if compression == "zlib":
        data = zlib.compress(data)
    text = base64.b64encode(data).decode()
    return layer | {"data": text, "encoding": "base64", "compression": compression}


def area(number: int, name: str, left: int, top: int, width: int, height: int, **values: object) -> Raw:
    box = {"x": left * TILE, "y": top * TILE, "width": width * TILE, "height": height * TILE}
    more = {"rotation": 0, "visible": True, "properties": properties(**values)}
    return {"id": number, "name": name, "type": "area"} | box | more


def the_map() -> Raw:
    poster: Raw = {"image": "tilesets/poster.png", "offsetx": 64, "offsety": 8, "opacity": 0.8}
    walls = grid(
        *((WALL, 0, 0, COLUMNS, 1), (WALL, 0, ROWS - 1, COLUMNS, 1)),
        *((WALL, 0, 0, 1, ROWS), (WALL, COLUMNS - 1, 0, 1, ROWS)),
        *((WALL, 10, 1, 1, 2), (WALL, 10, 4, 1, 1), (WALL, 10, 5, 5, 1)),
    )
    plants = grid((PLANT, 2, 2, 1, 1), (PLANT | FLIP_H, 4, 2, 1, 1), (PLANT | FLIP_V | FLIP_D, 6, 2, 1, 1))
    furniture = tiles(7, "plants", plants, opacity=0.5, offsetx=0, offsety=-4)
    floor = tiles(5, "floor", grid((FLOOR, 0, 0, COLUMNS, ROWS)))
    meeting = grid((CARPET, 11, 1, 4, 4))
    areas = [
        area(1, "Red room", 1, 8, 4, 3, jitsiRoom="red-room", jitsiTrigger="onaction"),
        area(2, "Library", 6, 8, 3, 3, silent=True),
        area(3, "Loud corner", 10, 8, 3, 3, silent=False),
    ]
    return {
        "type": "map",
        "version": "1.10",
        "tiledversion": "1.10.2",
        "orientation": "orthogonal",
        "renderorder": "right-down",
        "infinite": False,
        "compressionlevel": -1,
        "width": COLUMNS,
        "height": ROWS,
        "tilewidth": TILE,
        "tileheight": TILE,
        "nextlayerid": 20,
        "nextobjectid": 20,
        "backgroundcolor": "#203040",
        "properties": properties(mapName="Harbour office", script="src/main.ts"),
        "layers": [
            packed(tiles(1, "start", grid((START, 2, 5, 3, 1)), visible=True), ""),
            packed(tiles(2, "collisions", grid((BLOCK, 5, 6, 2, 1))), "zlib"),
            tiles(3, "meeting", meeting, properties=properties(jitsiRoom="Board room")),
            common(4, "poster", "imagelayer") | poster,
            floor,
            common(
                *(6, "furniture", "group"),
                opacity=0.5,
                offsetx=8,
                offsety=0,
                layers=[furniture, tiles(8, "walls", walls)],
            ),
            common(9, "floorLayer", "objectgroup", draworder="topdown", objects=areas),
            tiles(10, "lamps", grid((LAMP, 7, 4, 2, 1))),
        ],
        "tilesets": [
            {"firstgid": 1, "source": "tilesets/office.tsj"},
            {"firstgid": 101} | tileset("special", 4, 2, "tilesets/special.png", {0: {"collides": True}}),
        ],
    }


def tileset(name: str, count: int, columns: int, image: str, tiles: dict[int, Raw]) -> Raw:
    return {
        "type": "tileset",
        "name": name,
        "version": "1.10",
        "tiledversion": "1.10.2",
        "tilewidth": TILE,
        "tileheight": TILE,
        "tilecount": count,
        "columns": columns,
        "margin": 1 if name == "office" else 0,
        "spacing": 2 if name == "office" else 0,
        "image": image,
        "imagewidth": 2 * TILE + (4 if name == "office" else 0),
        "imageheight": 2 * TILE + (4 if name == "office" else 0),
        "tiles": [{"id": number, "properties": properties(**values)} for number, values in tiles.items()],
    }


def as_xml(tag: str, raw: Raw) -> ElementTree.Element:
    """Tiled's JSON as Tiled's XML, as far as this map goes."""
    nested = (
        "properties",
        "layers",
        "tilesets",
        "tiles",
        "objects",
        "data",
        "image",
        "encoding",
        "compression",
    )
    element = ElementTree.Element(tag)
    for key, value in raw.items():
        if key in nested or (key in ("type", "imagewidth", "imageheight") and tag != "object"):
            continue
        if (key, value) in (("x", 0), ("y", 0)) and tag in ("layer", "group", "objectgroup", "imagelayer"):
            continue
        text = str(int(value)) if isinstance(value, bool) else str(value)
        element.set(key, text.replace("office.tsj", "office.tsx"))
    if raw.get("properties"):
        holder = ElementTree.SubElement(element, "properties")
        for entry in raw["properties"]:
            value = str(entry["value"]).lower() if entry["type"] == "bool" else str(entry["value"])
            ElementTree.SubElement(holder, "property", name=entry["name"], type=entry["type"], value=value)
    if "image" in raw:
        size = {"width": str(raw.get("imagewidth", 0)), "height": str(raw.get("imageheight", 0))}
        ElementTree.SubElement(element, "image", {"source": raw["image"]} | size)
    element.extend(as_xml("tileset", entry) for entry in raw.get("tilesets", ()))
    element.extend(as_xml("tile", entry) for entry in raw.get("tiles", ()))
    tags = {"tilelayer": "layer"}
    element.extend(as_xml(tags.get(entry["type"], entry["type"]), entry) for entry in raw.get("layers", ()))
    element.extend(as_xml("object", entry) for entry in raw.get("objects", ()))
    if "data" in raw:
        data = ElementTree.SubElement(element, "data", encoding=raw.get("encoding", "csv"))
        if raw.get("compression"):
            data.set("compression", raw["compression"])
        data.text = raw["data"] if isinstance(raw["data"], str) else ",".join(map(str, raw["data"]))
    return element


def draw_pictures() -> None:
    """Four tiles each, two by two; those of "office" with a margin of 1 px and a spacing of 2 px."""
    for name, margin, gap, colours in (
        ("office", 1, 2, ("#d8d2c8", "#8fb3d9", "#6b6258", "#00000000")),
        ("special", 0, 0, ("#c0392b80", "#ffffff80", "#00000000", "#00000000")),
    ):
        side = 2 * margin + 2 * TILE + gap
        image = Image.new("RGBA", (side, side))
        pen = ImageDraw.Draw(image)
        for index, colour in enumerate(colours):
            x = margin + index % 2 * (TILE + gap)
            y = margin + index // 2 * (TILE + gap)
            pen.rectangle((x, y, x + TILE - 1, y + TILE - 1), fill=colour)
            if name == "office" and index == 3:
                pen.polygon([(x + 4, y + 30), (x + 16, y + 4), (x + 22, y + 30)], fill="#4f8a55")
            if name == "special" and index == 2:
                pen.ellipse((x + 8, y + 8, x + 24, y + 24), fill="#f4d27a")
        image.save(HERE / "tilesets" / f"{name}.png", optimize=True)
    Image.new("RGB", (96, 48), "#b7c9a8").save(HERE / "tilesets" / "poster.png", optimize=True)


def write(path: Path, raw: Raw, tag: str) -> None:
    path.write_text(json.dumps(raw, indent=1) + "\n", encoding="utf-8")
    root = as_xml(tag, raw)
    ElementTree.indent(root, " ")
    text = ElementTree.tostring(root, encoding="unicode", xml_declaration=False)
    xml = path.with_suffix({".tmj": ".tmx", ".tsj": ".tsx"}[path.suffix])
    xml.write_text('<?xml version="1.0" encoding="UTF-8"?>\n' + text + "\n", encoding="utf-8")


if __name__ == "__main__":
    (HERE / "tilesets").mkdir(exist_ok=True)
    draw_pictures()
    write(
        HERE / "tilesets" / "office.tsj",
        tileset("office", 4, 2, "office.png", {2: {"collides": True}}),
        "tileset",
    )
    write(HERE / "harbour.tmj", the_map(), "map")
