"""A sample contact center on a server of its own: made on entering, gone on leaving.

::

    with Center() as center, center.colleagues(seed=1) as colleagues:
        colleagues.tell('{"as": "finn", "do": "raise"}')
"""

from __future__ import annotations

import logging
import secrets
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import IO

import msgspec
from argon2 import PasswordHasher

from app.demo.cast import EVERYBODY, SPACE, TEAMS
from app.demo.orders import Order, Outcome, Ready, write
from app.server.admin import Admin
from app.server.first_start import OFFICE
from app.server.maps import import_map

log = logging.getLogger(__name__)

LISTENING = "listening on "
STOP_SECONDS = 5.0
_ROOT = Path(__file__).resolve().parents[2]


class CenterError(Exception):
    """The demo could not start; the message says why."""


class Process:
    """A child of the demo, in Python.

    Attributes:
        log: the file with what it says on standard error (and on standard output, if nobody reads that).
    """

    def __init__(
        self, arguments: Sequence[str], log_file: Path, first_line: str = "", *, answers: bool = True
    ) -> None:
        """Args:
        arguments: after the name of the interpreter.
        first_line: written to its standard input at once (a password has no place in a command line).
        answers: its standard output is read, and more is written to it later.
        """
        self.log = log_file
        with log_file.open("ab") as messages:
            self._process = subprocess.Popen(
                [sys.executable, *arguments],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE if answers else messages,
                stderr=messages,
                text=True,
                encoding="utf-8",
                cwd=_ROOT,
            )
        if first_line:
            self.write(first_line)
        if not answers:
            _there(self._process.stdin).close()

    @property
    def running(self) -> bool:
        return self._process.poll() is None

    def write(self, line: str) -> None:
        """Raises CenterError when it has ended."""
        stdin = _there(self._process.stdin)
        try:
            stdin.write(f"{line}\n")
            stdin.flush()
        except OSError as error:
            raise CenterError(self.last_words()) from error

    def read(self) -> str:
        """The next line of its standard output. Raises CenterError when it has ended."""
        line = _there(self._process.stdout).readline()
        if not line:
            self.wait(STOP_SECONDS)
            raise CenterError(self.last_words())
        return line.rstrip("\n")

    def wait(self, seconds: float) -> bool:
        """Wait at most so long for its end; says whether it has ended."""
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    @property
    def code(self) -> int | None:
        return self._process.returncode

    def last_words(self) -> str:
        """The end of its log, or how it ended where it said nothing."""
        said = self.log.read_text(encoding="utf-8", errors="replace").strip()[-2000:]
        return said or f"It ended with code {self._process.poll()}."

    def stop(self, *, gently: bool = False) -> None:
        """End it. ``gently``: by the end of its standard input, at first."""
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None and (stream is self._process.stdin or not gently):
                _close(stream)
        if not gently:
            self._process.terminate()
        if not self.wait(STOP_SECONDS):
            self._process.kill()
            self._process.wait()
        if self._process.stdout is not None:
            _close(self._process.stdout)


class Center:
    """The server, its people and its office. Use it in a ``with`` statement.

    Args:
        password: everybody's; a random one unless given.
        options: more arguments for ``handraise serve``.

    Attributes:
        url: where the server listens.
        data: its data folder.
    """

    def __init__(self, password: str | None = None, options: Sequence[str] = ()) -> None:
        self.password = password or secrets.token_urlsafe(12)
        self.url = ""
        self._options = tuple(options)
        self._folder = tempfile.TemporaryDirectory(prefix="handraise-demo-", ignore_cleanup_errors=True)
        self.folder = Path(self._folder.name)
        self.data = self.folder / "data"
        self._server: Process | None = None

    def __enter__(self) -> Center:
        try:
            fill(self.data, self.password)
            self.start()
        except BaseException:
            self.stop()
            self._folder.cleanup()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        self._folder.cleanup()

    @property
    def running(self) -> bool:
        return self._server is not None and self._server.running

    def start(self) -> None:
        """Start the server; on the port that it had if it is not the first time. Raises CenterError."""
        port = self.url.rpartition(":")[2] or "0"
        arguments = ["-m", "app", "serve", "--data", str(self.data), "--port", port, "--owned"]
        self._server = Process([*arguments, *self._options], self.folder / "server.log")
        line = self._server.read()
        while LISTENING not in line:
            line = self._server.read()
        self.url = line.partition(LISTENING)[2].strip()

    def stop(self) -> None:
        """Stop the server; its data stays until the center is left."""
        if self._server is not None:
            self._server.stop()
            self._server = None

    def colleagues(self, seed: int = 1, *, calm: bool = False) -> ColleaguesProcess:
        """The simulated colleagues, for a ``with`` statement.

        Args:
            calm: they only do what they are told.
        """
        return ColleaguesProcess(self, seed, calm)


class ColleaguesProcess:
    """The process of the simulated colleagues. On entering, all of them are in the space."""

    def __init__(self, center: Center, seed: int, calm: bool) -> None:
        self._center = center
        self._arguments = ["--server", center.url, "--seed", str(seed), *(["--calm"] if calm else [])]
        self._process: Process | None = None
        self.count = 0

    def __enter__(self) -> ColleaguesProcess:
        arguments = ["-m", "app.demo.colleagues", *self._arguments]
        self._process = Process(arguments, self._center.folder / "colleagues.log", self._center.password)
        try:
            self.count = msgspec.json.decode(self._process.read(), type=Ready).ready
        except BaseException:
            self._process.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process is not None:
            self._process.stop(gently=True)

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.running

    def tell(self, order: Order | str) -> Outcome:
        """Give an order (as a value or as its JSON line); returns when it was carried out.

        Walking is begun then, not ended.

        Raises:
            CenterError: it could not be carried out; the message says why.
        """
        assert self._process is not None, "use it in a with statement"
        self._process.write(order if isinstance(order, str) else write(order))
        outcome = msgspec.json.decode(self._process.read(), type=Outcome)
        if outcome.problem:
            raise CenterError(outcome.problem)
        return outcome


def fill(data: Path, password: str) -> None:
    """Make the office, the people and the groups in an empty data folder."""
    # Quick to make; the server makes it a strong one when somebody signs in.
    quick = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1)
    with Admin(data, hasher=quick) as admin:
        admin.add_space(SPACE, import_map(OFFICE))
        for part in EVERYBODY:
            admin.add_user(part.handle, part.name, password, part.role, (SPACE,))
            admin.set_seat(SPACE, part.handle, part.seat)
        for team in TEAMS:
            admin.add_group(team.handle, team.name)
            for member in team.members:
                admin.add_member(team.handle, member)


def _close(stream: IO[str]) -> None:
    try:
        stream.close()
    except OSError:
        log.debug("the other end was closed before")


def _there(stream: IO[str] | None) -> IO[str]:
    assert stream is not None, "the stream is a pipe"
    return stream
