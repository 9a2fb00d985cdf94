"""Whether the system itself plays nothing: muted, or its volume at 0. Asked with the system's own tools.

PulseAudio and PipeWire answer through ``pactl``, macOS through ``osascript``; elsewhere it stays unknown.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, QProcess, QProcessEnvironment, QTimer, Signal

LOOK_MS = 120_000
"""ms between looks, each of which costs 40 ms of CPU time; an alert that begins to ring looks at once."""
MAC = 'set s to get volume settings\nreturn "Mute: " & output muted of s & " " & output volume of s & "%"'

Questions = Callable[[str], Sequence[Sequence[str]]]


def questions(device: str) -> Sequence[Sequence[str]]:
    """The commands whose answers tell, for an output by id (empty: the default one)."""
    if sys.platform == "darwin":
        return (("osascript", "-e", MAC),)
    if sys.platform == "win32":
        return ()
    sink = device or "@DEFAULT_SINK@"
    return (("pactl", "get-sink-mute", sink), ("pactl", "get-sink-volume", sink))


def is_muted(answers: str) -> bool | None:
    """What the answers say; ``None`` when they do not say it."""
    mute = re.search(r"Mute: (yes|no|true|false)", answers)
    levels = [int(level) for level in re.findall(r"(\d+)%", answers)]
    if mute is None or not levels:
        return None
    return mute[1] in ("yes", "true") or not any(levels)


class SystemVolume(QObject):
    """Attributes:
    muted: ``None`` while that is not known.

    Signals:
        changed: :attr:`muted` is another one.
    """

    changed = Signal()

    def __init__(self, parent: QObject | None = None, *, ask: Questions = questions) -> None:
        super().__init__(parent)
        self.muted: bool | None = None
        self._ask = ask
        self._device = ""
        self._left: list[Sequence[str]] = []
        self._answers = ""
        self._process: QProcess | None = None
        self._timer = QTimer(self, interval=LOOK_MS)
        self._timer.timeout.connect(self.look)

    def start(self) -> None:
        if self._ask(""):
            self._timer.start()
            self.look()

    def close(self) -> None:
        self._timer.stop()
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.waitForFinished(500)

    def set_device(self, device: str) -> None:
        """The output that alerts are played on; empty for the default one."""
        if device != self._device:
            self._device = device
            if self._timer.isActive():
                self.look()

    def look(self) -> None:
        """Ask now, unless an answer is on its way."""
        if self._process is None and self._timer.isActive():
            self._left, self._answers = list(self._ask(self._device)), ""
            self._next()

    def _next(self) -> None:
        if not self._left:
            self._conclude(is_muted(self._answers))
            return
        program, *arguments = self._left.pop(0)
        process = self._process = QProcess(self)
        plain = QProcessEnvironment.systemEnvironment()
        plain.insert("LC_ALL", "C")
        process.setProcessEnvironment(plain)
        process.finished.connect(self._answered)
        process.errorOccurred.connect(self._failed)
        process.start(program, arguments)

    def _answered(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            self._answers += bytes(process.readAllStandardOutput().data()).decode(errors="replace")
            process.deleteLater()
            self._next()

    def _failed(self, error: QProcess.ProcessError) -> None:
        if error is QProcess.ProcessError.FailedToStart and self._process is not None:
            self._process.deleteLater()  # no `finished` will follow
            self._process, self._left = None, []
            self._conclude(None)

    def _conclude(self, muted: bool | None) -> None:
        if muted is not self.muted:
            self.muted = muted
            self.changed.emit()
