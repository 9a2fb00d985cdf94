"""Windows, keys and the mouse, from outside: what the X server and the window manager say."""

import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass

from tests.helpers.desktop.tools import Tools
from tests.helpers.desktop.waiting import eventually

LEFT, MIDDLE, RIGHT = 1, 2, 3


@dataclass(frozen=True)
class Geometry:
    """A rectangle on the display, in px."""

    x: int
    y: int
    width: int
    height: int

    @property
    def center(self) -> tuple[int, int]:
        return self.x + self.width // 2, self.y + self.height // 2

    def holds(self, x: int, y: int) -> bool:
        return self.x <= x < self.x + self.width and self.y <= y < self.y + self.height


@dataclass(frozen=True)
class Window:
    """A top-level window; asks anew each time."""

    id: int
    _tools: Tools

    @property
    def title(self) -> str:
        return self._tools.ask("xdotool", "getwindowname", str(self.id)).rstrip("\n")

    @property
    def pid(self) -> int | None:
        number = self._tools.ask("xdotool", "getwindowpid", str(self.id)).strip()
        return int(number) if number.isdigit() else None

    @property
    def visible(self) -> bool:
        """On the screen: mapped, neither minimised nor withdrawn. What covers it does not count."""
        return "Map State: IsViewable" in self._tools.ask("xwininfo", "-id", str(self.id))

    @property
    def geometry(self) -> Geometry:
        """Place of the contents on the display, without the frame."""
        text = self._tools.run("xwininfo", "-id", str(self.id))
        names = ("Absolute upper-left X", "Absolute upper-left Y", "Width", "Height")
        found = [re.search(rf"{name}:\s+(-?\d+)", text) for name in names]
        return Geometry(*(int(match[1]) for match in found if match))

    @property
    def states(self) -> frozenset[str]:
        """_NET_WM_STATE without its prefix: ABOVE, DEMANDS_ATTENTION, FOCUSED, FULLSCREEN, SKIP_TASKBAR …"""
        text = self._tools.ask("xprop", "-id", str(self.id), "_NET_WM_STATE")
        return frozenset(re.findall(r"_NET_WM_STATE_(\w+)", text.partition("=")[2]))

    @property
    def above(self) -> bool:
        """Kept above other windows."""
        return "ABOVE" in self.states

    @property
    def demands_attention(self) -> bool:
        """Its taskbar entry asks for attention (the state, or ICCCM's urgency hint)."""
        hints = self._tools.ask("xprop", "-id", str(self.id), "WM_HINTS")
        return "DEMANDS_ATTENTION" in self.states or "urgency hint bit is set" in hints

    def focus(self) -> None:
        """Bring it to the front with the keyboard focus, and wait until it has it."""
        self._tools.run("xdotool", "windowactivate", "--sync", str(self.id))

    def close(self) -> None:
        """Ask it to close, as its title bar's button does (Alt+F4)."""
        self.focus()
        self._tools.run("xdotool", "key", "--clearmodifiers", "alt+F4")

    def click(self, x: int, y: int, button: int = LEFT, *, times: int = 1) -> None:
        """Click at a place in it, in px from its upper left corner."""
        place = self.geometry
        self._tools.run("xdotool", "mousemove", "--sync", str(place.x + x), str(place.y + y))
        self._tools.run("xdotool", "click", "--repeat", str(times), "--delay", "60", str(button))


