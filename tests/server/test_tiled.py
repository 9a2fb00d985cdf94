"""Tiled maps become ours: real files, written here or drawn in tests/data/workadventure."""

from __future__ import annotations

import base64
import gzip
import json
import struct
import zlib
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from app.core.geometry import WalkMap
from app.core.maps import (
    FLIP_DIAGONAL,
    FLIP_HORIZONTAL,
    FLIP_VERTICAL,
    ImageLayer,
    Shape,
    ShapeKind,
    SpaceMap,
    TileLayer,
    ZoneKind,
)
from app.core.model import Place, ZoneId
from app.server.maps import MapError, import_map
from tests.helpers.tiled_files import FLOOR, Raw, document, object_layer, properties, thing, tile_layer, write

HARBOUR = Path(__file__).parents[1] / "data" / "workadventure"


def imported(folder: Path, *layers: Raw, **more: Any) -> SpaceMap:
    return import_map(write(folder, document(*layers, **more))).map


def grid_of(space_map: SpaceMap) -> list[str]:
    columns = space_map.columns
    letters = "".join("#" if cell else "." for cell in space_map.blocked)
    return [letters[row * columns : (row + 1) * columns] for row in range(space_map.rows)]


def tiles_of(layer: object) -> list[int]:
    assert isinstance(layer, TileLayer)
    return list(struct.unpack(f"<{len(layer.data) // 4}I", layer.data))


WALLS = [[2, 2, 0, 0], [0, 0, 0, 0], [0, 0, 0, 2]]


# The map in the manner of WorkAdventure


@pytest.fixture(scope="module", params=["harbour.tmj", "harbour.tmx"])
def harbour(request: pytest.FixtureRequest) -> SpaceMap:
    return import_map(HARBOUR / request.param).map


def test_colliding_tiles_and_the_collisions_layer_are_walls(harbour: SpaceMap) -> None:
    assert grid_of(harbour) == [
        "################",
        "#.........#....#",
        "#.........#....#",
        "#..............#",
        "#.........#....#",
        "#.........######",
        "#....##........#",
        "#..............#",
        "#..............#",
        "#..............#",
        "#..............#",
        "################",
    ]


def test_people_appear_on_the_start_layer(harbour: SpaceMap) -> None:
    assert harbour.start == (Place(80, 176), Place(112, 176), Place(144, 176))


def test_layers_and_areas_with_meetings_or_silence_are_zones(harbour: SpaceMap) -> None:
    walk = WalkMap(harbour)
    named = {zone.name: zone.kind for zone in harbour.zones}
    assert named == {
        "Red room": ZoneKind.MEETING_ROOM,
        "Library": ZoneKind.QUIET,
        "Board room": ZoneKind.MEETING_ROOM,
    }
    board = walk.zone_at(Place(12 * 32 + 16, 2 * 32 + 16))
    assert board is not None
    assert board.name == "Board room"
    assert set(board.outline) == {Place(352, 32), Place(480, 32), Place(480, 160), Place(352, 160)}


def test_what_comes_after_the_floor_layer_is_above_the_avatars(harbour: SpaceMap) -> None:
    assert {layer.name for layer in harbour.layers if layer.above} == {"lamps"}
    assert [layer.name for layer in harbour.layers] == [
        *("start", "collisions", "meeting", "poster", "floor", "plants", "walls", "lamps")
    ]


def test_groups_pass_on_opacity_and_offset(harbour: SpaceMap) -> None:
    by_name = {layer.name: layer for layer in harbour.layers}
    plants, walls, poster = by_name["plants"], by_name["walls"], by_name["poster"]
    assert (plants.opacity, plants.offset_x, plants.offset_y) == (0.25, 8.0, -4.0)
    assert (walls.opacity, walls.offset_x, walls.offset_y) == (0.5, 8.0, 0.0)
    assert isinstance(poster, ImageLayer)
    assert (poster.opacity, poster.offset_x, poster.offset_y) == (0.8, 64.0, 8.0)


