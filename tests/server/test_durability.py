"""What was accepted is there, whatever happens: full disks, killed processes, writers that were faster."""

from __future__ import annotations

import asyncio
import os
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from app.core import events as ev
from app.core import questions, wire
from app.core.commands import RaiseEscalation, SendMessage, SetStatus
from app.core.errors import Code
from app.core.model import EscalationId, Level, Recipients, Status
from app.core.wire import Stream
from app.server.main import Server
from app.server.store.base import Batch, Entry, StoreError, TakenError
from app.server.store.keys import space_stream
from app.server.store.sqlite.store import FILE, SqliteStore, connect
from app.tasks import Tasks
from tests.helpers.caller import Caller, snapshot_bytes
from tests.helpers.clock import FakeClock
from tests.helpers.running import FAST, Ids, rows, running
from tests.helpers.server_process import ServerProcess


def pages(data: Path) -> int:
    with connect(data / FILE) as db:
        count: int = db.execute("PRAGMA page_count").fetchone()[0]
    db.close()
    return count


async def test_on_a_full_disk_nothing_half_happens_and_the_server_lives_on(
    data: Path, ids: Ids, clock: FakeClock
) -> None:
    async with running(data, clock, max_pages=pages(data) + 12) as server:
        ann, bob = await Caller.enter(server.url, "ann"), await Caller.enter(server.url, "bob")
        async with ann, bob:
            to = Recipients(people=(ids.bob,))
            accepted: list[str] = []
            code: Code | None = None
            for number in range(50):
                code = await ann.do(SendMessage(f"m{number} " + "x" * 3_000, to), f"m{number}")
                if code is not None:
                    break
                accepted.append(f"m{number}")
            assert code is Code.STORE_FAILED
            assert accepted
            refused = next(m for m in ann.heard if isinstance(m, wire.RefusedCommand))
            assert refused.fields == {"reason": "disk full"}
            # Neither side knows anything of the message that was refused, and both still hear each other.
            (conversation,) = ann.me.conversations.values()
            assert [message.id for message in conversation.last] == accepted
            assert [row[0] for row in rows(server, "SELECT id FROM messages ORDER BY number")] == accepted
            await bob.until(lambda: bob.me.unread == len(accepted))
            assert len(rows(server, "SELECT 1 FROM commands")) == len(accepted)
            history = await bob.ask(questions.History(conversation.id))
            assert isinstance(history, questions.Found)
            assert len(history.messages) == len(accepted)
            position = ann.session.positions[Stream.PERSONAL].seq
            sql = f"SELECT seq FROM streams WHERE key = 'person:{ids.ann}'"
            assert rows(server, sql) == [(position,)]


async def test_when_there_is_room_again_the_same_command_goes_through(
    data: Path, ids: Ids, clock: FakeClock
) -> None:
    async with (
        running(data, clock, max_pages=pages(data) + 12) as server,
        await Caller.enter(server.url, "ann") as ann,
    ):
        to = Recipients(people=(ids.bob,))
        number = 0
        while await ann.do(SendMessage("x" * 3_000, to), f"m{number}") is None:
            number += 1
        store = server.store
        assert isinstance(store, SqliteStore)
        await store._write.run(lambda db: db.execute("PRAGMA max_page_count = 100000").fetchone())
        assert await ann.do(SendMessage("x" * 3_000, to), f"m{number}") is None
        assert await ann.do(SendMessage("x" * 3_000, to), f"m{number}") is None
        assert len(rows(server, "SELECT 1 FROM messages")) == number + 1


async def test_another_program_that_looks_at_the_database_takes_nothing_away(data: Path, ids: Ids) -> None:
    """Whoever closes a database last tidies up after it; that must not be who was there beside the server."""
    async with ServerProcess(data) as server, await Caller.enter(server.url, "ann") as ann:
        for number in range(2):
            with closing(connect(data / FILE)) as db:
                db.execute("SELECT count(*) FROM people").fetchall()
            to = Recipients(people=(ids.bob,))
            assert await ann.do(SendMessage("hello", to), f"m{number}") is None
        await server.kill()
        with closing(connect(data / FILE)) as db:
            assert db.execute("SELECT count(*) FROM messages").fetchone() == (2,)


