"""The command-line programs that the desktop is asked and driven with."""

import subprocess
from collections.abc import Mapping

LONGEST = 30.0  # s; none of them takes longer, even on a busy machine


class Tools:
    """Runs programs inside a desktop's environment."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment

    def run(self, *command: str) -> str:
        """The output of a program that has to succeed."""
        return self.run_for_bytes(*command).decode(errors="replace")

    def run_for_bytes(self, *command: str) -> bytes:
        """The same, undecoded."""
        finished = subprocess.run(
            command, env=dict(self._environment), capture_output=True, check=False, timeout=LONGEST
        )
        assert finished.returncode == 0, f"{' '.join(command)}: {finished.stderr.decode(errors='replace')}"
        return finished.stdout

    def ask(self, *command: str) -> str:
        """The output of a program that may fail, because what it is asked about may be gone."""
        finished = subprocess.run(
            command, env=dict(self._environment), capture_output=True, check=False, timeout=LONGEST
        )
        return finished.stdout.decode(errors="replace")

    def start(self, *command: str) -> "subprocess.Popen[bytes]":
        """Start a program that the caller ends or waits for."""
        return subprocess.Popen(command, env=dict(self._environment))
