"""Keeps session tokens in the system's secret store, or, where there is none, in memory only.

Never in plain text on disk. A locked store may wait for the person and a broken one for ever, so every
call runs in a worker with a time limit, and in a process of its own; what did not work is said, so that the
window can show it.
"""

from __future__ import annotations

import enum
import logging
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Protocol, TypeVar

import msgspec

from app.core.model import Frozen
from app.core.wire import Token
from app.helpers import FOLDER, helper_command
from app.net.address import ServerAddress
from app.net.session_marks import SessionMarks
from app.tasks import Workers

log = logging.getLogger(__name__)
T = TypeVar("T")

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
    OUTDATED = "outdated"
    """It refused a newer one: using what it holds would look like theft."""


class Keeping(Frozen):
    """What became of a call.

    Attributes:
        token: the one that is kept, after ``load``.
        obstacle: ``None`` where the keyring did its part.
    """

    kept: Kept
    obstacle: Obstacle | None = None
    token: Token | None = None


class KeyringError(Exception):
    """The store did not do it. The message names the error of the store and quotes nothing."""

    def __init__(self, obstacle: Obstacle, error: str = "") -> None:
        super().__init__(error or obstacle.value)
        self.obstacle = obstacle


class Verb(enum.Enum):
    PRESENT = "present"
    GET = "get"
    SET = "set"
    DELETE = "delete"


class Question(Frozen):
    """What the keyring helper is asked."""

    verb: Verb
    service: str = ""
    name: str = ""
    secret: str = ""


class Answer(Frozen):
    """Attributes:
    secret: what was asked for, if it is there.
    error: the kind of error, for the log.
    """

    secret: str | None = None
    obstacle: Obstacle | None = None
    error: str = ""


_question = msgspec.json.Decoder(Question)
_answer = msgspec.json.Decoder(Answer)


def decode_question(data: bytes) -> Question:
    """Raises ValueError."""
    return _question.decode(data)


def encode_answer(answer: Answer) -> bytes:
    return msgspec.json.encode(answer)


class Keyring(Protocol):
    """A secret store; every call may take for ever, or raise :class:`KeyringError`."""

    def present(self) -> None: ...
    def get(self, service: str, name: str) -> str | None: ...
    def set(self, service: str, name: str, secret: str) -> None: ...
    def delete(self, service: str, name: str) -> None: ...


class SystemKeyring:
    """The system's, through :mod:`app.net.keyring_helper`."""

    PATIENCE_SECONDS = 130.0
    """s; the helper ends itself before."""

    def present(self) -> None:
        self._ask(Question(Verb.PRESENT))

    def get(self, service: str, name: str) -> str | None:
        return self._ask(Question(Verb.GET, service, name)).secret

    def set(self, service: str, name: str, secret: str) -> None:
        self._ask(Question(Verb.SET, service, name, secret))

    def delete(self, service: str, name: str) -> None:
        self._ask(Question(Verb.DELETE, service, name))

    def _ask(self, question: Question) -> Answer:
        try:
            done = subprocess.run(
                helper_command("keyring"),
                input=msgspec.json.encode(question),
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,  # a backend's words may quote what it was given
                cwd=FOLDER,
                timeout=self.PATIENCE_SECONDS,
                check=True,
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )
            answer = _answer.decode(done.stdout)
        except (OSError, subprocess.SubprocessError, msgspec.DecodeError, UnicodeDecodeError) as error:
            raise KeyringError(Obstacle.FAILED, type(error).__name__) from None
        if answer.obstacle is not None:
            raise KeyringError(answer.obstacle, answer.error)
        return answer


