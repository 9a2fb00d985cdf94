"""Maps and pictures on disk, named by what they contain, so that nothing is fetched twice."""

from __future__ import annotations

import hashlib
import logging
import os
import re
import tempfile
from collections.abc import Collection
from pathlib import Path
from typing import Protocol

from app.tasks import Workers

log = logging.getLogger(__name__)

MAX_BYTES = 256 * 1024 * 1024
DISK_SECONDS = 5.0
"""A disk (a network home, perhaps) that takes longer is not worth waiting for: the server has the file."""
_NAME = re.compile(r"[0-9a-f]{64}")
_FACES = "faces-"


def content_id(data: bytes) -> str:
    """SHA-256 in hex: the name of a file that contains this."""
    return hashlib.sha256(data).hexdigest()


class Cache(Protocol):
    async def load(self, name: str) -> bytes | None:
        """The content with this SHA-256, if it is here and undamaged."""
        ...

    async def keep(self, data: bytes) -> None:
        """Never raises: what cannot be kept is fetched again another time."""
        ...

    async def faces(self, place: str, names: Collection[str]) -> None:
        """These are the pictures of the people at a place, such as a space; what was one there before and is
        not any more goes. Never raises."""
        ...


class MemoryCache:
    """A :class:`Cache` that ends with the program."""

    def __init__(self) -> None:
        self._files: dict[str, bytes] = {}
        self._faces: dict[str, frozenset[str]] = {}

    async def load(self, name: str) -> bytes | None:
        return self._files.get(name)

    async def keep(self, data: bytes) -> None:
        self._files[content_id(data)] = data

    async def faces(self, place: str, names: Collection[str]) -> None:
        for name in self._faces.get(place, frozenset()).difference(names):
            self._files.pop(name, None)
        self._faces[place] = frozenset(names)


class AssetCache:
    """A :class:`Cache` in a folder of files named by the SHA-256 of their content.

    Args:
        folder: made when the first file is kept; may be shared by several programs at once.
        max_bytes: the files used longest ago go when there are more.
    """

    def __init__(self, folder: Path, max_bytes: int = MAX_BYTES) -> None:
        self._folder = folder
        self._max_bytes = max_bytes
        self._workers = Workers("asset cache", limit=2)

    async def load(self, name: str) -> bytes | None:
        if not _NAME.fullmatch(name):
            return None  # the name comes from a server and must not lead out of the folder
        try:
            return await self._workers.run(lambda: self._read(name), timeout_s=DISK_SECONDS)
        except (OSError, TimeoutError) as error:
            log.warning("a cached file could not be read: %s", error)
            return None

    async def keep(self, data: bytes) -> None:
        try:
            await self._workers.run(lambda: self._write(data), timeout_s=DISK_SECONDS)
        except (OSError, TimeoutError) as error:
            log.warning("a file could not be kept in the cache: %s", error)

    async def faces(self, place: str, names: Collection[str]) -> None:
        wanted = frozenset(name for name in names if _NAME.fullmatch(name))
        try:
            await self._workers.run(lambda: self._only(place, wanted), timeout_s=DISK_SECONDS)
        except (OSError, TimeoutError) as error:
            log.warning("pictures that are gone could not be removed from the cache: %s", error)

    def _only(self, place: str, names: frozenset[str]) -> None:
        """What was there is in a file of its own, as it may have gone while this program was not running."""
        known = self._folder / f"{_FACES}{content_id(place.encode())}"
        try:
            before = frozenset(_NAME.findall(known.read_text(encoding="ascii")))
        except (FileNotFoundError, UnicodeDecodeError):
            before = frozenset()
        for name in before - names:
            (self._folder / name).unlink(missing_ok=True)
        if names != before:
            self._put(known, "\n".join(sorted(names)).encode())

    def _read(self, name: str) -> bytes | None:
        path = self._folder / name
        try:
            data = path.read_bytes()
        except FileNotFoundError:
            return None
        if content_id(data) != name:
            log.warning("a damaged file in the cache was removed")
            path.unlink(missing_ok=True)
            return None
        os.utime(path)  # just used: among the last to go
        return data

    def _write(self, data: bytes) -> None:
        if len(data) > self._max_bytes:
            return
        self._folder.mkdir(parents=True, exist_ok=True)
        self._make_room(len(data))
        self._put(self._folder / content_id(data), data)

    def _put(self, file: Path, data: bytes) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        # Written beside and renamed: another program never sees half a file.
        handle, temporary = tempfile.mkstemp(dir=self._folder, prefix=".new-")
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(data)
            os.replace(temporary, file)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise

    def _make_room(self, needed: int) -> None:
        files = []
        for path in self._folder.iterdir():
            if _NAME.fullmatch(path.name):
                status = path.stat()
                files.append((status.st_mtime, status.st_size, path))
        total = sum(size for _, size, _ in files) + needed
        for _, size, path in sorted(files):
            if total <= self._max_bytes:
                return
            path.unlink(missing_ok=True)
            total -= size
