"""Tokens in the keyring, and every way in which there is none."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import threading
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from types import SimpleNamespace

import keyring
import pytest
from keyring.backends import fail
from keyring.errors import KeyringLocked, NoKeyringError, PasswordSetError

from app.core.wire import Token
from app.helpers import helper_command
from app.net import keyring_helper
from app.net.address import parse_address
from app.net.credentials import (
    Answer,
    CredentialStore,
    Keeping,
    Kept,
    KeyringError,
    Obstacle,
    Question,
    SystemKeyring,
    Verb,
)
from tests.helpers.ring import Ring

SERVER = parse_address("office.example.com")
TOKEN = Token("secret-token")


@pytest.fixture
def ring() -> Iterator[Ring]:
    ring = Ring()
    yield ring
    if ring.hang is not None:
        ring.hang.set()


class Beside:
    """Makes stores of programs that share a machine."""

    def __init__(self, ring: Ring, folder: Path) -> None:
        self.folder = folder
        self._ring = ring
        self.made: list[CredentialStore] = []

    def __call__(self, place: str = "") -> CredentialStore:
        self.made.append(CredentialStore(self._ring, place=place, folder=self.folder))
        return self.made[-1]


@pytest.fixture
async def beside(ring: Ring, tmp_path: Path) -> AsyncIterator[Beside]:
    stores = Beside(ring, tmp_path / "sessions")
    yield stores
    for store in stores.made:
        await store.close()


async def test_kept_in_the_keyring_under_server_and_handle(ring: Ring) -> None:
    store = CredentialStore(ring)
    assert await store.save(SERVER, "Ann", TOKEN) == Keeping(Kept.KEYRING, token=TOKEN)
    assert ring.kept == {("Handraise", "ann @ wss://office.example.com:7443"): TOKEN}
    assert await CredentialStore(ring).load(SERVER, "ann") == Keeping(Kept.KEYRING, token=TOKEN)
    assert await store.load(parse_address("other.example.com"), "ann") == Keeping(Kept.NOWHERE)
    assert await store.forget(SERVER, "ann") == Keeping(Kept.NOWHERE)
    assert ring.kept == {}


async def test_two_places_that_share_a_store_have_a_token_each(ring: Ring) -> None:
    """Else either would use what the other has replaced, and both would be signed out for it."""
    here, there = CredentialStore(ring, place="here"), CredentialStore(ring, place="there")
    await here.save(SERVER, "ann", Token("one"))
    await there.save(SERVER, "ann", Token("two"))
    assert (await here.load(SERVER, "ann")).token == "one"
    await here.forget(SERVER, "ann")
    assert (await there.load(SERVER, "ann")).token == "two"


@pytest.mark.parametrize("obstacle", [Obstacle.NO_KEYRING, Obstacle.LOCKED, Obstacle.FAILED])
async def test_without_a_keyring_it_is_kept_in_memory_and_said(
    ring: Ring, obstacle: Obstacle, caplog: pytest.LogCaptureFixture
) -> None:
    ring.error = KeyringError(obstacle, "PasswordSetError")
    store = CredentialStore(ring)
    assert await store.save(SERVER, "ann", TOKEN) == Keeping(Kept.MEMORY, obstacle, TOKEN)
    assert await store.load(SERVER, "ann") == Keeping(Kept.MEMORY, token=TOKEN)
    assert await CredentialStore(ring).load(SERVER, "ann") == Keeping(Kept.NOWHERE, obstacle)
    assert TOKEN not in caplog.text
    ring.error = None
    assert (await store.save(SERVER, "ann", TOKEN)).kept is Kept.KEYRING
    await store.forget(SERVER, "ann")
    assert (await store.load(SERVER, "ann")).kept is Kept.NOWHERE


async def test_a_keyring_that_hangs_is_not_waited_for(ring: Ring) -> None:
    ring.hang = threading.Event()
    store = CredentialStore(ring, limit_s=0.05)
    assert await store.save(SERVER, "ann", TOKEN) == Keeping(Kept.MEMORY, Obstacle.SLOW, TOKEN)
    assert await store.forget(SERVER, "ann") == Keeping(Kept.KEYRING, Obstacle.SLOW)


@pytest.mark.parametrize("newest", [Token("newer"), None], ids=str)
async def test_a_store_that_comes_round_late_has_what_was_wanted_last(
    ring: Ring, newest: Token | None
) -> None:
    ring.hang = held_up = threading.Event()
    store = CredentialStore(ring, limit_s=0.05)
    assert (await store.save(SERVER, "ann", TOKEN)).obstacle is Obstacle.SLOW
    ring.hang = None
    done = store.save(SERVER, "ann", newest) if newest else store.forget(SERVER, "ann")
    assert (await done).obstacle is None
    held_up.set()
    async with asyncio.timeout(10):
        while store._workers._places._value < 2:  # noqa: ASYNC110  the thread tells nobody
            await asyncio.sleep(0)
    assert list(ring.kept.values()) == ([newest] if newest else [])


async def test_a_token_that_was_replaced_elsewhere_only_is_not_used(ring: Ring, beside: Beside) -> None:
    """The store holds the one before and takes no other: using that one would look like theft."""
    store = beside()
    await store.save(SERVER, "ann", TOKEN)
    ring.refuse = KeyringError(Obstacle.FAILED, "PasswordSetError")
    assert (await store.save(SERVER, "ann", Token("newer"))).kept is Kept.MEMORY
    await store.close()
    again = beside()
    assert await again.load(SERVER, "ann") == Keeping(Kept.NOWHERE, Obstacle.OUTDATED)
    assert (await again.load(SERVER, "bob")).obstacle is None
    ring.refuse = None
    await again.save(SERVER, "ann", Token("newest"))
    await again.close()
    last = beside()
    assert (await last.load(SERVER, "ann")).token == "newest"
    assert list(ring.kept.values()) == ["newest"]
    assert "newest" not in "".join(file.read_text() for file in beside.folder.iterdir())


async def test_a_store_that_took_a_token_late_is_not_behind(ring: Ring, beside: Beside) -> None:
    ring.refuse = KeyringError(Obstacle.SLOW)
    store = beside()
    assert (await store.save(SERVER, "ann", TOKEN)).obstacle is Obstacle.SLOW
    ring.kept["Handraise", "ann @ wss://office.example.com:7443"] = TOKEN
    assert (await beside().load(SERVER, "ann")).token is None  # runs beside it
    await store.close()
    assert (await beside().load(SERVER, "ann")).token == TOKEN


async def test_two_programs_of_a_person_on_one_machine_have_a_token_each(ring: Ring, beside: Beside) -> None:
    """As on a terminal server. The first one to run the next day finds the first one's."""
    first, second = (beside("here") for _ in range(2))
    await first.save(SERVER, "ann", Token("one"))
    assert (await second.load(SERVER, "ann")).token is None
    await second.save(SERVER, "ann", Token("two"))
    await second.forget(SERVER, "ann")
    assert (await first.load(SERVER, "ann")).token == "one"
    await second.save(SERVER, "ann", Token("three"))
    for store in (first, second):
        await store.close()
    alone = beside("here")
    assert (await alone.load(SERVER, "ann")).token == "one"
    other = beside("here")
    assert (await other.load(SERVER, "ann")).token == "three"
    other_machine = beside("there")
    assert (await other_machine.load(SERVER, "ann")).token is None


