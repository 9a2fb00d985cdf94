"""A real Redis server as a process of its own, that keeps nothing; on this machine, on a free port."""

from __future__ import annotations

import asyncio
import shutil
import signal
from pathlib import Path

import pytest

from app.server.bus.address import BusAddress
from tests.helpers.caller import PATIENCE
from tests.helpers.phone_world import free_port

HOST = "127.0.0.1"


class RedisProcess:
    """``async with RedisProcess(folder) as redis``: it takes connections.

    Args:
        certificate: with its key in one file; then it speaks TLS alone.

    Attributes:
        port: the same after each start.
    """

    def __init__(self, folder: Path, password: str = "", certificate: Path | None = None) -> None:
        self._folder, self._password, self._certificate = folder, password, certificate
        self._process: asyncio.subprocess.Process | None = None
        self.port = free_port()

    @property
    def address(self) -> BusAddress:
        return BusAddress(HOST, self.port, tls=self._certificate is not None, password=self._password)

    async def __aenter__(self) -> RedisProcess:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.kill()

    async def start(self) -> None:
        """Skips the test where no Redis is: `make test` installs it, and there is none for Windows."""
        program = shutil.which("redis-server")
        if program is None:
            pytest.skip("redis-server is not installed")
        settings = ["--bind", HOST, "--save", "", "--appendonly", "no", "--dir", str(self._folder)]
        if self._password:
            settings += ["--requirepass", self._password]
        if self._certificate is None:
            settings += ["--port", str(self.port)]
        else:
            file = str(self._certificate)
            settings += ["--port", "0", "--tls-port", str(self.port), "--tls-auth-clients", "no"]
            settings += ["--tls-cert-file", file, "--tls-key-file", file, "--tls-ca-cert-file", file]
        self._process = await asyncio.create_subprocess_exec(
            program, *settings, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
        )
        assert self._process.stdout is not None
        async with asyncio.timeout(PATIENCE):
            while line := await self._process.stdout.readline():
                if b"Ready to accept connections" in line:
                    return
        raise AssertionError("Redis does not start")

    def hang(self) -> None:
        """It takes connections and answers nothing."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    async def kill(self) -> None:
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
            await self._process.wait()
