"""Tokens: each use brings another, a lost answer locks nobody out, an outdated one ends its whole family."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from app.core import questions, wire
from app.core.errors import Code, Refusal
from app.core.wire import Token
from app.server.admin import Admin
from app.server.auth import token_hash
from app.server.main import Server
from app.server.store.sqlite.schema import MIGRATIONS
from app.server.store.sqlite.sessions import OVERLAP, RETIRED_AGE
from app.server.store.sqlite.store import FILE, connect
from tests.helpers.caller import Caller
from tests.helpers.clock import FakeClock
from tests.helpers.running import HASHER, PASSWORD, Ids, rows, running

NEW = "a better horse"


async def resume(server: Server, token: Token) -> Token | Refusal:
    """The next token, or why not."""
    async with await Caller.dial(server.url) as caller:
        return await caller.resume(token) or caller.token


async def first_token(server: Server, handle: str = "ann") -> Token:
    async with await Caller.dial(server.url) as caller:
        assert await caller.sign_in(handle) is None
        return caller.token


async def used(server: Server, token: Token) -> Token:
    fresh = await resume(server, token)
    assert isinstance(fresh, str)
    assert fresh != token
    return fresh


async def test_each_resume_brings_another_token(server: Server) -> None:
    first = await first_token(server)
    second = await used(server, first)
    third = await used(server, second)
    assert len({first, second, third}) == 3


async def test_a_lost_answer_signs_nobody_out_however_long_it_takes(server: Server, clock: FakeClock) -> None:
    first = await first_token(server)
    await used(server, first)
    clock.at += 7 * 24 * 3600.0
    again = await used(server, first)
    assert await used(server, again)


async def test_a_program_that_ended_before_it_kept_the_new_token_comes_back_with_the_old_one(
    server: Server, clock: FakeClock
) -> None:
    first = await first_token(server)
    second = await used(server, first)
    await used(server, second)
    clock.at += OVERLAP
    again = await used(server, first)
    assert await used(server, again)


async def test_an_outdated_token_ends_its_family_and_its_connections_and_says_so(
    server: Server, clock: FakeClock
) -> None:
    first = await first_token(server)
    second = await used(server, first)
    async with await Caller.dial(server.url) as owner:
        assert await owner.resume(second) is None
        await owner.attach()
        third = owner.token
        for _ in range(11):
            clock.at += (OVERLAP + 1) / 11
            await owner.ask(questions.ListDevices())  # a silent connection would be broken
        assert await resume(server, first) == Refusal(Code.SESSION_REUSED)
        bye = await owner.hear(wire.Bye)
        assert (bye.code, bye.retry) == (Code.SESSION_REUSED, False)
        await owner.closed()
    assert await resume(server, third) == Refusal(Code.SIGNED_OUT)
    assert await resume(server, first) == Refusal(Code.SIGNED_OUT)


async def test_of_two_branches_of_a_copied_token_the_second_ends_both(
    server: Server, clock: FakeClock
) -> None:
    copied = await first_token(server)
    owners = await used(server, copied)
    thiefs = await used(server, copied)
    clock.at += OVERLAP + 0.1
    owners = await used(server, owners)
    clock.at += OVERLAP + 0.1
    assert await resume(server, thiefs) == Refusal(Code.SESSION_REUSED)
    assert await resume(server, owners) == Refusal(Code.SIGNED_OUT)


async def test_two_branches_do_not_live_side_by_side(server: Server, clock: FakeClock) -> None:
    copied = await first_token(server)
    owners, thiefs = await used(server, copied), await used(server, copied)
    owners = await used(server, owners)
    thiefs = await used(server, thiefs)
    clock.at += OVERLAP + 0.1
    assert await resume(server, owners) == Refusal(Code.SESSION_REUSED)
    assert await resume(server, thiefs) == Refusal(Code.SIGNED_OUT)


async def test_a_use_that_comes_late_over_a_connection_given_up_signs_nobody_out(
    server: Server, clock: FakeClock
) -> None:
    first = await first_token(server)
    ours = await used(server, first)
    await used(server, first)  # sent before, and held up on the way; nobody hears the answer
    clock.at += 7 * 24 * 3600.0
    assert await used(server, await used(server, ours))


async def test_a_reused_token_ends_nothing_on_other_machines(server: Server, clock: FakeClock) -> None:
    first, elsewhere = await first_token(server), await first_token(server)
    await used(server, await used(server, first))
    clock.at += OVERLAP + 0.1
    assert await resume(server, first) == Refusal(Code.SESSION_REUSED)
    assert await used(server, elsewhere)


async def test_tokens_hold_over_a_restart_and_are_stored_hashed(data: Path, ids: Ids) -> None:
    clock = FakeClock()
    async with running(data, clock) as server:
        token = await first_token(server)
        assert rows(server, "SELECT hash FROM tokens") == [(token_hash(token),)]
    async with running(data, clock) as server:
        fresh = await used(server, token)
        kept = {row[0] for row in rows(server, "SELECT hash FROM tokens")}
        assert kept == {token_hash(token), token_hash(fresh)}


async def test_replaced_tokens_are_forgotten_after_a_while(server: Server, clock: FakeClock) -> None:
    first = await first_token(server)
    last = await used(server, await used(server, first))
    clock.at += RETIRED_AGE + 1
    await server.store.prune(clock.now())
    assert rows(server, "SELECT count(*) FROM tokens") == [(2,)]
    assert await resume(server, first) == Refusal(Code.SIGNED_OUT)
    assert await used(server, last)


def test_sessions_of_an_earlier_version_hold(tmp_path: Path) -> None:
    file = tmp_path / FILE
    with closing(sqlite3.connect(file, isolation_level=None)) as db:
        MIGRATIONS[0](db)
        db.execute("PRAGMA user_version = 1")
        db.execute("INSERT INTO people VALUES ('p', 'ann', 'ann', 'Ann', 'agent', 'x', 0, NULL, 1)")
        db.execute("INSERT INTO sessions VALUES (?, 'p', 'laptop', 10.0, 20.0)", (token_hash(Token("old")),))
    with closing(connect(file)) as db:
        assert db.execute("SELECT person, device, created_at, used_at FROM families").fetchall() == [
            ("p", "laptop", 10.0, 20.0)
        ]
        sql = "SELECT t.hash, t.retired_at FROM tokens t JOIN families f ON f.id = t.family"
        assert db.execute(sql).fetchall() == [(token_hash(Token("old")), None)]


# One's own account


async def change(caller: Caller, current: str, new: str) -> object:
    return await caller.ask(questions.ChangePassword(current, new))


async def test_a_password_change_signs_out_the_other_devices_and_not_this_one(server: Server) -> None:
    async with await Caller.enter(server.url, "ann") as here, await Caller.enter(server.url, "ann") as there:
        assert await change(here, PASSWORD, NEW) == questions.Done(ended=1)
        bye = await there.hear(wire.Bye)
        assert (bye.code, bye.retry) == (Code.SIGNED_OUT, False)
        assert isinstance(await here.ask(questions.ListDevices()), questions.Devices)
        assert await resume(server, there.token) == Refusal(Code.SIGNED_OUT)
        assert await used(server, here.token)
    async with await Caller.dial(server.url) as caller:
        assert await caller.sign_in("ann", PASSWORD) == Refusal(Code.WRONG_CREDENTIALS)
        assert await caller.sign_in("ann", NEW) is None


async def test_a_new_password_is_refused_for_what_is_wrong_with_it(server: Server) -> None:
    async with await Caller.enter(server.url, "ann") as caller:
        assert await change(caller, PASSWORD, "short") is Code.PASSWORD_SHORT
        assert await change(caller, PASSWORD, "ann-ann-ann-ann") is Code.PASSWORD_GUESSABLE
        assert await change(caller, PASSWORD, PASSWORD) is Code.PASSWORD_SAME
        assert await change(caller, "wrong", NEW) is Code.WRONG_PASSWORD
    async with await Caller.dial(server.url) as caller:
        assert await caller.sign_in("ann") is None


async def test_the_present_password_is_not_guessed_through_a_stolen_window(server: Server) -> None:
    async with await Caller.enter(server.url, "ann") as caller:
        codes = [await change(caller, f"guess {number}", NEW) for number in range(5)]
    assert codes == [Code.WRONG_PASSWORD] * 4 + [Code.TOO_MANY_ATTEMPTS]


async def test_ones_devices_are_listed_and_can_be_signed_out(server: Server, clock: FakeClock) -> None:
    async with await Caller.dial(server.url) as laptop:
        laptop.session.send(wire.SignIn("ann", PASSWORD, "laptop"))
        await laptop.hear(wire.SignedIn)
        await laptop.attach()
        clock.at += 10
        async with await Caller.enter(server.url, "ann") as here:
            listed = await here.ask(questions.ListDevices())
            assert isinstance(listed, questions.Devices)
            assert [(d.name, d.here, d.seen) for d in listed.devices] == [
                ("", True, clock.now()),
                ("laptop", False, clock.now()),  # connected
            ]
            assert listed.devices[1].since == clock.now() - 10
            assert await here.ask(questions.EndDevice(listed.devices[1].id)) == questions.Done()
            assert (await laptop.hear(wire.Bye)).code is Code.SIGNED_OUT
            after = await here.ask(questions.ListDevices())
            assert isinstance(after, questions.Devices)
            assert [device.here for device in after.devices] == [True]


async def test_nobody_lists_or_ends_the_devices_of_somebody_else(server: Server) -> None:
    async with await Caller.enter(server.url, "ann") as ann, await Caller.enter(server.url, "bob") as bob:
        mine = await ann.ask(questions.ListDevices())
        assert isinstance(mine, questions.Devices)
        assert len(mine.devices) == 1
        assert await bob.ask(questions.EndDevice(mine.devices[0].id)) is Code.NOT_FOUND
        assert await bob.ask(questions.EndDevice("no such device")) is Code.NOT_FOUND
        assert await ann.ask(questions.ListDevices()) == mine


async def test_an_admins_change_closes_all_of_the_persons_connections(server: Server) -> None:
    async with await Caller.enter(server.url, "ann") as one, await Caller.enter(server.url, "ann") as two:
        with Admin(server.config.data, hasher=HASHER) as admin:
            admin.set_password("ann", NEW)
        for caller in (one, two):
            assert (await caller.hear(wire.Bye)).code is Code.SIGNED_OUT
        assert await resume(server, one.token) == Refusal(Code.SIGNED_OUT)


async def test_who_has_no_password_cannot_sign_in_with_an_empty_one(server: Server) -> None:
    with Admin(server.config.data, hasher=HASHER) as admin:
        admin.add_user("zoe", "Zoe", None)
    async with await Caller.dial(server.url) as caller:
        assert await caller.sign_in("zoe", "") == Refusal(Code.WRONG_CREDENTIALS)