def test_flips_are_kept(harbour: SpaceMap) -> None:
    plants = next(layer for layer in harbour.layers if layer.name == "plants")
    cells = tiles_of(plants)
    row = 2 * harbour.columns
    assert cells[row + 2] == 4
    assert cells[row + 4] == 4 | FLIP_HORIZONTAL
    assert cells[row + 6] == 4 | FLIP_VERTICAL | FLIP_DIAGONAL


def test_tilesets_name_their_picture_by_content(harbour: SpaceMap) -> None:
    office, special = harbour.tilesets
    assert (office.first_gid, office.count, office.columns, office.margin, office.spacing) == (1, 4, 2, 1, 2)
    assert (special.first_gid, special.count) == (101, 4)
    assert harbour.background == "#203040"
    assert harbour.name == "Harbour office"
    assert harbour.style == "tiles"


def test_both_formats_and_each_time_give_the_same_map() -> None:
    first, second = import_map(HARBOUR / "harbour.tmj"), import_map(HARBOUR / "harbour.tmx")
    assert first == second
    assert first == import_map(HARBOUR / "harbour.tmj")
    assert first.map.assets == set(first.assets)
    assert len(first.map.id) == 64


# Layers


@pytest.mark.parametrize("compression", ["", "zlib", "gzip", "csv"])
def test_tile_data_may_be_packed_in_each_usual_way(tmp_path: Path, compression: str) -> None:
    data = struct.pack("<12I", *(cell for row in WALLS for cell in row))
    packed = {"": data, "zlib": zlib.compress(data), "gzip": gzip.compress(data), "csv": b""}[compression]
    more: Raw = {"encoding": "base64", "data": base64.b64encode(packed).decode()}
    if compression == "csv":
        more = {"encoding": "csv", "data": "2,2,0,0,\n0,0,0,0,\n0,0,0,2"}
    elif compression:
        more["compression"] = compression
    space_map = imported(tmp_path, tile_layer("walls", WALLS) | more)
    assert grid_of(space_map) == ["##..", "....", "...#"]


def test_xml_tile_data_may_be_an_element_for_each_tile(tmp_path: Path) -> None:
    write(tmp_path, {})
    path = tmp_path / "old.tmx"
    path.write_text(
        '<?xml version="1.0"?><map orientation="orthogonal" width="2" height="1" tilewidth="32" '
        'tileheight="32"><tileset firstgid="1" name="t" tilewidth="32" tileheight="32" tilecount="4" '
        'columns="2"><image source="t.png" width="64" height="64"/><tile id="1"><properties>'
        '<property name="collides" type="bool" value="true"/></properties></tile></tileset>'
        '<layer name="a" width="2" height="1"><data><tile gid="2"/><tile gid="1"/></data></layer></map>',
        encoding="utf-8",
    )
    space_map = import_map(path).map
    assert grid_of(space_map) == ["#."]
    assert space_map.name == "old"


def test_an_infinite_map_is_cut_to_what_is_painted(tmp_path: Path) -> None:
    chunk = {"x": -16, "y": -16, "width": 16, "height": 16, "data": [0] * 253 + [1, 1, 2]}
    other = {"x": 0, "y": -16, "width": 16, "height": 16, "data": [0] * 224 + [2] + [0] * 15 + [1] + [0] * 15}
    layer = {"type": "tilelayer", "name": "a", "opacity": 1, "visible": True, "chunks": [chunk, other]}
    seat = object_layer("seats", thing(1, "seat", -60, -10, point=True))
    space_map = imported(tmp_path, layer, seat, infinite=True, columns=0, rows=0)
    # Painted: x -3..0, y -2..-1.
    assert grid_of(space_map) == ["...#", "..#."]
    assert tiles_of(space_map.layers[0]) == [0, 0, 0, 2, 1, 1, 2, 1]
    assert [seat.place for seat in space_map.seats] == [Place(48, 48)]


def test_hidden_layers_are_walls_but_not_painted(tmp_path: Path) -> None:
    group = {"type": "group", "name": "g", "opacity": 1, "visible": False, "layers": [tile_layer("w", WALLS)]}
    space_map = imported(tmp_path, tile_layer("floor", FLOOR), group)
    assert grid_of(space_map) == ["##..", "....", "...#"]
    assert [layer.name for layer in space_map.layers] == ["floor"]


