"""Native notifications: what the daemon was told, and its buttons pressed as a person presses them."""

import json
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.helpers.desktop.tools import Tools
from tests.helpers.desktop.waiting import eventually


@dataclass(frozen=True)
class Notification:
    """One call of org.freedesktop.Notifications.Notify as it crossed the bus, and what became of it.

    Attributes:
        id: the daemon's answer; None while it has not answered (or was not there).
        app, summary, body, icon: text as sent; the body has markup in it if the program sent markup.
        actions: buttons by key; ``default`` is a click on the notification itself.
        hints: by name (``urgency``: 0 low, 1 normal, 2 critical).
        replaces: id of the notification that it takes the place of, or 0.
        pressed: keys of the buttons that were pressed.
        closed: it is no longer shown.
    """

    id: int | None
    app: str
    summary: str
    body: str
    icon: str
    actions: dict[str, str]
    hints: dict[str, object]
    replaces: int
    pressed: tuple[str, ...]
    closed: bool


class Notifications:
    """The notification daemon, seen through the bus and its own control program."""

    def __init__(self, environment: Mapping[str, str], folder: Path) -> None:
        self._tools = Tools(environment)
        self.log = folder / "notifications.jsonl"
        self.choice = folder / "choice"

    def logger(self) -> list[str]:
        """The command that writes the log."""
        return [sys.executable, "-m", "tests.helpers.desktop.notification_log", str(self.log)]

    def being_logged(self) -> bool:
        """Whether the log is already written (its first line says so)."""
        return self.log.exists() and self.log.stat().st_size > 0

    def received(self) -> list[Notification]:
        """Every notification sent so far, the oldest first."""
        entries = [json.loads(line) for line in self.log.read_text().splitlines() if line.endswith("}")]
        answers = {entry["call"]: entry["id"] for entry in entries if entry["what"] == "answer"}
        # Numbers begin anew with a new daemon: only what came later is about this one.
        pressed = [(at, e["id"], e["key"]) for at, e in enumerate(entries) if e["what"] == "pressed"]
        closed = [(at, e["id"]) for at, e in enumerate(entries) if e["what"] == "closed"]
        return [
            Notification(
                id=(number := answers.get(entry["call"])),
                app=entry["app"],
                summary=entry["summary"],
                body=entry["body"],
                icon=entry["icon"],
                actions=dict(zip(entry["actions"][::2], entry["actions"][1::2], strict=False)),
                hints=entry["hints"],
                replaces=entry["replaces"],
                pressed=tuple(key for at, of, key in pressed if of == number and at > place),
                closed=any(of == number and at > place for at, of in closed),
            )
            for place, entry in enumerate(entries)
            if entry["what"] == "notify"
        ]

    def shown(self) -> list[Notification]:
        """Those that the daemon accepted and has not closed."""
        return [note for note in self.received() if note.id is not None and not note.closed]

    def wait(self, text: str, *, within: float = 15.0) -> Notification:
        """The newest shown notification whose summary or body has this text in it."""

        def look() -> Notification | None:
            found = [note for note in self.shown() if text in note.summary or text in note.body]
            return found[-1] if found else None

        return eventually(look, within=within, what=f"a notification with {text!r}") or self.shown()[-1]

    def press(self, notification: Notification, label: str) -> None:
        """Choose the button with this label in the daemon's menu, and wait until its program was told.

        The notification is closed then, as it is by a click on a desktop that draws buttons.
        """
        keys = [key for key, shown in notification.actions.items() if shown == label]
        assert keys, f"no button {label!r}; there are {sorted(notification.actions.values())}"
        self.choice.write_text(f"[{notification.id},{keys[0]}]\n")
        self._control("context")
        eventually(
            lambda: any(n.id == notification.id and keys[0] in n.pressed for n in self.received()),
            within=10,
            what=f"{label!r} was pressed",
        )
        self.close(notification)

    def close(self, notification: Notification) -> None:
        """As a person who dismisses this one."""
        name, path = "org.freedesktop.Notifications", "/org/freedesktop/Notifications"
        call = (path, f"{name}.CloseNotification", f"uint32:{notification.id}")
        self._tools.run("dbus-send", "--session", "--print-reply", f"--dest={name}", *call)

    def count_on_screen(self) -> int:
        """How many the daemon shows at this moment, by its own count."""
        match = re.search(r"Currently displayed:\s*(\d+)", self._control("count"))
        return int(match[1]) if match else 0

    def set_paused(self, paused: bool) -> None:
        """Do not disturb, on or off."""
        self._control("set-paused", "true" if paused else "false")

    def _control(self, *arguments: str) -> str:
        return self._tools.run("dunstctl", *arguments)