async def test_a_disk_that_keeps_no_marks_keeps_nobody_out(ring: Ring, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    store = CredentialStore(ring, folder=tmp_path / "file" / "sessions")
    await store.save(SERVER, "ann", TOKEN)
    assert (await store.load(SERVER, "ann")).token == TOKEN


async def test_a_token_too_long_for_some_keyrings_goes_to_none(ring: Ring) -> None:
    long = Token("x" * 257)
    assert await CredentialStore(ring).save(SERVER, "ann", long) == Keeping(
        Kept.MEMORY, Obstacle.TOO_LONG, long
    )
    assert ring.kept == {}


async def test_a_machine_without_a_store_is_known_before_anybody_signs_in(ring: Ring) -> None:
    assert await CredentialStore(ring).present()
    ring.error = KeyringError(Obstacle.NO_KEYRING)
    assert not await CredentialStore(ring).present()
    ring.error = KeyringError(Obstacle.FAILED, "RuntimeError")  # cannot be looked for: counts as none
    assert not await CredentialStore(ring).present()


# -- the helper's side ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (NoKeyringError("none"), Answer(obstacle=Obstacle.NO_KEYRING)),
        (KeyringLocked("locked"), Answer(obstacle=Obstacle.LOCKED)),
        (PasswordSetError("no"), Answer(obstacle=Obstacle.FAILED, error="PasswordSetError")),
        (RuntimeError(f"no {TOKEN}"), Answer(obstacle=Obstacle.FAILED, error="RuntimeError")),
    ],
)
@pytest.mark.parametrize("verb", [Verb.GET, Verb.SET, Verb.DELETE])
def test_what_a_store_raises_is_named_and_never_quoted(
    monkeypatch: pytest.MonkeyPatch, error: Exception, expected: Answer, verb: Verb
) -> None:
    def broken(*_: str) -> None:
        raise error

    monkeypatch.setattr(keyring, "get_password", broken)
    monkeypatch.setattr(keyring, "set_password", broken)
    assert keyring_helper.answer(Question(verb, "Handraise", "ann", TOKEN)) == expected


