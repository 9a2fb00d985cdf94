"""Client and server as they are: real sockets, a real database, several people."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from app.core import commands as cmd
from app.core.errors import Code, Refused
from app.core.model import AnswerKind, AssetId, EscalationId, Level, Recipients, Role, Rung
from app.net.assets import AssetCache, MemoryCache, content_id
from app.net.client import Client, Link
from app.net.clock import SystemClock
from app.net.websocket import WebSocketConnector
from app.server.admin import Admin
from app.server.config import Config
from app.server.erasure import erase
from app.server.first_start import OFFICE
from app.server.main import Server
from app.server.maps import import_map
from app.server.pictures import Picture
from app.server.store.sqlite.store import FILE, SqliteStore
from app.tasks import Tasks
from tests.helpers.caller import eventually
from tests.net.conftest import link

PASSWORD = "open sesame"
QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


async def until(client: Client, true: Callable[[], bool]) -> None:
    """Wait for what comes over a socket; looked at anew whenever ``client`` tells of something."""
    told = asyncio.Event()
    stop = client.listen(lambda _: told.set())
    try:
        async with asyncio.timeout(10):
            while not true():
                told.clear()
                await told.wait()
    finally:
        stop()


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server]:
    with Admin(tmp_path / "data", hasher=QUICK) as admin:
        office = import_map(OFFICE)
        admin.add_space("Osaka", office)
        admin.add_space("Tokyo", office)
        for handle, role in (("ann", Role.AGENT), ("bob", Role.SUPERVISOR)):
            admin.add_user(handle, handle.title(), PASSWORD, role, ("Osaka", "Tokyo"))
    server = Server(Config(tmp_path / "data", port=0), SqliteStore(tmp_path / "data" / FILE), hasher=QUICK)
    await server.start()
    yield server
    await server.stop()


Join = Callable[[str], Awaitable[Client]]


@pytest.fixture
async def join(server: Server, tmp_path: Path) -> AsyncIterator[Join]:
    clients: list[Client] = []

    async def join(handle: str) -> Client:
        client = Client(
            connect=WebSocketConnector(),
            clock=SystemClock(),
            rng=random.Random(len(clients)),
            tasks=Tasks(handle),
            cache=AssetCache(tmp_path / "cache"),
            app="test",
        )
        clients.append(client)
        await client.sign_in(server.url, handle, PASSWORD)
        await until(client, lambda: client.walk is not None)
        return client

    yield join
    for client in clients:
        await client.close(leave=False)


async def test_a_hand_is_raised_seen_and_answered(join: Join) -> None:
    ann, bob = await join("ann"), await join("bob")
    assert ann.person is not None
    assert bob.person is not None
    to = Recipients(people=(bob.person.id,))
    await ann.do(cmd.RaiseEscalation(Level.RED, "A refund", to), "hand-1")
    hand = EscalationId("hand-1")
    await until(bob, lambda: bob.me is not None and hand in bob.me.alerts)
    bob_id = bob.person.id
    await until(ann, lambda: ann.me is not None and ann.me.ladders[hand].rung_of(bob_id) is Rung.RECEIVED)
    await bob.do(cmd.AnswerEscalation(hand, AnswerKind.APPROACH))
    await until(ann, lambda: ann.space is not None and ann.space.escalations[hand].coming == (bob_id,))
    assert bob.space is not None
    target = bob.space.escalations[hand].answers[0].target
    assert target is not None
    bob.walk_to(target)
    await until(ann, lambda: ann.space is not None and ann.space.places[bob_id] == target)
    await ann.close(leave=True)
    await until(bob, lambda: bob.space is not None and not bob.space.escalations)


async def test_a_cut_connection_resumes_by_number(server: Server, join: Join) -> None:
    ann, bob = await join("ann"), await join("bob")
    assert bob.person is not None
    before = bob.space
    for connection in server.hub.links:
        if connection.person == bob.person.id:
            connection.abort()
    await until(bob, lambda: link(bob) is Link.NOT_PROTECTED)
    await ann.do(cmd.RaiseEscalation(Level.YELLOW, "while bob is away"))
    bob.retry_now()
    await until(bob, lambda: link(bob) is Link.PROTECTED)
    assert bob.space is before
    await until(bob, lambda: bob.space is not None and len(bob.space.escalations) == 1)


async def test_a_server_that_restarts_is_found_again(tmp_path: Path, server: Server, join: Join) -> None:
    ann = await join("ann")
    await ann.do(cmd.RaiseEscalation(Level.YELLOW, "still here"))
    port = int(server.url.rpartition(":")[2])
    await server.stop()
    await until(ann, lambda: link(ann) is Link.NOT_PROTECTED)
    again = Server(Config(tmp_path / "data", port=port), SqliteStore(tmp_path / "data" / FILE), hasher=QUICK)
    await again.start()
    try:
        ann.retry_now()
        await until(ann, lambda: link(ann) is Link.PROTECTED)
        assert ann.space is not None
        assert [hand.message for hand in ann.space.escalations.values()] == ["still here"]
    finally:
        await ann.close(leave=False)
        await again.stop()


async def test_another_space_is_entered_and_the_first_one_left(join: Join) -> None:
    ann, bob = await join("ann"), await join("bob")
    assert ann.space is not None
    assert ann.person is not None
    await ann.do(cmd.RaiseEscalation(Level.YELLOW))
    here = ann.space.space.id
    there = next(space.id for space in ann.spaces if space.id != here)
    await ann.open_space(there)
    assert ann.space.space.id == there
    assert ann.walk is not None
    ann_id = ann.person.id
    await until(bob, lambda: bob.space is not None and ann_id not in bob.space.occupants)
    assert bob.space is not None
    assert not bob.space.escalations
    with pytest.raises(Refused) as refused:
        await ann.open_space(type(there)("nowhere"))
    assert refused.value.refusal.code is Code.NOT_FOUND
    await until(ann, lambda: link(ann) is Link.PROTECTED)


async def test_a_token_opens_the_next_start_until_signing_out(server: Server, join: Join) -> None:
    ann, bob = await join("ann"), await join("bob")
    token = ann.token
    assert token is not None
    await ann.close(leave=False)
    await bob.resume(server.url, token)
    assert bob.person is not None
    assert bob.person.handle == "ann"
    await bob.sign_out()
    with pytest.raises(Refused, match="sign in again"):
        await bob.resume(server.url, token)


async def test_wrong_passwords_are_counted_and_an_unknown_handle_learns_nothing(server: Server) -> None:
    """What the person reads; from the fourth failure on with the time to wait."""
    client = Client(
        connect=WebSocketConnector(),
        clock=SystemClock(),
        rng=random.Random(1),
        tasks=Tasks("stranger"),
        cache=MemoryCache(),
        app="test",
    )
    try:
        for handle in ("ann", "nobody"):
            sentences = []
            for _ in range(5):
                with pytest.raises(Refused) as refused:
                    await client.sign_in(server.url, handle, "a guess")
                sentences.append(str(refused.value))
            assert set(sentences[:4]) == {"The handle or the password is wrong."}
            assert sentences[4].startswith("Too many attempts. Try again in ")
            assert link(client) is Link.OFFLINE
    finally:
        await client.close(leave=False)


async def pictured(server: Server, ann: Client, handle: str, data: bytes) -> AssetId:
    """Somebody has a picture from now on, which Ann has looked at."""
    face = AssetId(content_id(data))
    with Admin(server.config.data, hasher=QUICK) as admin:
        admin.set_picture(handle, Picture(face, data, 1, 1))
    await until(ann, lambda: face in pictures(ann))
    assert await ann.picture(face) == data
    return face


def pictures(client: Client) -> set[AssetId | None]:
    return {person.picture for person in client.space.people.values()} if client.space else set()


async def test_a_picture_that_was_taken_away_leaves_the_disk_of_who_looked_at_it(
    server: Server, join: Join, tmp_path: Path
) -> None:
    """While their program runs, and with its next connection if it was off."""
    ann = await join("ann")
    assert ann.space is not None
    (bob,) = (person.id for person in ann.space.people.values() if person.handle == "bob")
    first = await pictured(server, ann, "bob", b"first face")
    kept = tmp_path / "cache"
    assert (kept / first).exists()
    second = await pictured(server, ann, "bob", b"second face")
    await eventually(lambda: not (kept / first).exists())
    assert (kept / second).exists()
    await ann.close(leave=False)
    await erase(server.store, bob, None, server.clock.now, server.spaces.feeds.stored)
    await server.spaces.refresh()
    assert (kept / second).exists()
    again = await join("ann")
    assert again.space is not None
    await eventually(lambda: not (kept / second).exists())
