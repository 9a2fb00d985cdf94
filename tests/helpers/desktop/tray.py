"""The tray: which icons are in it, and clicks on them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from tests.helpers.desktop.tools import Tools
from tests.helpers.desktop.waiting import eventually
from tests.helpers.desktop.windows import LEFT, RIGHT, Geometry, Windows


@dataclass(frozen=True)
class TrayIcon:
    """An icon in the tray: a small window that its program put there (XEmbed).

    Attributes:
        id: its window. title: that window's name, the program's by default.
        geometry: its place on the display when it was looked for; the panel moves its icons around.
    """

    id: int
    title: str
    geometry: Geometry


class Tray:
    """trayer, the tray of the desktop."""

    def __init__(self, environment: Mapping[str, str], windows: Windows) -> None:
        self._tools = Tools(environment)
        self._windows = windows

    def there(self) -> bool:
        """Whether the tray's panel is on the display."""
        return bool(self._windows.find(window_class="^trayer$", hidden=True))

    def icons(self) -> list[TrayIcon]:
        """The icons, from left to right."""
        found: list[TrayIcon] = []
        for panel in self._windows.find(window_class="^trayer$", hidden=True):
            tree = self._tools.ask("xwininfo", "-tree", "-id", str(panel.id))
            found += [icon for line in tree.splitlines() if (icon := _icon(line))]
        return sorted(set(found), key=lambda icon: icon.geometry.x)

    def wait(self, title: str = "", *, within: float = 15.0) -> TrayIcon:
        """The first icon whose title has this in it, as soon as it is there."""
        found = eventually(
            lambda: [icon for icon in self.icons() if title in icon.title and icon.geometry.width > 8],
            within=within,
            what=f"a tray icon {title!r}",
        )
        return found[0]

    def click(self, icon: TrayIcon) -> None:
        self._windows.click(*self._place(icon).center, LEFT)

    def open_menu(self, icon: TrayIcon) -> None:
        self._windows.click(*self._place(icon).center, RIGHT)

    def picture(self, icon: TrayIcon) -> bytes:
        """The icon as it is on the screen now: rows of RGB pixels. Two of a flashing one differ."""
        place = self._place(icon)
        crop = f"{place.width}x{place.height}+{place.x}+{place.y}"
        grab = ("import", "-silent", "-window", "root", "-crop", crop, "-depth", "8", "rgb:-")
        return self._tools.run_for_bytes(*grab)

    def _place(self, icon: TrayIcon) -> Geometry:
        return self._windows.window(icon.id).geometry


def _icon(line: str) -> TrayIcon | None:
    """Read a line of xwininfo's tree; icons are square windows that a client named."""
    match = re.match(
        r'\s+(0x[0-9a-f]+) "(?P<title>[^"]*)": \((?P<cls>[^)]*)\)'
        r"\s+(?P<w>\d+)x(?P<h>\d+)\+-?\d+\+-?\d+\s+\+(?P<x>-?\d+)\+(?P<y>-?\d+)",
        line,
    )
    if not match or '"trayer"' in match["cls"]:
        return None
    place = Geometry(int(match["x"]), int(match["y"]), int(match["w"]), int(match["h"]))
    return TrayIcon(int(match[1], 16), match["title"], place)
