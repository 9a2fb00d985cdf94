"""The garbage collector beside Qt: a window is destroyed in the thread of the screen, whoever allocates."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import weakref

import pytest

from app.ui.garbage import collect_due


class Ring:
    """Only the collector frees it."""

    def __init__(self) -> None:
        self.me = self


def test_what_is_due_is_collected() -> None:
    assert not gc.isenabled()  # tests/conftest.py
    gc.collect()
    seen = weakref.ref(Ring())
    collect_due()
    assert seen() is not None  # too little was allocated for that
    rings = [Ring() for _ in range(2 * gc.get_threshold()[0])]
    collect_due()
    assert seen() is None
    assert rings[0].me is rings[0]


def test_each_generation_has_its_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    monkeypatch.setattr(gc, "collect", asked.append)
    for counts in ((700, 10, 10), (701, 10, 10), (701, 11, 10), (701, 11, 11)):
        monkeypatch.setattr(gc, "get_count", lambda counts=counts: counts)
        monkeypatch.setattr(gc, "get_threshold", lambda: (700, 10, 10))
        collect_due()
    assert asked == [0, 1, 2]
    monkeypatch.setattr(gc, "get_threshold", lambda: (700, 10, 0))  # Python 3.14: no such generation
    collect_due()
    assert asked[3:] == [1]


# Qt alone, without asyncio: its own loop is the whole program.
PROGRAM = """
import threading
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QWidget
from app.ui.garbage import GarbageCollector

app = QApplication(["handraise"])
GarbageCollector(app)
ended = threading.Event()

def litter():
    while not ended.wait(0.01):
        rings = [[] for _ in range(1_000)]
        for ring in rings:
            ring.append(ring)

def gone():
    print("gone", threading.current_thread() is threading.main_thread())
    ended.set()
    app.quit()

window = QWidget()
window.ring = window
window.startTimer(10)
window.destroyed.connect(gone, Qt.ConnectionType.DirectConnection)
window.show()
del window
threading.Thread(target=litter, daemon=True).start()
app.exec()
"""


def test_a_thread_that_allocates_destroys_no_window() -> None:
    ran = subprocess.run(
        [sys.executable, "-X", "faulthandler", "-c", PROGRAM],
        capture_output=True, text=True, timeout=120, check=False,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr[-2_000:]
    assert ran.stdout.split() == ["gone", "True"]
    assert "another thread" not in ran.stderr
