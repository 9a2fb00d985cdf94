"""Writes the office that ships with the program: ``python resources/maps/make_office.py``.

A contact center of 37 × 27 cells, the same to the left and to the right of its middle: two meeting rooms
with the supervisors' island between them, six islands of six seats, and below them a quiet corner, the
reception at the entrance, and a lounge. Out come ``office/office.tmj`` (a Tiled map: a plan in objects,
walls and entrance in tile layers, a rough picture for people who open it in Tiled) and its tileset.
Measures are in cells here and in px in the file.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw

FOLDER = Path(__file__).parent / "office"
COLUMNS, ROWS, TILE = 37, 27, 32
WALL = 8
"""px; how thick a wall is drawn, in the middle of its cells."""
EDGE = (TILE - WALL) // 2
SKETCH = (
    "floor",
    "wall",
    "desk",
    "table",
    "plant",
    "sofa",
    "rug",
    "room",
    "quiet",
    "door",
    "blocked",
    "start",
)
SKETCH_COLOURS = {
    "floor": "#ece8e1",
    "wall": "#8d8577",
    "desk": "#cdb08a",
    "table": "#bb9a70",
    "plant": "#7fa679",
    "sofa": "#8fa3b8",
    "rug": "#ddd6e6",
    "room": "#dce7ee",
    "quiet": "#e4ecdf",
    "door": "#a7855a",
    "blocked": "#b0423660",
    "start": "#3d6fd160",
}
Raw = dict[str, Any]


class Office:
    """The map while it is drawn."""

    def __init__(self) -> None:
        self.sketch = [SKETCH.index("floor") + 1] * (COLUMNS * ROWS)
        self.blocked = [0] * (COLUMNS * ROWS)
        self.start = [0] * (COLUMNS * ROWS)
        self.shapes: list[Raw] = []
        self.zones: list[Raw] = []
        self.seats: list[Raw] = []
        self._last_id = 0

    # Parts

    def shape(self, kind: str, x: float, y: float, width: float, height: float, radius: int = 0) -> None:
        """A shape of the plan, in px."""
        box = {"x": x, "y": y, "width": width, "height": height}
        properties = [{"name": "radius", "type": "int", "value": radius}] if radius else []
        self.shapes.append(self._object("", kind, properties) | box)

    def fill(self, what: str, left: int, top: int, width: int = 1, height: int = 1) -> None:
        """Paint cells of the sketch."""
        for y in range(top, top + height):
            for x in range(left, left + width):
                self.sketch[y * COLUMNS + x] = SKETCH.index(what) + 1

    def block(self, left: int, top: int, width: int = 1, height: int = 1) -> None:
        """Nobody walks here."""
        for y in range(top, top + height):
            for x in range(left, left + width):
                self.blocked[y * COLUMNS + x] = SKETCH.index("blocked") + 1

    def thing(self, kind: str, left: int, top: int, width: int, height: int, inset: int, radius: int) -> None:
        """A piece of furniture that fills its cells but for ``inset`` px, and is in the way."""
        self.soft(kind, left, top, width, height, inset, radius)
        self.block(left, top, width, height)

    def soft(self, kind: str, left: int, top: int, width: int, height: int, inset: int, radius: int) -> None:
        """The same to walk, sit or stand on."""
        x, y = left * TILE + inset, top * TILE + inset
        self.shape(kind, x, y, width * TILE - 2 * inset, height * TILE - 2 * inset, radius)
        self.fill(kind, left, top, width, height)

    def plant(self, left: int, top: int) -> None:
        self.thing("plant", left, top, 1, 1, 0, TILE // 2)

    def wall(self, kind: str, left: int, top: int, width: int, height: int) -> None:
        """A straight wall from the middle of its first cell to that of its last."""
        x, y = left * TILE + EDGE, top * TILE + EDGE
        self.shape(kind, x, y, (width - 1) * TILE + WALL, (height - 1) * TILE + WALL, 3)
        self.fill("wall", left, top, width, height)
        self.block(left, top, width, height)

    def seat(self, name: str, column: int, row: int) -> None:
        side = 24
        x, y = column * TILE + (TILE - side) // 2, row * TILE + (TILE - side) // 2
        self.shape("chair", x, y, side, side, 9)
        point = {"x": column * TILE + TILE // 2, "y": row * TILE + TILE // 2, "point": True}
        self.seats.append(self._object(name, "seat") | {"width": 0, "height": 0} | point)

    def zone(self, name: str, kind: str, x: int, y: int, width: int, height: int) -> None:
        """In px."""
        box = {"x": x, "y": y, "width": width, "height": height}
        self.zones.append(self._object(name, kind) | box)

    def island(self, name: str, left: int, top: int) -> None:
        """Six seats face to face at desks with screens: 9 cells wide, 4 high."""
        middle = (top + 2) * TILE
        for place in range(3):
            x = (left + 3 * place) * TILE
            self.shape("desk", x + 2, middle - 30, 3 * TILE - 4, 29, 6)
            self.shape("desk", x + 2, middle + 1, 3 * TILE - 4, 29, 6)
            self.shape("screen", x + TILE + 1, middle - 10, TILE - 2, 6, 2)
            self.shape("screen", x + TILE + 1, middle + 4, TILE - 2, 6, 2)
        self.shape("glass", left * TILE + 6, middle - 2, 9 * TILE - 12, 4, 2)
        self.fill("desk", left, top + 1, 9, 2)
        self.block(left, top + 1, 9, 2)
        for place in range(6):
            column = left + 1 + 3 * (place % 3)
            self.seat(f"{name}{place + 1}", column, top if place < 3 else top + 3)

    def _object(self, name: str, kind: str, properties: list[Raw] | None = None) -> Raw:
        self._last_id += 1
        more = {"properties": properties} if properties else {}
        return {"id": self._last_id, "name": name, "type": kind, "rotation": 0, "visible": True} | more

    # The file

    def document(self) -> Raw:
        sketch = tiles(1, "sketch", self.sketch) | {
            "properties": [{"name": "sketch", "type": "bool", "value": True}]
        }
        return {
            "type": "map",
            "version": "1.10",
            "tiledversion": "1.10.2",
            "orientation": "orthogonal",
            "renderorder": "right-down",
            "compressionlevel": -1,
            "infinite": False,
            "width": COLUMNS,
            "height": ROWS,
            "tilewidth": TILE,
            "tileheight": TILE,
            "nextlayerid": 7,
            "nextobjectid": self._last_id + 1,
            "properties": [{"name": "mapName", "type": "string", "value": "Office"}],
            "layers": [
                sketch,
                tiles(2, "collisions", self.blocked, visible=False),
                tiles(3, "start", self.start, visible=False),
                objects(4, "plan", self.shapes),
                objects(5, "zones", self.zones),
                objects(6, "seats", self.seats),
            ],
            "tilesets": [tileset()],
        }


def tiles(number: int, name: str, cells: list[int], visible: bool = True) -> Raw:
    size = {"x": 0, "y": 0, "width": COLUMNS, "height": ROWS}
    return (
        {"id": number, "name": name, "type": "tilelayer", "opacity": 1, "visible": visible}
        | size
        | {"data": cells}
    )


def objects(number: int, name: str, things: list[Raw]) -> Raw:
    layer = {"id": number, "name": name, "type": "objectgroup", "draworder": "index", "x": 0, "y": 0}
    return layer | {"opacity": 1, "visible": True, "objects": things}


def tileset() -> Raw:
    collides = {"name": "collides", "type": "bool", "value": True}
    return {
        "firstgid": 1,
        "name": "sketch",
        "image": "sketch.png",
        "imagewidth": 4 * TILE,
        "imageheight": 3 * TILE,
        "tilewidth": TILE,
        "tileheight": TILE,
        "tilecount": len(SKETCH),
        "columns": 4,
        "margin": 0,
        "spacing": 0,
        "tiles": [{"id": SKETCH.index("blocked"), "properties": [collides]}],
    }


def draw_tileset(path: Path) -> None:
    image = Image.new("RGBA", (4 * TILE, 3 * TILE))
    pen = ImageDraw.Draw(image)
    for index, name in enumerate(SKETCH):
        x, y = index % 4 * TILE, index // 4 * TILE
        pen.rectangle((x, y, x + TILE - 1, y + TILE - 1), fill=SKETCH_COLOURS[name])
    image.save(path, optimize=True)


def floor(office: Office) -> None:
    office.shape("floor", EDGE, EDGE, COLUMNS * TILE - 2 * EDGE, ROWS * TILE - 2 * EDGE, 6)


def walls(office: Office) -> None:
    """After the glass, which ends in them."""
    for left, top, columns, rows in (
        (0, 0, COLUMNS, 1),
        (0, ROWS - 1, COLUMNS, 1),
        (0, 0, 1, ROWS),
        (COLUMNS - 1, 0, 1, ROWS),
        (11, 0, 1, 8),
        (25, 0, 1, 8),
    ):
        office.wall("wall", left, top, columns, rows)
    office.shape("door", 17 * TILE - 8, (ROWS - 1) * TILE + EDGE, 3 * TILE + 16, WALL, 2)
    office.fill("door", 17, ROWS - 1, 3, 1)


def meeting_room(office: Office, name: str, left: int) -> None:
    """10 × 6 cells between two walls, with a glass front that has a door in its middle."""
    office.fill("room", left, 1, 10, 6)
    inner = (left - 1) * TILE + EDGE + WALL
    office.zone(name, "meeting_room", inner, EDGE + WALL, 11 * TILE - WALL, 7 * TILE - WALL)
    first = left - 1
    office.wall("glass", first, 7, 5, 1)
    office.wall("glass", first + 7, 7, 5, 1)
    for jamb in (first + 4, first + 7):
        office.shape("wall", jamb * TILE + EDGE - 1, 7 * TILE + EDGE - 1, WALL + 2, WALL + 2, 2)
    office.fill("door", first + 5, 7, 2, 1)
    middle = (left + 5) * TILE
    office.shape("screen", middle - 52, EDGE + WALL, 104, 7, 2)
    office.thing("table", left + 2, 3, 6, 2, 4, 26)
    for x in (middle - 64, middle, middle + 64):
        for row in (2, 5):
            office.shape("chair", x - 12, row * TILE + 4, 24, 24, 9)
    for x in ((left + 1) * TILE + 6, (left + 8) * TILE + 2):
        office.shape("chair", x, 4 * TILE - 12, 24, 24, 9)
    office.plant(left, 1)
    office.plant(left + 9, 1)


def supervisors(office: Office) -> None:
    """An island between the meeting rooms, from where the whole floor is seen."""
    office.soft("rug", 13, 1, 11, 6, 8, 20)
    office.island("S", 14, 2)
    for column in (12, 24):
        office.plant(column, 1)


def quiet_corner(office: Office) -> None:
    office.fill("quiet", 1, 22, 11, 4)
    office.zone("Quiet corner", "quiet", EDGE + WALL, 22 * TILE - 8, 12 * TILE - WALL, 4 * TILE + 20)
    office.wall("glass", 12, 22, 1, 4)
    office.soft("rug", 2, 22, 9, 4, 8, 20)
    office.thing("table", 6, 23, 1, 1, 1, 15)
    for column, row in ((3, 23), (9, 23), (4, 25), (8, 25)):
        office.soft("sofa", column, row, 1, 1, 0, 9)
    office.plant(1, 25)
    office.plant(11, 25)


def reception(office: Office) -> None:
    office.thing("table", 16, 22, 5, 1, 3, 12)
    office.shape("screen", 18 * TILE + 2, 22 * TILE + 8, TILE - 4, 6, 2)
    office.shape("chair", 18 * TILE + 4, 21 * TILE + 6, 24, 24, 9)
    office.shape("rug", 16 * TILE - 4, 24 * TILE - 2, 5 * TILE + 8, 2 * TILE + 6, 10)
    office.fill("start", 16, 24, 5, 2)
    for row in (24, 25):
        for column in range(16, 21):
            office.start[row * COLUMNS + column] = SKETCH.index("start") + 1
    for column in (13, 23):
        office.plant(column, 25)
        office.plant(column, 22)


def lounge(office: Office) -> None:
    office.wall("glass", 24, 22, 1, 4)
    office.soft("rug", 26, 22, 9, 4, 4, 20)
    office.thing("table", 29, 23, 3, 1, 3, 14)
    office.soft("sofa", 28, 25, 5, 1, 1, 8)
    office.soft("sofa", 26, 23, 1, 2, 1, 8)
    office.soft("sofa", 34, 23, 1, 2, 1, 8)
    office.plant(25, 25)
    office.plant(35, 25)


def make() -> Office:
    office = Office()
    floor(office)
    supervisors(office)
    quiet_corner(office)
    lounge(office)
    reception(office)
    meeting_room(office, "Kita", 1)
    meeting_room(office, "Minami", 26)
    walls(office)
    for name, left, top in (
        *(("A", 3, 10), ("B", 14, 10), ("C", 25, 10)),
        *(("D", 3, 16), ("E", 14, 16), ("F", 25, 16)),
    ):
        office.island(name, left, top)
    return office


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    draw_tileset(FOLDER / "sketch.png")
    text = json.dumps(make().document(), separators=(",", ":"))
    # One object or layer a line: small, and still a readable difference when something moves.
    lines = text.replace('},{"id"', '},\n{"id"').replace('"layers":', '\n"layers":') + "\n"
    (FOLDER / "office.tmj").write_text(lines, encoding="utf-8")
