"""Who somebody is: passwords (argon2id), tokens, and how often one may try.

A wrong password, an unknown handle and a disabled person get the same answer after the same time.
"""

from __future__ import annotations

import base64
import hashlib
import logging

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError
from argon2.low_level import ARGON2_VERSION

from app.core.errors import Code, Refused
from app.core.limits import HANDLE_CHARS
from app.core.model import PersonId
from app.core.wire import Token
from app.server.attempts import ADDRESS, HANDLE, Attempts
from app.server.clock import Clock, Entropy
from app.server.store.base import Account, Store, StoreError
from app.tasks import Workers

log = logging.getLogger(__name__)

PASSWORD_CHARS = 1_024
TOKEN_BYTES = 32
HASHING_S = 20.0
"""s that a password may wait to be checked, the queue included."""
HASHERS = 2
"""Passwords checked at a time; each takes 64 MiB for some 50 ms."""


def token_hash(token: Token) -> bytes:
    """What is stored of a token. It has 256 random bits, so a plain hash cannot be searched through."""
    return hashlib.sha256(token.encode()).digest()


class Auth:
    """Signing in and out. Owns the worker threads that check passwords."""

    def __init__(self, store: Store, clock: Clock, entropy: Entropy, hasher: PasswordHasher) -> None:
        self._store, self._clock, self._entropy, self._hasher = store, clock, entropy, hasher
        self._workers = Workers("password check", HASHERS)
        self._handles, self._addresses = Attempts(HANDLE), Attempts(ADDRESS)
        self._nobody = _nobodys_hash(hasher, entropy)

    async def sign_in(self, handle: str, password: str, device: str, address: str) -> tuple[Account, Token]:
        """Args:
            address: where the attempt comes from.

        Raises:
            Refused: ``wrong_credentials``, ``too_many_attempts``, ``too_fast``, ``store_failed``.
        """
        name = handle.casefold()[:HANDLE_CHARS]
        self._count(name, address)
        try:
            account = await self._check(handle, password)
        except TimeoutError as error:
            raise Refused.of(Code.TOO_FAST) from error
        except StoreError as error:
            raise Refused.of(Code.STORE_FAILED, reason=error.reason) from error
        if account is None:
            raise Refused.of(Code.WRONG_CREDENTIALS)
        self._handles.succeeded(name)
        self._addresses.forgive(address)
        return account, await self._open(account, device)

    def _count(self, name: str, address: str) -> None:
        """Refuse who has to wait; else count the attempt as failed until it has succeeded."""
        now = self._clock.monotonic()
        seconds = max(self._handles.wait(name, now), self._addresses.wait(address, now))
        if seconds > 0:
            raise Refused.of(Code.TOO_MANY_ATTEMPTS, seconds=seconds)
        self._handles.failed(name, now)
        self._addresses.failed(address, now)

    async def _check(self, handle: str, password: str) -> Account | None:
        account = await self._store.account(handle[:HANDLE_CHARS])
        stored = account.password_hash if account is not None else self._nobody
        fits = len(password) <= PASSWORD_CHARS
        right = await self._workers.run(
            lambda: self._verify(stored, password if fits else ""), timeout_s=HASHING_S
        )
        if account is None or account.disabled or not right or not fits or len(handle) > HANDLE_CHARS:
            return None
        if self._hasher.check_needs_rehash(stored):
            fresh = await self._workers.run(lambda: self._hasher.hash(password), timeout_s=HASHING_S)
            await self._store.set_password_hash(account.person.id, fresh)
        return account

    def _verify(self, stored: str, password: str) -> bool:
        try:
            return self._hasher.verify(stored, password)
        except (Argon2Error, InvalidHashError, UnicodeEncodeError):
            return False

    async def _open(self, account: Account, device: str) -> Token:
        token = Token(base64.urlsafe_b64encode(self._entropy(TOKEN_BYTES)).rstrip(b"=").decode())
        try:
            await self._store.open_session(
                token_hash(token), account.person.id, device[:100], self._clock.now()
            )
        except StoreError as error:
            raise Refused.of(Code.STORE_FAILED, reason=error.reason) from error
        return token

    async def resume(self, token: Token) -> PersonId:
        """Whose token this is.

        Raises:
            Refused: ``signed_out``, ``store_failed``.
        """
        try:
            person = await self._store.session(token_hash(token), self._clock.now())
        except StoreError as error:
            raise Refused.of(Code.STORE_FAILED, reason=error.reason) from error
        if person is None:
            raise Refused.of(Code.SIGNED_OUT)
        return person


def _nobodys_hash(hasher: PasswordHasher, entropy: Entropy) -> str:
    """Checked where there is no such person, so that it takes as long. No password has it.

    Written down, not computed: hashing would make each start of the server wait.
    """
    salt, digest = (
        base64.b64encode(entropy(size)).rstrip(b"=").decode() for size in (hasher.salt_len, hasher.hash_len)
    )
    cost = f"m={hasher.memory_cost},t={hasher.time_cost},p={hasher.parallelism}"
    return f"$argon2{hasher.type.name.lower()}$v={ARGON2_VERSION}${cost}${salt}${digest}"
