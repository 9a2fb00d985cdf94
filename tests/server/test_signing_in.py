"""Signing in, over a real socket: the right person gets in, others learn nothing and have to wait."""

from __future__ import annotations

import asyncio

import pytest
from argon2 import PasswordHasher, extract_parameters
from argon2.exceptions import VerifyMismatchError
from websockets.asyncio.client import connect

from app.core import wire
from app.core.errors import Code, Refusal
from app.core.model import Role
from app.server.admin import Admin
from app.server.attempts import place_of
from app.server.auth import _nobodys_hash
from app.server.clock import system_entropy
from app.server.main import Server
from tests.helpers.caller import PATIENCE, Caller
from tests.helpers.clock import FakeClock
from tests.helpers.running import HASHER, PASSWORD, Ids


async def test_the_right_password_gives_a_token_and_the_persons_spaces(server: Server, ids: Ids) -> None:
    async with await Caller.dial(server.url) as caller:
        assert await caller.sign_in("Bob") is None
        assert caller.signed_in is not None
        assert caller.signed_in.me.id == ids.bob
        assert caller.signed_in.me.role is Role.SUPERVISOR
        assert [space.id for space in caller.signed_in.spaces] == [ids.space]
        assert len(caller.token) >= 43


async def test_a_token_signs_in_again_until_it_is_signed_out(server: Server) -> None:
    async with await Caller.enter(server.url, "ann") as caller:
        token = caller.token
        async with await Caller.dial(server.url) as again:
            assert await again.resume(token) is None
        caller.session.send(wire.SignOut())
        bye = await caller.hear(wire.Bye)
        assert (bye.code, bye.retry) == (Code.SIGNED_OUT, False)
    async with await Caller.dial(server.url) as again:
        assert await again.resume(token) == Refusal(Code.SIGNED_OUT)
        assert await again.sign_in("ann") is None


async def test_no_token_is_kept_as_it_is(server: Server, ids: Ids) -> None:
    async with await Caller.enter(server.url, "ann") as caller:
        files = [path for path in server.config.data.iterdir() if path.is_file()]
        assert files
        for path in files:
            assert caller.token.encode() not in path.read_bytes()
            assert PASSWORD.encode() not in path.read_bytes()


async def test_unknown_and_wrong_and_disabled_get_the_same_answer(server: Server) -> None:
    with Admin(server.config.data, hasher=HASHER) as admin:
        admin.set_disabled("eva", True)
    answers = []
    for handle, password in (("ann", "wrong"), ("nobody", PASSWORD), ("eva", PASSWORD), ("", "")):
        async with await Caller.dial(server.url) as caller:
            answers.append(await caller.sign_in(handle, password))
    assert answers == [Refusal(Code.WRONG_CREDENTIALS)] * 4


async def test_an_unknown_handle_costs_the_same_work(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    checked: list[str] = []
    verify = server.gateway.services.auth._verify

    def counting(stored: str, password: str) -> bool:
        checked.append(stored)
        return verify(stored, password)

    monkeypatch.setattr(server.gateway.services.auth, "_verify", counting)
    async with await Caller.dial(server.url) as caller:
        await caller.sign_in("nobody", "x")
        await caller.sign_in("ann", "x")
    assert len(checked) == 2
    parameters = {stored.rpartition("$")[0].rpartition("$")[0] for stored in checked}
    assert len(parameters) == 1


async def test_each_failure_makes_the_next_attempt_wait_longer(server: Server, clock: FakeClock) -> None:
    async def attempt(password: str) -> Refusal | None:
        async with await Caller.dial(server.url) as caller:
            return await caller.sign_in("ann", password)

    for _ in range(4):
        assert await attempt("wrong") == Refusal(Code.WRONG_CREDENTIALS)
    assert await attempt(PASSWORD) == Refusal(Code.TOO_MANY_ATTEMPTS, {"seconds": 2})
    clock.at += 2
    assert await attempt("wrong") == Refusal(Code.WRONG_CREDENTIALS)
    assert await attempt(PASSWORD) == Refusal(Code.TOO_MANY_ATTEMPTS, {"seconds": 4})
    clock.at += 4
    assert await attempt(PASSWORD) is None
    assert await attempt("wrong") == Refusal(Code.WRONG_CREDENTIALS)
    assert await attempt(PASSWORD) is None


async def test_somebody_elses_failures_do_not_lock_me_out(server: Server) -> None:
    for _ in range(4):
        async with await Caller.dial(server.url) as caller:
            await caller.sign_in("ann", "wrong")
    async with await Caller.dial(server.url) as caller:
        assert await caller.sign_in("bob") is None


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("10.1.2.3", "10.1.2.3"),
        ("::ffff:10.1.2.3", "10.1.2.3"),
        ("2001:db8::1", "2001:db8::/64"),
        ("2001:db8::ffff:1", "2001:db8::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", ""),
    ],
)
def test_a_network_counts_as_one_place(address: str, place: str) -> None:
    assert place_of(address) == place


async def test_a_client_of_another_version_is_told_both_versions(server: Server) -> None:
    async with connect(server.url, proxy=None) as socket:
        await socket.send(wire.encode(wire.Hello(wire.PROTOCOL + 1, "future")))
        bye = wire.decode_server(await socket.recv(decode=False))
        assert isinstance(bye, wire.Bye)
        assert (bye.code, bye.retry) == (Code.PROTOCOL_VERSION, False)
        assert bye.fields == {"ours": wire.PROTOCOL + 1, "theirs": wire.PROTOCOL}
        async with asyncio.timeout(PATIENCE):
            await socket.wait_closed()


async def test_passwords_tried_at_once_do_not_slip_through_together(server: Server) -> None:
    callers = [await Caller.dial(server.url) for _ in range(8)]
    async with asyncio.timeout(PATIENCE):
        answers = await asyncio.gather(*(caller.sign_in("ann", "wrong") for caller in callers))
    codes = [answer.code for answer in answers if answer is not None]
    assert codes.count(Code.WRONG_CREDENTIALS) == 4
    assert codes.count(Code.TOO_MANY_ATTEMPTS) == 4
    for caller in callers:
        caller.socket.transport.abort()


def test_who_does_not_exist_costs_as_much_to_check_as_who_does() -> None:
    """The hash that stands in is a real one for the library: same kind, same cost, and no password fits."""
    hasher = PasswordHasher(time_cost=2, memory_cost=64, parallelism=2)
    stand_in = _nobodys_hash(hasher, system_entropy)
    assert extract_parameters(stand_in) == extract_parameters(hasher.hash("something"))
    assert not hasher.check_needs_rehash(stand_in)
    with pytest.raises(VerifyMismatchError):
        hasher.verify(stand_in, "something")
