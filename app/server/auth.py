"""Who somebody is: passwords (argon2id), tokens, and how often one may try.

A wrong password, an unknown handle and a disabled person get the same answer after the same time.
"""

from __future__ import annotations

import base64
import hashlib
import logging
from collections.abc import Container, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError
from argon2.low_level import ARGON2_VERSION

from app.core import questions
from app.core.audit import SET, Act, Change, Deed, Subject
from app.core.errors import Code, Refused
from app.core.limits import HANDLE_CHARS, PASSWORD_MAX
from app.core.model import PersonId
from app.core.passwords import check_password
from app.core.wire import Token
from app.server.attempts import Attempts, by_address, by_handle
from app.server.clock import Clock, Entropy
from app.server.store.base import Account, Family, Opened, Reused, Store, StoreError
from app.tasks import Workers

log = logging.getLogger(__name__)

TOKEN_BYTES = 32
HASHING_S = 20.0
"""s that a password may wait to be checked, the queue included."""
HASHERS = 2
"""Passwords checked at a time; each takes 64 MiB for some 50 ms."""


def token_hash(token: Token) -> bytes:
    """What is stored of a token. It has 256 random bits, so a plain hash cannot be searched through."""
    return hashlib.sha256(token.encode()).digest()


@dataclass(frozen=True)
class Entry:
    """Somebody is let in. ``family`` is the sign-in it belongs to, ``token`` opens it the next time."""

    person: PersonId
    family: str
    device: str
    token: Token


class Auth:
    """Signing in and out. Owns the worker threads that check passwords."""

    def __init__(self, store: Store, clock: Clock, entropy: Entropy, hasher: PasswordHasher) -> None:
        self._store, self._clock, self._entropy, self._hasher = store, clock, entropy, hasher
        self._workers = Workers("password check", HASHERS)
        self._attempts = Attempts(store.attempts, clock)
        self._nobody = _nobodys_hash(hasher, entropy)

    async def sign_in(self, handle: str, password: str, device: str, address: str) -> Entry:
        """Args:
            address: where the attempt comes from.

        Raises:
            Refused: ``wrong_credentials``, ``too_many_attempts``, ``too_fast``, ``store_failed``.
        """
        name, place = by_handle(handle.casefold()[:HANDLE_CHARS]), by_address(address)
        with _told():
            await self._attempts.begin(name, place)
            account = await self._check(handle, password)
            if account is None:
                raise Refused.of(Code.WRONG_CREDENTIALS)
            await self._attempts.succeeded((name,), (place,))
        return await self.open(account.person.id, device)

    async def knock(self, address: str) -> None:
        """An attempt without a password begins; :meth:`welcome` when it succeeded.

        Raises:
            Refused: ``too_many_attempts``, ``store_failed``.
        """
        with _told():
            await self._attempts.begin(by_address(address))

    async def welcome(self, address: str) -> None:
        """Raises Refused ``store_failed``."""
        with _told():
            await self._attempts.succeeded(forgiven=(by_address(address),))

    async def _check(self, handle: str, password: str) -> Account | None:
        account = await self._store.account(handle[:HANDLE_CHARS])
        stored = account.password_hash if account is not None else ""
        stored = stored or self._nobody  # nor has everybody a password
        fits = len(password) <= PASSWORD_MAX
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

    async def open(self, person: PersonId, device: str) -> Entry:
        """Let somebody in on a new machine. Raises Refused ``store_failed``."""
        token, now = self._new_token(), self._clock.now()
        family = Family(self._entropy(8).hex(), person, device[:100], now, now)
        with _told():
            await self._store.open_family(family, token_hash(token))
        return Entry(person, family.id, family.device, token)

    async def resume(self, token: Token) -> Entry | Reused:
        """Let in with a token, and give the next one.

        Where nothing can be written the token stays the same: a full disk keeps nobody out who was in.

        Raises:
            Refused: ``signed_out``, ``store_failed``.
        """
        fresh, used, now = self._new_token(), token_hash(token), self._clock.now()
        with _told():
            found: Opened | Reused | None
            try:
                found = await self._store.rotate(used, token_hash(fresh), now)
            except StoreError:
                found, fresh = await self._store.standing(used, now), token
                if found is None:
                    raise
        if found is None:
            raise Refused.of(Code.SIGNED_OUT)
        if isinstance(found, Reused):
            return found
        return Entry(found.person, found.family, found.device, fresh)

    def _new_token(self) -> Token:
        return Token(base64.urlsafe_b64encode(self._entropy(TOKEN_BYTES)).rstrip(b"=").decode())

    # One's own account

    async def change_password(
        self, person: PersonId, family: str, query: questions.ChangePassword, address: str
    ) -> int:
        """Everything else that the person is signed in with ends: so many; the caller closes its connections.

        Raises:
            Refused: ``wrong_password``, ``too_many_attempts``, ``password_…``, ``no_password``.
        """
        with _told():
            account = await self._store.account_of(person)
        if account is None or account.disabled:
            raise Refused.of(Code.SIGNED_OUT)
        if not account.password_hash:
            raise Refused.of(Code.NO_PASSWORD)
        handle = account.person.handle
        problem = check_password(query.new, handle, account.person.name)
        if problem is not None:
            raise Refused(problem)
        name, place = by_handle(handle.casefold()), by_address(address)
        with _told():
            await self._attempts.begin(name, place)
            if await self._check(handle, query.current) is None:
                raise Refused.of(Code.WRONG_PASSWORD)
            await self._attempts.succeeded((name,), (place,))
            if query.new == query.current:
                raise Refused.of(Code.PASSWORD_SAME)
            hashed = await self._workers.run(lambda: self._hasher.hash(query.new), timeout_s=HASHING_S)
            deed = Deed(
                self._clock.now(),
                Act.CHANGED,
                Subject.PERSON,
                person,
                person=person,
                changes=(Change("password", SET, SET),),
            )
            return await self._store.change_password(person, hashed, family, deed)

    async def devices(self, person: PersonId, family: str, connected: Container[str]) -> questions.Devices:
        """Args:
        family: of who asks. connected: families that have a connection now.
        """
        with _told():
            found = await self._store.families(person)
        now = self._clock.now()
        devices = [
            questions.Device(
                f.id, f.device, f.since, now if f.id in connected else f.seen, here=f.id == family
            )
            for f in found
        ]
        return questions.Devices(tuple(sorted(devices, key=lambda device: (not device.here, -device.seen))))


@contextmanager
def _told() -> Iterator[None]:
    """What the store and the queue of passwords say, as a refusal."""
    try:
        yield
    except TimeoutError as error:
        raise Refused.of(Code.TOO_FAST) from error
    except StoreError as error:
        raise Refused.of(Code.STORE_FAILED, reason=error.reason) from error


def _nobodys_hash(hasher: PasswordHasher, entropy: Entropy) -> str:
    """Checked where there is no such person, so that it takes as long. No password has it.

    Written down, not computed: hashing would make each start of the server wait.
    """
    salt, digest = (
        base64.b64encode(entropy(size)).rstrip(b"=").decode() for size in (hasher.salt_len, hasher.hash_len)
    )
    cost = f"m={hasher.memory_cost},t={hasher.time_cost},p={hasher.parallelism}"
    return f"$argon2{hasher.type.name.lower()}$v={ARGON2_VERSION}${cost}${salt}${digest}"
