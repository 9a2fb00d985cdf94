"""Tiled layers are drawn as Tiled draws them: flips, offsets, opacity, layers above people."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QImage, QPainter
from pytestqt.qtbot import QtBot

from app.core.maps import (
    FLIP_DIAGONAL,
    FLIP_HORIZONTAL,
    FLIP_VERTICAL,
    ImageLayer,
    Layer,
    SpaceMap,
    TileLayer,
    Tileset,
)
from app.core.model import AssetId, MapId, Place
from app.ui.map.tiles import TilePainter
from tests.helpers.map_people import Map

SIDE = 8
RED, GREEN, BLUE, WHITE = (QColor(name) for name in ("red", "green", "blue", "white"))
TILES, PICTURE = AssetId("tiles"), AssetId("picture")


def tileset_picture() -> QImage:
    """Margin 1, spacing 2; the second tile has a red, a green, a blue and a white quarter."""
    picture = QImage(1 + 2 * SIDE + 2 + 1, SIDE + 2, QImage.Format.Format_ARGB32)
    picture.fill(QColor("black"))
    painter = QPainter(picture)
    left, half = 1 + SIDE + 2, SIDE // 2
    for i, colour in enumerate((RED, GREEN, BLUE, WHITE)):
        painter.fillRect(left + i % 2 * half, 1 + i // 2 * half, half, half, colour)
    painter.end()
    return picture


def one_tile_map(*layers: Layer, columns: int = 2) -> SpaceMap:
    return SpaceMap(
        id=MapId("tiles"),
        name="Tiles",
        columns=columns,
        rows=2,
        tile_width=SIDE,
        tile_height=SIDE,
        blocked=bytes(columns * 2),
        layers=layers,
        tilesets=(Tileset(10, TILES, SIDE, SIDE, 2, 2, margin=1, spacing=2),),
        start=(Place(4, 4),),
    )


def tiles(*gids: int) -> bytes:
    return np.array(gids, "<u4").tobytes()


def drawn(space_map: SpaceMap, scale: float = 1.0, *, above: bool = False) -> QImage:
    width, height = space_map.width, space_map.height
    picture = QImage(round(width * scale), round(height * scale), QImage.Format.Format_ARGB32)
    picture.fill(0)
    plain = QImage(SIDE, SIDE, QImage.Format.Format_ARGB32)
    plain.fill(BLUE)
    painter = QPainter(picture)
    maker = TilePainter(space_map, {TILES: tileset_picture(), PICTURE: plain})
    maker.paint(painter, QRectF(0, 0, width, height), scale, above=above)
    painter.end()
    return picture


def quarters(picture: QImage, x: int = 0, y: int = 0) -> list[str]:
    """The colours of a tile's quarters: upper left, upper right, lower left, lower right."""
    at = ((2, 2), (6, 2), (2, 6), (6, 6))
    return [picture.pixelColor(x + dx, y + dy).name() for dx, dy in at]


R, G, B, W = (colour.name() for colour in (RED, GREEN, BLUE, WHITE))


@pytest.mark.parametrize(
    ("flags", "expected"),
    [
        (0, [R, G, B, W]),
        (FLIP_HORIZONTAL, [G, R, W, B]),
        (FLIP_VERTICAL, [B, W, R, G]),
        (FLIP_DIAGONAL, [R, B, G, W]),
        (FLIP_HORIZONTAL | FLIP_VERTICAL, [W, B, G, R]),
        (FLIP_DIAGONAL | FLIP_HORIZONTAL, [B, R, W, G]),  # a quarter turn to the right
        (FLIP_DIAGONAL | FLIP_VERTICAL, [G, W, R, B]),  # to the left
        (FLIP_DIAGONAL | FLIP_HORIZONTAL | FLIP_VERTICAL, [W, G, B, R]),
    ],
)
def test_flips(qtbot: QtBot, flags: int, expected: list[str]) -> None:
    picture = drawn(one_tile_map(TileLayer("floor", tiles(0, 0, 0, 11 | flags))))
    assert quarters(picture, SIDE, SIDE) == expected
    assert picture.pixelColor(2, 2).alpha() == 0


def test_offset_opacity_and_order(qtbot: QtBot) -> None:
    floor = ImageLayer("floor", PICTURE)
    faint = TileLayer("faint", tiles(11, 0, 0, 0), opacity=0.5, offset_x=8, offset_y=8)
    picture = drawn(one_tile_map(floor, faint))
    assert picture.pixelColor(2, 2).name() == B
    assert picture.pixelColor(10, 10).alpha() == pytest.approx(128, abs=2)
    over = drawn(one_tile_map(TileLayer("tile", tiles(11, 0, 0, 0)), floor))
    assert over.pixelColor(2, 2).name() == B


def test_layers_above_people_are_kept_apart(qtbot: QtBot) -> None:
    space_map = one_tile_map(
        TileLayer("floor", tiles(11, 0, 0, 0)), TileLayer("roof", tiles(0, 11, 0, 0), above=True)
    )
    assert drawn(space_map).pixelColor(10, 2).alpha() == 0
    roof = drawn(space_map, above=True)
    assert roof.pixelColor(2, 2).alpha() == 0
    assert quarters(roof, SIDE, 0) == [R, G, B, W]


def test_scaled_up_sharp_and_down_averaged(qtbot: QtBot) -> None:
    space_map = one_tile_map(TileLayer("floor", tiles(11, 11, 11, 11)))
    large = drawn(space_map, 2.0)
    assert [large.pixelColor(x, 2).name() for x in (0, 7, 8, 15)] == [R, R, G, G]
    small = drawn(space_map, 0.125).pixelColor(0, 0)
    average = (small.red(), small.green(), small.blue())
    assert max(abs(part - wanted) for part, wanted in zip(average, (128, 96, 128), strict=True)) < 6


def test_gids_of_no_tileset_and_missing_pictures_are_left_out(qtbot: QtBot) -> None:
    picture = drawn(one_tile_map(TileLayer("floor", tiles(99, 5, 12, 0)), ImageLayer("gone", AssetId("no"))))
    assert not any(picture.pixelColor(x, y).alpha() for x in range(16) for y in range(16))


def test_what_is_above_covers_people(qtbot: QtBot) -> None:
    view = Map()
    qtbot.addWidget(view)
    view.resize(400, 300)
    roof = TileLayer("roof", tiles(*[11] * 400), above=True)
    space_map = SpaceMap(
        id=MapId("roof"),
        name="Roof",
        columns=20,
        rows=20,
        tile_width=SIDE,
        tile_height=SIDE,
        blocked=bytes(400),
        layers=(roof,),
        tilesets=(Tileset(10, TILES, SIDE, SIDE, 2, 2, margin=1, spacing=2),),
        start=(Place(4, 4),),
    )
    view.set_map(space_map, {TILES: tileset_picture()})
    view.show()
    before = view.grab().toImage()
    ann = view.add("Ann", 80, 80)
    view.run(1)
    assert view.grab().toImage().pixelColor(view.face(ann)) == before.pixelColor(view.face(ann))
