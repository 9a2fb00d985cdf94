"""Alerts whose channels can be looked at, and a clock that can be turned."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import pytest
from PySide6.QtGui import QWindow

from app.core.model import PersonId
from app.ui.alerts import popup_window
from app.ui.alerts.center import Alerts
from app.ui.alerts.notes import Note
from app.ui.alerts.notification import AlertNotifications
from app.ui.alerts.popup import AlertPopups
from app.ui.alerts.sound import AlertSound
from app.ui.alerts.system_volume import SystemVolume
from app.ui.alerts.tray import Tray
from app.ui.alerts.tray_icons import Look, TrayIcons
from app.ui.theme.tokens import LIGHT

ME = PersonId("me")


class SilentSound(AlertSound):
    """Rings without a process."""

    def start(self) -> None:
        pass

    def close(self) -> None:
        pass


class Notes(AlertNotifications):
    """Remembers what should be shown."""

    shown: tuple[str, ...] = ()
    broken = False

    def show(self, notes: Sequence[Note]) -> None:
        if self.broken:
            raise RuntimeError("a bug in the notification code")
        self.shown = tuple(note.id for note in notes)

    def probe(self) -> None:
        pass


class Desk:
    """Alerts with channels that can be looked at, and a clock that can be turned."""

    def __init__(self, volume: SystemVolume | None = None) -> None:
        self.now = 1_000.0
        self.sound, self.notes = SilentSound(), Notes()
        self.popups = AlertPopups(lambda: self.now, LIGHT, seen=QWindow.isExposed)
        self.tray = Tray(TrayIcons(), available=lambda: True)
        self.alerts = Alerts(
            clock=lambda: self.now,
            popups=self.popups,
            sound=self.sound,
            notifications=self.notes,
            tray=self.tray,
            volume=volume,
        )
        self.alerts.set_person(ME)
        self.alerts.start()

    def later(self, seconds: float) -> None:
        self.now += seconds
        self.alerts.look()

    def channels(self) -> str:
        """``pop+sound+note+flash`` for what is on; the pop-up says how many cards."""
        cards = sum(len(w.cards) for w in self.popups.windows if w.isVisible())
        on = {
            f"pop{cards}": cards > 0,
            "sound": self.sound.ringing,
            "note": bool(self.notes.shown),
            "flash": self.tray.look() in (Look.RINGING, Look.RINGING_DIM),
            "taskbar": self.alerts._attention.isActive(),
        }
        return "+".join(name for name, is_on in on.items() if is_on)


@contextmanager
def alert_desk(monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """One whose pop-ups are there at once."""
    monkeypatch.setattr(popup_window, "SETTLE_MS", 0)
    made = Desk()
    yield made
    made.alerts._timer.stop()
    made.alerts._attention.stop()
    made.popups.close()
    made.tray.close()
