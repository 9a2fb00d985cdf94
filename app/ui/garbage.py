"""Python's garbage collector, in the screen's own thread alone.

Left to itself it runs in whichever thread happens to allocate next, the keyring's or a file's for one. What
it finds there may be a window: Qt must destroy that in the thread that made it, or the program goes down a
moment later.
"""

from __future__ import annotations

import gc

from PySide6.QtCore import QObject, QTimer

EVERY_MS = 1_000
"""Between two looks. A full collection comes after 121 of them at the earliest (11 times 11)."""


def collect_due() -> None:
    """Collect as much as the collector would have done by itself by now, and no more than once."""
    counts, limits = gc.get_count(), gc.get_threshold()
    for generation in (2, 1, 0):
        if 0 < limits[generation] < counts[generation]:
            gc.collect(generation)
            return


class GarbageCollector(QObject):
    """Takes the collector over for the rest of the process; to be made once all is imported.

    What is there by then stays for good and is not looked through again.
    """

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        gc.disable()
        gc.freeze()
        timer = QTimer(self)
        timer.timeout.connect(collect_due)
        timer.start(EVERY_MS)
