"""Floor and walls as bytes: connected parts, and the steps that each cell allows.

The heavy lifting of :mod:`app.core.geometry` without a word about pixels. A grid is one byte a cell, row by
row, 1 for a wall. Whole rows and whole grids are handled at once, because a map may have a million cells.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Iterator

WALL = b"\x01"
STRAIGHT, DIAGONAL = 70, 99
"""Cost of one step; 99/70 is the square root of 2 to four digits."""


def components(blocked: bytes, columns: int, rows: int) -> array[int]:
    """Number the connected parts of the floor from 1; walls are 0.

    Whole runs of a row are joined with the runs above them, so that the cost follows the walls and not
    the floor.
    """
    parent = [0]

    def root(label: int) -> int:
        while parent[label] != label:
            parent[label] = parent[parent[label]]
            label = parent[label]
        return label

    runs: list[tuple[int, int, int, int]] = []  # row, first column, behind the last, label
    above: list[tuple[int, int, int]] = []
    for row in range(rows):
        current: list[tuple[int, int, int]] = []
        for start, end in _runs(blocked[row * columns : (row + 1) * columns]):
            label = len(parent)
            parent.append(label)
            # Of the runs above, those that end behind our start touch us until one starts behind our end.
            for i in range(bisect_right(above, start, key=lambda run: run[1]), len(above)):
                if above[i][0] >= end:
                    break
                parent[root(above[i][2])] = root(label)
            current.append((start, end, label))
            runs.append((row, start, end, label))
        above = current
    labels = array("i", bytes(4 * columns * rows))
    for row, start, end, label in runs:
        labels[row * columns + start : row * columns + end] = array("i", [root(label)]) * (end - start)
    return labels


def _runs(row: bytes) -> Iterator[tuple[int, int]]:
    """The stretches of floor in one row: first column, and the one behind the last."""
    start = row.find(0)
    while start >= 0:
        end = row.find(1, start)
        end = len(row) if end < 0 else end
        yield start, end
        start = row.find(0, end)


def neighbourhoods(padded: bytes, stride: int) -> bytes:
    """For each cell which of its neighbours are walls: bit i stands for the i-th of ``_around``.

    The whole grid is one big number with a byte for each cell; shifting it moves the map.
    """
    grid, masks = int.from_bytes(padded, "little"), 0
    for bit, offset in enumerate(_around(stride)):
        moved = grid >> 8 * offset if offset > 0 else grid << -8 * offset
        masks |= moved << bit
    return (masks & ((1 << 8 * len(padded)) - 1)).to_bytes(len(padded), "little")


def _around(stride: int) -> tuple[int, ...]:
    """The way to the right, left, lower and upper neighbour, then to the diagonal ones."""
    return (1, -1, stride, -stride, stride + 1, stride - 1, -stride + 1, -stride - 1)


def steps_in(mask: int, stride: int) -> tuple[tuple[int, int], ...]:
    """The steps that a neighbourhood allows, with their costs."""
    ways = _around(stride)
    free = {way for bit, way in enumerate(ways) if not mask >> bit & 1}
    straight = [(way, STRAIGHT) for way in ways[:4] if way in free]
    diagonal = [
        (down + right, DIAGONAL)
        for down in (stride, -stride)
        for right in (1, -1)
        if {down, right, down + right} <= free
    ]
    return (*straight, *diagonal)
