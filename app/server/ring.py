"""The same bytes to many sockets in one system call: io_uring(7), where a Linux kernel allows it.

Whoever calls ``send(2)`` for each of a thousand sockets pays for a thousand calls; here it is two. The kernel
waits for nothing in them: each socket takes what it has room for, as after ``MSG_DONTWAIT``, and nothing is
under way any more when :meth:`Ring.send` returns. Structures and numbers are those of ``linux/io_uring.h``.
"""

from __future__ import annotations

import ctypes
import errno
import logging
import mmap
import os
import socket
import struct
import sys
import weakref
from array import array
from collections.abc import Callable, Sequence
from itertools import repeat

log = logging.getLogger(__name__)

SETUP, ENTER = 425, 426
"""Numbers of the system calls."""
SOCKETS = 512
"""Most of them in one call."""
BYTES = 65_536
"""Most that is sent to each."""
_PARAMS = struct.Struct("<10I 10I 10I")
"""``io_uring_params``: sq_entries, cq_entries and others; ``io_sqring_offsets``; ``io_cqring_offsets``."""
_SQES = 0x1000_0000
"""``IORING_OFF_SQES``."""
_GETEVENTS = 1
_SEND = 26
"""``IORING_OP_SEND``."""
_ENTRY = struct.Struct("<BBHi QQII Q 24x")
"""``io_uring_sqe``: opcode, flags, ioprio, fd; off, addr, len, msg_flags; user_data; others."""
_LENGTH, _WORDS = 6, _ENTRY.size // 4
_RESULT = struct.Struct("<QiI")
"""``io_uring_cqe``: user_data, res, flags."""
_NEW_ENOUGH = 1 << 5
"""``IORING_FEAT_FAST_POLL``, of Linux 5.7: older ones know no SEND, or map the ring in two parts."""
_U32 = 0xFFFF_FFFF


class Batch:
    """Sockets that are sent to together, at most :data:`SOCKETS`.

    They have to stay open: the kernel knows them by numbers, and gives those to others afterwards.
    """

    __slots__ = ("entries", "lengths", "size")

    def __init__(self, numbers: Sequence[int], buffer: int) -> None:
        flags = socket.MSG_DONTWAIT | socket.MSG_NOSIGNAL
        entries = [
            _ENTRY.pack(_SEND, 0, 0, number, 0, buffer, 0, flags, at) for at, number in enumerate(numbers)
        ]
        self.size = len(entries)
        self.entries = bytearray().join(entries)
        self.lengths = memoryview(self.entries).cast("I")[_LENGTH::_WORDS]


class Ring:
    """For one thread."""

    def __init__(self) -> None:
        """Raises OSError where there is no such thing: another system, an old kernel, or one that forbids it
        (``kernel.io_uring_disabled``; most containers)."""
        if not sys.platform.startswith("linux"):
            raise _error(errno.ENOSYS)
        self._call: Callable[..., int] = ctypes.CDLL(None, use_errno=True).syscall
        params = ctypes.create_string_buffer(_PARAMS.size)
        self._fd = self._call(SETUP, SOCKETS, params)
        if self._fd < 0:
            raise _error(ctypes.get_errno())
        self._closing = weakref.finalize(self, os.close, self._fd)
        words = _PARAMS.unpack(params.raw)
        entries, completions, features = words[0], words[1], words[5]
        head, tail, _, _, _, _, order = words[10:17]
        done_head, done_tail, _, _, _, results = words[20:26]
        size = max(order + entries * 4, results + completions * _RESULT.size)
        try:
            if not features & _NEW_ENOUGH:
                raise _error(errno.ENOSYS)
            self._ring = memoryview(mmap.mmap(self._fd, size))
            self._entries = memoryview(mmap.mmap(self._fd, entries * _ENTRY.size, offset=_SQES))
        except OSError:
            self.close()
            raise
        self._words = self._ring[: size // 4 * 4].cast("I")
        self._head, self._tail = head // 4, tail // 4
        self._done_head, self._done_tail = done_head // 4, done_tail // 4
        self._results = self._ring[results : results + completions * _RESULT.size].cast("i")
        self._completions = completions
        for at in range(entries):
            self._words[order // 4 + at] = at
        self._buffer = ctypes.create_string_buffer(BYTES)
        self._address = ctypes.addressof(self._buffer)

    def close(self) -> None:
        """Afterwards nothing is sent any more."""
        self._fd = -1
        self._closing()

    def batch(self, numbers: Sequence[int]) -> Batch:
        """Of open sockets, by their file descriptors."""
        return Batch(numbers, self._address)

    def send(self, batch: Batch, data: bytes) -> list[int]:
        """To each at most :data:`BYTES` of ``data``.

        Returns:
            For each, in its order, how many bytes it took, or which error it had, negative.
        """
        size, count = len(data), batch.size
        ctypes.memmove(self._address, data, size)
        if batch.lengths[0] != size:
            batch.lengths[:] = memoryview(array("I", repeat(size, count)))
        words, tail = self._words, self._words[self._tail]
        at = tail % SOCKETS
        first = min(count, SOCKETS - at) * _ENTRY.size
        self._entries[at * _ENTRY.size : at * _ENTRY.size + first] = batch.entries[:first]
        self._entries[: len(batch.entries) - first] = batch.entries[first:]
        words[self._tail] = (tail + count) & _U32
        left = count
        while left > 0:
            begun = self._call(ENTER, self._fd, left, left, _GETEVENTS, None, 0)
            if begun < 0 and ctypes.get_errno() == errno.EINTR:
                continue
            if begun <= 0:
                break
            left -= begun
        words[self._tail] = words[self._head]  # what the kernel did not begin, it never will
        return self._done(count)

    def _done(self, count: int) -> list[int]:
        """What the kernel says of so many."""
        done, to = self._words[self._done_head], self._words[self._done_tail]
        self._words[self._done_head] = to
        at, many = done % self._completions, (to - done) & _U32
        first = min(many, self._completions - at)
        parts = self._results[at * 4 : (at + first) * 4], self._results[: (many - first) * 4]
        taken = parts[0][2::4].tolist() + parts[1][2::4].tolist()
        if many == count == taken.count(taken[0]):
            return taken
        answers = [-errno.EAGAIN] * count  # of those that were not begun
        for which, some in zip(parts[0][::4].tolist() + parts[1][::4].tolist(), taken, strict=True):
            answers[which] = some
        return answers


def open_ring() -> Ring | None:
    """None where there is no such thing; then whoever wanted it does without."""
    try:
        return Ring()
    except OSError as error:
        log.info("no io_uring here (%s): sockets are written to one by one", error.strerror)
        return None


def _error(number: int) -> OSError:
    return OSError(number, os.strerror(number))