async def test_a_killed_server_has_what_it_accepted_and_goes_on_counting(data: Path, ids: Ids) -> None:
    async with ServerProcess(data) as server:
        ann = await Caller.enter(server.url, "ann")
        assert await ann.do(RaiseEscalation(Level.YELLOW, "first"), "hand") is None
        assert await ann.do(SendMessage("hello", Recipients(people=(ids.bob,))), "m1") is None
        await server.kill()
        at = ann.session.positions[Stream.SPACE]
        await server.start()
        async with await Caller.come_back(server.url, ann) as ann:
            assert ann.session.positions[Stream.SPACE].epoch == at.epoch
            assert (
                await ann.do(RaiseEscalation(Level.YELLOW, "first"), "hand") is None
            )  # said again, counts once
            assert await ann.do(RaiseEscalation(Level.YELLOW, "second"), "hand2") is Code.ALREADY_RAISED
            assert await ann.do(SetStatus(Status.BUSY)) is None
            assert ann.space.escalations[EscalationId("hand")].message == "first"
            assert ann.session.positions[Stream.SPACE].seq > at.seq
            async with await Caller.enter(server.url, "bob") as bob:
                assert bob.me.unread == 1
                await ann.until(lambda: ids.bob in ann.space.occupants)
                assert snapshot_bytes(bob.space) == snapshot_bytes(ann.space)
        await server.stop(within=5)


async def test_a_writer_that_was_slower_catches_up_and_decides_again(server: Server, ids: Ids) -> None:
    """Another node writes to the stream behind this one's back."""
    async with await Caller.enter(server.url, "ann") as ann:
        room = server.spaces.rooms[0]
        event = ev.StatusSet(ids.ann, Status.ON_CALL)
        key = space_stream(ids.space)
        elsewhere = Batch(ids.space, 1.0, [Entry(key, event, wire.encode(event))], {key: room.feed.at})
        await server.store.append(elsewhere)
        assert await ann.do(RaiseEscalation(Level.YELLOW), "hand") is None
        assert ann.space.occupants[ids.ann].status is Status.ON_CALL
        with pytest.raises(TakenError):
            await server.store.append(elsewhere)


async def test_jobs_that_wait_share_a_commit_and_fail_alone(data: Path, ids: Ids) -> None:
    store = SqliteStore(data / FILE)
    try:
        key = space_stream(ids.space)
        event = ev.StatusSet(ids.ann, Status.BUSY)

        def batch(expected: int) -> Batch:
            return Batch(ids.space, 1.0, [Entry(key, event, wire.encode(event))], {key: expected})

        outcomes = await asyncio.gather(
            *(store.append(batch(expected)) for expected in (0, 1, 1, 2, 7, 3)), return_exceptions=True
        )
        firsts = [None if isinstance(outcome, BaseException) else outcome[key] for outcome in outcomes]
        assert firsts == [1, 2, None, 3, None, 4]
        assert all(isinstance(outcomes[n], TakenError) for n in (2, 4))
        assert (await store.load(key)).events == [wire.encode(event)] * 4
    finally:
        await store.close()


async def test_what_is_written_down_while_the_server_stops_is_accepted(
    data: Path, ids: Ids, clock: FakeClock
) -> None:
    """Even when a checkpoint is due with it, which is then left to the next start."""
    closed = Tasks("closed")
    await closed.close()
    async with running(data, clock, tuning=replace(FAST, checkpoint_every=1)) as server:
        ann = await Caller.enter(server.url, "ann")
        async with ann:
            server._feeds._tasks = closed
            assert await ann.do(SetStatus(Status.BUSY), "last") is None
            assert ("last",) in rows(server, "SELECT id FROM commands")


async def test_a_store_that_is_closed_says_so(data: Path, ids: Ids) -> None:
    store = SqliteStore(data / FILE)
    await store.close()
    with pytest.raises(StoreError):
        await store.roster()


async def test_a_database_of_a_newer_program_is_left_alone(data: Path, ids: Ids) -> None:
    db = connect(data / FILE)
    db.execute("PRAGMA user_version = 999")
    db.close()
    with pytest.raises(StoreError, match="newer version"):
        SqliteStore(data / FILE)


@pytest.mark.skipif(os.name != "posix", reason="files have modes on POSIX systems")
def test_what_people_wrote_is_readable_for_the_servers_user_alone(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)  # as somebody else made it
    db = connect(tmp_path / FILE)
    made = {file.name: file.stat().st_mode & 0o777 for file in tmp_path.iterdir()}
    db.close()
    assert len(made) == 3
    assert set(made.values()) == {0o600}


async def test_what_is_no_database_is_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"not a database, but long enough to be looked at" * 100)
    with pytest.raises(StoreError, match="cannot be used as a database"):
        SqliteStore(tmp_path / FILE)
