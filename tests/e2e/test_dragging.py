"""Steps of a policy are put in another order with a real mouse."""

import sys
from pathlib import Path

from tests.helpers.desktop import VirtualDesktop, eventually


class Steps:
    """What the program says of its steps."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def _lines(self) -> list[list[int]]:
        text = self._file.read_text() if self._file.exists() else ""
        return [[int(part) for part in line.split()] for line in text.splitlines()]

    @property
    def order(self) -> list[int]:
        """After how many seconds each is due, from above."""
        return [after for _, _, after in self._lines()]

    def rest(self) -> None:
        """Wait until they stand where they will: the window manager places a new window once."""
        seen: list[list[list[int]]] = []

        def still() -> bool:
            seen.append(self._lines())
            heads = [y for _, y, _ in seen[-1]]
            return len(heads) == 3 and heads == sorted(set(heads)) and seen[-10:].count(seen[-1]) == 10

        eventually(still, within=20, what="the steps stand still")

    def at(self, number: int) -> tuple[int, int]:
        """A place in the lower half of a step's head, px."""
        x, y, _ = self._lines()[number]
        return x + 120, y + 28


def test_steps_are_dragged_with_the_mouse(desktop: VirtualDesktop) -> None:
    steps = Steps(desktop.folder / "steps")
    part = desktop.start([sys.executable, "-m", "tests.e2e.policy_program", str(desktop.folder / "steps")])
    window = desktop.windows.wait(title="Escalation policies", pid=part.pid)
    window.focus()
    steps.rest()
    windows = desktop.windows
    windows.drag(steps.at(0), steps.at(2))
    eventually(lambda: steps.order == [120, 300, 60], within=5, what="down to the end")
    x, y = steps.at(0)
    windows.drag(steps.at(2), (x, y - 20))
    eventually(lambda: steps.order == [60, 120, 300], within=5, what="up to the beginning")
