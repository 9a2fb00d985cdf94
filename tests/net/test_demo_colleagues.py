"""The simulated colleagues at work, on a real server; what they do is seen by an ordinary client."""

from __future__ import annotations

import random
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from app.core.model import AnswerKind, EscalationId, Level, PersonId, Place, Status
from app.core.space import SpaceState
from app.demo import orders, player
from app.demo.cast import COLLEAGUES, SUPERVISOR
from app.demo.center import Center, CenterError, fill
from app.demo.colleagues import Colleagues
from app.net.assets import MemoryCache
from app.net.client import Client, ClientChange, PlacesMoved
from app.net.clock import SystemClock
from app.net.websocket import WebSocketConnector
from app.server.config import Config
from app.server.main import Server
from app.server.store.sqlite.store import FILE, SqliteStore
from app.tasks import Tasks
from tests.net.test_with_server import until

PASSWORD = "a demo password"


@pytest.fixture
async def url(tmp_path: Path) -> AsyncIterator[str]:
    data = tmp_path / "data"
    fill(data, PASSWORD)
    quick = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1)
    server = Server(Config(data, port=0), SqliteStore(data / FILE), hasher=quick)
    await server.start()
    yield server.url
    await server.stop()


@pytest.fixture
async def colleagues(url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Colleagues]:
    monkeypatch.setattr(player, "SPEED", 1500.0)
    colleagues = Colleagues(WebSocketConnector(), SystemClock(), random.SystemRandom())
    await colleagues.enter(url, PASSWORD)
    yield colleagues
    await colleagues.close()


@pytest.fixture
async def observer() -> AsyncIterator[Client]:
    client = Client(
        connect=WebSocketConnector(),
        clock=SystemClock(),
        rng=random.SystemRandom(),
        tasks=Tasks("observer"),
        cache=MemoryCache(),
        app="test",
    )
    yield client
    await client.close(leave=False)


def by_handle(client: Client, handle: str) -> PersonId:
    assert client.space is not None
    mention = client.space.directory.find(handle)
    assert mention is not None
    assert mention.person is not None
    return mention.person


def zone_of(client: Client, person: PersonId) -> str:
    """The name of the zone somebody stands in."""
    assert client.space is not None
    assert client.map is not None
    zone = client.space.occupants[person].zone
    return next((z.name for z in client.map.zones if z.id == zone), "")


def here(client: Client) -> SpaceState:
    assert client.space is not None
    return client.space


async def test_all_are_there_each_at_their_own_desk(
    colleagues: Colleagues, observer: Client, url: str
) -> None:
    await observer.sign_in(url, SUPERVISOR.handle, PASSWORD)
    await until(observer, lambda: observer.walk is not None)
    assert observer.space is not None
    assert observer.map is not None
    assert len(observer.space.occupants) == len(COLLEAGUES) + 1
    desks = {seat.name: seat.place for seat in observer.map.seats}
    for part in (*COLLEAGUES, SUPERVISOR):
        assert observer.space.places[by_handle(observer, part.handle)] == desks[part.seat]


async def test_they_walk_where_one_can_walk(colleagues: Colleagues, observer: Client, url: str) -> None:
    await observer.sign_in(url, SUPERVISOR.handle, PASSWORD)
    await until(observer, lambda: observer.walk is not None)
    seen: list[Place] = []

    def watch(changes: tuple[ClientChange, ...]) -> None:
        for change in changes:
            if isinstance(change, PlacesMoved):
                seen.extend(place for _, place in change.places)

    observer.listen(watch)
    finn, aiko, quentin = (by_handle(observer, handle) for handle in ("finn", "aiko", "quentin"))
    for who, to in (("finn", "Kita"), ("aiko", "lounge"), ("quentin", "@finn")):
        outcome = await colleagues.perform(orders.Walk(who=who, to=to))
        assert not outcome.problem
    await until(observer, lambda: zone_of(observer, finn) == "Kita")
    await until(observer, lambda: here(observer).places[aiko] in player.LOUNGE)
    await until(observer, lambda: not zone_of(observer, quentin) and len(seen) > 10)
    assert observer.walk is not None
    assert all(observer.walk.walkable(place) for place in seen)
    outcome = await colleagues.perform(orders.Walk(who="finn", to="the moon"))
    assert outcome.problem == "there is no place called the moon"


