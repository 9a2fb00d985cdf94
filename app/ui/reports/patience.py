"""Says that something is on its way, where an answer takes longer than a blink."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer

BLINK_MS = 400


class Patience(QTimer):
    """``start()`` when it is asked, ``stop()`` when the answer is there.

    Args:
        say: is called in between, if that takes long.
    """

    def __init__(self, say: Callable[[], object], parent: QObject) -> None:
        super().__init__(parent)
        self.setSingleShot(True)
        self.setInterval(BLINK_MS)
        self.timeout.connect(say)
