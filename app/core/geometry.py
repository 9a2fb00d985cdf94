"""Zones, walls, path finding, and the free cell next to somebody.

Server and clients ask the same :class:`WalkMap`: the server refuses what no path leads to, a client walks
its own avatar without waiting for the answer. Places are px, cells are ``(column, row)`` of the collision
grid. People walk in eight directions and never cut the corner of a wall, so that two cells are connected
exactly if they are connected in four.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from heapq import heappop, heappush
from itertools import pairwise

from app.core.grid import WALL, components, neighbourhoods, steps_in
from app.core.limits import EASY_DISTANCE, PERSONAL_SPACE
from app.core.maps import Seat, SpaceMap, Zone, ZoneKind
from app.core.model import Place, SeatId

Cell = tuple[int, int]

EXACT_CELLS = 6_400
"""Up to this size of a map the shortest way is found (in 4 ms at most on a slow machine); on larger ones a
way at most a quarter longer, which an office of 200 x 200 cells gives in 2 ms instead of 30."""
REACH = 6
"""Cells round somebody in which a place to stand is looked for."""


class WalkMap:
    """A map as somebody on foot sees it. Built once for each map, then only read.

    Building costs a few ms at 200 x 200 cells; every query but :meth:`path` and the searches for a free
    cell is O(1) in the size of the grid.
    """

    def __init__(self, space_map: SpaceMap) -> None:
        self.map = space_map
        self._columns, self._rows = space_map.columns, space_map.rows
        self._tile_width, self._tile_height = space_map.tile_width, space_map.tile_height
        self._blocked = bytes(1 if cell else 0 for cell in space_map.blocked)
        # The same grid column by column, so that a vertical run is one slice.
        self._upright = b"".join(self._blocked[x :: self._columns] for x in range(self._columns))
        self._labels = components(self._blocked, self._columns, self._rows)
        # A wall all round spares the path finder every question about the map's edge.
        self._stride = self._columns + 2
        edge = WALL * self._stride
        rows = (self._blocked[y * self._columns : (y + 1) * self._columns] for y in range(self._rows))
        padded = edge + b"".join(WALL + row + WALL for row in rows) + edge
        self._masks = neighbourhoods(padded, self._stride)
        self._steps = [steps_in(mask, self._stride) for mask in range(256)]
        self._zones = sorted(space_map.zones, key=lambda zone: (_area(zone), zone.id))
        self.seats: dict[SeatId, Seat] = {seat.id: seat for seat in space_map.seats}
        self.meeting_rooms = frozenset(z.id for z in space_map.zones if z.kind is ZoneKind.MEETING_ROOM)
        self._margin = min(self._tile_width, self._tile_height) * 3 // 10

    # Cells and zones

    def cell_of(self, place: Place) -> Cell:
        """The cell a place lies in; it may be outside of the map."""
        return place.x // self._tile_width, place.y // self._tile_height

    def centre(self, cell: Cell) -> Place:
        """px, the middle of a cell."""
        column, row = cell
        return Place(
            column * self._tile_width + self._tile_width // 2,
            row * self._tile_height + self._tile_height // 2,
        )

    def walkable(self, place: Place) -> bool:
        """On the map, and not in a wall."""
        return self._free(self.cell_of(place))

    def zone_at(self, place: Place) -> Zone | None:
        """The smallest zone that contains a place."""
        return next((zone for zone in self._zones if contains(zone.outline, place)), None)

    def in_meeting_room(self, place: Place) -> bool:
        zone = self.zone_at(place)
        return zone is not None and zone.kind is ZoneKind.MEETING_ROOM

    def reachable(self, a: Place, b: Place) -> bool:
        """Both can be stood on, and some way leads from one to the other."""
        label = self._label(self.cell_of(a))
        return label != 0 and label == self._label(self.cell_of(b))

    def nearest_walkable(self, place: Place, origin: Place | None = None) -> Place | None:
        """Where somebody ends up who was told to go to ``place``, which may be a wall or off the map.

        Args:
            origin: only cells that can be reached from here count.

        Returns:
            ``place`` itself if it will do, else the centre of the nearest cell that does; ``None`` if no
            cell does.
        """
        label = None if origin is None else self._label(self.cell_of(origin))
        if label == 0:
            return None
        if self.walkable(place) and label in (None, self._label(self.cell_of(place))):
            return place
        inside = Place(
            min(max(place.x, 0), self.map.width - 1),
            min(max(place.y, 0), self.map.height - 1),
        )
        best: tuple[int, Cell] | None = None
        tile = min(self._tile_width, self._tile_height)
        for radius in range(max(self._columns, self._rows)):
            # No centre in this ring is nearer than that, wherever in the middle cell we look from.
            if best is not None and best[0] <= ((radius - 1) * tile) ** 2:
                break
            for cell in self._ring(self.cell_of(inside), radius):
                if self._free(cell) and label in (None, self._label(cell)):
                    candidate = (_distance2(self.centre(cell), inside), cell)
                    best = candidate if best is None else min(best, candidate)
        return None if best is None else self.centre(best[1])

    # Walking

    def line_of_sight(self, a: Place, b: Place, margin: int = 0) -> bool:
        """No wall lies on the straight line from a to b, nor within ``margin`` px beside it.

        Exact: whole numbers only. The line is widened to the squares of ``margin`` round its points.
        """
        if a.x > b.x:
            a, b = b, a
        run, rise = b.x - a.x, b.y - a.y
        width, height = self._tile_width, self._tile_height
        first, last = (a.x - margin) // width, (b.x + margin) // width
        if first < 0 or last >= self._columns:
            return False
        for column in range(first, last + 1):
            # The part of the line whose squares reach into this column, from x = left to x = right.
            left = max(a.x, column * width - margin) - a.x
            right = min(b.x, (column + 1) * width + margin) - a.x
            if run:
                ends = (a.y * run + left * rise, a.y * run + right * rise)
                top = (min(ends) - margin * run) // (run * height)
                bottom = (max(ends) + margin * run) // (run * height)
            else:
                top, bottom = (min(a.y, b.y) - margin) // height, (max(a.y, b.y) + margin) // height
            if top < 0 or bottom >= self._rows:
                return False
            base = column * self._rows
            if self._upright.find(WALL, base + top, base + bottom + 1) >= 0:
                return False
        return True

    def path(self, a: Place, b: Place) -> tuple[Place, ...] | None:
        """The way from a to b as the corners of straight lines, a and b included.

        Returns:
            ``(a,)`` if a is b; ``None`` if there is no way or one of both is in a wall.
        """
        if not self.reachable(a, b):
            return None
        if a == b:
            return (a,)
        if self.cell_of(a) == self.cell_of(b) or self.line_of_sight(a, b, self._margin):
            return (a, b)
        turns = _turns(self._cells_between(self.cell_of(a), self.cell_of(b)))
        return self._straighten([a, *(self.centre(cell) for cell in turns), b])

    def _cells_between(self, start: Cell, goal: Cell) -> list[Cell]:
        """A*; there must be a way."""
        stride, masks, steps = self._stride, self._masks, self._steps
        origin = (start[1] + 1) * stride + start[0] + 1
        target = (goal[1] + 1) * stride + goal[0] + 1
        goal_x, goal_y = goal[0] + 1, goal[1] + 1
        # How many quarters the estimate of the remaining way counts.
        greed = 4 if len(self._blocked) <= EXACT_CELLS else 5
        costs = [1 << 62] * len(masks)
        came_from: dict[int, int] = {}
        costs[origin] = 0
        # One whole number for each entry sorts faster than a tuple: estimate, rest of the way, cell.
        # Among equal estimates the one closest to the goal goes first.
        queue = [origin]
        while queue:
            here = heappop(queue) & 0xFFFFFFFF
            if here == target:
                break
            cost_here = costs[here]
            if cost_here < 0:
                continue
            costs[here] = -1  # settled
            for offset, step in steps[masks[here]]:
                there = here + offset
                cost = cost_here + step
                if cost >= costs[there]:
                    continue
                costs[there] = cost
                came_from[there] = here
                dx, dy = abs(there % stride - goal_x), abs(there // stride - goal_y)
                rest = 70 * dx + 29 * dy if dx > dy else 70 * dy + 29 * dx
                heappush(queue, ((cost * 4 + rest * greed) << 64) | (rest << 32) | there)
        cells = [target]
        while cells[-1] != origin:
            cells.append(came_from[cells[-1]])
        return [(index % stride - 1, index // stride - 1) for index in reversed(cells)]

    def _straighten(self, corners: list[Place]) -> tuple[Place, ...]:
        """Leave out corners that need not be touched; neighbours in the list are in sight of each other."""
        kept = [corners[0]]
        for before, corner in pairwise(corners[1:]):
            if not self.line_of_sight(kept[-1], corner, self._margin):
                kept.append(before)
        return (*kept, corners[-1])

    # Where to stand

    def free_cell_near(self, target: Place, walker: Place, taken: Iterable[Place]) -> Place | None:
        """Where somebody who walks up to ``target`` stands.

        Never in a wall or where no way leads, never on somebody, in a meeting room exactly if the target is
        in that room. Then, the most important first: in the same zone (or outside of all zones) as the
        target, at least ``PERSONAL_SPACE`` from everybody, in sight of the target, ``EASY_DISTANCE`` to
        twice that from it, ``EASY_DISTANCE`` from everybody else, near it, near the walker.

        Args:
            taken: where everybody else is, without the walker. The target counts always.

        Returns:
            The centre of a cell at most ``REACH`` cells away, or ``None`` if there is none.
        """
        label = self._label(self.cell_of(walker))
        if label == 0:
            return None
        company = list(taken)
        others = [target, *company]
        full = {self.cell_of(place) for place in others}
        zone = self.zone_at(target)
        room = zone if zone is not None and zone.kind is ZoneKind.MEETING_ROOM else None
        best: tuple[tuple[bool, bool, bool, bool, bool, int, int], Cell] | None = None
        middle = self.cell_of(target)
        for cell in (cell for radius in range(1, REACH + 1) for cell in self._ring(middle, radius)):
            if self._label(cell) != label or cell in full:
                continue
            place = self.centre(cell)
            its_zone = self.zone_at(place)
            if its_zone is not room and (room or (its_zone and its_zone.kind is ZoneKind.MEETING_ROOM)):
                continue
            away = _distance2(place, target)
            rank = (
                its_zone is not zone,
                any(_distance2(place, other) < PERSONAL_SPACE**2 for other in others),
                not self.line_of_sight(place, target),
                not EASY_DISTANCE**2 <= away <= (2 * EASY_DISTANCE) ** 2,
                any(_distance2(place, other) < EASY_DISTANCE**2 for other in company),
                away,
                _distance2(place, walker),
            )
            best = (rank, cell) if best is None else min(best, (rank, cell))
        return None if best is None else self.centre(best[1])

    def start_place(self, seat: SeatId | None, taken: Iterable[Place]) -> Place:
        """Where somebody appears: at the home seat, or as near to it as others allow, or at the entrance.

        Args:
            seat: the home seat; one that the map does not have counts as none.
            taken: where everybody else is.
        """
        others = list(taken)
        full = {self.cell_of(place) for place in others}
        home = self.seats.get(seat) if seat is not None else None
        if home is not None and self.walkable(home.place):
            if self.cell_of(home.place) not in full:
                return home.place
            beside = self.free_cell_near(home.place, home.place, others)
            if beside is not None:
                return beside
        doors = [place for place in self.map.start if self.walkable(place)]
        free = [place for place in doors if self.cell_of(place) not in full]
        roomy = (p for p in free if all(_distance2(p, other) >= PERSONAL_SPACE**2 for other in others))
        place = next(roomy, next(iter(free), None))
        if place is not None:
            return place
        beside_door = (self.free_cell_near(door, door, others) for door in doors)
        return next((place for place in beside_door if place is not None), self.map.start[0])

    # Helpers

    def _free(self, cell: Cell) -> bool:
        return self._label(cell) != 0

    def _label(self, cell: Cell) -> int:
        """Which connected part of the floor a cell belongs to; 0 in a wall and outside."""
        column, row = cell
        if 0 <= column < self._columns and 0 <= row < self._rows:
            return self._labels[row * self._columns + column]
        return 0

    def _ring(self, middle: Cell, radius: int) -> Iterator[Cell]:
        """The cells of the map at exactly so many steps from a cell, diagonal steps counted as one."""
        x, y = middle
        left, right = max(x - radius, 0), min(x + radius, self._columns - 1)
        for row in range(max(y - radius, 0), min(y + radius, self._rows - 1) + 1):
            if abs(row - y) == radius:
                yield from ((column, row) for column in range(left, right + 1))
            else:
                yield from ((c, row) for c in (x - radius, x + radius) if 0 <= c < self._columns)


def _turns(cells: list[Cell]) -> list[Cell]:
    """A walk without the cells that only continue straight on."""
    kept = cells[:1]
    for before, here, after in zip(cells, cells[1:], cells[2:], strict=False):
        if (here[0] - before[0], here[1] - before[1]) != (after[0] - here[0], after[1] - here[1]):
            kept.append(here)
    return kept + cells[-1:]


def _distance2(a: Place, b: Place) -> int:
    """px²"""
    return (a.x - b.x) ** 2 + (a.y - b.y) ** 2


def _area(zone: Zone) -> int:
    """Twice the area in px², by the shoelace formula."""
    corners = zone.outline
    pairs = zip(corners, corners[1:] + corners[:1], strict=True)
    return abs(sum(a.x * b.y - b.x * a.y for a, b in pairs))


def contains(corners: tuple[Place, ...], place: Place) -> bool:
    """Even-odd rule; of two polygons that share an edge, a point on the edge is in one of them only."""
    inside = False
    for one, other in zip(corners, corners[1:] + corners[:1], strict=True):
        if (one.y > place.y) == (other.y > place.y):
            continue
        a, b = (one, other) if one.y < other.y else (other, one)
        # Right of the edge at this height, without division.
        if (place.x - a.x) * (b.y - a.y) >= (b.x - a.x) * (place.y - a.y):
            inside = not inside
    return inside
