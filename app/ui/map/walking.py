"""How one's own avatar walks (at once, without asking the server), and the dotted ways people are on."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence
from itertools import pairwise

from app.core.geometry import WalkMap
from app.core.limits import MOVES_PER_SECOND
from app.core.model import Place

SPEED = 230.0
"""px/s"""
REPORT_EVERY = 1.0 / MOVES_PER_SECOND
"""s between two places that are told to the server."""
DOT_EVERY = 9.0
"""px on the screen between the dots of a way."""


class Way:
    """A line of straight parts, by the distance along it (px)."""

    def __init__(self, points: Sequence[tuple[float, float]]) -> None:
        self.points = list(points)
        self._along = [0.0]
        for (ax, ay), (bx, by) in pairwise(self.points):
            self._along.append(self._along[-1] + math.hypot(bx - ax, by - ay))

    @property
    def length(self) -> float:
        return self._along[-1]

    @property
    def end(self) -> tuple[float, float]:
        return self.points[-1]

    def at(self, distance: float) -> tuple[float, float]:
        if distance <= 0 or len(self.points) == 1:
            return self.points[0]
        if distance >= self.length:
            return self.points[-1]
        i = bisect_right(self._along, distance) - 1
        (ax, ay), (bx, by) = self.points[i], self.points[i + 1]
        share = (distance - self._along[i]) / (self._along[i + 1] - self._along[i])
        return ax + (bx - ax) * share, ay + (by - ay) * share

    def nearest(self, x: float, y: float) -> tuple[float, float]:
        """How far along the way the point next to (x, y) is, and how far away (px)."""
        best = (0.0, math.hypot(x - self.points[0][0], y - self.points[0][1]))
        for i, ((ax, ay), (bx, by)) in enumerate(pairwise(self.points)):
            dx, dy = bx - ax, by - ay
            squared = dx * dx + dy * dy
            if squared == 0:
                continue
            share = min(max(((x - ax) * dx + (y - ay) * dy) / squared, 0.0), 1.0)
            away = math.hypot(x - ax - share * dx, y - ay - share * dy)
            if away < best[1]:
                best = (self._along[i] + share * math.sqrt(squared), away)
        return best

    def dots(self, spacing: float) -> list[tuple[float, float, float]]:
        """Places of dots with their distance along the way, counted from the end so that they stand still."""
        count = int(self.length / spacing)
        return [
            (*self.at(distance), distance)
            for distance in (self.length - i * spacing for i in range(count + 1))
            if distance > 0
        ]


class Walker:
    """One's own feet: follows a way or the arrow keys, and says when the server is to be told.

    Args:
        walk_map: where nobody can walk; ``None``: everywhere can be walked.
    """

    def __init__(self, walk_map: WalkMap | None = None) -> None:
        self.walk_map = walk_map
        self.way: Way | None = None
        self._done = 0.0
        self._direction = (0.0, 0.0)
        self._last = 0.0
        self._told_at = -math.inf
        self._untold = False

    @property
    def walking(self) -> bool:
        return self.way is not None or self._direction != (0.0, 0.0)

    @property
    def steered(self) -> bool:
        """Walking by the arrow keys."""
        return self._direction != (0.0, 0.0)

    @property
    def busy(self) -> bool:
        """Walking, or the last place is not told yet."""
        return self.walking or self._untold

    def follow(self, way: Way, now: float) -> None:
        self._direction = (0.0, 0.0)
        self.way, self._done, self._last = way, 0.0, now

    def steer(self, dx: int, dy: int, now: float) -> None:
        """Walk in a direction (-1, 0, 1 each) until told otherwise; (0, 0) stands still."""
        if not self.walking:
            self._last = now
        if dx or dy:
            self.way = None
        length = math.hypot(dx, dy) or 1.0
        self._direction = (dx / length, dy / length)

    def arrive(self) -> None:
        """Be at the end of the way at the next step."""
        if self.way is not None:
            self._done = self.way.length

    def stop(self) -> None:
        self.way = None
        self._direction = (0.0, 0.0)

    def advance(self, x: float, y: float, now: float) -> tuple[float, float]:
        """Where one stands now who stood at (x, y) at the last call."""
        # A stalled screen must not throw anybody through a wall.
        passed, self._last = min(max(now - self._last, 0.0), 0.1), now
        if self.way is not None:
            self._done += SPEED * passed
            x, y = self.way.at(self._done)
            if self._done >= self.way.length:
                self.way = None
            self._untold = True
        elif self._direction != (0.0, 0.0):
            before = (x, y)
            step_x, step_y = (part * SPEED * passed for part in self._direction)
            # Along a wall the part of the step that is free is still made.
            if self._free(x + step_x, y + step_y):
                x, y = x + step_x, y + step_y
            elif step_x and self._free(x + step_x, y):
                x += step_x
            elif step_y and self._free(x, y + step_y):
                y += step_y
            self._untold = self._untold or (x, y) != before
        return x, y

    def due(self, now: float) -> bool:
        """The present place is to be told now: at most ``MOVES_PER_SECOND``, and the last one always."""
        if not self._untold or now - self._told_at < REPORT_EVERY:
            return False
        self._told_at, self._untold = now, False
        return True

    def _free(self, x: float, y: float) -> bool:
        return self.walk_map is None or self.walk_map.walkable(Place(round(x), round(y)))
