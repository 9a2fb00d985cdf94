"""A busy office, and what its database has on the disk, for tests of what is kept of people."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec

from app.core.commands import RaiseEscalation, SendMessage
from app.core.errors import Code
from app.core.model import Level, PersonId, Recipients
from app.server.main import Server
from tests.helpers.caller import PATIENCE, Caller
from tests.helpers.running import Ids


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
