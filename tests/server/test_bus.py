"""Several servers on one store that talk to each other over a real Redis server."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from app.core import wire
from app.core.commands import RaiseEscalation, SendMessage
from app.core.model import Level, Place, Recipients, SpaceId
from app.server import peers, walkers
from app.server.bus import redis_bus
from app.server.bus.address import BusAddress, load_bus
from app.server.bus.redis_bus import RedisBus
from app.server.config import Config
from app.server.main import Server
from app.server.settings_file import ConfigError
from app.server.store.keys import space_stream
from app.server.store.servers import ServerId
from app.tasks import Tasks
from tests.helpers.caller import PATIENCE, Caller, eventually
from tests.helpers.certificates import authority, certificate
from tests.helpers.clock import FakeClock
from tests.helpers.office import SPACE, at
from tests.helpers.redis_process import RedisProcess
from tests.helpers.running import Ids, running

SECRET = "correct horse battery"


@pytest.fixture
def bus_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody looks into the store for what others have written."""
    for module in (peers, walkers):
        monkeypatch.setattr(module, "PAUSE", 3_600.0)


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """What others have written is looked for soon, and so is a bus that does not work."""
    for module in (peers, walkers):
        monkeypatch.setattr(module, "PAUSE", 0.005)
    monkeypatch.setattr(redis_bus, "AGAIN", 0.005)


@pytest.fixture
async def redis(tmp_path: Path) -> AsyncIterator[RedisProcess]:
    async with RedisProcess(tmp_path) as started:
        yield started


@asynccontextmanager
async def two(data: Path, clock: FakeClock, bus: BusAddress) -> AsyncIterator[tuple[Server, Server]]:
    """They hear each other."""
    async with running(data, clock, bus=bus) as one, running(data, clock, bus=bus) as other:
        await eventually(lambda: one.bus.up and other.bus.up)
        clock.at += peers.BEAT
        await eventually(lambda: not one.peers.alone and not other.peers.alone)
        yield one, other


async def walk(caller: Caller, to: Place) -> None:
    await caller.walk(to.x, to.y)


def shows(heard: wire.Places, person: str, place: Place) -> bool:
    return (person, place.x, place.y) in heard.places


@pytest.mark.usefixtures("bus_alone")
async def test_steps_and_hands_cross_over_the_bus(
    data: Path, ids: Ids, clock: FakeClock, redis: RedisProcess
) -> None:
    async with (
        two(data, clock, redis.address) as (one, other),
        await Caller.enter(one.url, "ann") as ann,
        await Caller.enter(other.url, "bob") as bob,
    ):
        await ann.until(lambda: ids.bob in ann.space.occupants)
        await walk(ann, at(3, 5))
        await bob.hear(wire.Places, lambda heard: shows(heard, ids.ann, at(3, 5)))
        await walk(bob, at(5, 5))
        await ann.hear(wire.Places, lambda heard: shows(heard, ids.bob, at(5, 5)))
        assert not await ann.do(RaiseEscalation(Level.RED, "help", Recipients(people=(ids.bob,))), "hand")
        await bob.until(lambda: "hand" in bob.me.alerts)
        await bob.until(lambda: bob.space.escalation_of(ids.ann) is not None)


@pytest.mark.usefixtures("bus_alone")
async def test_who_begins_to_listen_later_is_told_where_people_are(
    data: Path, ids: Ids, clock: FakeClock, redis: RedisProcess
) -> None:
    async with (
        running(data, clock, bus=redis.address) as one,
        await Caller.enter(one.url, "ann") as ann,
    ):
        await eventually(lambda: one.bus.up)
        await walk(ann, at(3, 5))
        await eventually(lambda: one.spaces.rooms[0].places()[ids.ann] == at(3, 5))
        bus = one.bus
        assert isinstance(bus, RedisBus)
        await eventually(lambda: not bus._steps)  # it has been said, and nobody was there
        async with running(data, clock, bus=redis.address) as other:
            await eventually(lambda: other.bus.up)
            (room,) = other.spaces.rooms
            assert room.places()[ids.ann] != at(3, 5)
            await one.walkers.exchange()
            await eventually(lambda: room.places()[ids.ann] == at(3, 5))
            assert ids.ann not in room.own | room.unsaved  # she is the other server's to write down


