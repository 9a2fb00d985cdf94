"""Keeps session tokens in the system's secret store, or, where there is none, in memory only.

Never in plain text on disk. A locked store may wait for the person and a broken one for ever, so every
call runs in a worker with a time limit; what did not work is said, so that the window can show it.
"""

from __future__ import annotations

import enum
import logging
from collections.abc import Callable
from typing import Protocol

import keyring
from keyring.errors import KeyringError, KeyringLocked, NoKeyringError

from app.core.model import Frozen
from app.core.wire import Token
from app.net.address import ServerAddress
from app.tasks import Workers

log = logging.getLogger(__name__)

SERVICE = "Handraise"
LIMIT_SECONDS = 5.0
MAX_TOKEN_CHARS = 256
"""Windows keeps at most 2,560 bytes, as UTF-16, with the names."""


class Kept(enum.Enum):
    """Where a token is."""

    KEYRING = "keyring"
    MEMORY = "memory"
    """Until the program ends; the password is asked for at the next start."""
    NOWHERE = "nowhere"


class Obstacle(enum.Enum):
    """Why it is not in the keyring."""

    NO_KEYRING = "no_keyring"
    LOCKED = "locked"
    SLOW = "slow"
    FAILED = "failed"
    TOO_LONG = "too_long"


class Keeping(Frozen):
    """What became of a call.

    Attributes:
        token: the one that is kept, after ``load``.
        obstacle: ``None`` where the keyring did its part.
    """

    kept: Kept
    obstacle: Obstacle | None = None
    token: Token | None = None


class Keyring(Protocol):
    """The part of the keyring library that is used."""

    def get_password(self, service_name: str, username: str) -> str | None: ...
    def set_password(self, service_name: str, username: str, password: str) -> None: ...
    def delete_password(self, service_name: str, username: str) -> None: ...


class _SystemKeyring:
    """Looks the backend up at each call: in a worker, because finding it may already block."""

    @staticmethod
    def present() -> bool:
        """The library's stand-ins for "none" have no priority."""
        return float(keyring.get_keyring().priority) > 0

    def get_password(self, service_name: str, username: str) -> str | None:
        return keyring.get_password(service_name, username)

    def set_password(self, service_name: str, username: str, password: str) -> None:
        keyring.set_password(service_name, username, password)

    def delete_password(self, service_name: str, username: str) -> None:
        # Some stores say "there is none" with an error; asking first tells the two apart.
        if keyring.get_password(service_name, username) is not None:
            keyring.delete_password(service_name, username)


class CredentialStore:
    """One token for each server and handle."""

    def __init__(self, store: Keyring | None = None, limit_s: float = LIMIT_SECONDS) -> None:
        self._store = store or _SystemKeyring()
        self._limit = limit_s
        self._workers = Workers("keyring", limit=2)
        self._memory: dict[str, Token] = {}

    async def present(self) -> bool:
        """Whether the system has a secret store at all; asks nothing of it, so nobody is asked anything."""
        if not isinstance(self._store, _SystemKeyring):
            return True
        found: list[bool] = []
        return await self._try(lambda: found.append(_SystemKeyring.present())) is None and found[0]

    async def load(self, server: ServerAddress, handle: str) -> Keeping:
        """The token, if one is kept."""
        name = _name(server, handle)
        if name in self._memory:
            return Keeping(Kept.MEMORY, token=self._memory[name])
        found: list[str | None] = []
        obstacle = await self._try(lambda: found.append(self._store.get_password(SERVICE, name)))
        if not found or not found[0]:
            return Keeping(Kept.NOWHERE, obstacle)
        return Keeping(Kept.KEYRING, token=Token(found[0]))

    async def save(self, server: ServerAddress, handle: str, token: Token) -> Keeping:
        """Keep it, in place of an earlier one."""
        name = _name(server, handle)
        self._memory.pop(name, None)
        if len(token) > MAX_TOKEN_CHARS:
            obstacle: Obstacle | None = Obstacle.TOO_LONG
        else:
            obstacle = await self._try(lambda: self._store.set_password(SERVICE, name, token))
        if obstacle is None:
            return Keeping(Kept.KEYRING, token=token)
        self._memory[name] = token
        return Keeping(Kept.MEMORY, obstacle, token)

    async def forget(self, server: ServerAddress, handle: str) -> Keeping:
        """``kept`` is ``KEYRING`` if it may still be there; the server has made it worthless meanwhile."""
        name = _name(server, handle)
        self._memory.pop(name, None)
        obstacle = await self._try(lambda: self._store.delete_password(SERVICE, name))
        there = obstacle not in (None, Obstacle.NO_KEYRING)
        return Keeping(Kept.KEYRING if there else Kept.NOWHERE, obstacle)

    async def _try(self, call: Callable[[], None]) -> Obstacle | None:
        try:
            await self._workers.run(call, timeout_s=self._limit)
        except NoKeyringError:
            return Obstacle.NO_KEYRING
        except KeyringLocked:
            return Obstacle.LOCKED
        except TimeoutError:
            return Obstacle.SLOW
        except KeyringError as error:
            log.warning("the keyring refused: %s", type(error).__name__)
            return Obstacle.FAILED
        except Exception as error:  # noqa: BLE001 - backends raise whatever their system raises
            # Without the text: a backend's message may quote what it was given.
            log.warning("the keyring failed: %s", type(error).__name__)
            return Obstacle.FAILED
        return None


def _name(server: ServerAddress, handle: str) -> str:
    return f"{handle.casefold()} @ {server.url}"
