"""Signing in at a provider's page, in the person's own browser (RFC 8252).

The page sends the browser back to a port of this machine, which listens for that one visit. What it brings
is worth something only together with a secret that never leaves this program (PKCE), and counts only if it
carries the word that was sent along (state).
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import html
import logging
import random
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

from app.core import wire
from app.core.errors import Code, Refused
from app.net.address import ServerAddress
from app.net.clock import Clock, within
from app.net.front_door import FrontDoor
from app.net.problems import ConnectionProblem, Trouble

log = logging.getLogger(__name__)

LIMIT_SECONDS = 300.0
"""s that a person may take at the provider's page."""
VISIT_SECONDS, VISIT_BYTES = 10.0, 16_384
PATH = "/signed-in"

_PAGE = """<!doctype html><html><head><meta charset="utf-8"><title>Handraise</title></head>
<body style="font:18px system-ui,sans-serif;text-align:center;margin-top:18vh">{words}</body></html>"""


class Browser:
    """Args:
    open_page: shows an address in the system's browser.
    words: what the browser says at the end, in the person's language.
    """

    def __init__(
        self, door: FrontDoor, clock: Clock, rng: random.Random, open_page: Callable[[str], None], words: str
    ) -> None:
        self._door, self._clock, self._rng = door, clock, rng
        self._open_page, self._words = open_page, words

    async def sign_in(self, server: ServerAddress, way: wire.Way, device: str) -> wire.FinishSignIn:
        """What to show the server, once the person has signed in; cancel it to stop waiting.

        Raises:
            Refused: by the server, or by the provider (``provider_denied``).
            ConnectionProblem: to the server; ``browser_slow``.
        """
        verifier, state = (f"{self._rng.getrandbits(256):064x}" for _ in range(2))
        digest = hashlib.sha256(verifier.encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        back: asyncio.Future[dict[str, str]] = asyncio.get_running_loop().create_future()

        async def visited(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await self._visit(reader, writer, state, back)

        listening = await asyncio.start_server(visited, "127.0.0.1", 0, limit=VISIT_BYTES)
        try:
            redirect = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}{PATH}"
            request = wire.BeginSignIn(way.id, redirect, challenge, state)
            begun = await self._door.begin(server, request)
            _check_page(begun.url)
            self._open_page(begun.url)
            if not await within(self._clock, LIMIT_SECONDS, back):
                raise ConnectionProblem(Trouble.BROWSER_SLOW, minutes=round(LIMIT_SECONDS / 60))
        finally:
            listening.close()
        brought = back.result()
        if not brought.get("code"):
            log.info("the provider refused: %s", brought.get("error", "no reason")[:80])
            raise Refused.of(Code.PROVIDER_DENIED, name=way.name)
        return wire.FinishSignIn(begun.ticket, brought["code"][:4096], verifier, device)

    async def _visit(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        state: str,
        back: asyncio.Future[dict[str, str]],
    ) -> None:
        """One request. What does not carry the right word is somebody else's, and changes nothing."""
        try:
            async with asyncio.timeout(VISIT_SECONDS):
                brought = _brought(await reader.readuntil(b"\r\n\r\n"))
                ours = hmac.compare_digest(brought.get("state", "").encode(), state.encode())
                writer.write(_answer(200, self._words) if ours else _answer(404, ""))
                await writer.drain()
        except (TimeoutError, OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            return
        finally:
            writer.close()
        if ours and not back.done():
            back.set_result(brought)


def _brought(request: bytes) -> dict[str, str]:
    """The query of a GET for our path; else nothing."""
    parts = request.split(b"\r\n", 1)[0].decode("ascii", "replace").split(" ")
    if len(parts) != 3 or parts[0] != "GET":
        return {}
    try:
        target = urlsplit(parts[1])
        query = parse_qs(target.query, max_num_fields=20)
    except ValueError:
        return {}
    return {name: values[0] for name, values in query.items()} if target.path == PATH else {}


def _answer(status: int, words: str) -> bytes:
    body = _PAGE.format(words=html.escape(words)).encode()
    head = (
        f"HTTP/1.1 {status} {'OK' if status == 200 else 'Not Found'}\r\n"
        "Content-Type: text/html; charset=utf-8\r\nCache-Control: no-store\r\n"
        "Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'\r\n"
        f"Referrer-Policy: no-referrer\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    )
    return head.encode() + body


def _check_page(url: str) -> None:
    """A server says which page to open; it must be one, and nobody may read along on the way there."""
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise Refused.of(Code.PROVIDER_WRONG, name="?") from error
    here = parts.scheme == "http" and ServerAddress(parts.hostname or "", 0, False).loopback
    if not (here or parts.scheme == "https"):
        raise Refused.of(Code.PROVIDER_WRONG, name=parts.hostname or "?")
