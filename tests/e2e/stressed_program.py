"""The client under stress: it is told to call the garbage collector all the time, or to open a file dialog.

``python -m tests.e2e.stressed_program FOLDER ARGUMENT...``: the arguments are the program's own. Lines in the
pipe ``told`` there say what to do: ``collect`` every 50 ms until ``rest``, ``file`` for a modal dialog. The
file ``collected`` there says how often the collector came.
"""

from __future__ import annotations

import gc
import os
import sys
import threading
from itertools import count
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QApplication, QFileDialog

from app import cli

EVERY_MS = 50


class Stress(QObject):
    """Does in the program's own loop what a thread has read."""

    told = Signal(str)

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._folder = folder
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._collect)
        self._count = count(1)
        self.told.connect(self._do)

    def listen(self) -> None:
        with (self._folder / "told").open() as lines:
            for line in lines:
                self.told.emit(line.strip())

    def _do(self, what: str) -> None:
        if what == "collect":
            self._timer.start(EVERY_MS)
        elif what == "rest":
            self._timer.stop()
        else:
            windows = [w for w in QApplication.topLevelWidgets() if w.windowTitle() == "Handraise"]
            dialog = QFileDialog(next(w for w in windows if w.isVisible()), "Choose a file")
            dialog.setOption(QFileDialog.Option.DontUseNativeDialog)
            dialog.open()

    def _collect(self) -> None:
        if gc.isenabled():
            return  # it comes in other threads as well (app/ui/garbage.py), and none of that is counted
        gc.collect()
        (self._folder / "collected").write_text(str(next(self._count)))


def main() -> int:
    folder, *arguments = sys.argv[1:]
    os.mkfifo(Path(folder) / "told")
    stress = Stress(Path(folder))
    threading.Thread(target=stress.listen, daemon=True).start()
    return cli.main(arguments)


if __name__ == "__main__":
    sys.exit(main())
