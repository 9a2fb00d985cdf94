"""One person at one machine: a virtual desktop with the client on it, used with mouse and keyboard alone.

What shows is found as a screen reader finds it (AT-SPI); keys and clicks come from the X server.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.helpers.desktop import Geometry, Node, Part, TooLateError, VirtualDesktop, Window, eventually

KEPT = Path(__file__).resolve().parents[2] / "build" / "e2e"
PASSWORD = "a demo password"  # only ever for a server on a fresh temporary folder


class Desk:
    """A desktop with one client.

    Attributes:
        handle: who sits here.
        client: the program's process once :meth:`open` was called.
    """

    def __init__(self, desktop: VirtualDesktop, handle: str, server: str) -> None:
        self.desktop = desktop
        self.handle = handle
        self.server = server
        self.client: Part | None = None

    @property
    def pid(self) -> int:
        assert self.client is not None, "the client is not open"
        return self.client.pid

    def open(self, *options: str, scale: float = 1.0, program: Sequence[str] = ("-m", "app")) -> None:
        """Start the client, as a person starts it from the menu.

        Args:
            program: what the interpreter runs.
            options: more of its command line.
            scale: of the monitor, as the desktop's settings say it (1.5 is 150 %).
        """
        command = [sys.executable, *program, "--server", self.server, "--handle", self.handle]
        environment = {**self.desktop.environment, "QT_SCALE_FACTOR": str(scale)}
        name = f"client-{self.handle}"
        self.client = self.desktop.start([*command, *options], name=name, environment=environment)
        self.desktop.windows.wait(pid=self.pid, within=40)
        self._wait_until_placed()

    def _wait_until_placed(self) -> None:
        """The window manager moves a new window once; what is clicked must not have moved since.

        Who is still signed in sees the page give way to the space: that is another window.
        """
        seen: list[tuple[Window, Geometry]] = []

        def still() -> bool:
            try:
                window = self.desktop.windows.wait(pid=self.pid, within=20)
                seen.append((window, window.geometry))
            except AssertionError:  # it went while it was looked at
                seen.clear()
            return len(seen) > 10 and len(set(seen[-10:])) == 1

        eventually(still, within=20, what=f"{self.handle}'s window stays where it is")

    def sign_in(self, *, password: str = PASSWORD) -> None:
        """Fill in the page and press Enter; ends when the map is there."""
        field = self.see("Password", role="password text", within=40)
        self.click(field)
        self.desktop.windows.type(password)
        self.desktop.windows.key("Return")
        self.see("Map of the space", role="list", within=30)

    # --- look ---

    def tree(self) -> list[Node]:
        return self.desktop.accessibility.tree(self.pid)

    def find(self, name: str, *, role: str | None = None) -> list[Node]:
        """What shows and has ``name`` in its name; exact matches first."""
        found = [
            node
            for node in self.tree()
            if name in node.name and (role is None or node.role == role) and "showing" in node.states
        ]
        return sorted(found, key=lambda node: node.name != name)

    def see(self, name: str, *, role: str | None = None, within: float = 15.0) -> Node:
        """Wait until something with ``name`` in its accessible name shows."""
        what = f"{self.handle} sees {role or 'something'} called {name!r}"
        try:
            return eventually(lambda: self.find(name, role=role), within=within, what=what)[0]
        except TooLateError as error:
            shown = [str(node).strip() for node in self.tree() if "showing" in node.states and node.name]
            picture = self.shot(KEPT / f"{self.handle}-did-not-see.png")
            raise TooLateError(f"{error}\nIt shows ({picture}):\n" + "\n".join(shown)) from error

    def see_exactly(self, name: str, *, within: float = 15.0) -> Node:
        """Wait until something with just this name shows."""

        def look() -> list[Node]:
            return [node for node in self.find(name) if node.name == name]

        return eventually(look, within=within, what=f"{self.handle} sees {name!r}")[0]

    def see_gone(self, name: str, *, role: str | None = None, within: float = 15.0) -> None:
        what = f"{role or 'everything'} called {name!r} is gone from {self.handle}'s screen"
        eventually(lambda: not self.find(name, role=role), within=within, what=what)

    def shot(self, path: Path) -> Path:
        return self.desktop.screenshot(path)

    def main_window(self) -> Window:
        """The program's large window."""
        windows = self.desktop.windows.find(pid=self.pid)
        return max(windows, key=lambda window: window.geometry.width * window.geometry.height)

    def popups(self) -> list[Window]:
        """The alert windows on the screens."""
        return [window for window in self.desktop.windows.find(pid=self.pid) if window.above]

    # --- act ---

    def click(self, what: Node | str, *, role: str | None = None, times: int = 1, button: int = 1) -> None:
        """Click in the middle of something that shows."""
        node = self.see(what, role=role) if isinstance(what, str) else what
        x, y, width, height = node.box
        self.desktop.windows.click(x + width // 2, y + height // 2, button, times=times)

    def click_popup(self, name: str) -> None:
        """Click a button of an alert's pop-up."""

        def look() -> list[Node]:
            places = [window.geometry for window in self.popups()]
            buttons = self.find(name, role="push button")
            return [node for node in buttons if any(place.holds(*node.box[:2]) for place in places)]

        self.click(eventually(look, within=15, what=f"a pop-up's button {name!r}")[0])

    def point_at(self, node: Node) -> None:
        x, y, width, height = node.box
        self.desktop.windows.move(x + width // 2, y + height // 2)

    def key(self, *combinations: str) -> None:
        self.desktop.windows.key(*combinations)

    def type(self, text: str) -> None:
        self.desktop.windows.type(text)

    def focus(self) -> None:
        """Bring the program's window to the front."""
        self.main_window().focus()

    # --- what people do here ---

    def begin_raise(self, message: str = "", *recipients: str) -> None:
        """Open the dialog and fill it in; recipients (``@handle`` each) make the hand red."""
        self.focus()
        self.key("ctrl+shift+e")
        self.see("Message", role="text")
        if message:
            self.type(message)
        if recipients:
            self.click("Notify users in the space", role="check box")
            self.click("Recipients", role="text")
            for recipient in recipients:
                self.type(recipient)
                self.see("People and groups", role="list")
                self.key("Return")

    def execute(self) -> None:
        self.key("ctrl+Return")
        self.see_gone("Execute", role="push button")

    def raise_red(self, message: str, *recipients: str) -> None:
        """Raise a red hand, with keys and one click on the switch."""
        self.begin_raise(message, *recipients)
        self.execute()
        self.see("Lower your red hand", role="push button")

    def raise_yellow(self, message: str = "") -> None:
        self.begin_raise(message)
        self.execute()
        self.see("Lower your yellow hand", role="push button")

    def lower_hand(self) -> None:
        self.focus()
        self.key("ctrl+shift+e")
        self.see("Raise your hand", role="push button")


def until(look: Callable[[], object], what: str, within: float = 15.0) -> None:
    """Wait for a condition of the story."""
    eventually(look, within=within, what=what)
