"""Painted cells and Tiled objects as outlines in px."""

from __future__ import annotations

import math
from collections.abc import Iterable

from pytiled_parser.tiled_object import Ellipse, Point, Polygon, Tile, TiledObject

from app.core.geometry import Cell
from app.core.model import Place

_ROUND = 24
"""Corners that stand for an ellipse."""


def parts(cells: Iterable[Cell]) -> list[set[Cell]]:
    """Cells as connected regions, four ways, in the order of their first cell row by row."""
    left = set(cells)
    found = []
    for first in sorted(left, key=lambda cell: (cell[1], cell[0])):
        if first not in left:
            continue
        left.discard(first)
        part, todo = {first}, [first]
        while todo:
            x, y = todo.pop()
            for cell in ((x + 1, y), (x - 1, y), (x, y + 1), (x, y - 1)):
                if cell in left:
                    left.discard(cell)
                    part.add(cell)
                    todo.append(cell)
        found.append(part)
    return found


def outline(part: set[Cell]) -> list[Cell]:
    """The corners round one connected region, clockwise, in cells; holes in it are filled."""
    edges: dict[Cell, list[Cell]] = {}
    for x, y in part:
        sides = (
            ((x, y - 1), (x, y), (x + 1, y)),
            ((x + 1, y), (x + 1, y), (x + 1, y + 1)),
            ((x, y + 1), (x + 1, y + 1), (x, y + 1)),
            ((x - 1, y), (x, y + 1), (x, y)),
        )
        for neighbour, start, end in sides:
            if neighbour not in part:
                edges.setdefault(start, []).append(end)
    # The upper left corner of the first cell is on the outer edge, whose first side goes right.
    column, row = min(part, key=lambda cell: (cell[1], cell[0]))
    start = here = (column, row)
    way = (1, 0)
    corners: list[Cell] = []
    while True:
        right_turn = (here[0] - way[1], here[1] + way[0])
        ends = edges[here]
        # Where two cells touch at a corner only, turning right stays with the same cell.
        following = right_turn if right_turn in ends else ends[0]
        turned = (following[0] - here[0], following[1] - here[1])
        if turned != way or here == start:
            corners.append(here)
        ends.remove(following)
        here, way = following, turned
        if here == start:
            return corners


def object_outline(thing: TiledObject, shift: tuple[float, float]) -> tuple[Place, ...]:
    """The corners of an object that covers an area, in map px; () for points, lines and empty ones.

    Args:
        shift: px, what its layer is moved by.
    """
    width, height = thing.size.width, thing.size.height
    points: list[tuple[float, float]]
    if isinstance(thing, Polygon):
        points = [(point.x, point.y) for point in thing.points]
    elif width <= 0 or height <= 0 or isinstance(thing, Point):
        return ()
    elif isinstance(thing, Ellipse):
        angles = (2 * math.pi * i / _ROUND for i in range(_ROUND))
        points = [(width / 2 * (1 + math.cos(a)), height / 2 * (1 + math.sin(a))) for a in angles]
    else:
        # A tile object stands on its lower left corner, all others hang from their upper left one.
        top = -height if isinstance(thing, Tile) else 0
        points = [(0, top), (width, top), (width, top + height), (0, top + height)]
    angle = math.radians(thing.rotation)
    cos, sin = math.cos(angle), math.sin(angle)
    left, top = thing.coordinates.x + shift[0], thing.coordinates.y + shift[1]
    places = [Place(round(left + x * cos - y * sin), round(top + x * sin + y * cos)) for x, y in points]
    return tuple(places) if len(set(places)) >= 3 else ()


def middle_of(thing: TiledObject, shift: tuple[float, float]) -> Place:
    """The centre of an object, or the point that it is; px."""
    corners = object_outline(thing, shift)
    if not corners:
        return Place(round(thing.coordinates.x + shift[0]), round(thing.coordinates.y + shift[1]))
    xs, ys = [corner.x for corner in corners], [corner.y for corner in corners]
    return Place((min(xs) + max(xs)) // 2, (min(ys) + max(ys)) // 2)
