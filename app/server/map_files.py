"""What every map import needs: one folder to read from, one kind of error, one result."""

from __future__ import annotations

import hashlib
from pathlib import Path, PurePosixPath, PureWindowsPath

import msgspec

from app.core import maps
from app.core.maps import SpaceMap
from app.core.model import AssetId, MapId
from app.server.pictures import MAX_BYTES, Picture, PictureError, check_picture

MAX_SIDE = 1_000
"""Cells of a map in one direction."""


class MapError(ValueError):
    """A map that cannot be used. The message is a sentence for the person who imports it."""


class ImportedMap(msgspec.Struct, frozen=True):
    """A map and every picture it names."""

    map: SpaceMap
    assets: dict[AssetId, bytes]


class Folder:
    """The one folder a map may read from."""

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()

    def locate(self, reference: str, base: PurePosixPath, by: str) -> Path:
        """The file that a document means.

        Args:
            reference: as written in the document.
            base: the document's folder, relative to the root.
            by: the document's name, for the message.

        Raises:
            MapError: missing, absolute, on the network, or outside of the root (also through a link).
        """
        where = PureWindowsPath(reference)
        written = reference if len(reference) <= 80 else reference[:77] + "…"
        if not reference or "\0" in reference or where.drive or where.root or "://" in reference:
            raise MapError(f"{by} refers to {written!r}; only files inside the map's own folder can be used.")
        try:
            path = (self.root / base / where.as_posix()).resolve()
            inside, exists = path.is_relative_to(self.root), path.is_file()
        except (OSError, RuntimeError, ValueError) as error:  # too long, or links in a circle
            raise MapError(f"{by} refers to {written!r}, which cannot be opened.") from error
        if not inside:
            raise MapError(f"{by} refers to {written!r}, which lies outside of the map's folder.")
        if not exists:
            raise MapError(f"{by} refers to {written!r}, which is missing.")
        return path

    def relative(self, path: Path) -> PurePosixPath:
        """The folder of a file inside the root, relative to the root."""
        return PurePosixPath(path.resolve().relative_to(self.root).as_posix()).parent

    def read(self, path: Path, limit: int = MAX_BYTES) -> bytes:
        """The bytes of a file that was located, at most ``limit``.

        Raises:
            MapError: missing, unreadable, or larger.
        """
        try:
            if path.exists() and not path.is_file():
                raise MapError(f"{path.name} is not a file.")
            with path.open("rb") as file:
                data = file.read(limit + 1)
        except OSError as error:
            raise MapError(f"{path.name} cannot be read: {error.strerror or 'unknown reason'}.") from error
        if len(data) > limit:
            raise MapError(f"{path.name} is larger than {limit // 1024 // 1024} MB.")
        return data

    def picture(self, path: Path) -> Picture:
        """A checked picture.

        Raises:
            MapError: it is none, or too big.
        """
        try:
            return check_picture(self.read(path))
        except PictureError as error:
            raise MapError(f"{path.name} {error}.") from error


def finished(space_map: SpaceMap, assets: dict[AssetId, bytes]) -> ImportedMap:
    """Give a map its id, the SHA-256 of its own document without the id.

    Raises:
        ValueError: it does not fit together.
    """
    blank = msgspec.structs.replace(space_map, id=MapId(""))
    named = msgspec.structs.replace(blank, id=MapId(hashlib.sha256(maps.encode(blank)).hexdigest()))
    maps.check(named)
    return ImportedMap(named, assets)