@pytest.mark.usefixtures("hasty")
async def test_without_the_bus_steps_cross_through_the_store_and_later_over_it_again(
    data: Path, ids: Ids, clock: FakeClock, redis: RedisProcess
) -> None:
    async with (
        two(data, clock, redis.address) as (one, other),
        await Caller.enter(one.url, "ann") as ann,
        await Caller.enter(other.url, "bob") as bob,
    ):
        await bob.until(lambda: ids.ann in bob.space.occupants)
        await redis.kill()
        await eventually(lambda: not one.bus.up and not other.bus.up)
        await walk(ann, at(3, 5))
        await bob.hear(wire.Places, lambda heard: shows(heard, ids.ann, at(3, 5)))
        assert not await ann.do(RaiseEscalation(Level.YELLOW), "hand")
        await bob.until(lambda: bob.space.escalation_of(ids.ann) is not None)
        await redis.start()
        await eventually(lambda: one.bus.up and other.bus.up)
        await walk(ann, at(5, 5))
        await bob.hear(wire.Places, lambda heard: shows(heard, ids.ann, at(5, 5)))


@pytest.mark.usefixtures("hasty")
async def test_a_redis_that_hangs_is_noticed_and_holds_up_nobody(
    data: Path, ids: Ids, clock: FakeClock, redis: RedisProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(redis_bus, "BEAT", 0.05)
    monkeypatch.setattr(redis_bus, "DEAF", 0.5)
    async with (
        two(data, clock, redis.address) as (one, other),
        await Caller.enter(one.url, "ann") as ann,
        await Caller.enter(other.url, "bob") as bob,
    ):
        await bob.until(lambda: ids.ann in bob.space.occupants)
        redis.hang()
        assert not await ann.do(RaiseEscalation(Level.YELLOW), "hand")
        await bob.until(lambda: bob.space.escalation_of(ids.ann) is not None)
        await eventually(lambda: not one.bus.up)
        await walk(ann, at(3, 5))
        await bob.hear(wire.Places, lambda heard: shows(heard, ids.ann, at(3, 5)))


async def test_a_password_opens_the_bus_and_is_in_no_log(
    data: Path, ids: Ids, clock: FakeClock, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    async with RedisProcess(tmp_path, password=SECRET) as guarded:
        wrong = BusAddress(guarded.address.host, guarded.port, password="wrong secret")
        async with running(data, clock, bus=wrong) as server:
            await eventually(lambda: "it is tried again" in caplog.text)
            assert not server.bus.up
        async with two(data, clock, guarded.address) as (one, other):
            assert one.bus.up
            assert other.bus.up
    assert "secret" not in caplog.text
    assert SECRET not in caplog.text
    assert SECRET not in repr(Config(data, bus=guarded.address))


async def test_over_tls_the_certificate_has_to_be_trusted(
    data: Path, ids: Ids, clock: FakeClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    trusted = authority(tmp_path, "office")
    async with RedisProcess(tmp_path, SECRET, certificate(tmp_path, trusted)) as guarded:
        async with running(data, clock, bus=guarded.address) as server:
            await eventually(lambda: "it is tried again" in caplog.text)
            assert not server.bus.up
        assert "certificate" in caplog.text.lower()
        monkeypatch.setenv("SSL_CERT_FILE", str(trusted.file))
        async with two(data, clock, guarded.address) as (one, _):
            assert one.bus.up


async def test_the_bus_carries_numbers_and_places_and_no_word(
    data: Path, ids: Ids, clock: FakeClock, redis: RedisProcess
) -> None:
    spy = redis.address.open(5.0)
    async with (
        two(data, clock, redis.address) as (one, other),
        spy.pubsub(ignore_subscribe_messages=True) as ear,
        await Caller.enter(one.url, "ann") as ann,
        await Caller.enter(other.url, "bob") as bob,
    ):
        await ear.psubscribe("*")
        message = SendMessage("Mrs Gray's contract", Recipients(people=(ids.bob,)))
        assert not await ann.do(message)
        assert not await ann.do(RaiseEscalation(Level.RED, "Mr Brown", Recipients(people=(ids.bob,))), "hand")
        await bob.until(lambda: "hand" in bob.me.alerts)
        seen = b""
        async with asyncio.timeout(PATIENCE):
            while space_stream(ids.space).encode() not in seen or ids.bob.encode() not in seen:
                heard = await ear.get_message(timeout=1.0)
                seen += heard["data"] if heard is not None else b""
        assert b"Gray" not in seen
        assert b"Brown" not in seen
        assert b"Ann" not in seen
    await spy.aclose()


@pytest.mark.usefixtures("bus_alone")
async def test_what_else_is_said_on_the_channel_is_left_out(
    data: Path, ids: Ids, clock: FakeClock, redis: RedisProcess, caplog: pytest.LogCaptureFixture
) -> None:
    stranger = redis.address.open(5.0)
    async with (
        two(data, clock, redis.address) as (one, other),
        await Caller.enter(one.url, "ann") as ann,
        await Caller.enter(other.url, "bob") as bob,
    ):
        await bob.until(lambda: ids.ann in bob.space.occupants)
        channel = f"handraise:{one.store.epoch}"
        before = dict(other.spaces.rooms[0].places())
        wall = {ids.space: {ids.ann: (1, 1)}, "nowhere": {ids.ann: (9, 9)}}
        for data_of_a_stranger in (
            b"",
            b"\xc1junk",
            redis_bus._encode(["x", {"space:none": 7, "odd": 1, space_stream(ids.space): 10**12}, wall]),
            redis_bus._encode(["x", {}, {ids.space: {ids.ann: (-1, 5)}}]),
        ):
            await stranger.publish(channel, data_of_a_stranger)
        await eventually(lambda: caplog.text.count("no server of this version says") >= 3)
        assert other.spaces.rooms[0].places() == before
        await walk(ann, at(3, 5))
        await bob.hear(wire.Places, lambda heard: shows(heard, ids.ann, at(3, 5)))
    await stranger.aclose()


async def test_a_bus_that_is_slow_keeps_the_newest_and_not_more_than_its_bound(
    monkeypatch: pytest.MonkeyPatch, ids: Ids
) -> None:
    monkeypatch.setattr(redis_bus, "MOST", 2)
    async with Tasks("test") as tasks:
        bus = RedisBus(BusAddress("127.0.0.1"), "epoch", ServerId("me"), tasks)
        bus.show(SPACE, ids.ann, at(1, 1))
        assert redis_bus._decoder.decode(bus._take()).steps == {}  # nobody would hear it
        bus._take_in(redis_bus._encode(redis_bus.Frame(ServerId("me"), {}, {})))
        assert bus.up
        for number, person in enumerate((ids.ann, ids.bob, ids.chie, ids.ann), 1):
            bus.show(SpaceId(f"space {person}"), person, at(number, 1))
            bus.tell(space_stream(SpaceId(person)), number)
        told = redis_bus._decoder.decode(bus._take())
        assert told.steps == {
            f"space {ids.ann}": {ids.ann: (at(4, 1).x, at(4, 1).y)},
            f"space {ids.bob}": {ids.bob: (at(2, 1).x, at(2, 1).y)},
        }
        assert told.streams == {space_stream(SpaceId(ids.ann)): 4, space_stream(SpaceId(ids.bob)): 2}
        assert redis_bus._decoder.decode(bus._take()) == redis_bus.Frame(ServerId("me"), {}, {})


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1:6379", "http://127.0.0.1", "redis://", "redis://h:x", "redis://h:99999", "redis://h/first",
        "rediss://h?ssl_cert_reqs=none", "redis://[::1",
    ],
)  # fmt: skip
def test_an_address_that_is_none(address: str) -> None:
    with pytest.raises(ConfigError, match="--bus must look like"):
        load_bus(address, None, {})


def test_the_password_comes_from_the_environment_or_a_file_and_never_from_the_command_line(
    tmp_path: Path,
) -> None:
    with pytest.raises(ConfigError, match="must not contain the password") as refused:
        load_bus(f"rediss://us:{SECRET.replace(' ', '')}@redis.example", None, {})
    assert "horse" not in str(refused.value)
    environment = {"HANDRAISE_BUS_PASSWORD": SECRET}
    address = load_bus("rediss://us%40er@redis.example:7000/3", None, environment)
    assert address == BusAddress("redis.example", 7_000, True, 3, "us@er", SECRET)
    file = tmp_path / "password"
    file.write_text("from a file\n")
    assert load_bus("redis://127.0.0.1", file, environment).password == "from a file"


def test_without_tls_the_bus_is_on_this_machine(data: Path) -> None:
    elsewhere = BusAddress("redis.example")
    with pytest.raises(ConfigError, match=r"redis://redis\.example is refused"):
        Config(data, bus=elsewhere).check()
    Config(data, bus=elsewhere, insecure=True).check()
    Config(data, bus=BusAddress("redis.example", tls=True)).check()
    Config(data, bus=BusAddress("127.0.0.1")).check()
