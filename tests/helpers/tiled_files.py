"""Tiled documents for tests, written key by key."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from PIL import Image

Raw = dict[str, Any]

FLOOR = [[1, 1, 1, 1], [1, 1, 1, 1], [1, 1, 1, 1]]


def tile_layer(name: str, rows: list[list[int]], **more: Any) -> Raw:
    data = [cell for row in rows for cell in row]
    size = {"width": len(rows[0]), "height": len(rows)}
    return {"type": "tilelayer", "name": name, "opacity": 1, "visible": True, "data": data} | size | more


def object_layer(name: str, *objects: Raw, **more: Any) -> Raw:
    return {
        "type": "objectgroup",
        "name": name,
        "opacity": 1,
        "visible": True,
        "objects": list(objects),
    } | more


def thing(
    number: int, kind: str, x: float, y: float, width: float = 0, height: float = 0, **more: Any
) -> Raw:
    box = {"x": x, "y": y, "width": width, "height": height}
    return (
        {"id": number, "name": f"{kind} {number}", "type": kind, "rotation": 0, "visible": True} | box | more
    )


def properties(**values: object) -> list[Raw]:
    return [{"name": name, "type": "string", "value": value} for name, value in values.items()]


def document(*layers: Raw, columns: int = 4, rows: int = 3, **more: Any) -> Raw:
    """A map with one tileset of four tiles, of which the second collides."""
    tileset = {
        "firstgid": 1,
        "name": "t",
        "image": "t.png",
        "tilewidth": 32,
        "tileheight": 32,
        "tilecount": 4,
        "columns": 2,
        "imagewidth": 64,
        "imageheight": 64,
        "margin": 0,
        "spacing": 0,
        "tiles": [{"id": 1, "properties": [{"name": "collides", "type": "bool", "value": True}]}],
    }
    base = {"type": "map", "version": "1.10", "orientation": "orthogonal", "infinite": False}
    size = {"width": columns, "height": rows, "tilewidth": 32, "tileheight": 32}
    return base | size | {"layers": list(layers), "tilesets": [tileset]} | more


def write(folder: Path, raw: Raw, name: str = "map.tmj") -> Path:
    """A map file with the picture of its tileset beside it."""
    Image.new("RGBA", (64, 64), "#88aa77").save(folder / "t.png")
    path = folder / name
    path.write_text(json.dumps(raw), encoding="utf-8")
    return path