def test_a_sketch_for_tiled_is_neither_painted_nor_sent(tmp_path: Path) -> None:
    sketch = tile_layer("sketch", FLOOR, properties=properties(sketch=True))
    found = import_map(write(tmp_path, document(sketch)))
    assert found.map.layers == ()
    assert found.assets == {}


def test_tiles_that_no_tileset_has_are_left_out(tmp_path: Path) -> None:
    rows = [[1, 5, 900, 3 | FLIP_HORIZONTAL | 0x10000000], [0] * 4, [0] * 4]
    space_map = imported(tmp_path, tile_layer("a", rows))
    assert tiles_of(space_map.layers[0])[:4] == [1, 0, 0, 3 | FLIP_HORIZONTAL]


def test_a_whole_layer_may_collide(tmp_path: Path) -> None:
    layer = tile_layer("hedge", [[1, 0, 0, 0], [0] * 4, [0] * 4], properties=properties(collides=True))
    assert grid_of(imported(tmp_path, layer)) == ["#...", "....", "...."]


def test_a_tileset_of_single_pictures_becomes_one_for_each(tmp_path: Path) -> None:
    for name, size in (("a.png", (32, 32)), ("b.png", (48, 64))):
        Image.new("RGB", size, "#123456").save(tmp_path / name)
    tiles = [{"id": 0, "image": "a.png"}, {"id": 7, "image": "b.png"}]
    more: Raw = {"firstgid": 10, "name": "c", "tilewidth": 48, "tileheight": 64, "tilecount": 2, "columns": 0}
    raw = document(tile_layer("a", [[10, 17, 11, 0], [0] * 4, [0] * 4]))
    raw["tilesets"].append(more | {"tiles": tiles})
    space_map = import_map(write(tmp_path, raw)).map
    assert [(t.first_gid, t.tile_width, t.tile_height, t.count) for t in space_map.tilesets] == [
        (10, 32, 32, 1),
        (17, 48, 64, 1),
    ]
    assert tiles_of(space_map.layers[0])[:4] == [10, 17, 0, 0]


# Objects


def test_objects_of_our_own_classes(tmp_path: Path) -> None:
    radius = [{"name": "radius", "type": "int", "value": 99}]
    space_map = imported(
        tmp_path,
        object_layer(
            "plan",
            thing(1, "floor", 0, 0, 128, 96),
            thing(2, "desk", 10.4, 20, 40, 20, properties=radius),
            thing(3, "seat", 70, 70, point=True, name="A1"),
            thing(4, "meeting_room", 0, 0, 64, 64, name=" Kita \n "),
            thing(5, "quiet", 64, 0, 64, 96, ellipse=True),
            thing(6, "unknown", 0, 0, 5, 5),
        ),
        object_layer("start", thing(7, "start", 96, 64, 32, 32), offsetx=0, offsety=-32),
    )
    assert space_map.style == "plan"
    assert space_map.shapes == (
        Shape(ShapeKind.FLOOR, 0, 0, 128, 96),
        Shape(ShapeKind.DESK, 10, 20, 40, 20, 10),
    )
    assert [(s.id, s.name, s.place) for s in space_map.seats] == [("seat-3", "A1", Place(80, 80))]
    assert [(z.id, z.name, z.kind) for z in space_map.zones] == [
        (ZoneId("zone-4"), "Kita", ZoneKind.MEETING_ROOM),
        (ZoneId("zone-5"), "quiet 5", ZoneKind.QUIET),
    ]
    assert WalkMap(space_map).zone_at(Place(66, 2)) is None
    assert space_map.start == (Place(112, 48),)


def test_turned_and_many_cornered_areas_keep_their_outline(tmp_path: Path) -> None:
    corners = [{"x": 0, "y": 0}, {"x": 40, "y": 0}, {"x": 0, "y": 40}]
    space_map = imported(
        tmp_path,
        object_layer(
            "areas",
            thing(1, "area", 50, 10, polygon=corners, properties=properties(livekitRoomName="Deck")),
            thing(2, "area", 60, 60, 20, 10, rotation=90, properties=properties(silent=True)),
        ),
    )
    deck, turned = space_map.zones
    assert deck.outline == (Place(50, 10), Place(90, 10), Place(50, 50))
    assert deck.name == "area 1"
    assert turned.outline == (Place(60, 60), Place(60, 80), Place(50, 80), Place(50, 60))


