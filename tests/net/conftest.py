"""Clients on a clock that a test moves, against a server in memory."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import TypeVar

import pytest

from app.net.assets import MemoryCache
from app.net.client import Client, ClientChange, Link
from app.net.shelf import DiskShelf
from app.tasks import Tasks
from tests.helpers.clock import FakeClock
from tests.helpers.leftover import Machine
from tests.helpers.scripted import ScriptedServer


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def server(clock: FakeClock) -> ScriptedServer:
    return ScriptedServer(clock)


Kind = TypeVar("Kind")


def link(client: Client) -> Link:
    """Asked anew each time: it changes while a test waits."""
    return client.connection.link


class Heard(list[ClientChange]):
    """Everything a client told, in order."""

    def __call__(self, changes: tuple[ClientChange, ...]) -> None:
        self += changes

    def of(self, kind: type[Kind]) -> list[Kind]:
        return [change for change in self if isinstance(change, kind)]


NewClient = Callable[[], Client]


@pytest.fixture
async def new_client(server: ScriptedServer, clock: FakeClock) -> AsyncIterator[NewClient]:
    made: list[Client] = []

    def new() -> Client:
        client = Client(
            connect=server.connect,
            clock=clock,
            rng=random.Random(len(made)),
            tasks=Tasks(f"client {len(made)}"),
            cache=MemoryCache(),
            app="test",
        )
        made.append(client)
        return client

    yield new
    for client in made:
        await client.close(leave=False)


@pytest.fixture
def client(new_client: NewClient) -> Client:
    return new_client()


@pytest.fixture
def heard(client: Client) -> Heard:
    heard = Heard()
    client.listen(heard)
    return heard


@pytest.fixture
async def machine(server: ScriptedServer, clock: FakeClock, tmp_path: Path) -> AsyncIterator[Machine]:
    made = Machine(server, clock, tmp_path / "outbox")
    yield made
    for client in made.clients:
        await client.close(leave=False)


@pytest.fixture
def disk(machine: Machine) -> Machine:
    """With a real folder; its worker is a real thread, so wait with :func:`until`."""
    machine.shelf = DiskShelf(machine.folder)
    return machine
