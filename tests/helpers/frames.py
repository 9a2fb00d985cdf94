"""WebSocket frames as bytes (RFC 6455, section 5): where they begin in a stream, and any that one likes."""

from __future__ import annotations

import os
import struct

CONT, TEXT, BINARY, CLOSE, PING, PONG = 0x0, 0x1, 0x2, 0x8, 0x9, 0xA


def frame(
    opcode: int, payload: bytes = b"", *, fin: bool = True, masked: bool = True, reserved: int = 0
) -> bytes:
    """One frame, right or wrong: nothing is checked. ``reserved``: the three bits after FIN."""
    head = bytes([(0x80 if fin else 0) | reserved << 4 | opcode])
    bit, size = (0x80 if masked else 0), len(payload)
    if size < 126:
        head += bytes([bit | size])
    elif size < 65_536:
        head += struct.pack("!BH", bit | 126, size)
    else:
        head += struct.pack("!BQ", bit | 127, size)
    if not masked:
        return head + payload
    key = os.urandom(4)
    return head + key + bytes(byte ^ key[n % 4] for n, byte in enumerate(payload))


class FrameMarks:
    """Finds where frames begin in a stream of bytes that opens with an HTTP head."""

    def __init__(self) -> None:
        self._head = b""  # of HTTP, then of a frame; not complete yet
        self._rest = 0  # bytes of the present frame that are still to come
        self._in_http = True
        self._blind = False

    def lost(self) -> None:
        """Bytes disappeared: no boundary is known any more."""
        self._blind = True

    def feed(self, data: bytes) -> list[tuple[int, int]]:
        """Begin and end of each frame whose head ends in ``data``, as offsets in it.

        A begin may lie before it (negative), an end beyond.
        """
        found: list[tuple[int, int]] = []
        at = 0
        while at < len(data) and not self._blind:
            if self._rest:
                step = min(self._rest, len(data) - at)
                self._rest -= step
                at += step
                continue
            before = len(self._head)
            self._head += data[at : at + 14] if not self._in_http else data[at:]
            size = self._head_size()
            if size is None:
                break
            at += size[0] - before
            if not self._in_http:
                found.append((at - size[0], at + size[1]))
            self._head, self._rest, self._in_http = b"", size[1], False
        return found

    def _head_size(self) -> tuple[int, int] | None:
        """Bytes of the head and of what follows it; ``None`` while the head is incomplete."""
        head = self._head
        if self._in_http:
            end = head.find(b"\r\n\r\n")
            return None if end < 0 else (end + 4, 0)
        if len(head) < 2:
            return None
        short, mask = head[1] & 0x7F, 4 if head[1] & 0x80 else 0
        extended = {126: 2, 127: 8}.get(short, 0)
        if len(head) < 2 + extended + mask:
            return None
        payload = int.from_bytes(head[2 : 2 + extended], "big") if extended else short
        return 2 + extended + mask, payload
