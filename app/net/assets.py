"""Maps and pictures on disk, named by what they contain, so that nothing is fetched twice."""

from __future__ import annotations

from pathlib import Path


class AssetCache:
    """A folder of files named by the SHA-256 of their content.

    Args:
        folder: made when the first file is kept; may be shared by several programs at once.
        max_bytes: the files used longest ago go when there are more.
    """

    def __init__(self, folder: Path, max_bytes: int = 256 * 1024 * 1024) -> None:
        self._folder = folder
        self._max_bytes = max_bytes
