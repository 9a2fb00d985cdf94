"""Walls, ways and places to stand, on drawn maps and on arbitrary ones."""

from __future__ import annotations

import math
from collections.abc import Iterable
from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from app.core.geometry import REACH, WalkMap
from app.core.limits import EASY_DISTANCE, PERSONAL_SPACE
from app.core.maps import Seat, SpaceMap, Zone, ZoneKind
from app.core.model import MapId, Place, SeatId, ZoneId

TILE = 32


def drawn(
    *rows: str,
    zones: Iterable[Zone] = (),
    seats: Iterable[Seat] = (),
    start: Iterable[Place] = (),
    tile: tuple[int, int] = (TILE, TILE),
) -> WalkMap:
    """A map drawn in letters: ``#`` is a wall, everything else is floor."""
    blocked = bytes(letter == "#" for row in rows for letter in row)
    return WalkMap(
        SpaceMap(
            id=MapId("drawn"),
            name="drawn",
            columns=len(rows[0]),
            rows=len(rows),
            tile_width=tile[0],
            tile_height=tile[1],
            blocked=blocked,
            zones=tuple(zones),
            seats=tuple(seats),
            start=tuple(start) or (Place(tile[0] // 2, tile[1] // 2),),
        )
    )


def cell(column: int, row: int) -> Place:
    """The middle of a cell of 32 px."""
    return Place(column * TILE + TILE // 2, row * TILE + TILE // 2)


def zone(name: str, kind: ZoneKind, left: int, top: int, right: int, bottom: int) -> Zone:
    """A rectangle given in cells, the right and lower edge outside."""
    corners = ((left, top), (right, top), (right, bottom), (left, bottom))
    return Zone(ZoneId(name), name, kind, tuple(Place(x * TILE, y * TILE) for x, y in corners))


def length(way: Iterable[Place]) -> float:
    return sum(math.dist((a.x, a.y), (b.x, b.y)) for a, b in pairwise(way))


def points_on(way: tuple[Place, ...]) -> list[tuple[float, float]]:
    """A point every px or so, independent of the code under test."""
    points: list[tuple[float, float]] = [(way[0].x, way[0].y)]
    for a, b in pairwise(way):
        steps = max(1, math.ceil(math.dist((a.x, a.y), (b.x, b.y))))
        points += [(a.x + (b.x - a.x) * i / steps, a.y + (b.y - a.y) * i / steps) for i in range(steps + 1)]
    return points


grids = st.integers(1, 12).flatmap(
    lambda columns: st.lists(
        st.text(alphabet="..#", min_size=columns, max_size=columns), min_size=1, max_size=12
    )
)


@st.composite
def maps_with_two_places(draw: st.DrawFn) -> tuple[WalkMap, Place, Place]:
    rows = draw(grids)
    tile = draw(st.sampled_from([(32, 32), (16, 24), (7, 5)]))
    walk = drawn(*rows, tile=tile)
    width, height = walk.map.width, walk.map.height
    place = st.builds(Place, st.integers(0, width - 1), st.integers(0, height - 1))
    return walk, draw(place), draw(place)


# Walls and ways


def flooded(walk: WalkMap, start: Place) -> set[tuple[int, int]]:
    """Every cell that four-way steps lead to, the slow way."""
    seen, todo = set[tuple[int, int]](), [walk.cell_of(start)]
    while todo:
        x, y = todo.pop()
        if (x, y) in seen or not walk.walkable(walk.centre((x, y))):
            continue
        seen.add((x, y))
        todo += [(x + 1, y), (x - 1, y), (x, y + 1), (x, y - 1)]
    return seen


@given(maps_with_two_places())
def test_reachable_is_what_a_flood_reaches(case: tuple[WalkMap, Place, Place]) -> None:
    walk, a, b = case
    assert walk.reachable(a, b) == (walk.cell_of(b) in flooded(walk, a))


@given(maps_with_two_places())
def test_a_way_exists_exactly_if_reachable_and_never_enters_a_wall(
    case: tuple[WalkMap, Place, Place],
) -> None:
    walk, a, b = case
    way = walk.path(a, b)
    assert (way is not None) == walk.reachable(a, b)
    if way is None:
        return
    assert way[0] == a
    assert way[-1] == b
    assert all(one != other for one, other in pairwise(way))
    for x, y in points_on(way):
        assert walk.walkable(Place(math.floor(x), math.floor(y))), (x, y, way)


def octile(walk: WalkMap, start: tuple[int, int], goal: tuple[int, int]) -> float:
    """The length in cells of the shortest walk without cut corners: relax until nothing changes."""
    best = {start: 0.0}
    todo = [start]
    while todo:
        x, y = todo.pop(0)
        for dx in (-1, 0, 1):
            for dy in (-1, 0, 1):
                cells = [(x + dx, y), (x, y + dy), (x + dx, y + dy)]
                if all(walk.walkable(walk.centre(c)) for c in cells):
                    cost = best[x, y] + math.hypot(dx, dy)
                    if cost < best.get(cells[2], math.inf) - 1e-9:
                        best[cells[2]] = cost
                        todo.append(cells[2])
    return best[goal]


@given(grids, st.data())
def test_the_way_is_no_longer_than_the_best_walk_over_cells(rows: list[str], data: st.DataObject) -> None:
    walk = drawn(*rows)
    floor = [(x, y) for y, row in enumerate(rows) for x, letter in enumerate(row) if letter != "#"]
    assume(floor)
    start, goal = data.draw(st.sampled_from(floor)), data.draw(st.sampled_from(floor))
    way = walk.path(walk.centre(start), walk.centre(goal))
    if way is not None:
        assert length(way) <= octile(walk, start, goal) * TILE * 1.001


def test_over_open_floor_one_walks_straight() -> None:
    walk = drawn(*["." * 20] * 12)
    assert walk.path(cell(1, 1), cell(17, 9)) == (cell(1, 1), cell(17, 9))


def test_the_way_round_a_wall_has_one_corner_at_its_end() -> None:
    walk = drawn(
        ".......",
        "...#...",
        "...#...",
        "...#...",
    )
    way = walk.path(cell(1, 3), cell(5, 3))
    assert way is not None
    assert 3 <= len(way) <= 4
    assert {p.y // TILE for p in way[1:-1]} == {0}


def test_corners_of_walls_are_not_cut() -> None:
    walk = drawn(
        ".#",
        "#.",
    )
    assert not walk.reachable(cell(0, 0), cell(1, 1))
    assert walk.path(cell(0, 0), cell(1, 1)) is None
    assert not walk.line_of_sight(cell(0, 0), cell(1, 1))


def test_a_straight_line_keeps_off_the_walls() -> None:
    walk = drawn(
        ".......",
        "...#...",
        ".......",
    )
    way = walk.path(Place(16, 40), Place(6 * TILE + 16, 40))
    assert way is not None
    wall = (3 * TILE, TILE, 4 * TILE, 2 * TILE)
    for x, y in points_on(way):
        away = max(wall[0] - x, x - wall[2], wall[1] - y, y - wall[3])
        assert away >= 9


def test_from_a_wall_or_into_one_there_is_no_way() -> None:
    walk = drawn("..#..")
    assert walk.path(cell(2, 0), cell(0, 0)) is None
    assert walk.path(cell(0, 0), cell(2, 0)) is None
    assert walk.path(cell(0, 0), cell(4, 0)) is None
    assert walk.path(cell(0, 0), Place(-1, 5)) is None
    assert walk.path(cell(0, 0), cell(0, 0)) == (cell(0, 0),)


def test_ways_over_a_large_floor_are_short() -> None:
    rows = ["".join("#" if y % 5 == 2 and x % 7 < 5 else "." for x in range(200)) for y in range(200)]
    walk = drawn(*rows)
    way = walk.path(cell(0, 0), cell(199, 199))
    assert way is not None
    assert length(way) < 1.25 * math.dist((0, 0), (199 * TILE, 199 * TILE))


@given(maps_with_two_places())
def test_somebody_sent_into_a_wall_ends_up_at_the_nearest_floor(case: tuple[WalkMap, Place, Place]) -> None:
    walk, a, b = case
    found = walk.nearest_walkable(a, origin=b)
    floor = [walk.centre(c) for c in flooded(walk, b)]
    if not floor:
        assert found is None
    elif walk.reachable(a, b):
        assert found == a
    else:
        assert found in floor
        nearest = min(math.dist((p.x, p.y), (a.x, a.y)) for p in floor)
        assert math.isclose(math.dist((found.x, found.y), (a.x, a.y)), nearest)


def test_a_click_beside_the_map_means_its_edge() -> None:
    walk = drawn("....", "....")
    assert walk.nearest_walkable(Place(900, -50)) == cell(3, 0)
    assert drawn("##").nearest_walkable(cell(0, 0)) is None


# Zones


def test_the_smallest_zone_counts() -> None:
    room = zone("room", ZoneKind.MEETING_ROOM, 0, 0, 6, 4)
    booth = zone("booth", ZoneKind.QUIET, 1, 1, 3, 3)
    walk = drawn(*["......"] * 4, zones=[room, booth])
    assert walk.zone_at(cell(1, 1)) == booth
    assert walk.zone_at(cell(4, 2)) == room
    assert walk.in_meeting_room(cell(4, 2))
    assert not walk.in_meeting_room(cell(2, 2))
    assert walk.zone_at(Place(6 * TILE, 5)) is None


def test_a_zone_can_be_any_polygon() -> None:
    corners = (Place(0, 0), Place(96, 0), Place(96, 32), Place(32, 32), Place(32, 96), Place(0, 96))
    walk = drawn(*["..."] * 3, zones=[Zone(ZoneId("l"), "L", ZoneKind.QUIET, corners)])
    inside = {(x, y) for x in range(3) for y in range(3) if walk.zone_at(cell(x, y))}
    assert inside == {(0, 0), (1, 0), (2, 0), (0, 1), (0, 2)}


@given(st.integers(0, 127), st.integers(0, 127))
def test_zones_that_share_an_edge_do_not_share_a_point(x: int, y: int) -> None:
    left = zone("left", ZoneKind.QUIET, 0, 0, 2, 4)
    right = zone("right", ZoneKind.QUIET, 2, 0, 4, 4)
    walk = drawn(*["...."] * 4, zones=[left, right])
    assert walk.zone_at(Place(x, y)) == (left if x < 64 else right)


# The free cell next to somebody


@given(maps_with_two_places(), st.lists(st.tuples(st.integers(0, 11), st.integers(0, 11)), max_size=30))
def test_the_free_cell_is_free_and_can_be_reached(
    case: tuple[WalkMap, Place, Place], crowd: list[tuple[int, int]]
) -> None:
    walk, target, walker = case
    taken = [walk.centre(c) for c in crowd]
    found = walk.free_cell_near(target, walker, taken)
    middle = walk.cell_of(target)
    full = {middle, *crowd}
    possible = {
        c for c in flooded(walk, walker) - full if max(abs(c[0] - middle[0]), abs(c[1] - middle[1])) <= REACH
    }
    if found is None:
        assert not possible
    else:
        assert walk.cell_of(found) in possible


def test_one_stands_close_but_both_names_can_be_read() -> None:
    walk = drawn(*["." * 9] * 9)
    assert walk.free_cell_near(cell(4, 4), cell(0, 4), []) == cell(2, 4)


def test_where_there_is_little_room_one_stands_closer_but_not_on_toes() -> None:
    walk = drawn("#####", "#...#", "#...#", "#...#", "#####")
    found = walk.free_cell_near(cell(2, 2), cell(1, 2), [])
    assert found in {cell(1, 1), cell(1, 3)}


def test_one_does_not_stand_on_the_names_of_those_who_sit_round_about() -> None:
    walk = drawn(*["." * 9] * 9)
    found = walk.free_cell_near(cell(4, 4), cell(0, 4), [cell(1, 4)])
    assert found in {cell(4, 2), cell(4, 6)}


def test_in_a_full_room_one_stays_near_instead_of_going_where_there_is_room() -> None:
    walk = drawn(*["." * 13] * 13)
    desks = {(x, y) for x in range(2, 11, 2) for y in range(2, 11, 2)} - {(6, 6)}
    found = walk.free_cell_near(cell(6, 6), cell(0, 0), [cell(*desk) for desk in desks])
    assert found is not None
    away = math.dist((found.x, found.y), (cell(6, 6).x, cell(6, 6).y))
    assert EASY_DISTANCE <= away <= 2 * EASY_DISTANCE


def test_a_second_helper_keeps_off_the_first() -> None:
    walk = drawn(*["." * 9] * 9)
    places: list[Place] = []
    for _ in range(8):
        found = walk.free_cell_near(cell(4, 4), cell(0, 4), places)
        assert found is not None
        places.append(found)
    everybody = [cell(4, 4), *places]
    for i, one in enumerate(everybody):
        for other in everybody[:i]:
            assert math.dist((one.x, one.y), (other.x, other.y)) >= PERSONAL_SPACE


def test_nobody_stands_behind_the_wall() -> None:
    walk = drawn(
        "....#....",
        "....#....",
        "....#....",
        ".........",
    )
    # From the right, the cells right of the wall are nearer to the walker; still, one goes round.
    found = walk.free_cell_near(cell(3, 1), cell(8, 0), [])
    assert found is not None
    assert found.x < 4 * TILE


def test_in_a_crowd_the_cell_beside_somebody_is_better_than_none() -> None:
    walk = drawn("...")
    assert walk.free_cell_near(cell(0, 0), cell(2, 0), []) == cell(2, 0)
    assert walk.free_cell_near(cell(0, 0), cell(1, 0), [cell(2, 0)]) == cell(1, 0)
    assert walk.free_cell_near(cell(0, 0), cell(1, 0), [cell(1, 0), cell(2, 0)]) is None


def test_a_target_in_a_wall_can_be_approached_from_the_floor() -> None:
    walk = drawn("#####", "..#..", ".....")
    assert walk.free_cell_near(cell(2, 1), cell(0, 2), []) == cell(0, 1)
    assert walk.free_cell_near(cell(2, 1), cell(0, 2), [cell(0, 1), cell(4, 1)]) == cell(1, 2)
    assert walk.free_cell_near(cell(0, 1), cell(0, 0), []) is None


def test_meeting_rooms_are_entered_only_to_meet_somebody_in_there() -> None:
    room = zone("room", ZoneKind.MEETING_ROOM, 3, 0, 6, 3)
    walk = drawn(*["......"] * 3, zones=[room])
    outside = walk.free_cell_near(cell(2, 1), cell(5, 1), [])
    assert outside is not None
    assert walk.zone_at(outside) is None
    inside = walk.free_cell_near(cell(3, 1), cell(0, 1), [])
    assert inside is not None
    assert walk.zone_at(inside) == room
    full = [cell(x, y) for x in (3, 4, 5) for y in (0, 1, 2)]
    assert walk.free_cell_near(cell(3, 1), cell(0, 1), full) is None


def test_a_quiet_zone_is_kept_to_as_long_as_it_has_room() -> None:
    corner = zone("corner", ZoneKind.QUIET, 0, 0, 2, 1)
    walk = drawn(*["...."] * 2, zones=[corner])
    assert walk.free_cell_near(cell(0, 0), cell(3, 1), []) == cell(1, 0)
    beyond = walk.free_cell_near(cell(0, 0), cell(3, 1), [cell(1, 0)])
    assert beyond is not None
    assert walk.zone_at(beyond) is None


# Where people appear


@pytest.fixture
def office() -> WalkMap:
    return drawn(
        *["." * 12] * 6,
        seats=[Seat(SeatId("s1"), "1", cell(8, 2))],
        start=[cell(0, 0), cell(1, 0), cell(2, 0)],
    )


def test_people_appear_at_their_seat(office: WalkMap) -> None:
    assert office.start_place(SeatId("s1"), []) == cell(8, 2)


def test_a_taken_seat_gives_the_place_beside_it(office: WalkMap) -> None:
    place = office.start_place(SeatId("s1"), [cell(8, 2)])
    assert math.dist((place.x, place.y), (cell(8, 2).x, cell(8, 2).y)) <= 2 * TILE
    assert place != cell(8, 2)


def test_without_a_seat_one_appears_at_the_entrance(office: WalkMap) -> None:
    assert office.start_place(None, []) == cell(0, 0)
    assert office.start_place(SeatId("gone"), []) == cell(0, 0)
    assert office.start_place(None, [cell(0, 0)]) == cell(2, 0)
    assert office.start_place(None, [cell(0, 0), cell(2, 0)]) == cell(1, 0)


def test_a_full_entrance_gives_a_place_near_it(office: WalkMap) -> None:
    doors = [cell(0, 0), cell(1, 0), cell(2, 0)]
    place = office.start_place(None, doors)
    assert place not in doors
    assert office.walkable(place)
    assert place.y <= 3 * TILE


def test_on_a_full_map_one_appears_all_the_same() -> None:
    walk = drawn("..")
    assert walk.start_place(None, [cell(0, 0), cell(1, 0)]) == cell(0, 0)
