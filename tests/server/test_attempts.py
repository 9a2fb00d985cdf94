"""Who guesses passwords waits longer and longer: over a restart, at every server of a store, for a while."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest

from app.core.errors import Code, Refusal
from app.server.attempts import by_address, by_handle
from app.server.main import Server
from app.server.store import attempts as kept
from app.server.store.attempts import FORGET_S, Name, Patience, Tried
from app.server.store.sqlite import attempts as rows_of
from app.server.store.sqlite.attempts import SqliteAttempts
from app.server.store.sqlite.store import FILE, SqliteStore
from tests.helpers.caller import Caller
from tests.helpers.clock import FakeClock
from tests.helpers.running import PASSWORD, Ids, rows, running

WRONG = Refusal(Code.WRONG_CREDENTIALS)
ANN, HOME = by_handle("ann"), by_address("10.1.2.3")


def wait(seconds: int) -> Refusal:
    return Refusal(Code.TOO_MANY_ATTEMPTS, {"seconds": seconds})


async def attempt(server: Server, password: str = "wrong") -> Refusal | None:
    async with await Caller.dial(server.url) as caller:
        return await caller.sign_in("ann", password)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqliteStore]:
    opened = SqliteStore(tmp_path / FILE)
    yield opened
    await opened.close()


async def fail(attempts: SqliteAttempts, *names: Name, times: int, now: float) -> None:
    for _ in range(times):
        assert await attempts.begin(names, now) == 0.0


async def test_a_restart_makes_nobody_wait_less(data: Path, ids: Ids, clock: FakeClock) -> None:
    async with running(data, clock) as server:
        for _ in range(4):
            assert await attempt(server) == WRONG
        assert await attempt(server, PASSWORD) == wait(2)
    async with running(data, clock) as server:
        assert await attempt(server, PASSWORD) == wait(2)
        clock.at += 2
        assert await attempt(server) == WRONG
    async with running(data, clock) as server:
        assert await attempt(server, PASSWORD) == wait(4)
        clock.at += 4
        assert await attempt(server, PASSWORD) is None
        assert await attempt(server) == WRONG


async def test_two_servers_on_one_store_count_together(data: Path, ids: Ids, clock: FakeClock) -> None:
    async with running(data, clock) as one, running(data, clock) as other:
        for server in (one, other, one, other):
            assert await attempt(server) == WRONG
        assert await attempt(one, PASSWORD) == wait(2)
        assert await attempt(other, PASSWORD) == wait(2)
        clock.at += 2
        assert await attempt(other, PASSWORD) is None
        assert await attempt(one) == WRONG


async def test_an_office_that_succeeds_is_never_kept_out(
    data: Path, ids: Ids, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(kept.PATIENCE, Tried.ADDRESS, Patience(free=2, first=8.0, longest=8.0))
    async with running(data, clock) as server:
        for _ in range(6):
            assert await attempt(server, PASSWORD) is None
        for _ in range(3):
            assert await attempt(server) == WRONG
        async with await Caller.dial(server.url) as caller:
            assert await caller.sign_in("bob", PASSWORD) == wait(8)


async def test_no_name_is_kept_as_it_was_typed(server: Server) -> None:
    async with await Caller.dial(server.url) as caller:
        assert await caller.sign_in("MySecretPassword", "ann") == WRONG
    assert not any(b"secret" in name.lower() for (name,) in rows(server, "SELECT name FROM attempts"))
    assert rows(server, "SELECT kind, failures FROM attempts") == [("address", 1), ("handle", 1)]


async def test_failures_are_forgotten_after_a_while(store: SqliteStore) -> None:
    attempts = store.attempts
    now = 1_000_000.0
    await fail(attempts, ANN, HOME, times=4, now=now)
    assert await attempts.begin((ANN,), now) == 2.0
    over = now + FORGET_S + kept.PATIENCE[Tried.HANDLE].longest + 1
    await attempts.prune(over)
    assert await attempts.begin((ANN,), over) == 0.0
    assert await attempts.begin((ANN,), over) == 0.0


async def test_pruning_leaves_nothing_that_is_over(store: SqliteStore, tmp_path: Path) -> None:
    now = 1_000_000.0
    await fail(store.attempts, ANN, HOME, times=1, now=now)
    await store.prune(now + 100_000.0)
    with closing(sqlite3.connect(tmp_path / FILE)) as db:
        assert db.execute("SELECT count(*) FROM attempts").fetchone() == (0,)


async def test_an_attempt_that_has_to_wait_counts_for_nobody(store: SqliteStore) -> None:
    attempts, now = store.attempts, 1_000_000.0
    await fail(attempts, ANN, times=4, now=now)
    for _ in range(40):
        assert await attempts.begin((ANN, HOME), now) == 2.0
    assert await attempts.begin((HOME,), now) == 0.0


async def test_the_longest_wait_is_bounded_and_a_clock_set_back_makes_it_no_longer(
    store: SqliteStore,
) -> None:
    attempts, now = store.attempts, 1_000_000.0
    for _ in range(12):
        now += await attempts.begin((ANN,), now)
        assert await attempts.begin((ANN,), now) in (0.0, 2.0, 4.0, 8.0, 16.0, 32.0, 60.0)
    assert await attempts.begin((ANN,), now - 50_000.0) <= 60.0


async def test_very_many_names_push_out_the_oldest(
    store: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rows_of, "MOST_NAMES", 50)
    attempts, now = store.attempts, 1_000_000.0
    await fail(attempts, ANN, times=4, now=now)
    await fail(attempts, HOME, times=1, now=now)
    for number in range(50):
        assert await attempts.begin((by_handle(str(number)),), now + 0.001 * number) == 0.0
    assert await attempts.begin((by_handle("0"),), now + 1) == 0.0
    assert await attempts.begin((ANN,), now + 1) == 0.0