def test_separate_patches_of_a_room_are_separate_zones(tmp_path: Path) -> None:
    rows = [[3, 0, 3, 3], [3, 0, 0, 3], [0, 0, 0, 0]]
    layer = tile_layer("rooms", rows, properties=properties(jitsiRoom="r1", meetingRoomLabel="Sun"))
    left, right = imported(tmp_path, layer).zones
    assert (left.id, left.name, right.id, right.name) == ("area-1", "Sun", "area-2", "Sun")
    assert right.outline == tuple(
        Place(x * 32, y * 32) for x, y in ((2, 0), (4, 0), (4, 2), (3, 2), (3, 1), (2, 1))
    )


def test_a_tile_may_carry_the_meaning(tmp_path: Path) -> None:
    raw = document(tile_layer("floor", [[1, 3, 3, 1], [1, 3, 3, 1], [1, 1, 1, 1]]))
    raw["tilesets"][0]["tiles"].append({"id": 2, "properties": properties(silent=True)})
    (zone,) = import_map(write(tmp_path, raw)).map.zones
    assert (zone.kind, zone.name) == (ZoneKind.QUIET, "floor")
    assert set(zone.outline) == {Place(32, 0), Place(96, 0), Place(96, 64), Place(32, 64)}


@pytest.mark.parametrize("suffix", ["tj", "tx"])
def test_templates_fill_in_what_an_object_does_not_say(tmp_path: Path, suffix: str) -> None:
    shape = {"id": 9, "name": "Booth", "type": "quiet", "width": 64, "height": 32}
    (tmp_path / "booth.tj").write_text(json.dumps({"type": "template", "object": shape}))
    (tmp_path / "booth.tx").write_text(
        '<template><object id="9" name="Booth" type="quiet" width="64" height="32"/></template>'
    )
    layer = object_layer("o", {"id": 1, "x": 32, "y": 32, "height": 64, "template": f"booth.{suffix}"})
    (zone,) = imported(tmp_path, layer).zones
    assert (zone.id, zone.name, zone.kind) == ("zone-1", "Booth", ZoneKind.QUIET)
    assert zone.outline == (Place(32, 32), Place(96, 32), Place(96, 96), Place(32, 96))


# Where people appear


def test_other_entrances_count_if_there_is_no_start(tmp_path: Path) -> None:
    door = tile_layer("door", [[0, 0, 0, 1], [0] * 4, [0] * 4], properties=properties(startLayer=True))
    assert imported(tmp_path, door).start == (Place(112, 16),)


def test_without_any_people_appear_in_the_middle_of_the_largest_floor(tmp_path: Path) -> None:
    space_map = imported(tmp_path, tile_layer("w", [[0, 2, 0, 0], [0, 2, 0, 0], [0, 2, 0, 0]]))
    assert space_map.start[0] == Place(80, 48)
    assert all(place.x > 64 for place in space_map.start)


def test_an_entrance_in_a_wall_does_not_count(tmp_path: Path) -> None:
    start = tile_layer("start", [[1, 1, 1, 0], [0] * 4, [0] * 4])
    assert imported(tmp_path, tile_layer("w", WALLS), start).start == (Place(80, 16),)


def test_a_map_that_is_all_wall_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MapError, match=r"map\.tmj is all wall"):
        imported(tmp_path, tile_layer("collisions", FLOOR))


def test_a_seat_in_a_wall_is_refused(tmp_path: Path) -> None:
    seats = object_layer("seats", thing(1, "seat", 5, 5, name="A1"))
    with pytest.raises(MapError, match=r"map\.tmj: seat 'A1' stands in a wall\."):
        imported(tmp_path, tile_layer("w", WALLS), seats)
    with pytest.raises(MapError, match="outside"):
        imported(tmp_path, object_layer("seats", thing(1, "seat", 500, 5)))
