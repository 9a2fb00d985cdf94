"""The servers of the fan-out benchmark, each with a generator of its own: driven and measured alike."""

from __future__ import annotations

import resource
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from app.core import wire
from tests.helpers.certificates import certificate

HERE = Path(__file__).parent
BUILD = HERE.parents[2] / "build" / "bench" / "fanout"
SERVER_CORE, GENERATOR_CORE = 0, 1
SETTLE = 2
"""s in which those who rested catch up: each client beats and acknowledges."""
LIMIT, STOCK, NODE, OURS, OURS_TRANSPORT = (
    "C epoll (the limit)",
    "websockets.broadcast",
    "node ws",
    "Handraise",
    "Handraise, transport.write",
)
UNDER_TLS = " + TLS"
LIMIT_TLS, STOCK_TLS, OURS_TLS = (name + UNDER_TLS for name in (LIMIT, STOCK, OURS))
TLS_HEADER = Path("/usr/include/openssl/ssl.h")


class MissingError(Exception):
    """A contestant that cannot take part here; the message says why."""


@dataclass(frozen=True)
class Cost:
    """CPU time of a server, s, and its memory, KiB, at some moment."""

    cpu: float
    memory: float


class Contestant:
    """A server on one core and its generator on another.

    Attributes:
        port: where it listens.
        said: what else it said when it was ready.
    """

    def __init__(self, stack: ExitStack, name: str, command: Sequence[str | Path], folder: Path) -> None:
        self.name = name
        self._server = subprocess.Popen(
            ["taskset", "-c", str(SERVER_CORE), *command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=folder,
        )
        stack.callback(_end, self._server)
        _, self.port, *self.said = _answer(self._server, name).split()
        dialect = "ours" if name.startswith(OURS) else "plain"
        client: list[str | Path] = [BUILD / "generator", self.port, dialect, str(wire.PROTOCOL)]
        if name.endswith(UNDER_TLS):
            client.append("tls")
        generator: list[str | Path] = ["taskset", "-c", str(GENERATOR_CORE), *client]
        self._generator = subprocess.Popen(
            generator, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        stack.callback(_end, self._generator)
        self.empty = self.cost()

    def rest(self) -> None:
        """Neither its server nor its clients do anything until :meth:`turn`."""
        for process in (self._generator, self._server):
            process.send_signal(signal.SIGSTOP)

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Alone on both cores: nobody else's idle connections take part."""
        for process in (self._server, self._generator):
            process.send_signal(signal.SIGCONT)
        self.ask("quiet", SETTLE)
        try:
            yield
        finally:
            self.rest()

    def ask(self, *words: object) -> list[float]:
        """One command for the generator (generator.c), and the numbers of its answer."""
        assert self._generator.stdin is not None
        self._generator.stdin.write(" ".join(map(str, words)) + "\n")
        self._generator.stdin.flush()
        return [float(word) for word in _answer(self._generator, self.name).split()[1:]]

    def cost(self) -> Cost:
        proc = Path(f"/proc/{self._server.pid}")
        threads = (proc / "task").iterdir()
        cpu = sum(int((thread / "schedstat").read_text().split()[0]) for thread in threads) / 1e9
        status = (proc / "status").read_text()
        return Cost(cpu, float(status.partition("VmRSS:")[2].split()[0]))


def start(stack: ExitStack, name: str, folder: Path, count: int) -> Contestant:
    """Start one. Raises MissingError.

    Args:
        folder: where its files may be.
        count: connections it has to be ready for.
    """
    folder.mkdir(exist_ok=True)
    ours: list[str | Path] = [sys.executable, "-m", "tests.bench.fanout.ours", folder / "data", str(count)]
    root = HERE.parents[2]
    commands: dict[str, list[str | Path]] = {
        LIMIT: [BUILD / "limit"],
        STOCK: [sys.executable, HERE / "stock.py"],
        OURS: ours,
        OURS_TRANSPORT: [*ours, "transport"],
    }
    if name.endswith(UNDER_TLS):
        if not TLS_HEADER.exists():
            raise MissingError("libssl-dev is not installed")
        pem = certificate(folder, None)
        commands |= {LIMIT_TLS: [*commands[LIMIT], pem], STOCK_TLS: [*commands[STOCK], pem]}
        commands[OURS_TLS] = [*ours, pem]
    if name == NODE:
        commands[NODE] = ["node", _with_ws()]
    return Contestant(stack, name, commands[name], root if name.startswith(OURS) else folder)


def build() -> None:
    """Compile the generator and the limit; what is started from here may have many connections."""
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    BUILD.mkdir(parents=True, exist_ok=True)
    for name in ("generator", "limit"):
        source, program = HERE / f"{name}.c", BUILD / name
        if not program.exists() or program.stat().st_mtime < source.stat().st_mtime:
            gcc: list[str | Path] = ["gcc", "-O2", "-Wall", "-Wextra", "-D_GNU_SOURCE", source, "-o", program]
            if TLS_HEADER.exists():
                gcc += ["-DTLS", "-lssl", "-lcrypto"]
            subprocess.run(gcc, check=True)


def _with_ws() -> Path:
    """The node server, next to the package that it needs."""
    if shutil.which("npm") is None:
        raise MissingError("npm is not installed")
    if not (BUILD / "node_modules" / "ws").exists():
        install: list[str | Path] = [
            "npm",
            "install",
            "--prefix",
            BUILD,
            "--no-audit",
            "--no-fund",
            "--silent",
            "ws@8",
        ]
        done = subprocess.run(install, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise MissingError(f"the package ws could not be installed: {done.stderr.strip()[-200:]}")
    return Path(shutil.copy(HERE / "node_ws.js", BUILD / "node_ws.js"))


def _answer(process: subprocess.Popen[str], name: str) -> str:
    assert process.stdout is not None
    line = process.stdout.readline()
    if not line:
        raise RuntimeError(f"{name} ended before it answered")
    return line


def _end(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            pipe.close()
