"""Connections cut at any moment, by seed: nothing accepted is lost, nothing happens twice, states agree."""

from __future__ import annotations

import asyncio
import random

import pytest

from app.core import commands as cmd
from app.core.errors import Refused
from app.core.model import Level, Place, Recipients, Status
from app.net.assets import MemoryCache
from app.net.client import Client, ConnectionProblem, Link, NotSent
from app.net.problems import Trouble
from app.tasks import Tasks
from tests.helpers.clock import FakeClock, settle
from tests.helpers.office import ANN, BOB, at
from tests.helpers.scripted import PASSWORD, ScriptedServer
from tests.net.conftest import link


async def act(
    client: Client, server: ScriptedServer, dice: random.Random, number: int, kinds: dict[str, type]
) -> str:
    """One thing a person might do, and what came of it."""
    command: cmd.Command = dice.choice(
        (
            cmd.SetStatus(dice.choice((Status.BUSY, Status.AVAILABLE, Status.ON_CALL))),
            cmd.SendMessage(f"message {number}", Recipients(people=(BOB,))),
            cmd.RaiseEscalation(Level.RED, f"hand {number}", Recipients(people=(BOB,))),
        )
    )
    space = client.space
    own = space.escalation_of(ANN) if space else None
    if own is not None:
        command = cmd.EndEscalation(own.id)
    kinds[f"c{number}"] = type(command)
    try:
        await client.do(command, f"c{number}")
    except Refused:
        return "refused"
    except NotSent as gone:
        return "unsure" if gone.problem.code is Trouble.EXPIRED_UNSURE else "not sent"
    return "accepted"


def replaced(command: str, kinds: dict[str, type]) -> set[str]:
    """What may have taken the place of a status or a hand that never went out."""
    if kinds[command] not in (cmd.SetStatus, cmd.RaiseEscalation):
        return set()
    return {c for c, kind in kinds.items() if kind is kinds[command] and int(c[1:]) > int(command[1:])}


def misfortune(server: ScriptedServer, dice: random.Random) -> None:
    fate = dice.random()
    server.problem = ConnectionProblem(Trouble.NO_ANSWER, host="localhost", port=1) if fate < 0.15 else None
    server.answering = dice.random() < 0.7
    server.kept = dice.choice((0, 3, 1000))
    if server.peers and fate < 0.4:
        server.peer.abort()
    elif server.peers and fate < 0.5:
        server.peer.dead = True


@pytest.mark.parametrize("seed", range(25))
async def test_any_cuts(seed: int) -> None:
    dice, clock = random.Random(seed), FakeClock()
    server = ScriptedServer(clock)
    client = Client(
        connect=server.connect,
        clock=clock,
        rng=random.Random(seed),
        tasks=Tasks("client"),
        cache=MemoryCache(),
        app="test",
    )
    await client.sign_in("localhost", ANN, PASSWORD)
    asked: dict[str, asyncio.Task[str]] = {}
    kinds: dict[str, type] = {}
    for number in range(40):
        asked[f"c{number}"] = asyncio.ensure_future(act(client, server, dice, number, kinds))
        server.act(BOB, cmd.SetStatus(dice.choice((Status.BUSY, Status.AVAILABLE))))
        client.walk_to(dice.choice((at(2, 5), at(5, 6), at(9, 5), Place(100, 170))))
        await settle()
        misfortune(server, dice)
        await clock.advance(dice.uniform(0.0, 8.0))
    server.problem, server.answering, server.kept = None, True, 1000
    if server.peers:
        server.peer.abort()  # answers get lost only where a connection breaks
    await clock.advance(120)
    assert link(client) is Link.PROTECTED
    assert all(task.done() for task in asked.values())
    outcomes = {command: task.result() for command, task in asked.items()}
    for command, outcome in outcomes.items():
        if outcome == "accepted":
            assert command in server.executed or replaced(command, kinds) & server.executed
        if outcome == "not sent":
            assert command not in server.executed
    assert client.space is not None
    assert client.me is not None
    assert client.space.snapshot() == server.office.space.snapshot()
    messages = [m.id for c in client.me.conversations.values() for m in c.last]
    assert len(messages) == len(set(messages))
    assert client.me.snapshot() == server.office.persons[ANN].snapshot()
    await client.close(leave=False)
