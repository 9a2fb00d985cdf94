"""A whole desktop in memory: display, window manager, tray, notifications, sound, secrets, accessibility."""

import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

from tests.helpers.desktop import configuration
from tests.helpers.desktop.accessibility import Accessibility
from tests.helpers.desktop.focus import FocusProbe
from tests.helpers.desktop.notifications import Notifications
from tests.helpers.desktop.parts import Part
from tests.helpers.desktop.secrets import Secrets
from tests.helpers.desktop.sound import Sound
from tests.helpers.desktop.tools import Tools
from tests.helpers.desktop.tray import Tray
from tests.helpers.desktop.waiting import eventually
from tests.helpers.desktop.windows import Windows

ROOT = Path(__file__).resolve().parents[3]
START_WITHIN = 40.0  # s, on a machine that is busy with other tests

PartName = Literal[
    "bus",
    "display",
    "windows",
    "tray",
    "notification-log",
    "notifications",
    "sound",
    "keyring",
    "accessibility",
]
KeyringMode = Literal["unlocked", "locked", "none"]


class VirtualDesktop:
    """One person's desktop session; a context manager.

    Each desktop has its own display number, message bus and home, so that several run at the same time. The
    parts are the real programs. Nothing starts a part again once it was killed, but `start_again`.

    Attributes:
        environment: what a program needs to run here (home, display, bus, sound server …).
        windows, notifications, sound, tray, secrets, accessibility: what can be seen and done from outside.
        folder: the session's own folder, gone afterwards; logs are in ``folder/logs``.
    """

    def __init__(
        self,
        *,
        monitors: Sequence[tuple[int, int]] = ((1280, 800),),
        dpi: int = 96,
        keyring: KeyringMode = "unlocked",
        screen_reader: bool = True,
        language: str = "en_US.UTF-8",
    ) -> None:
        """Describe the desktop; entering the context starts it.

        Args:
            monitors: width and height of each in px, from left to right.
            dpi: dots per inch of the display.
            keyring: whether there is a secret store, and whether it is open.
            screen_reader: whether programs are told that one is running.
            language: the session's locale.
        """
        self._monitors = tuple(monitors)
        self._dpi = dpi
        self._keyring = keyring
        self._screen_reader = screen_reader
        self._language = language
        self._parts: dict[str, Part] = {}
        self._commands: dict[str, list[str]] = {}
        self._programs: list[Part] = []
        self.environment: dict[str, str] = {}

    # --- start and stop ---

    def __enter__(self) -> Self:
        # Short: a socket's path holds 108 bytes at most.
        self.folder = Path(tempfile.mkdtemp(prefix="desk-", dir="/tmp"))
        for name in ("home", "run", "logs", "etc"):
            (self.folder / name).mkdir(mode=0o700)
        self.environment = self._session_environment()
        self._tools = Tools(self.environment)
        try:
            self._start()
        except BaseException:
            self._report(sys.stderr.write)
            self._stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None:
            self._report(sys.stderr.write)
        self._stop()

    def _session_environment(self) -> dict[str, str]:
        home, run = self.folder / "home", self.folder / "run"
        return {
            "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
            "HOME": str(home),
            "USER": "demo",
            "LOGNAME": "demo",
            "LANG": self._language,
            "LC_ALL": "C.UTF-8",  # the only one that is surely there; Qt and gettext look at the others
            "LANGUAGE": self._language.partition(".")[0],
            "XDG_RUNTIME_DIR": str(run),
            "XDG_SESSION_TYPE": "x11",
            "XDG_CURRENT_DESKTOP": "openbox",
            "DBUS_SESSION_BUS_ADDRESS": f"unix:path={run}/bus",
            "PULSE_RUNTIME_PATH": str(run / "pulse"),
            "GSETTINGS_BACKEND": "memory",
            "LIBGL_ALWAYS_SOFTWARE": "1",
            "QT_QPA_PLATFORM": "xcb",
            "PYTHONUNBUFFERED": "1",
            "PYTHONFAULTHANDLER": "1",
        }

    def _start(self) -> None:
        etc, home = self.folder / "etc", self.folder / "home"
        self._part("bus", configuration.bus(etc, self.environment))
        self._start_display()
        self.windows = Windows(self.environment)
        self.notifications = Notifications(self.environment, self.folder)
        self.sound = Sound(self.environment, self.folder)
        self.tray = Tray(self.environment, self.windows)
        self.secrets = Secrets(self.environment)
        self.accessibility = Accessibility(self.environment)
        self._wait_for("bus", lambda: self._owned("org.freedesktop.DBus"))

        self._part("windows", configuration.openbox(etc, home))
        self._part("sound", configuration.PULSEAUDIO)
        self._part("notification-log", self.notifications.logger())
        self._part("accessibility", configuration.at_spi(self._screen_reader))
        if self._keyring != "none":
            self._part("keyring", configuration.KEYRING, stdin=configuration.KEYRING_PASSWORD)
        # These two draw at their place once the window manager is there.
        self._wait_for("windows", self.windows.managed)
        self._part("tray", configuration.TRAYER)
        self._wait_for("notification-log", self.notifications.being_logged)
        self._part("notifications", configuration.dunst(etc, self.notifications.choice))

        self._wait_for("notifications", self._notified)
        self._wait_for("tray", self.tray.there)
        self._wait_for("sound", self.sound.outputs)
        self._wait_for("accessibility", lambda: self._owned("org.a11y.Bus"))
        if self._keyring != "none":
            self._wait_for("keyring", lambda: self._owned("org.freedesktop.secrets"))
        if self._keyring == "locked":
            self.secrets.lock()

    def _start_display(self) -> None:
        """Start the X server on a free display number, which it chooses itself."""
        width = sum(size[0] for size in self._monitors)
        height = max(size[1] for size in self._monitors)
        reading, writing = os.pipe()
        try:
            screen = ["-screen", "0", f"{width}x{height}x24", "-dpi", str(self._dpi)]
            options = ["-displayfd", str(writing), *screen, "-nolisten", "tcp", "-noreset"]
            self._part("display", ["Xvfb", *options], pass_fds=(writing,))
            os.close(writing)
            writing = -1
            with os.fdopen(reading) as answers:
                number = answers.readline().strip()  # ends with the server, so it never hangs
        finally:
            if writing >= 0:
                os.close(writing)
        self._parts["display"].check_alive()
        self.environment["DISPLAY"] = f":{number}"
        if len(self._monitors) > 1:
            self._split_into_monitors()
        self._tools.run("xsetroot", "-solid", configuration.BACKGROUND)

    def _split_into_monitors(self) -> None:
        """Tell RandR that the one screen is several monitors side by side."""
        left = 0
        for index, (width, height) in enumerate(self._monitors):
            wide, high = (round(size * 25.4 / self._dpi) for size in (width, height))  # mm
            output = "screen" if index == 0 else "none"
            place = f"{width}/{wide}x{height}/{high}+{left}+0"
            self._tools.run("xrandr", "--setmonitor", f"monitor-{index + 1}", place, output)
            left += width

    def _part(
        self,
        name: PartName,
        command: Sequence[str],
        *,
        stdin: bytes | None = None,
        pass_fds: Sequence[int] = (),
    ) -> None:
        self._commands[name] = list(command)
        self._parts[name] = Part(
            name,
            command,
            environment=self.environment,
            log=self.folder / "logs" / f"{name}.log",
            cwd=ROOT,
            stdin=stdin,
            pass_fds=pass_fds,
        )

    def _wait_for(self, name: PartName, ready: Callable[[], object]) -> None:
        part = self._parts[name]

        def ready_or_dead() -> object:
            part.check_alive()
            return ready()

        eventually(ready_or_dead, within=START_WITHIN, what=f"{name} is ready")

    def _notified(self) -> bool:
        return self._owned("org.freedesktop.Notifications")

    def _owned(self, bus_name: str) -> bool:
        """Whether somebody answers to that name on the session bus."""
        bus = "org.freedesktop.DBus"
        asked = ("--session", "--print-reply", f"--dest={bus}", "/org/freedesktop/DBus")
        answer = self._tools.ask("dbus-send", *asked, f"{bus}.NameHasOwner", f"string:{bus_name}")
        return "boolean true" in answer

    def _stop(self) -> None:
        """End the programs, then the parts, the newest first."""
        running = [*self._parts.values(), *self._programs]
        for part in reversed(running):
            part.signal(signal.SIGTERM)
        for part in reversed(running):
            part.stop(within=2)
        self._parts.clear()
        self._programs.clear()
        shutil.rmtree(self.folder, ignore_errors=True)

    # --- parts and programs ---

    def part(self, name: PartName) -> Part:
        """A part of the desktop, for example to kill it."""
        return self._parts[name]

    def start_again(self, name: Literal["notifications", "tray", "sound"]) -> None:
        """Start a part that was killed, and wait until it is there."""
        assert not self._parts[name].alive, f"{name} runs"
        self._part(name, self._commands[name])
        ready = {"notifications": self._notified, "tray": self.tray.there, "sound": self.sound.outputs}
        self._wait_for(name, ready[name])

    def start(
        self, command: Sequence[str], *, name: str = "", environment: Mapping[str, str] | None = None
    ) -> Part:
        """Start a program here; it is ended with the desktop.

        Args:
            command: the program and its arguments, started in the checkout.
            name: of its log file; the program's own name unless given.
            environment: in place of the desktop's own.
        """
        count = len(self._programs) + 1
        name = name or Path(command[0]).name
        program = Part(
            name,
            command,
            environment=self.environment if environment is None else environment,
            log=self.folder / "logs" / f"program-{count}-{name}.log",
            cwd=ROOT,
        )
        self._programs.append(program)
        return program

    def run(self, command: Sequence[str], *, within: float = 60.0) -> str:
        """Run a program to its end and return what it printed (both streams).

        Raises:
            AssertionError: it failed. subprocess.TimeoutExpired: it took longer.
        """
        program = self.start(command)
        exit_code = program.wait(within)
        assert exit_code == 0, f"{program.name} ended with {exit_code}:\n{program.tail()}"
        return program.text()

    def focus_probe(self) -> FocusProbe:
        """Open another program's text field, with the keyboard focus in it."""
        return FocusProbe(self)

    def screenshot(self, path: Path) -> Path:
        """Write a PNG of all monitors side by side."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self._tools.run("import", "-silent", "-window", "root", f"png:{path}")
        return path

    # --- when something went wrong ---

    def logs(self) -> dict[str, str]:
        """The last lines of each part's and program's log, by name."""
        return {
            part.log.stem: part.tail() for part in (*self._parts.values(), *self._programs) if part.tail()
        }

    def _report(self, write: Callable[[str], object]) -> None:
        for name, text in self.logs().items():
            write(f"\n--- {name} ---\n{text}\n")
