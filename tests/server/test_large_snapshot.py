"""A snapshot that is made in pieces is of one moment, arrives as one message, and holds up nobody."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import pytest

from app.core import slices, wire
from app.core.commands import SendMessage, SetStatus
from app.core.model import Conversation, Recipients, Status
from app.core.session import ServerSession
from app.core.slices import Pieces
from app.server.link import Link
from app.server.main import Server
from app.server.store.keys import person_stream
from app.server.wire_out import Lane, Packet
from app.tasks import Tasks
from tests.helpers.caller import Caller, eventually, snapshot_bytes
from tests.helpers.clock import FakeClock
from tests.helpers.office import SPACE
from tests.helpers.running import FAST, Ids, rows, running

T = TypeVar("T")

ATTACHED = wire.Attached(SPACE, wire.Position("e", 1), wire.Position("e", 1))


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is large."""
    monkeypatch.setattr(slices, "MANY", 1)
    monkeypatch.setattr(slices, "PIECE", 200)


async def talk(server: Server, ids: Ids) -> None:
    """Ann and others have talked."""
    async with await Caller.enter(server.url, "ann") as ann:
        for number in range(12):
            to = (ids.bob, ids.chie, ids.dev)[number % 3]
            assert not await ann.do(SendMessage(f"word {number}", Recipients(people=(to,))))


async def test_it_comes_as_one_message_with_what_follows_behind_it(server: Server, ids: Ids) -> None:
    await talk(server, ids)
    async with await Caller.enter(server.url, "ann") as ann, await Caller.enter(server.url, "bob") as bob:
        assert not await bob.do(SendMessage("and so on", Recipients(people=(ids.ann,))))
        assert not await bob.do(SetStatus(Status.BUSY))
        await ann.until(lambda: "and so on" in said(ann))
        state = server.spaces.feeds.state_of(ids.ann)
        assert state is not None
        assert snapshot_bytes(ann.me) == snapshot_bytes(state)
        assert len(said(ann)) == 13


async def test_what_happens_while_it_is_made_is_in_it(
    server: Server, ids: Ids, monkeypatch: pytest.MonkeyPatch
) -> None:
    await talk(server, ids)
    prepare, made, go_on = slices.Maker.prepare, asyncio.Event(), asyncio.Event()

    def slowly(maker: slices.Maker, conversations: Iterable[Conversation]) -> Iterator[None]:
        yield from prepare(maker, conversations)
        made.set()
        while not go_on.is_set():
            yield

    async with await Caller.enter(server.url, "bob") as bob:
        monkeypatch.setattr(slices.Maker, "prepare", slowly)
        async with await Caller.dial(server.url) as ann, Tasks("test") as tasks:
            assert not await ann.sign_in("ann")
            attaching = tasks.spawn(ann.attach(), name="attach")
            await made.wait()
            assert not await bob.do(SendMessage("meanwhile", Recipients(people=(ids.ann,))))
            go_on.set()
            attached = await attaching
            assert attached.personal is not None
            assert "meanwhile" in [m.text for c in attached.personal.conversations for m in c.last]
            state = server.spaces.feeds.state_of(ids.ann)
            assert state is not None
            assert snapshot_bytes(ann.me) == snapshot_bytes(state)


async def test_a_long_history_is_written_down_and_read_again_in_turns(
    data: Path, ids: Ids, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slices, "LARGE", 200)
    turns = {"made": 0, "read": 0}

    def counted(what: str, each: Callable[..., Iterator[T]]) -> Callable[..., Iterator[T]]:
        def count(*given: object) -> Iterator[T]:
            for one in each(*given):
                turns[what] += 1
                yield one

        return count

    monkeypatch.setattr(slices.Maker, "prepare", counted("made", slices.Maker.prepare))
    monkeypatch.setattr(slices, "read_person", counted("read", slices.read_person))
    async with running(data, clock, tuning=replace(FAST, checkpoint_every=5)) as server:
        await talk(server, ids)
        sql = f"SELECT checkpoint_at FROM streams WHERE key = '{person_stream(ids.ann)}'"
        await eventually(lambda: rows(server, sql) >= [(10,)])
        assert turns["made"] > 2
    async with running(data, clock) as server, await Caller.enter(server.url, "ann") as ann:
        assert sorted(said(ann)) == sorted(f"word {number}" for number in range(12))
        assert turns["read"] > 2


async def test_each_piece_that_is_taken_is_progress() -> None:
    clock, socket, tasks = FakeClock(), Reader(), Tasks("test")
    clock.at = 0.0
    link = Link(socket, ServerSession(0.0, "test"), clock, 1_000, lambda *_: None, tasks)
    link.attached(ATTACHED, Pieces([[b"x" * link.UNREAD], [b"y"], [b"z"]]))
    link.flush()
    socket.takes.release()
    await eventually(lambda: len(socket.taken) == 1)
    clock.at = 1_000.0
    link.look(clock.at)
    assert not link.stalled(clock.at, 4.0)
    for _ in range(2):
        socket.takes.release()
    await link.written()
    assert b"".join(socket.taken) == b"x" * link.UNREAD + b"yz"
    await link.room()
    await tasks.close()


async def test_who_goes_away_in_between_leaves_nothing_behind() -> None:
    socket, tasks = Reader(), Tasks("test")
    link = Link(socket, ServerSession(0.0, "test"), FakeClock(), 1_000, lambda *_: None, tasks)
    link.attached(ATTACHED, Pieces([[b"x" * 2 * link.UNREAD], [b"y"]]))
    socket.takes.release()
    await eventually(lambda: len(socket.taken) == 1)
    link.abort()
    await link.written()
    assert link.aborted
    await link.room()
    await tasks.close()


class Reader:
    """A socket that takes a piece when a test says so."""

    lane: Lane | None = None
    quick = True
    waiting = 0

    def __init__(self) -> None:
        self.takes = asyncio.Semaphore(0)
        self.taken: list[bytes] = []
        self._aborted = False

    def write_now(self, packet: Packet) -> bool:
        raise AssertionError("in one go")

    async def send(self, data: bytes | AsyncIterator[bytes]) -> None:
        assert not isinstance(data, bytes)
        async for piece in data:
            await self.takes.acquire()
            if self._aborted:
                raise ConnectionResetError
            self.taken.append(piece)

    async def close(self, code: int, reason: str) -> None:
        raise AssertionError("closed")

    def abort(self) -> None:
        self._aborted = True
        self.takes.release()


def said(caller: Caller) -> list[str]:
    return [message.text for talk in caller.me.conversations.values() for message in talk.last]
