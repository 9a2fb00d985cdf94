"""``handraise serve`` as a process of its own, on a real file: to be stopped, killed and started again."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from pathlib import Path

from tests.helpers.caller import PATIENCE

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = PATIENCE * 3


class ServerProcess:
    """``async with ServerProcess(data) as server``: it listens on a free port of this machine.

    Started again it is another process on the same port (see :mod:`.nursery` for why that is fast).

    Attributes:
        url: where it listens just now.
        pid: of the process that serves just now.
    """

    def __init__(self, data: Path, *arguments: str) -> None:
        self._arguments = ["serve", "--data", str(data), "--log-level", "error", *arguments]
        self._nursery: asyncio.subprocess.Process | None = None
        self.url = ""
        self.pid = 0

    async def __aenter__(self) -> ServerProcess:
        self._nursery = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.helpers.nursery",
            cwd=ROOT, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._nursery is not None
        if self.pid:
            await self.kill()
        assert self._nursery.stdin is not None
        self._nursery.stdin.close()
        await self._nursery.wait()

    async def start(self) -> str:
        """Returns once it listens; where."""
        assert not self.pid, "it runs already"
        assert self._nursery is not None
        assert self._nursery.stdin is not None
        port = self.url.rpartition(":")[2] or "0"
        self._nursery.stdin.write(json.dumps([*self._arguments, "--port", port]).encode() + b"\n")
        async with asyncio.timeout(START_SECONDS):
            self.pid = int(await self._told("pid"))
            self.url = await self._told("Handraise server listening on")
        return self.url

    async def kill(self) -> None:
        """SIGKILL: nothing is written down, nobody hears a goodbye."""
        assert await self._end(signal.SIGKILL, PATIENCE) == -signal.SIGKILL

    async def stop(self, within: float) -> None:
        """SIGTERM. Raises TimeoutError when it takes longer than ``within`` (s)."""
        assert await self._end(signal.SIGTERM, within) == 0

    async def _end(self, number: signal.Signals, within: float) -> int:
        pid, self.pid = self.pid, 0
        os.kill(pid, number)
        try:
            async with asyncio.timeout(within):
                return int(await self._told("ended"))
        except TimeoutError:
            os.kill(pid, signal.SIGKILL)
            raise

    async def _told(self, what: str) -> str:
        """What follows these words on the next line that begins with them."""
        assert self._nursery is not None
        assert self._nursery.stdout is not None
        while True:
            line = (await self._nursery.stdout.readline()).decode()
            assert line, "the nursery ended"
            assert what == "ended" or not line.startswith("ended"), "the server did not start"
            if line.startswith(what):
                return line.removeprefix(what).strip()
