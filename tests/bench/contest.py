"""How contestants of the map benchmark talk to the judge: lines on their standard output.

``begin <mode> <frames> <s>`` and ``end <mode> <frames> <s>``, with the CPU time the process has used so far.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from tests.bench.map_scene import SECONDS, WARM_UP


class Contest:
    """Goes through the modes, one after the other.

    Args:
        frames: how many pictures were painted so far.
        start: begins a mode; the empty one ends all movement.
        done: after the last one.
    """

    def __init__(
        self, frames: Callable[[], int], start: Callable[[str], None], done: Callable[[], object]
    ) -> None:
        self._frames, self._start, self._done = frames, start, done
        self._modes = list(SECONDS)

    def run(self) -> int:
        """Until the end; the exit code."""
        QTimer.singleShot(500, self._next)
        return QApplication.exec()

    def _next(self) -> None:
        if not self._modes:
            self._done()
            return
        mode = self._modes.pop(0)
        self._start(mode)
        QTimer.singleShot(round(WARM_UP * 1000), lambda: self._begin(mode))

    def _begin(self, mode: str) -> None:
        self._say("begin", mode)
        QTimer.singleShot(round(SECONDS[mode] * 1000), lambda: self._end(mode))

    def _end(self, mode: str) -> None:
        self._say("end", mode)
        self._next()

    def _say(self, word: str, mode: str) -> None:
        print(word, mode, self._frames(), time.process_time(), flush=True)


def swing(frame: int, period: int = 120) -> float:
    """-1..1, there and back in so many frames."""
    phase = frame % period / period
    return 4 * phase - 1 if phase < 0.5 else 3 - 4 * phase
