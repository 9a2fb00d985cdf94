"""One person's machine, on which programs come and go, and what each leaves for the next."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from pathlib import Path

from app.core import commands as cmd
from app.core.model import Level, PersonId, Recipients
from app.net.assets import MemoryCache
from app.net.client import Client, ConnectionProblem, NotSent
from app.net.problems import Trouble
from app.net.shelf import MemoryShelf, Shelf
from app.tasks import Tasks
from tests.helpers.clock import FakeClock, settle
from tests.helpers.office import BOB
from tests.helpers.scripted import PASSWORD, ScriptedServer

UNREACHABLE = ConnectionProblem(Trouble.NO_ANSWER, host="localhost", port=7443)
TO_BOB = Recipients(people=(BOB,))
HELP = cmd.RaiseEscalation(Level.RED, "help", TO_BOB)


class Machine:
    """One person's machine: programs come and go, a folder stays."""

    def __init__(self, server: ScriptedServer, clock: FakeClock, folder: Path) -> None:
        self.server, self.clock, self.folder = server, clock, folder
        self.shelf: Shelf = MemoryShelf()
        self.clients: list[Client] = []

    def client(self) -> Client:
        made = Client(
            connect=self.server.connect,
            clock=self.clock,
            rng=random.Random(len(self.clients)),
            tasks=Tasks("client"),
            cache=MemoryCache(),
            app="test",
            shelf=self.shelf,
        )
        self.clients.append(made)
        return made

    async def start(self, handle: str = "ann") -> Client:
        client = self.client()
        await client.sign_in("localhost", handle, PASSWORD)
        await settle()
        return client

    async def offline(self) -> None:
        self.server.problem = UNREACHABLE
        if self.server.peers:
            self.server.peer.abort()
        await settle()

    async def online(self) -> None:
        self.server.problem = None
        await self.clock.advance(40)

    @property
    def file(self) -> Path:
        (file,) = self.folder.glob("*.outbox")
        return file


async def until(condition: Callable[[], object]) -> None:
    """Until something is so; the disk's worker is a real thread."""
    async with asyncio.timeout(10):
        while not condition():
            await settle()


def asks(client: Client, command: cmd.Command, command_id: str) -> asyncio.Task[None]:
    return asyncio.ensure_future(client.do(command, command_id))


async def outcome(task: asyncio.Task[None]) -> Trouble | None:
    """The reason for which it was not sent."""
    try:
        await asyncio.wait_for(task, 1)
    except NotSent as error:
        return error.problem.code
    return None


def texts(server: ScriptedServer, person: PersonId = BOB) -> list[str]:
    mine = server.office.persons[person].conversations.values()
    return [message.text for conversation in mine for message in conversation.last]
