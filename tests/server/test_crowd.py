"""Writing to many without a look at each: whatever makes one of them need a look is told at once."""

from __future__ import annotations

import asyncio
import errno
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TypeAlias

import pytest
from websockets.exceptions import ConnectionClosedOK

from app import tasks
from app.server.crowd import Crowd
from app.server.ring import BYTES, Ring, open_ring
from app.server.wire_out import Packet
from tests.helpers.caller import PATIENCE
from tests.server.test_wire_out import LARGE, Member, hear, members, take

Gather: TypeAlias = Callable[..., Crowd[Member]]


def one_by_one(*all_of_them: Member, ring: Ring | None = None) -> Crowd[Member]:
    crowd: Crowd[Member] = Crowd(ring)
    crowd.gather(all_of_them)
    return crowd


@pytest.fixture(params=[False, True], ids=["one by one", "together"])
def gathered(request: pytest.FixtureRequest) -> Iterator[Gather]:
    """With and without a ring of the kernel's."""
    if not request.param:
        yield one_by_one
        return
    ring = open_ring()
    if ring is None:
        pytest.skip("this kernel has no io_uring, or forbids it")
    yield partial(one_by_one, ring=ring)
    ring.close()


def write(crowd: Crowd[Member], data: bytes) -> list[Member]:
    return crowd.write(Packet(data), 0, len(crowd.links))


@pytest.fixture
async def one() -> AsyncIterator[Member]:
    async with members(1) as (member,):
        yield member


@pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])
async def test_each_is_written_to_once_in_whatever_parts(tls: bool, tmp_path: Path, gathered: Gather) -> None:
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
    """The first may be taken whole; the second waits."""
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


async def lost(member: Member) -> None:
    """Its socket is closed, and the number may be another's."""
    member.client.transport.abort()
    async with asyncio.timeout(PATIENCE):
        await member.connection.wait_closed()


@pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])
@pytest.mark.parametrize(
    "what", [backlog, backlog_of_the_librarys, goodbye, goodbye_of_the_clients, fragment, broken, lost]
)
async def test_a_lane_tells_when_it_is_no_longer_open(
    what: Callable[[Member], Awaitable[None]], tls: bool, tmp_path: Path, gathered: Gather
) -> None:
    async with members(2, tmp_path if tls else None) as (one, other):
        crowd = gathered(one, other)
        await what(one)
        assert crowd.stale
        again = gathered(one, other)
        assert (again.links, again.others) == ([other], [one])
        if what is fragment:
            one.peer.abort()


async def test_what_the_kernel_does_not_take_stays_ahead_of_what_follows(
    one: Member, gathered: Gather
) -> None:
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
    assert write(one_by_one(one), b"whole") == []
    assert await hear(one.client) == b"whole"


async def test_a_broken_connection_comes_back_and_harms_nobody() -> None:
    async with members(3) as (first, reset, last):

        def fail(frame: bytes) -> int:
            raise ConnectionResetError

        take(reset, fail)
        crowd = one_by_one(first, reset, last)
        assert write(crowd, b"x") == [reset]
        assert crowd.stale
        assert [await hear(first.client), await hear(last.client)] == [b"x", b"x"]


@pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])
async def test_whatever_the_kernel_takes_at_a_time_all_arrives_in_order(
    tls: bool, tmp_path: Path, gathered: Gather
) -> None:
    """Straight until the kernel is full, then behind what waits, then straight again."""
    async with members(1, tmp_path if tls else None) as (one,):
        crowd, sent = gathered(one), 0
        for _ in range(3):
            assert crowd.links == [one]
            first = sent
            while not crowd.stale:
                assert write(crowd, sent.to_bytes(2, "big") * 7_000) == []
                sent += 1
            assert one.peer.lane is not None
            assert not one.peer.lane.is_open
            sending = tasks.spawn(one.peer.send(sent.to_bytes(2, "big") * 7_000), name="send")
            for number in range(first, sent + 1):
                assert await hear(one.client) == number.to_bytes(2, "big") * 7_000
            sent += 1
            await sending
            crowd.gather([one])


async def test_under_tls_a_write_that_has_to_wait_for_the_other_side_goes_through_the_transport(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with members(1, tmp_path) as (one,):
        crowd = one_by_one(one)

        def wants_to_read(frame: bytes) -> int:
            raise ssl.SSLWantReadError

        monkeypatch.setattr(one.lane, "_encrypt", wants_to_read)
        assert write(crowd, b"later") == []
        assert await hear(one.client) == b"later"


async def test_under_tls_nothing_that_was_encrypted_is_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else the other side could read nothing that follows."""
    async with members(1, tmp_path) as (one,):
        crowd = one_by_one(one)

        def no_room(encrypted: bytes) -> int:
            raise OSError(errno.ENOBUFS, "")

        with monkeypatch.context() as short:
            short.setattr(one.lane, "_send", no_room)
            assert write(crowd, b"first") == []
        assert await hear(one.client) == b"first"
        crowd.gather([one])
        assert write(crowd, b"second") == []
        assert await hear(one.client) == b"second"


async def test_a_socket_that_takes_no_more_comes_back_and_harms_nobody(gathered: Gather) -> None:
    async with members(3) as (first, shut, last):
        crowd = gathered(first, shut, last)
        shut.connection.transport.get_extra_info("socket").shutdown(socket.SHUT_WR)
        assert write(crowd, b"x") == [shut]
        assert crowd.stale
        assert [await hear(first.client), await hear(last.client)] == [b"x", b"x"]


async def test_more_than_fit_into_one_call_of_the_kernel(
    gathered: Gather, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.server.crowd.SOCKETS", 2)
    async with members(5) as all_of_them:
        crowd = gathered(*all_of_them)
        sent = [b"short", b"longer than that", bytes(BYTES - 10), bytes(BYTES + 10), b"short"]
        for data in sent:
            heard = [tasks.spawn(hear(member.client), name="hear") for member in all_of_them]
            assert write(crowd, data) == []
            assert await asyncio.gather(*heard) == [data] * 5
            async with asyncio.timeout(PATIENCE):
                while any(member.peer.waiting for member in all_of_them):  # noqa: ASYNC110  nothing tells us
                    await asyncio.sleep(0)
            crowd.gather(all_of_them)
            assert crowd.links == all_of_them


async def test_who_goes_over_the_list_of_before_is_not_misled(gathered: Gather) -> None:
    async with members(2) as (one, other):
        crowd = gathered(one, other)
        before = crowd.links
        crowd.gather([other])
        assert before == [one, other]
        assert crowd.links is not before
