"""Signatures of webhooks' messages, as Standard Webhooks 1.0 has them: HMAC-SHA256 over id, time and body.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

from __future__ import annotations

import base64
import hashlib
import hmac

SECRET_BYTES = 32
"""Of those that are made here."""
LEAST_BYTES, MOST_BYTES = 24, 64
"""Of those that are brought along."""
PREFIX = "whsec_"


def shown_secret(secret: bytes) -> str:
    """As whoever checks signatures has to enter it."""
    return PREFIX + base64.b64encode(secret).decode()


def read_secret(shown: str) -> bytes:
    """The other way. Raises ValueError."""
    if not shown.startswith(PREFIX):
        raise ValueError("not a secret")
    secret = base64.b64decode(shown.removeprefix(PREFIX), validate=True)
    if not LEAST_BYTES <= len(secret) <= MOST_BYTES:
        raise ValueError("too short or too long for a secret")
    return secret


def signed(message_id: str, at: float, body: bytes, *secrets: bytes) -> dict[str, str]:
    """The headers that go with a message: a signature by each of ``secrets``, of which a receiver knows one.

    Args:
        at: when it is sent (not when it happened), s.
    """
    timestamp = str(int(at))
    content = b".".join((message_id.encode(), timestamp.encode(), body))
    return {
        "webhook-id": message_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": " ".join(f"v1,{_signature(secret, content)}" for secret in secrets),
    }


def _signature(secret: bytes, content: bytes) -> str:
    return base64.b64encode(hmac.new(secret, content, hashlib.sha256).digest()).decode()
