"""The window of policies with three steps, on a client without a server: something to drag with a real mouse.

    python -m tests.e2e.policy_program FILE

It writes the steps into FILE as they are now, a line each: place on the screen (x, y of its head, px), and
after how many seconds it is due.
"""

import sys
from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from tests.helpers.policy_window import DAY, Supervisor

LOOK_MS = 50


class NoBot:
    """Nothing is cleaned up: the process ends."""

    def addWidget(self, _widget: object) -> None:
        return


def main() -> None:
    app = QApplication(sys.argv)
    bob = Supervisor(NoBot(), app)  # type: ignore[arg-type]  # all that it needs of one
    bob.window.resize(1120, 700)
    bob.choose(DAY)
    file = Path(sys.argv[1])

    def write() -> None:
        lines = []
        for row, step in zip(bob.window.editor.steps.rows, bob.policy.steps, strict=True):
            at = row.head.mapToGlobal(row.head.rect().topLeft())
            lines.append(f"{at.x()} {at.y()} {step.after:.0f}")
        fresh = file.with_suffix(".new")
        fresh.write_text("\n".join(lines))
        fresh.replace(file)

    look = QTimer(interval=LOOK_MS)
    look.timeout.connect(write)
    look.start()
    app.exec()  # a program of its own, which the test ends


if __name__ == "__main__":
    main()
