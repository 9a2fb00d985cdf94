"""Whether a callback comes from Twilio: HMAC-SHA1 over the address it called and what it sent.

https://www.twilio.com/docs/usage/webhooks/webhooks-security
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Sequence
from urllib.parse import urlsplit, urlunsplit

PORTS = {"https": 443, "http": 80}


def signature(token: str, url: str, form: Sequence[tuple[str, str]]) -> str:
    """Args:
    token: the account's auth token.
    url: with its query, exactly as it was called.
    form: names and values that were posted; a value that is there twice counts once.
    """
    said = url + "".join(name + value for name, value in sorted(set(form)))
    return base64.b64encode(hmac.new(token.encode(), said.encode(), hashlib.sha1).digest()).decode()


def is_signed(token: str, url: str, form: Sequence[tuple[str, str]], given: str) -> bool:
    """In constant time. Twilio signs addresses with and without their port, not always the same way."""
    claimed = given.encode("utf-8", "surrogateescape")
    right = [hmac.compare_digest(signature(token, one, form).encode(), claimed) for one in _ways_to_say(url)]
    return any(right)


def _ways_to_say(url: str) -> tuple[str, ...]:
    parts = urlsplit(url)
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname or ""
    port = parts.port or PORTS.get(parts.scheme)
    return tuple(
        urlunsplit(parts._replace(netloc=netloc)) for netloc in dict.fromkeys((host, f"{host}:{port}"))
    )
