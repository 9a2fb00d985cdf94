"""Tells the others, through the server, how alerts come through here; not each time something flickers."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer

from app.core.model import Reach
from app.ui.alerts.center import Alerts

TELL_AFTER_MS = 3_000
"""A channel that is back by then (a helper that was started again) was never lost for anybody else."""


class ReachTeller(QObject):
    """Args:
    tell: what is told twice must cost nothing.
    """

    def __init__(self, alerts: Alerts, tell: Callable[[Reach], None], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._alerts, self._tell = alerts, tell
        self._timer = QTimer(self, singleShot=True, interval=TELL_AFTER_MS)
        self._timer.timeout.connect(self._say)
        alerts.reach_changed.connect(self._changed)
        self._say()

    def _changed(self) -> None:
        if not self._timer.isActive():
            self._timer.start()

    def _say(self) -> None:
        self._tell(self._alerts.reach)
