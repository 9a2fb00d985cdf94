"""What a server cannot hold it refuses early, with a sentence, and lets in as soon as there is room."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from websockets.asyncio.client import connect

from app.core import wire
from app.core.commands import LeaveSpace
from app.core.errors import Code
from app.core.session import Phase
from app.server.admin import Admin
from app.server.capacity import Capacity, Door
from app.server.config import Config
from app.server.map_files import ImportedMap
from app.server.settings_file import ConfigError
from tests.helpers.caller import Caller, eventually
from tests.helpers.clock import FakeClock
from tests.helpers.office import office_map
from tests.helpers.running import HASHER, Ids, running


async def goodbye(caller: Caller) -> wire.Bye:
    bye = await caller.hear(wire.Bye)
    await caller.closed()
    return bye


async def test_a_full_space_lets_nobody_in_until_somebody_leaves(
    data: Path, ids: Ids, clock: FakeClock
) -> None:
    async with running(data, clock, capacity=Capacity(per_space=2)) as server:
        ann, bob = await Caller.enter(server.url, "ann"), await Caller.enter(server.url, "bob")
        async with ann, bob, await Caller.dial(server.url) as dev:
            assert not await dev.sign_in("dev")
            dev.session.attach(None)
            bye = await goodbye(dev)
            assert (bye.code, bye.retry) == (Code.SPACE_FULL, True)
            assert bye.fields == {"limit": 2, "seconds": 15}
            assert dev.socket.close_code == 1013  # try again later
            assert await bob.do(LeaveSpace()) is None
            async with await Caller.enter(server.url, "dev"):
                await ann.until(lambda: set(ann.space.occupants) == {ids.ann, ids.dev})


async def test_who_is_in_a_full_space_comes_back_to_it(data: Path, ids: Ids, clock: FakeClock) -> None:
    async with running(data, clock, capacity=Capacity(per_space=1)) as server:
        async with await Caller.enter(server.url, "ann") as first:
            pass
        await eventually(lambda: ids.ann not in server.hub.online)
        async with await Caller.come_back(server.url, first) as again:
            assert again.session.phase is Phase.LIVE


async def test_who_is_turned_away_stays_where_they_are(data: Path, ids: Ids, clock: FakeClock) -> None:
    with Admin(data, hasher=HASHER) as admin:
        kyoto = admin.add_space("Kyoto", ImportedMap(office_map(), {}))
        for handle in ("ann", "bob"):
            admin.add_to_space("Kyoto", handle)
    async with running(data, clock, capacity=Capacity(per_space=1)) as server:
        bob, ann = await Caller.dial(server.url), await Caller.enter(server.url, "ann")
        async with bob, ann:
            assert ann.session.space == kyoto
            assert not await bob.sign_in("bob")
            await bob.attach(ids.space)
            ann.session.attach(ids.space)
            turned = await ann.hear(wire.TurnedAway)
            assert (turned.code, turned.fields["limit"]) == (Code.SPACE_FULL, 1)
            assert (await ann.hear(wire.Attached)).space_id == kyoto
            assert ann.space.is_here(ids.ann)
            assert [room.id for room in server.spaces.rooms if room.state.is_here(ids.ann)] == [kyoto]


async def test_one_person_has_so_many_machines_and_no_more(data: Path, ids: Ids, clock: FakeClock) -> None:
    async with running(data, clock, capacity=Capacity(per_person=2)) as server:
        one, two = await Caller.enter(server.url, "ann"), await Caller.enter(server.url, "ann")
        async with one, two:
            async with await Caller.dial(server.url) as third:
                assert not await third.sign_in("ann")
                third.session.attach(None)
                assert (await goodbye(third)).code is Code.TOO_MANY_MACHINES
            await one.attach(one.session.space)  # a gap is mended on the same machine: that is no other one
            async with await Caller.enter(server.url, "bob"):
                await one.until(lambda: ids.bob in one.space.occupants)


async def test_a_full_server_says_so_with_its_first_word(data: Path, ids: Ids, clock: FakeClock) -> None:
    async with running(data, clock, capacity=Capacity(connections=1)) as server:
        async with await Caller.enter(server.url, "ann") as ann:
            async with connect(server.url, proxy=None) as socket:
                bye = wire.decode_server(await socket.recv(decode=False))
                assert isinstance(bye, wire.Bye)
                assert (bye.code, bye.retry, bye.fields) == (Code.SERVER_FULL, True, {"seconds": 15})
                await socket.wait_closed()
            assert await ann.do(LeaveSpace()) is None
        await eventually(lambda: not server.gateway._talks)
        async with await Caller.enter(server.url, "bob"):
            assert ids.bob in server.hub.online


def test_addresses_are_counted_and_this_machine_is_not() -> None:
    door = Door(Capacity(connections=100, per_address=2))
    assert [door.enter("10.0.0.7") for _ in range(2)] == [None, None]
    third = door.enter("10.0.0.7")
    assert third is not None
    assert third.code is Code.ADDRESS_FULL
    assert door.enter("10.0.0.8") is None
    assert [door.enter("127.0.0.1") for _ in range(5)] == [None] * 5
    assert [door.enter("::1") for _ in range(5)] == [None] * 5
    for _ in range(2):
        door.leave("10.0.0.7")
    assert door.enter("10.0.0.7") is None


def test_a_limit_of_nothing_is_refused_when_the_server_starts(data: Path) -> None:
    Config(data).check()
    with pytest.raises(ConfigError, match="1 or more"):
        replace(Config(data), capacity=Capacity(per_space=0)).check()
