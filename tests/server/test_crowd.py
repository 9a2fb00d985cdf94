"""Writing to many without a look at each: whatever makes one of them need a look is told at once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
from websockets.exceptions import ConnectionClosedOK

from app import tasks
from app.server.wire_out import Crowd, Packet
from tests.helpers.caller import PATIENCE
from tests.server.test_wire_out import LARGE, Member, hear, members, take


def gathered(*all_of_them: Member) -> Crowd[Member]:
    crowd: Crowd[Member] = Crowd()
    crowd.gather(all_of_them)
    return crowd


def write(crowd: Crowd[Member], data: bytes) -> list[Member]:
    return crowd.write(Packet(data), 0, len(crowd.links))


@pytest.fixture
async def one() -> AsyncIterator[Member]:
    async with members(1) as (member,):
        yield member


@pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])
async def test_each_is_written_to_once_in_whatever_parts(tls: bool, tmp_path: Path) -> None:
    async with members(5, tmp_path if tls else None) as all_of_them:
        crowd = gathered(*all_of_them)
        assert (crowd.links, crowd.others) == (all_of_them, [])
        for begin, end in ((0, 2), (2, 4), (4, 9)):
            assert crowd.write(Packet(b"in parts"), begin, end) == []
        assert write(crowd, b"at once") == []
        assert not crowd.stale
        for member in all_of_them:
            assert [await hear(member.client), await hear(member.client)] == [b"in parts", b"at once"]


async def backlog(member: Member) -> None:
    """The first goes to the transport under TLS in any case; the second waits."""
    for _ in range(2):
        member.peer.write_now(Packet(bytes(LARGE)))


async def backlog_of_the_librarys(member: Member) -> None:
    for _ in range(2):
        tasks.spawn(member.peer.send(bytes(LARGE)), name="send")
    await asyncio.sleep(0)


async def goodbye(member: Member) -> None:
    tasks.spawn(member.peer.close(1000, ""), name="close")
    await asyncio.sleep(0)


async def goodbye_of_the_clients(member: Member) -> None:
    tasks.spawn(member.client.close(), name="close")
    with pytest.raises(ConnectionClosedOK):
        await member.connection.recv()


async def fragment(member: Member) -> None:
    async def fragments() -> AsyncIterator[bytes]:
        yield b"one "
        await asyncio.Event().wait()

    task = tasks.spawn(member.connection.send(fragments()), name="send")
    async with asyncio.timeout(PATIENCE):
        while member.connection.send_in_progress is None:  # noqa: ASYNC110  nothing tells us
            await asyncio.sleep(0)
    assert not task.done()


async def broken(member: Member) -> None:
    member.peer.abort()


@pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])
@pytest.mark.parametrize(
    "what", [backlog, backlog_of_the_librarys, goodbye, goodbye_of_the_clients, fragment, broken]
)
async def test_a_lane_tells_when_it_is_no_longer_open(
    what: Callable[[Member], Awaitable[None]], tls: bool, tmp_path: Path
) -> None:
    async with members(2, tmp_path if tls else None) as (one, other):
        crowd = gathered(one, other)
        await what(one)
        assert crowd.stale
        again = gathered(one, other)
        assert (again.links, again.others) == ([other], [one])
        if what is fragment:
            one.peer.abort()


async def test_what_the_kernel_does_not_take_stays_ahead_of_what_follows(one: Member) -> None:
    crowd = gathered(one)
    first = bytes(LARGE)
    assert write(crowd, first) == []
    assert crowd.stale
    crowd.gather([one])
    assert crowd.others == [one]
    sending = tasks.spawn(one.peer.send(b"then"), name="send")
    assert [await hear(one.client), await hear(one.client)] == [first, b"then"]
    await sending
    crowd.gather([one])
    assert crowd.links == [one], "it is open again"
    assert write(crowd, b"last") == []
    assert await hear(one.client) == b"last"


async def test_a_kernel_that_takes_nothing_or_a_part_loses_nothing(one: Member) -> None:
    def full(frame: bytes) -> int:
        raise BlockingIOError

    take(one, full)
    assert write(gathered(one), b"whole") == []
    assert await hear(one.client) == b"whole"


async def test_a_broken_connection_comes_back_and_harms_nobody() -> None:
    async with members(3) as (first, reset, last):

        def fail(frame: bytes) -> int:
            raise ConnectionResetError

        take(reset, fail)
        crowd = gathered(first, reset, last)
        assert write(crowd, b"x") == [reset]
        assert crowd.stale
        assert [await hear(first.client), await hear(last.client)] == [b"x", b"x"]


async def test_who_goes_over_the_list_of_before_is_not_misled() -> None:
    async with members(2) as (one, other):
        crowd = gathered(one, other)
        before = crowd.links
        crowd.gather([other])
        assert before == [one, other]
        assert crowd.links is not before
