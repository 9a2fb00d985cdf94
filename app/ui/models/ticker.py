"""One timer for every running time on the screen; it stands still while nothing runs or is seen."""

from __future__ import annotations

from collections.abc import Hashable

from PySide6.QtCore import QObject, Qt, QTimer, Signal

TICK_MS = 1_000


class Ticker(QObject):
    """Says once a second that running times look different now.

    Signals:
        ticked: about once a second while anybody needs it.
    """

    ticked = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._needed_by: set[Hashable] = set()
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.CoarseTimer)
        self._timer.setInterval(TICK_MS)
        self._timer.timeout.connect(self.ticked)

    @property
    def running(self) -> bool:
        return self._timer.isActive()

    def need(self, who: Hashable, needed: bool) -> None:
        """``who`` shows a running time now, or no longer."""
        if needed:
            self._needed_by.add(who)
        else:
            self._needed_by.discard(who)
        if bool(self._needed_by) != self._timer.isActive():
            if self._needed_by:
                self._timer.start()
            else:
                self._timer.stop()
