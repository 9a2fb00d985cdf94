"""Tokens in the keyring, and every way in which there is none."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from types import SimpleNamespace

import keyring
import pytest
from keyring.backends import fail
from keyring.errors import KeyringLocked, NoKeyringError, PasswordSetError

from app.core.wire import Token
from app.net.address import parse_address
from app.net.credentials import CredentialStore, Keeping, Kept, Obstacle
from tests.helpers.ring import Ring

SERVER = parse_address("office.example.com")
TOKEN = Token("secret-token")


@pytest.fixture
def ring() -> Iterator[Ring]:
    ring = Ring()
    yield ring
    if ring.hang is not None:
        ring.hang.set()


async def test_kept_in_the_keyring_under_server_and_handle(ring: Ring) -> None:
    store = CredentialStore(ring)
    assert await store.save(SERVER, "Ann", TOKEN) == Keeping(Kept.KEYRING, token=TOKEN)
    assert ring.kept == {("Handraise", "ann @ wss://office.example.com:7443"): TOKEN}
    assert await CredentialStore(ring).load(SERVER, "ann") == Keeping(Kept.KEYRING, token=TOKEN)
    assert await store.load(parse_address("other.example.com"), "ann") == Keeping(Kept.NOWHERE)
    assert await store.forget(SERVER, "ann") == Keeping(Kept.NOWHERE)
    assert ring.kept == {}


@pytest.mark.parametrize(
    ("error", "obstacle"),
    [
        (NoKeyringError("none"), Obstacle.NO_KEYRING),
        (KeyringLocked("locked"), Obstacle.LOCKED),
        (PasswordSetError("no"), Obstacle.FAILED),
        (RuntimeError(f"D-Bus would not take {TOKEN}"), Obstacle.FAILED),
    ],
)
async def test_without_a_keyring_it_is_kept_in_memory_and_said(
    ring: Ring, error: Exception, obstacle: Obstacle, caplog: pytest.LogCaptureFixture
) -> None:
    ring.error = error
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


async def test_a_token_too_long_for_some_keyrings_goes_to_none(ring: Ring) -> None:
    long = Token("x" * 257)
    assert await CredentialStore(ring).save(SERVER, "ann", long) == Keeping(
        Kept.MEMORY, Obstacle.TOO_LONG, long
    )
    assert ring.kept == {}


async def test_a_machine_without_a_store_is_known_before_anybody_signs_in(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(keyring, "get_keyring", fail.Keyring)
    assert not await CredentialStore().present()
    monkeypatch.setattr(keyring, "get_keyring", lambda: SimpleNamespace(priority=5))
    assert await CredentialStore().present()
    assert await CredentialStore(Ring()).present()


async def test_a_store_that_cannot_be_looked_for_counts_as_none(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> None:
        raise RuntimeError("no bus")

    monkeypatch.setattr(keyring, "get_keyring", broken)
    assert not await CredentialStore().present()
