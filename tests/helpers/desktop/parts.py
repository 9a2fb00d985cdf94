"""A part of the virtual desktop: a process in a group of its own, with its log, that can be killed alone."""

import contextlib
import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.helpers.desktop.waiting import eventually


class PartDiedError(AssertionError):
    """A part ended while something still needed it."""


class Part:
    """A running process and everything it started.

    It dies with the thread that started it, so that a killed test run leaves nothing behind.

    Attributes:
        name: what it is called in logs.
        log: where its output goes (both streams).
        pid: its process id, also the id of its process group.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        *,
        environment: Mapping[str, str],
        log: Path,
        cwd: Path | None = None,
        stdin: bytes | None = None,
        pass_fds: Sequence[int] = (),
    ) -> None:
        self.name = name
        self.log = log
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                ["setpriv", "--pdeathsig", "KILL", "--", *command],
                env=dict(environment),
                cwd=cwd,
                stdin=subprocess.PIPE if stdin is not None else subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                pass_fds=pass_fds,
                start_new_session=True,
            )
        self.pid = self._process.pid
        if stdin is not None and self._process.stdin is not None:
            self._process.stdin.write(stdin)
            self._process.stdin.close()

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    @property
    def exit_code(self) -> int | None:
        """None while it runs; negative: the signal that ended it."""
        return self._process.poll()

    def check_alive(self) -> None:
        """Raise with the end of the log if it is gone."""
        if not self.alive:
            raise PartDiedError(f"{self.name} ended with {self.exit_code}:\n{self.tail()}")

    def wait(self, within: float) -> int:
        """Its exit code, once it has ended by itself within so many seconds."""
        return self._process.wait(within)

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the whole group."""
        try:
            os.killpg(self.pid, number)
        except ProcessLookupError:
            return  # nobody left: what the caller wants

    def kill(self) -> None:
        """End it at once, as a crash would (SIGKILL)."""
        self.signal(signal.SIGKILL)
        self._process.wait(5)

    def stop(self, within: float = 3.0) -> None:
        """Ask it to end, then make it end. Nothing of its group is left."""
        self.signal(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(within)
        self.signal(signal.SIGKILL)
        self._process.wait(5)
        eventually(lambda: not group_exists(self.pid), within=5, what=f"the group of {self.name} is gone")

    def text(self) -> str:
        """Everything it has written so far."""
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def tail(self, lines: int = 40) -> str:
        return "\n".join(self.text().splitlines()[-lines:])


def group_exists(group: int) -> bool:
    """Whether a living process belongs to the group (zombies that nobody reaped do not count)."""
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue  # it ended while we looked
        if int(fields[2]) == group and fields[0] != "Z":
            return True
    return False
