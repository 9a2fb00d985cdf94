"""From what changed in the zoomed map to a few disjoint rectangles of the widget."""

from __future__ import annotations

import math
from collections.abc import Iterable

from PySide6.QtCore import QRect

from app.ui.map.camera import Camera


def in_view(boxes: Iterable[QRect], camera: Camera, view: QRect) -> list[QRect]:
    """Rectangles of device px of the zoomed map as px of the view; what lies outside is left out.

    A little larger than asked, so that no fraction of a device px is missed at any scale.
    """
    dpr = camera.dpr
    found: list[QRect] = []
    for box in boxes:
        left = math.floor((box.left() - camera.left) / dpr) - 1
        top = math.floor((box.top() - camera.top) / dpr) - 1
        right = math.ceil((box.right() + 1 - camera.left) / dpr) + 1
        bottom = math.ceil((box.bottom() + 1 - camera.top) / dpr) + 1
        seen = QRect(left, top, right - left, bottom - top).intersected(view)
        if not seen.isEmpty():
            found.append(seen)
    return found


def merged(boxes: Iterable[QRect]) -> list[QRect]:
    """The same area and a little more in rectangles that do not overlap."""
    done: list[QRect] = []
    for new in boxes:
        grown, again = new, True
        while again:
            again = False
            for other in done:
                if grown.intersects(other):
                    done.remove(other)
                    grown = grown.united(other)
                    again = True
                    break
        done.append(grown)
    return done
