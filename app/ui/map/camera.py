"""Where the view looks: zoom and origin, and the way between map px and device px.

Every place is first rounded in the zoomed map and then moved by a whole number of device pixels, so that
panning never changes how anything is rounded: what was painted can be scrolled.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

MIN_ZOOM, MAX_ZOOM = 0.05, 4.0


@dataclass(slots=True)
class Camera:
    """Attributes:
    zoom: logical px per map px.
    dpr: device px per logical px.
    width, height: of the view, device px.
    left, top: device px of the zoomed map at the view's upper left corner.
    map_width, map_height: map px.
    """

    zoom: float = 1.0
    dpr: float = 1.0
    width: int = 1
    height: int = 1
    left: int = 0
    top: int = 0
    map_width: int = 1
    map_height: int = 1

    @property
    def scale(self) -> float:
        """Device px per map px."""
        return self.zoom * self.dpr

    def snap(self, value: float) -> int:
        """Device px in the zoomed map of one map coordinate."""
        return math.floor(value * self.scale + 0.5)

    def to_map(self, x: float, y: float) -> tuple[float, float]:
        """Map px of a device px of the view."""
        return (x + self.left) / self.scale, (y + self.top) / self.scale

    def to_view(self, x: float, y: float) -> tuple[int, int]:
        """Device px of the view of a place on the map."""
        return self.snap(x) - self.left, self.snap(y) - self.top

    def centre_on(self, x: float, y: float) -> None:
        self.left = self.snap(x) - self.width // 2
        self.top = self.snap(y) - self.height // 2
        self.clamp()

    def zoom_to(self, zoom: float, x: float, y: float) -> None:
        """Change the zoom; the device px (x, y) of the view stays where it is on the map."""
        at_x, at_y = self.to_map(x, y)
        self.zoom = min(max(zoom, MIN_ZOOM), MAX_ZOOM)
        self.left = math.floor(at_x * self.scale - x + 0.5)
        self.top = math.floor(at_y * self.scale - y + 0.5)
        self.clamp()

    def resize(self, width: int, height: int, dpr: float) -> None:
        """Take a new size; the middle of the view stays where it is on the map."""
        x, y = self.to_map(self.width / 2, self.height / 2)
        self.width, self.height, self.dpr = max(width, 1), max(height, 1), dpr
        self.centre_on(x, y)

    def clamp(self) -> None:
        """The middle of the view never leaves the map."""
        half_x, half_y = self.width // 2, self.height // 2
        self.left = min(max(self.left, -half_x), self.snap(self.map_width) - half_x)
        self.top = min(max(self.top, -half_y), self.snap(self.map_height) - half_y)