def test_secrets_are_set_found_and_deleted(monkeypatch: pytest.MonkeyPatch) -> None:
    kept: dict[tuple[str, str], str] = {}
    monkeypatch.setattr(keyring, "get_password", lambda *key: kept.get(key))
    monkeypatch.setattr(keyring, "set_password", lambda service, name, it: kept.update({(service, name): it}))
    monkeypatch.setattr(keyring, "delete_password", lambda *key: kept.pop(key))
    ask = keyring_helper.answer
    assert ask(Question(Verb.DELETE, "Handraise", "ann")) == Answer()  # nothing there is no error
    assert ask(Question(Verb.SET, "Handraise", "ann", TOKEN)) == Answer()
    assert ask(Question(Verb.GET, "Handraise", "ann")) == Answer(secret=TOKEN)
    assert ask(Question(Verb.DELETE, "Handraise", "ann")) == Answer()
    assert kept == {}


def test_whether_there_is_a_store(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keyring, "get_keyring", fail.Keyring)
    assert keyring_helper.answer(Question(Verb.PRESENT)) == Answer(obstacle=Obstacle.NO_KEYRING)
    monkeypatch.setattr(keyring, "get_keyring", lambda: SimpleNamespace(priority=5))
    assert keyring_helper.answer(Question(Verb.PRESENT)) == Answer()


# -- the real process -----------------------------------------------------------------------------


async def test_a_machine_without_a_store_through_the_real_helper(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")
    assert not await CredentialStore(limit_s=30).present()
    assert await CredentialStore(limit_s=30).save(SERVER, "ann", TOKEN) == Keeping(
        Kept.MEMORY, Obstacle.NO_KEYRING, TOKEN
    )


@pytest.mark.parametrize("command", [["/nonexistent"], ["false"], ["echo", "hello"], ["printf", r"\xff"]])
def test_a_helper_that_fails_counts_as_a_store_that_fails(
    monkeypatch: pytest.MonkeyPatch, command: list[str]
) -> None:
    if os.name != "posix":
        pytest.skip("the commands are Unix's")
    monkeypatch.setattr("app.net.credentials.helper_command", lambda _: command)
    with pytest.raises(KeyringError) as caught:
        SystemKeyring().get("Handraise", "ann")
    assert caught.value.obstacle is Obstacle.FAILED


def test_the_helper_answers_nothing_but_a_question() -> None:
    done = subprocess.run(helper_command("keyring"), input=b"hello", capture_output=True, check=False)
    assert (done.returncode, done.stdout) == (2, b"")
    question = json.dumps({"verb": "steal"}).encode()
    done = subprocess.run(helper_command("keyring"), input=question, capture_output=True, check=False)
    assert (done.returncode, done.stdout) == (2, b"")