class Windows:
    """All windows of a display, the mouse and the keyboard."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._tools = Tools(environment)

    def window(self, number: int) -> Window:
        """The window with this id."""
        return Window(number, self._tools)

    def managed(self) -> bool:
        """Whether a window manager is there."""
        return "window id #" in self._tools.ask("xprop", "-root", "_NET_SUPPORTING_WM_CHECK")

    def find(
        self,
        *,
        title: str | None = None,
        pid: int | None = None,
        window_class: str | None = None,
        hidden: bool = False,
    ) -> list[Window]:
        """Windows that match everything given.

        Args:
            title: regular expression, anywhere in the title.
            pid: the process that opened it.
            window_class: regular expression, anywhere in WM_CLASS.
            hidden: also those that are not on the screen.
        """
        search = ["xdotool", "search", "--all"] + ([] if hidden else ["--onlyvisible"])
        if title is not None:
            search += ["--name"]
        if pid is not None:
            search += ["--pid", str(pid)]
        if window_class is not None:
            search += ["--class"]
        pattern = title if title is not None else window_class
        if title is not None and window_class is not None:
            both = self.find(title=title, pid=pid, hidden=hidden)
            classes = {window.id for window in self.find(window_class=window_class, pid=pid, hidden=hidden)}
            return [window for window in both if window.id in classes]
        answer = self._tools.ask(*search, *([pattern] if pattern is not None else ["."]))
        return [Window(int(line), self._tools) for line in answer.split() if line.isdigit()]

    def wait(
        self,
        *,
        title: str | None = None,
        pid: int | None = None,
        window_class: str | None = None,
        within: float = 20.0,
    ) -> Window:
        """The first visible window that matches, as soon as there is one."""
        what = f"a window: title={title} pid={pid} class={window_class}"
        found = eventually(
            lambda: self.find(title=title, pid=pid, window_class=window_class), within=within, what=what
        )
        return found[0]

    def stacked(self) -> list[Window]:
        """The managed windows, the lowest first."""
        text = self._tools.ask("xprop", "-root", "_NET_CLIENT_LIST_STACKING")
        return [Window(int(number, 16), self._tools) for number in re.findall(r"0x[0-9a-f]+", text)]

    def all(self) -> list[Window]:
        """Every visible child of the root window, managed or not (frames of the manager too)."""
        text = self._tools.run("xwininfo", "-root", "-children")
        found = [
            Window(int(number, 16), self._tools) for number in re.findall(r"^\s+(0x[0-9a-f]+) ", text, re.M)
        ]
        return [window for window in found if window.visible]

    def active(self) -> Window | None:
        """The window that the manager calls active."""
        text = self._tools.ask("xprop", "-root", "_NET_ACTIVE_WINDOW")
        match = re.search(r"0x([0-9a-f]+)", text)
        return Window(int(match[1], 16), self._tools) if match and int(match[1], 16) else None

    def focused(self) -> int | None:
        """Id of the window that the X server sends keys to."""
        number = self._tools.ask("xdotool", "getwindowfocus", "-f").strip()
        return int(number) if number.isdigit() else None

    def type(self, text: str, *, pause: int | None = None) -> None:
        """Type into whatever has the focus, with ``pause`` ms between keys.

        Letters that the keyboard lacks are put on a spare key one by one; programs need a while to notice.
        """
        if pause is None:
            pause = 12 if text.isascii() else 80
        self._tools.run("xdotool", "type", "--clearmodifiers", "--delay", str(pause), "--", text)

    def typing(self, text: str, *, pause: int = 30) -> "subprocess.Popen[bytes]":
        """Start to type as ``type`` does, without waiting for the end."""
        return self._tools.start("xdotool", "type", "--delay", str(pause), "--", text)

    def key(self, *combinations: str) -> None:
        """Press keys one after another: ``"ctrl+shift+e"``, ``"Tab"``, ``"Return"``."""
        self._tools.run("xdotool", "key", "--clearmodifiers", *combinations)

    def move(self, x: int, y: int) -> None:
        """Move the mouse pointer, in px on the display."""
        self._tools.run("xdotool", "mousemove", "--sync", str(x), str(y))

    def click(self, x: int, y: int, button: int = LEFT, *, times: int = 1) -> None:
        """Click at a place on the display, in px."""
        self.move(x, y)
        self._tools.run("xdotool", "click", "--repeat", str(times), "--delay", "60", str(button))

    def wheel(self, steps: int, x: int, y: int) -> None:
        """Turn the wheel at a place; positive is away from the person (zooms in)."""
        self.move(x, y)
        self._tools.run(
            "xdotool", "click", "--repeat", str(abs(steps)), "--delay", "20", "4" if steps > 0 else "5"
        )

    def drag(self, start: tuple[int, int], end: tuple[int, int]) -> None:
        """Drag with the left button, in several steps."""
        self.move(*start)
        self._tools.run("xdotool", "mousedown", "1")
        for step in range(1, 9):
            x, y = (round(a + (b - a) * step / 8) for a, b in zip(start, end, strict=True))
            self._tools.run("xdotool", "mousemove", "--sync", str(x), str(y))
        self._tools.run("xdotool", "mouseup", "1")
