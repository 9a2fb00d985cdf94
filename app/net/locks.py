"""A lock file that one running program holds, and that is free again however the program ends."""

from __future__ import annotations

import errno
import sys
from pathlib import Path
from typing import BinaryIO

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl


_HELD = (errno.EAGAIN, errno.EACCES, errno.EDEADLK)


class FileLock:
    """Made by :meth:`take`."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    @classmethod
    def take(cls, path: Path) -> FileLock | None:
        """``None`` while another program holds it. Raises OSError where it cannot be made at all."""
        stream = path.open("ab")
        try:
            if sys.platform == "win32":
                stream.seek(0)
                msvcrt.locking(stream.fileno(), msvcrt.LK_NBLCK, 1)
            else:
                fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno in _HELD:
                stream.close()
                return None
            # A file system without locks: one program at a time is what the window sees to anyway.
        return cls(stream)

    def release(self) -> None:
        self._stream.close()
