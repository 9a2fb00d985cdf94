"""Qt and asyncio on one loop: 100,000 callbacks, with the garbage collector at work.

PySide6 6.12.0 on Python 3.11 aborts here after about 8,000 (pyproject.toml keeps it away), so this runs in
a process of its own.
"""

from __future__ import annotations

import os
import subprocess
import sys

CALLBACKS = 100_000

PROGRAM = f"""
import asyncio, gc, sys
from PySide6.QtCore import QCoreApplication
import qasync

app = QCoreApplication(sys.argv)
loop = qasync.QEventLoop(app)
asyncio.set_event_loop(loop)
done = loop.create_future()
count = 0

def step():
    global count
    count += 1
    if count % 5_000 == 0:
        gc.collect()
    if count < {CALLBACKS}:
        loop.call_soon(step)
    else:
        done.set_result(count)

loop.call_soon(step)
with loop:
    print(loop.run_until_complete(done))
"""


def test_a_hundred_thousand_callbacks() -> None:
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    ran = subprocess.run(
        [sys.executable, "-X", "faulthandler", "-c", PROGRAM],
        capture_output=True, text=True, timeout=120, env=environment, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr[-2_000:]
    assert ran.stdout.split() == [str(CALLBACKS)]
