"""What is known beside the secret store: which entry is this program's, and whether it is the newest.

Two sessions of one person on one machine (a terminal server) share settings and secret store. Each running
program holds a number there, the first one always the same, so that no two use one token: each would use
what the other has replaced, which looks like theft to the server. And a store that refused a newer token
still holds the one before it, which looks the same: a mark beside it says which one it should hold.
"""

from __future__ import annotations

import hashlib
import logging
from pathlib import Path

from app.core.wire import Token
from app.net.locks import FileLock
from app.net.shelf import write_whole

log = logging.getLogger(__name__)

MOST = 64
"""Running programs of one person on one machine at most."""


class SessionMarks:
    """Everything here blocks for as long as the disk takes, and raises nothing.

    Args:
        folder: made when there is something to keep; ``None``: nothing is known beside the store.
        place: tells copies of the program apart that share the folder.
    """

    def __init__(self, folder: Path | None, place: str) -> None:
        self._folder, self._place = folder, place
        self._lock: FileLock | None = None
        self._number: int | None = None

    @property
    def number(self) -> int:
        """Of this program among those that run, from 0; taken when it is first asked for."""
        if self._number is None:
            self._number = self._taken()
        return self._number

    def release(self) -> None:
        """Another program may have the number."""
        if self._lock is not None:
            self._lock.release()
            self._lock = self._number = None

    def expect(self, name: str, token: Token) -> None:
        """The store should hold this one, and perhaps does not."""
        if self._folder is None:
            return
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            write_whole(self._mark(self._folder, name), _fingerprint(token))
        except OSError as error:
            log.warning("that the secret store is behind cannot be kept: %s", error)

    def clear(self, name: str) -> None:
        """The store holds what it should."""
        if self._folder is not None:
            try:
                self._mark(self._folder, name).unlink(missing_ok=True)
            except OSError as error:
                log.warning("that the secret store is no longer behind cannot be kept: %s", error)

    def outdated(self, name: str, token: Token) -> bool:
        """Whether the store should hold another one."""
        if self._folder is None:
            return False
        try:
            return self._mark(self._folder, name).read_bytes() != _fingerprint(token)
        except OSError:
            return False  # there is no mark

    def _taken(self) -> int:
        if self._folder is None:
            return 0
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            for number in range(MOST):
                self._lock = FileLock.take(self._folder / f"{_hashed(self._place)}-{number}.lock")
                if self._lock is not None:
                    return number
        except OSError as error:
            log.warning("other programs of this person are not known: %s", error)
            return 0
        return MOST

    @staticmethod
    def _mark(folder: Path, name: str) -> Path:
        return folder / f"{_hashed(name)}.newest"


def _hashed(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()[:32]


def _fingerprint(token: Token) -> bytes:
    return hashlib.sha256(token.encode()).hexdigest()[:32].encode()