async def test_a_hand_raised_on_order_calls_others_who_come(
    colleagues: Colleagues, observer: Client, url: str
) -> None:
    await observer.sign_in(url, SUPERVISOR.handle, PASSWORD)
    raised = await colleagues.perform(orders.Raise(who="finn", message="Refund", groups=("supervisors",)))
    hand = EscalationId(raised.id)
    await until(observer, lambda: observer.me is not None and hand in observer.me.alerts)
    assert observer.me is not None
    assert observer.me.alerts[hand].escalation.level is Level.RED
    assert not (await colleagues.perform(orders.Answer(who="quentin", to="finn"))).problem
    quentin = by_handle(observer, "quentin")
    await until(observer, lambda: here(observer).escalations[hand].coming == (quentin,))
    target = here(observer).escalations[hand].answers[0].target
    await until(observer, lambda: here(observer).places[quentin] == target)
    late = await colleagues.perform(orders.Answer(who="nora", to="finn", spare=True))
    assert late.problem == "somebody is already helping finn"
    chat = orders.Answer(who="nora", to="finn", kind=AnswerKind.CHAT)
    assert not (await colleagues.perform(chat)).problem
    await colleagues.perform(orders.End(who="finn"))
    await until(observer, lambda: bool(observer.me and hand not in observer.me.alerts))


async def test_other_orders(colleagues: Colleagues, observer: Client, url: str) -> None:
    await observer.sign_in(url, SUPERVISOR.handle, PASSWORD)
    finn = by_handle(observer, "finn")
    await colleagues.perform(orders.SetStatus(who="finn", status=Status.BUSY))
    await until(
        observer, lambda: bool(observer.space and observer.space.occupants[finn].status is Status.BUSY)
    )
    await colleagues.perform(orders.Chat(who="finn", text="Hello", to=(SUPERVISOR.handle,)))
    await until(observer, lambda: bool(observer.me and observer.me.unread == 1))
    await colleagues.perform(orders.Drop(who="finn", seconds=600))
    await until(observer, lambda: not here(observer).is_here(finn))
    assert finn in here(observer).occupants
    zoe = by_handle(observer, "zoe")
    await colleagues.perform(orders.Leave(who="zoe"))
    await until(observer, lambda: zoe not in here(observer).occupants)
    await colleagues.perform(orders.Return(who="zoe"))
    await until(observer, lambda: here(observer).is_here(zoe))
    nobody = await colleagues.perform(orders.End(who="nobody"))
    assert nobody.problem == "nobody here is called nobody"
    idle = await colleagues.perform(orders.End(who="ben"))
    assert idle.problem == "ben has no raised hand"


async def test_by_themselves_they_get_to_work(colleagues: Colleagues, observer: Client, url: str) -> None:
    await observer.sign_in(url, SUPERVISOR.handle, PASSWORD)
    colleagues.improvise(1)

    def calling() -> bool:
        occupants = observer.space.occupants.values() if observer.space else ()
        return sum(occupant.status is Status.ON_CALL for occupant in occupants) >= 8

    await until(observer, calling)


@pytest.mark.skipif(sys.platform == "win32", reason="processes end otherwise there")
async def test_the_whole_center_in_its_own_processes(observer: Client) -> None:
    with Center(PASSWORD) as center:
        folder = center.folder
        with center.colleagues(calm=True) as colleagues:
            assert colleagues.count == len(COLLEAGUES)
            await observer.sign_in(center.url, SUPERVISOR.handle, PASSWORD)
            raised = colleagues.tell('{"as":"finn","do":"raise","message":"Refund","groups":["supervisors"]}')
            hand = EscalationId(raised.id)
            await until(observer, lambda: bool(observer.me and hand in observer.me.alerts))
            with pytest.raises(CenterError, match="fly"):
                colleagues.tell('{"as":"finn","do":"fly"}')
        assert not colleagues.running
        await until(observer, lambda: len(here(observer).occupants) == 1)
        await observer.close(leave=True)
    assert not folder.exists()
    assert not center.running


def test_a_center_that_cannot_start_says_why_and_leaves_nothing() -> None:
    center = Center(PASSWORD, options=("--host", "999.999.999.999"))
    with pytest.raises(CenterError, match=r"999\.999\.999\.999"), center:
        pass
    assert not center.folder.exists()
