"""A disk that takes nothing keeps nobody out who was in; who is new is told why, and comes later.

(A full one lets a small write through now and then, see test_durability.py; here none gets through.)
"""

from __future__ import annotations

import asyncio
import threading

import pytest

from app.core import questions, wire
from app.core.commands import SendMessage
from app.core.errors import Code, Fields, Refusal, refuse, sentence
from app.core.model import Recipients
from app.core.policy import CaseKind, Policy, PolicyId
from app.core.policy_questions import ListPolicies, Policies, SavePolicy
from app.server import main
from app.server.main import Server
from app.server.store.sqlite.store import SqliteStore
from tests.helpers.caller import Caller
from tests.helpers.running import Ids

WHY: Fields = {"reason": "database is read-only"}


def let_write(server: Server, may: bool) -> None:
    """Not as a job of the lane: those begin with a write."""
    assert isinstance(server.store, SqliteStore)
    server.store._write._connection.execute(f"PRAGMA query_only = {int(not may)}")


async def test_who_was_in_comes_back_and_who_is_new_is_told(server: Server, ids: Ids) -> None:
    ann, bob, dev = [await Caller.enter(server.url, handle) for handle in ("ann", "bob", "dev")]
    async with ann:
        async with dev:
            await ann.until(lambda: ids.dev in ann.space.occupants)
        await ann.until(lambda: not ann.space.occupants[ids.dev].connected)
        assert await ann.do(SendMessage("are you there?", Recipients(people=(ids.dev,)))) is None
        let_write(server, False)
        assert await ann.do(SendMessage("hello?", Recipients(people=(ids.dev,)))) is Code.STORE_FAILED
        bob.socket.transport.abort()
        # Dev's loss is written down, that he is back cannot be; Bob's loss cannot be written down either.
        async with (
            await Caller.come_back(server.url, dev) as dev_again,
            await Caller.come_back(server.url, bob) as bob_again,
            await Caller.dial(server.url) as chie,
        ):
            await dev_again.until(lambda: dev_again.me.unread == 1)
            assert dev_again.token == dev.token, "a new token that is not kept anywhere"
            assert not dev_again.space.occupants[ids.dev].connected
            assert bob_again.space.occupants[ids.bob].connected
            assert isinstance(await dev_again.ask(questions.Search("there")), questions.Found)
            assert await chie.sign_in("chie") == Refusal(Code.STORE_FAILED, WHY)

            let_write(server, True)
            # What could not be written down is made good, and everybody hears of it.
            await ann.until(lambda: ann.space.occupants[ids.dev].connected)
            assert await chie.sign_in("chie") is None
            await chie.attach()
            await ann.until(lambda: ids.chie in ann.space.occupants)


async def test_who_was_not_in_is_refused_with_the_reason_and_may_try_again(server: Server, ids: Ids) -> None:
    async with await Caller.dial(server.url) as bob:
        assert await bob.sign_in("bob") is None
        let_write(server, False)
        bob.session.attach(None)
        bye = await bob.hear(wire.Bye)
        assert (bye.code, bye.fields, bye.retry) == (Code.STORE_FAILED, WHY, True)
        await bob.closed()
    let_write(server, True)
    async with await Caller.enter(server.url, "bob") as bob:
        assert ids.bob in bob.space.occupants


async def test_a_disk_that_hangs_does_not_hold_up_the_end(
    server: Server, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """What was accepted is on it already; the thread that hangs ends with the process."""
    assert isinstance(server.store, SqliteStore)
    monkeypatch.setattr(main, "STOP_S", 0.2)
    monkeypatch.setattr(main, "CLOSE_S", 0.02)
    free = threading.Event()
    async with await Caller.enter(server.url, "ann"):
        stuck = asyncio.ensure_future(server.store._write.run(lambda _: free.wait(30)))
        await server.stop()
    assert "saying goodbye to other servers takes too long" in caplog.text
    assert "closing the database takes too long" in caplog.text
    free.set()
    await stuck
    await server.store.close()


async def test_what_cannot_be_read_is_told_apart_from_what_cannot_be_saved(server: Server, ids: Ids) -> None:
    assert isinstance(server.store, SqliteStore)
    reading = server.store._read._connection
    policy = Policy(PolicyId("night"), "Night", CaseKind.ESCALATION, version=0)
    async with await Caller.enter(server.url, "bob") as bob:
        reading.set_progress_handler(lambda: 1, 1)
        assert await bob.ask(ListPolicies(ids.space)) is Code.STORE_UNREAD
        reading.set_progress_handler(None, 0)
        let_write(server, False)
        assert await bob.ask(SavePolicy(ids.space, policy)) is Code.STORE_FAILED
        assert isinstance(await bob.ask(ListPolicies(ids.space)), Policies)
        let_write(server, True)
    words = sentence(refuse(Code.STORE_UNREAD, reason="disk error"))
    assert "save" not in words
    assert "disk error" in words
