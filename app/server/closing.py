"""Which WebSocket close code and which words go with a goodbye, for clients and proxies that know no others.

https://www.iana.org/assignments/websocket/websocket.xml; 1009 (too big) is said by the library itself.
"""

from __future__ import annotations

from collections.abc import Mapping

from app.core.errors import Code, Refusal, sentence

NORMAL, PROTOCOL_ERROR, INVALID_DATA, POLICY, INTERNAL, RESTART, LATER = (
    1000,
    1002,
    1007,
    1008,
    1011,
    1012,
    1013,
)
UNAUTHORIZED, FORBIDDEN = 3000, 3003
REASON_BYTES = 123
"""What fits into a close frame (RFC 6455, 5.5)."""

_CODES: Mapping[Code, int] = {
    Code.BAD_FRAME: INVALID_DATA,
    Code.OUT_OF_TURN: PROTOCOL_ERROR,
    Code.PROTOCOL_VERSION: PROTOCOL_ERROR,
    Code.TOO_FAST: POLICY,
    Code.TOO_SLOW: POLICY,
    Code.SIGNED_OUT: UNAUTHORIZED,
    Code.SESSION_REUSED: UNAUTHORIZED,
    Code.NO_SPACE: FORBIDDEN,
    Code.NOT_FOUND: FORBIDDEN,
    Code.SERVER_FULL: LATER,
    Code.ADDRESS_FULL: LATER,
    Code.SPACE_FULL: LATER,
    Code.TOO_MANY_MACHINES: LATER,
    Code.SERVER_STOPPING: RESTART,
    Code.STORE_FAILED: LATER,
    Code.INTERNAL: INTERNAL,
}


def closing(goodbye: Refusal | None) -> tuple[int, str]:
    """Close code and reason."""
    if goodbye is None:
        return NORMAL, ""
    words = sentence(goodbye).encode()[:REASON_BYTES].decode(errors="ignore")
    return _CODES.get(goodbye.code, POLICY), words
