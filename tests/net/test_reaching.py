"""The server is told how alerts come through at this machine: once, and again when it changed."""

from __future__ import annotations

from app.core.model import ALL_WORK, Channel, Reach
from app.net.client import Client
from tests.helpers.clock import FakeClock, settle
from tests.helpers.office import ANN
from tests.helpers.scripted import PASSWORD, ScriptedServer

NO_SOUND = Reach((Channel.SOUND,))
UNKNOWN = Reach((), (Channel.NOTIFICATION,))


async def signed_in(client: Client) -> None:
    await client.sign_in("localhost", ANN, PASSWORD)
    await settle()


async def test_each_attach_says_it_and_only_a_change_is_reported(
    client: Client, server: ScriptedServer, clock: FakeClock
) -> None:
    client.set_reach(NO_SOUND)
    await signed_in(client)
    assert [a.reach for a in server.attaches] == [NO_SOUND]
    assert server.commands == []
    client.set_reach(UNKNOWN)
    client.set_reach(UNKNOWN)
    await settle()
    assert len(server.commands) == 1
    assert server.office.space.occupants[ANN].reach == UNKNOWN
    server.peer.abort()
    await clock.advance(30)
    assert [a.reach for a in server.attaches] == [NO_SOUND, UNKNOWN]
    assert len(server.commands) == 1


async def test_what_changed_while_offline_is_said_once_with_what_is_so_now(
    client: Client, server: ScriptedServer, clock: FakeClock
) -> None:
    await signed_in(client)
    server.peer.abort()
    await settle()
    client.set_reach(NO_SOUND)
    client.set_reach(UNKNOWN)
    await clock.advance(30)
    assert server.attaches[-1].reach == UNKNOWN
    assert server.office.space.occupants[ANN].reach == UNKNOWN
    assert len(server.commands) == 1


async def test_a_busy_server_is_told_again(client: Client, server: ScriptedServer, clock: FakeClock) -> None:
    await signed_in(client)
    server.busy = 2
    client.set_reach(NO_SOUND)
    await settle()
    assert server.office.space.occupants[ANN].reach == ALL_WORK
    await clock.advance(3)
    assert server.office.space.occupants[ANN].reach == NO_SOUND
    await clock.advance(10)
    assert len(server.commands) == 3


async def test_the_next_who_signs_in_here_has_the_same_machine(
    client: Client, server: ScriptedServer
) -> None:
    client.set_reach(NO_SOUND)
    await signed_in(client)
    await client.sign_out()
    await client.sign_in("localhost", "bob", PASSWORD)
    await settle()
    assert [a.reach for a in server.attaches] == [NO_SOUND, NO_SOUND]
