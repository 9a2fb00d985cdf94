"""A busy office, and what its database has on the disk, for tests of what is kept of people."""

from __future__ import annotations

import asyncio
import io
import json
import subprocess
import sys
import zipfile
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest

from app.cli import main
from app.core import questions
from app.core.commands import RaiseEscalation, SendMessage
from app.core.errors import Code
from app.core.model import Level, PersonId, Recipients
from app.server.clock import Clock
from app.server.main import Server
from tests.helpers.caller import PATIENCE, Caller, eventually
from tests.helpers.running import Ids, rows, running


@asynccontextmanager
async def busy(server: Server, ids: Ids) -> AsyncIterator[list[str]]:
    """Two people who talk meanwhile, as much as a server takes without a pause; what they said."""
    said: list[str] = []
    over = asyncio.Event()

    async def talk(handle: str, to: PersonId) -> None:
        async with await Caller.enter(server.url, handle) as caller:
            assert await caller.do(RaiseEscalation(Level.YELLOW, "?"), f"hand-{handle}") is None
            while len(said) < 100 and not over.is_set():
                said.append(f"{handle} {len(said)}")
                assert await caller.do(SendMessage(said[-1], Recipients(people=(to,)))) in (
                    None,
                    Code.TOO_FAST,
                )

    async with asyncio.TaskGroup() as group:
        group.create_task(talk("chie", ids.dev))
        group.create_task(talk("dev", ids.chie))
        try:
            yield said
        finally:
            over.set()


def found_in(folder: Path, words: Collection[str]) -> list[str]:
    """Which of the words stand anywhere in the files of the database.

    Another process reads them: closing one here would take the server's locks away.
    """
    files = sorted(str(file) for file in folder.glob("handraise.db*"))
    read = "import sys; [sys.stdout.buffer.write(open(name, 'rb').read()) for name in sys.argv[1:]]"
    data = subprocess.run([sys.executable, "-c", read, *files], stdout=subprocess.PIPE, check=True).stdout
    return [
        word for word in words if any(way.encode() in data for way in (word, word.casefold(), word.upper()))
    ]


def state_of(caller: Caller) -> bytes:
    """Everything that the caller's screen can show, as bytes."""
    return msgspec.msgpack.encode((caller.space.snapshot(), caller.me.snapshot()))


async def overwritten(server: Server) -> None:
    """What was deleted is so in every file, once nobody reads."""
    async with asyncio.timeout(PATIENCE):
        while not await server.store.privacy.scrub():
            pass


async def broken_off(*_: object) -> None:
    """Instead of a step of an erasure."""
    raise RuntimeError("the power is gone")


async def finished_by_the_next_start(data: Path, clock: Clock, words: Collection[str]) -> None:
    """An erasure that was broken off; ``words`` are still there, and then nowhere."""
    assert found_in(data, words)
    async with running(data, clock) as again:
        await eventually(lambda: rows(again, "SELECT 1 FROM erasures") == [])
        await overwritten(again)
    assert found_in(data, words) == []


def unzipped(answer: object) -> dict[str, Any]:
    """The files of an export, without their endings."""
    assert isinstance(answer, questions.Blob)
    with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
        return {name.removesuffix(".json"): json.loads(archive.read(name)) for name in archive.namelist()}


def command_line(data: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., Awaitable[tuple[int, str]]]:
    """``handraise admin``, beside a running server: its code and what it says."""

    def run(*arguments: str) -> tuple[int, str]:
        code = main(["admin", "--data", str(data), *arguments])
        said = capsys.readouterr()
        return code, said.out + said.err

    return lambda *arguments: asyncio.to_thread(run, *arguments)
