"""The office that ships with the program keeps what people need from it."""

from __future__ import annotations

import json
import math
import runpy
from pathlib import Path

import pytest

from app.core.geometry import WalkMap
from app.core.maps import ShapeKind, SpaceMap, ZoneKind
from app.core.model import Place
from app.server.maps import import_map

MAPS = Path(__file__).parents[2] / "resources" / "maps"


@pytest.fixture(scope="module")
def office() -> SpaceMap:
    return import_map(MAPS / "office" / "office.tmj").map


def test_the_file_is_what_the_script_draws() -> None:
    drawn = runpy.run_path(str(MAPS / "make_office.py"))["make"]().document()
    assert json.loads((MAPS / "office" / "office.tmj").read_text(encoding="utf-8")) == drawn


def test_it_has_seats_rooms_and_a_quiet_corner(office: SpaceMap) -> None:
    assert office.style == "plan"
    assert office.layers == ()
    assert len(office.seats) >= 40
    assert len({seat.name for seat in office.seats}) == len(office.seats)
    rooms = {zone.name: zone.kind for zone in office.zones}
    assert rooms == {
        "Kita": ZoneKind.MEETING_ROOM,
        "Minami": ZoneKind.MEETING_ROOM,
        "Quiet corner": ZoneKind.QUIET,
    }
    assert {shape.kind for shape in office.shapes} == set(ShapeKind)


def test_every_seat_and_room_can_be_walked_to(office: SpaceMap) -> None:
    walk = WalkMap(office)
    for seat in office.seats:
        assert walk.reachable(office.start[0], seat.place), seat.name
    floor = [
        walk.centre((x, y))
        for y in range(office.rows)
        for x in range(office.columns)
        if walk.walkable(walk.centre((x, y)))
    ]
    assert all(walk.reachable(office.start[0], place) for place in floor)
    reached = {zone.name for place in floor if (zone := walk.zone_at(place))}
    assert reached == {"Kita", "Minami", "Quiet corner"}


def test_neighbours_have_room_for_their_names(office: SpaceMap) -> None:
    places = [seat.place for seat in office.seats]
    for i, a in enumerate(places):
        for b in places[:i]:
            assert math.dist((a.x, a.y), (b.x, b.y)) >= 3 * office.tile_width


def test_there_is_a_place_to_stand_next_to_everybody(office: SpaceMap) -> None:
    walk = WalkMap(office)
    taken = [seat.place for seat in office.seats]
    for seat in office.seats:
        found = walk.free_cell_near(seat.place, office.start[0], taken)
        assert found is not None
        assert math.dist((found.x, found.y), (seat.place.x, seat.place.y)) <= 3 * office.tile_width
        assert walk.line_of_sight(found, seat.place)


def test_left_and_right_are_the_same(office: SpaceMap) -> None:
    assert [seat.place for seat in office.seats] != []
    mirrored = {Place(office.width - seat.place.x, seat.place.y) for seat in office.seats}
    assert mirrored == {seat.place for seat in office.seats}
