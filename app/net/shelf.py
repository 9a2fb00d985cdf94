"""Where the outbox is kept: one small file for each server and person, or memory.

What lies there: the commands that the server has not answered, message texts included, in plain text in the
user's own data folder, readable by that user alone (mode 0600 in a folder of mode 0700). Never a token and
never a password. The file is gone once everything is answered. A disk that does not take it costs the next
start, not this one: the program goes on from memory and says so.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import logging
import os
import tempfile
from pathlib import Path
from typing import Protocol

import msgspec

from app.core.model import Frozen, PersonId
from app.net.locks import FileLock
from app.net.outbox import MOST_BYTES, Entry
from app.net.problems import Problem, Trouble
from app.tasks import Workers

log = logging.getLogger(__name__)

VERSION = 1
DISK_SECONDS = 5.0
SLOTS = 8
"""So many running programs of one person and folder keep their outboxes apart (a home on several hosts)."""
_MOST = 2 * MOST_BYTES
_FULL = (errno.ENOSPC, errno.EDQUOT)


class Contents(Frozen):
    """What a file holds, behind a line with version and SHA-256."""

    server: str
    person: PersonId
    entries: tuple[Entry, ...]


class Loaded(Frozen):
    """Attributes:
    entries: ``None`` when it could not be looked what is there.
    """

    entries: tuple[Entry, ...] | None = ()
    problem: Problem | None = None


class Place(Protocol):
    """Where one person's outbox at one server is kept. Nothing here raises."""

    async def load(self) -> Loaded:
        """What an earlier time left; until it is known, nothing may be saved."""
        ...

    async def save(self, entries: tuple[Entry, ...]) -> Problem | None:
        """In place of what was there, whole or not at all; says why it could not."""
        ...

    async def close(self) -> None:
        """Another program may have it."""
        ...


class Shelf(Protocol):
    def place(self, server: str, person: PersonId) -> Place: ...


class MemoryShelf:
    """A :class:`Shelf` that ends with the program."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, PersonId], tuple[Entry, ...]] = {}

    def place(self, server: str, person: PersonId) -> Place:
        return _MemoryPlace(self._kept, (server, person))


class _MemoryPlace:
    def __init__(
        self, kept: dict[tuple[str, PersonId], tuple[Entry, ...]], name: tuple[str, PersonId]
    ) -> None:
        self._kept, self._name = kept, name

    async def load(self) -> Loaded:
        return Loaded(self._kept.get(self._name, ()))

    async def save(self, entries: tuple[Entry, ...]) -> Problem | None:
        self._kept[self._name] = entries
        return None

    async def close(self) -> None:
        pass


class DiskShelf:
    """A :class:`Shelf` in a folder, which is made when there is something to keep."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._workers = Workers("outbox", limit=1)  # one after the other: the newest is written last

    def place(self, server: str, person: PersonId) -> Place:
        return _DiskPlace(self._folder, self._workers, server, person)


class _DiskPlace:
    """The methods without ``async`` run in a worker."""

    def __init__(self, folder: Path, workers: Workers, server: str, person: PersonId) -> None:
        self._folder, self._workers = folder, workers
        self._server, self._person = server, person
        self._name = hashlib.sha256(f"{server}\n{person}".encode()).hexdigest()[:32]
        self._lock: FileLock | None = None
        self._file: Path | None = None
        self._broken: Problem | None = None
        self._failed = ""

    async def load(self) -> Loaded:
        try:
            return await self._workers.run(self._load, timeout_s=DISK_SECONDS)
        except (OSError, TimeoutError) as error:
            return Loaded(None, self._not_kept(error))

    async def save(self, entries: tuple[Entry, ...]) -> Problem | None:
        try:
            await self._workers.run(lambda: self._save(entries), timeout_s=DISK_SECONDS)
        except (OSError, TimeoutError) as error:
            return self._not_kept(error)
        self._failed = ""
        return None

    async def close(self) -> None:
        with contextlib.suppress(OSError, TimeoutError):
            await self._workers.run(self._release, timeout_s=DISK_SECONDS)

    def _not_kept(self, error: OSError | TimeoutError) -> Problem:
        reason = str(error) or "it takes too long"
        if reason != self._failed:  # it is tried again and again
            log.error("what waits to be sent cannot be kept on disk: %s", reason)
        self._failed = reason
        full = error.errno in _FULL
        return Problem(Trouble.NOT_KEPT_FULL if full else Trouble.NOT_KEPT)

    def _path(self, slot: int) -> Path:
        return self._folder / f"{self._name}-{slot}.outbox"

    def _load(self) -> Loaded:
        """Take the first free slot, and what programs that ended without a word left in others."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        entries: dict[str, Entry] = {}
        adopted: list[Path] = []
        locks: list[FileLock] = []
        for slot in range(SLOTS):
            file = self._path(slot)
            if file == self._file:  # from an attempt that took too long
                entries |= {entry.id: entry for entry in self._read(file)}
                continue
            if self._file is not None and not file.exists():
                continue
            lock = FileLock.take(file.with_suffix(".lock"))
            if lock is None:
                continue
            if self._file is None:
                self._lock, self._file = lock, file
            else:
                adopted.append(file)
                locks.append(lock)
            entries |= {entry.id: entry for entry in self._read(file)}
        if adopted:
            self._save(tuple(entries.values()))
        for file, lock in zip(adopted, locks, strict=True):
            file.unlink(missing_ok=True)
            lock.release()
        return Loaded(tuple(entries.values()), self._broken)

    def _read(self, file: Path) -> tuple[Entry, ...]:
        try:
            with file.open("rb") as stream:
                data = stream.read(_MOST + 1)
        except FileNotFoundError:
            return ()
        contents = unpack(data)
        if contents is None or (contents.server, contents.person) != (self._server, self._person):
            aside = file.with_suffix(".broken")
            file.replace(aside)
            log.error("what waited to be sent cannot be read; the file is kept as %s", aside)
            self._broken = Problem(Trouble.OUTBOX_BROKEN, {"file": str(aside)})
            return ()
        return contents.entries

    def _save(self, entries: tuple[Entry, ...]) -> None:
        if self._file is None:
            raise OSError(errno.EBUSY, "no place is free")
        if not entries:
            self._file.unlink(missing_ok=True)
            return
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_whole(self._file, pack(Contents(self._server, self._person, entries)))

    def _release(self) -> None:
        if self._lock is not None:
            self._lock.release()
            self._lock = self._file = None


def pack(contents: Contents) -> bytes:
    body = msgspec.json.encode(contents)
    return f"handraise outbox {VERSION} {hashlib.sha256(body).hexdigest()}\n".encode() + body


def unpack(data: bytes) -> Contents | None:
    """``None`` for anything but an undamaged file of this version."""
    head, _, body = data.partition(b"\n")
    if head != f"handraise outbox {VERSION} {hashlib.sha256(body).hexdigest()}".encode():
        return None
    try:
        return msgspec.json.decode(body, type=Contents)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def write_whole(file: Path, data: bytes) -> None:
    """Whole or not at all, even when the machine loses its power; only the user may read it."""
    descriptor, name = tempfile.mkstemp(dir=file.parent, prefix=".new-")  # mode 0600
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        Path(name).replace(file)
    except OSError:
        with contextlib.suppress(OSError):
            Path(name).unlink(missing_ok=True)
        raise
    if os.name == "posix":
        folder = os.open(file.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
