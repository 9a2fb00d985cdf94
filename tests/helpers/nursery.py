"""Starts server processes fast: everything is imported once, and each start is a fork of that.

``python -m tests.helpers.nursery``: for each line on standard input (the arguments of ``handraise``, as JSON)
a process is forked that runs them as ``handraise`` would; ``pid N`` is printed, and ``ended N`` with its exit
code (or minus the signal) once it is gone. What the process itself prints goes the same way.
"""

from __future__ import annotations

import json
import os
import signal
import sys

import app.server.main  # noqa: F401  what a start spends most of its time on
from app.cli import main


def _serve(arguments: list[str]) -> None:
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    code = 1
    try:
        code = main(arguments)
    finally:
        sys.stdout.flush()
        os._exit(code)  # nothing of the nursery's is to be tidied up here


def _run() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever presses Ctrl+C means the tests
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            _serve(json.loads(line))
        sys.stdout.write(f"pid {pid}\n")
        sys.stdout.flush()
        _, status = os.waitpid(pid, 0)
        sys.stdout.write(f"ended {os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    _run()