class CredentialStore:
    """One token for each server and handle.

    Args:
        place: tells copies of the program apart that share a secret store.
        folder: where it is kept which of them this one is (:mod:`.session_marks`).
    """

    def __init__(
        self,
        store: Keyring | None = None,
        limit_s: float = LIMIT_SECONDS,
        *,
        place: str = "",
        folder: Path | None = None,
    ) -> None:
        self._store = store or SystemKeyring()
        self._place = place
        self._marks = SessionMarks(folder, place)
        self._limit = limit_s
        self._disk = Workers("sessions", limit=1)
        self._workers = Workers("keyring", limit=2)
        self._memory: dict[str, Token] = {}
        self._wanted: dict[str, Token | None] = {}  # what is to be in the store in the end

    async def present(self) -> bool:
        """Whether the system has a secret store at all; asks nothing of it, so nobody is asked anything."""
        return await self._try(self._store.present) is None

    async def load(self, server: ServerAddress, handle: str) -> Keeping:
        """The token, if one is kept and nothing newer was."""
        name = await self._name(server, handle)
        if name in self._memory:
            return Keeping(Kept.MEMORY, token=self._memory[name])
        found: list[str | None] = []
        obstacle = await self._try(lambda: found.append(self._store.get(SERVICE, name)))
        if not found or not found[0]:
            return Keeping(Kept.NOWHERE, obstacle)
        token = Token(found[0])
        if await self._on_disk(lambda: self._marks.outdated(name, token)):
            return Keeping(Kept.NOWHERE, Obstacle.OUTDATED)
        return Keeping(Kept.KEYRING, token=token)

    async def save(self, server: ServerAddress, handle: str, token: Token) -> Keeping:
        """Keep it, in place of an earlier one."""
        name = await self._name(server, handle)
        self._memory.pop(name, None)
        if len(token) > MAX_TOKEN_CHARS:
            obstacle: Obstacle | None = Obstacle.TOO_LONG
        else:
            obstacle = await self._put(name, token)
        if obstacle is None:
            await self._on_disk(lambda: self._marks.clear(name))
            return Keeping(Kept.KEYRING, token=token)
        await self._on_disk(lambda: self._marks.expect(name, token))
        self._memory[name] = token
        return Keeping(Kept.MEMORY, obstacle, token)

    async def forget(self, server: ServerAddress, handle: str) -> Keeping:
        """``kept`` is ``KEYRING`` if it may still be there; the server has made it worthless meanwhile."""
        name = await self._name(server, handle)
        self._memory.pop(name, None)
        obstacle = await self._put(name, None)
        await self._on_disk(lambda: self._marks.clear(name))
        there = obstacle not in (None, Obstacle.NO_KEYRING)
        return Keeping(Kept.KEYRING if there else Kept.NOWHERE, obstacle)

    async def close(self) -> None:
        """Another program of the person may use what is kept."""
        await self._on_disk(self._marks.release)

    async def _put(self, name: str, token: Token | None) -> Obstacle | None:
        self._wanted[name] = token
        return await self._try(lambda: self._settle(name))

    def _settle(self, name: str) -> None:
        """In a worker that nobody may wait for any more: what is wanted by the time it ends counts, or one
        that was held up would put an older token in place of a newer one."""
        while True:
            token = self._wanted[name]
            if token is None:
                self._store.delete(SERVICE, name)
            else:
                self._store.set(SERVICE, name, token)
            if self._wanted[name] == token:
                return

    async def _try(self, call: Callable[[], None]) -> Obstacle | None:
        try:
            await self._workers.run(call, timeout_s=self._limit)
        except TimeoutError:
            return Obstacle.SLOW
        except KeyringError as fault:
            if fault.obstacle is Obstacle.FAILED:
                log.warning("the keyring failed: %s", fault)
            return fault.obstacle
        return None

    async def _on_disk(self, call: Callable[[], T]) -> T | None:
        """``None`` where the disk hangs, too."""
        try:
            return await self._disk.run(call, timeout_s=self._limit)
        except TimeoutError:
            log.warning("the disk that knows about sessions does not answer")
            return None

    async def _name(self, server: ServerAddress, handle: str) -> str:
        number = await self._on_disk(lambda: self._marks.number) or 0
        name = f"{handle.casefold()} @ {server.url}"
        place = f"{self._place}, {number + 1}" if number else self._place
        return f"{name} ({place})" if place else name
