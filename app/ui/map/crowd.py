"""Everybody's places as arrays: movement, culling and hit test over all avatars at once.

One row an avatar, in the order in which they are painted. Times are s of one monotonic clock, ``x`` and ``y``
map px, ``px`` and ``py`` device px in the zoomed map (see camera.py).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from app.core.model import PersonId, Place

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int32]
Indices = npt.NDArray[np.intp]
Bools = npt.NDArray[np.bool_]

SHORTEST, LONGEST = 0.08, 0.30
"""s one step between two updates takes on the screen: as long as the updates are apart, within these."""
LEAP = 480.0
"""px; nobody walks so far between two updates, so it is shown as a jump."""
CALM = 0.6
"""s without a step after which somebody stands still, and is painted with all who do."""
NOTHING = -1
"""No sprite yet."""

_FLOATS = ("x", "y", "from_x", "from_y", "to_x", "to_y", "began", "span", "heard")
_INTS = ("px", "py", "face", "label", "label_width", "label_room", "label_top")
_BOOLS = ("moving", "lively", "labelled")


class Crowd:
    """Attributes:
    x, y: where each avatar is shown now.
    to_x, to_y: where it was last said to be.
    moving: still on the way there; lively: moving, or was a moment ago (see ``CALM``).
    face, label: sprite numbers in the atlases, ``NOTHING`` until they are needed.
    label_width: device px the whole name takes; label_room: what the neighbours leave of it.
    label_top: device px from ``py`` down to the name.
    labelled: the name is shown.
    """

    x: Floats
    y: Floats
    from_x: Floats
    from_y: Floats
    to_x: Floats
    to_y: Floats
    began: Floats
    span: Floats
    heard: Floats
    px: Ints
    py: Ints
    face: Ints
    label: Ints
    label_width: Ints
    label_room: Ints
    label_top: Ints
    moving: Bools
    lively: Bools
    labelled: Bools

    def __init__(self) -> None:
        self.ids: list[PersonId] = []
        self.row: dict[PersonId, int] = {}
        self._room = 64
        for name in _FLOATS:
            setattr(self, name, np.zeros(self._room))
        for name in _INTS:
            setattr(self, name, np.zeros(self._room, np.int32))
        for name in _BOOLS:
            setattr(self, name, np.zeros(self._room, np.bool_))

    def __len__(self) -> int:
        return len(self.ids)

    def add(self, person: PersonId, x: float, y: float, now: float) -> int:
        row = len(self.ids)
        if row == self._room:
            self._room *= 2
            for name in (*_FLOATS, *_INTS, *_BOOLS):
                old = getattr(self, name)
                setattr(self, name, np.concatenate([old, np.zeros_like(old)]))
        self.ids.append(person)
        self.row[person] = row
        self.face[row] = self.label[row] = NOTHING
        self.label_width[row] = self.label_room[row] = self.label_top[row] = 0
        self.labelled[row] = self.lively[row] = False
        self.jump(row, x, y, now)
        return row

    def remove(self, person: PersonId) -> int | None:
        """Take somebody out; returns the row that somebody else has now (the last one moves there)."""
        row, last = self.row.pop(person), len(self.ids) - 1
        other = self.ids.pop()
        if row == last:
            return None
        self.ids[row] = other
        self.row[other] = row
        for name in (*_FLOATS, *_INTS, *_BOOLS):
            values = getattr(self, name)
            values[row] = values[last]
        return row

    def place(self, row: int) -> Place:
        """Where an avatar is shown, in whole px."""
        return Place(round(float(self.x[row])), round(float(self.y[row])))

    def goal(self, row: int) -> Place:
        return Place(round(float(self.to_x[row])), round(float(self.to_y[row])))

    def jump(self, row: int, x: float, y: float, now: float) -> None:
        self.x[row] = self.to_x[row] = x
        self.y[row] = self.to_y[row] = y
        self.heard[row] = now
        self.moving[row] = False

    def step_to(self, row: int, x: float, y: float, now: float) -> None:
        """Go on from where the avatar is shown now, so as to arrive when the next update is due."""
        since = now - float(self.heard[row])
        self.heard[row] = now
        self.to_x[row], self.to_y[row] = x, y
        self.from_x[row], self.from_y[row] = self.x[row], self.y[row]
        self.began[row] = now
        self.span[row] = min(max(since, SHORTEST), LONGEST) if since < 1.0 else 0.12
        self.moving[row] = True

    def advance(self, now: float) -> Indices:
        """Move whoever is on the way; the rows of those."""
        rows = np.flatnonzero(self.moving[: len(self.ids)])
        if len(rows):
            share = np.minimum((now - self.began[rows]) / self.span[rows], 1.0)
            self.x[rows] = self.from_x[rows] + (self.to_x[rows] - self.from_x[rows]) * share
            self.y[rows] = self.from_y[rows] + (self.to_y[rows] - self.from_y[rows]) * share
            self.moving[rows] = share < 1.0
        return rows

    def calm(self, now: float) -> Indices:
        """Who stood still long enough is lively no more; the rows of those."""
        n = len(self.ids)
        rows = np.flatnonzero(self.lively[:n] & ~self.moving[:n] & (now - self.heard[:n] > CALM))
        self.lively[rows] = False
        return rows

    def project(self, scale: float, rows: Indices | None = None) -> None:
        """Work out device px again, for all or for some rows; the same rounding as ``Camera.snap``."""
        if rows is None:
            n = len(self.ids)
            self.px[:n] = np.floor(self.x[:n] * scale + 0.5)
            self.py[:n] = np.floor(self.y[:n] * scale + 0.5)
        else:
            self.px[rows] = np.floor(self.x[rows] * scale + 0.5)
            self.py[rows] = np.floor(self.y[rows] * scale + 0.5)

    def within(self, left: int, top: int, right: int, bottom: int) -> Indices:
        """Rows whose centre lies in a rectangle of device px in the zoomed map (all edges included)."""
        px, py = self.px[: len(self.ids)], self.py[: len(self.ids)]
        # Unsigned differences: one comparison an axis instead of two.
        inside = (px - np.int32(left)).view(np.uint32) <= np.uint32(max(right - left, 0))
        inside &= (py - np.int32(top)).view(np.uint32) <= np.uint32(max(bottom - top, 0))
        return np.flatnonzero(inside)

    def hit(self, x: int, y: int, radius: float, top: int = -1) -> int | None:
        """The row painted last (``top``, if it is one) of those whose face covers a device px of the map."""
        reach = int(radius) + 1
        rows = self.within(x - reach, y - reach, x + reach, y + reach)
        away = (self.px[rows] - x) ** 2 + (self.py[rows] - y) ** 2
        rows = rows[away <= radius * radius]
        if top in rows:
            return top
        return int(rows[-1]) if len(rows) else None
