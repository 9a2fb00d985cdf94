"""What one whole client weighs, its sound helper included, and how much of that is its parts alone."""

from __future__ import annotations

import subprocess
import sys
from contextlib import ExitStack

from app.demo.cast import AGENT
from app.demo.center import Center
from app.helpers import FOLDER, helper_command
from tests.bench import processes
from tests.e2e.desk import Desk
from tests.helpers.desktop import VirtualDesktop, eventually


def client() -> float:
    """MiB PSS of a client that is signed in, in a space with 26 people."""
    with ExitStack() as stack:
        center = stack.enter_context(Center())
        desk = Desk(stack.enter_context(VirtualDesktop()), AGENT.handle, center.url)
        desk.open()
        desk.sign_in(password=center.password)
        return _settled(desk.pid)


def parts() -> float:
    """MiB PSS of an empty window with everything imported, and of a sound helper that stays silent."""
    with VirtualDesktop() as desktop:
        window = desktop.start(
            [sys.executable, "-m", "tests.bench.empty_window"],
            name="empty-window",
            environment={**desktop.environment, "PYTHONPATH": str(FOLDER)},
        )
        desktop.windows.wait(pid=window.pid, within=40)
        helper = subprocess.Popen(
            helper_command("sound"),
            cwd=FOLDER,
            env=dict(desktop.environment),
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
        )
        try:
            return _settled(window.pid) + _settled(helper.pid)
        finally:
            processes.stop(helper)


def _settled(pid: int) -> float:
    """Once it does not change any more."""
    seen: list[float] = []

    def still() -> bool:
        seen.append(processes.memory(pid)[0])
        return len(seen) > 20 and max(seen[-20:]) - min(seen[-20:]) < 1

    eventually(still, within=60, what=f"the memory of process {pid} stays the same")
    return seen[-1]


def main() -> float:
    """Returns what the client weighs, MiB PSS."""
    whole, least = client(), parts()
    print(f"\nOne whole client with its sound helper: {whole:.0f} MB PSS")
    print(f"An empty window and a helper of the same parts: {least:.0f} MB, {least / whole:.2f} of that")
    return whole


if __name__ == "__main__":
    main()
