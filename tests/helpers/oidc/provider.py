"""Starts the provider, and signs in at its page as a person with a browser would."""

from __future__ import annotations

import base64
import hashlib
import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2

CLIENT_ID = "handraise"
USERS: Mapping[str, Any] = {
    "mia": {
        "password": "tulips",
        "claims": {
            "preferred_username": "mia.jansen",
            "name": "Mia Jansen",
            "email": "mia@example.com",
            "email_verified": True,
            "groups": ["staff", "supervisors"],
        },
    },
    "kenji": {
        "password": "maple leaf",
        "claims": {"preferred_username": "kenji", "name": "森 健二", "groups": ["staff"]},
    },
    "guest": {"password": "guest", "claims": {"preferred_username": "guest", "groups": ["visitors"]}},
}


@dataclass(frozen=True)
class Provider:
    """A running provider; it serves any number of tests."""

    issuer: str

    async def fault(self, name: str) -> None:
        """From now on it does this one thing wrong."""
        async with _browser() as browser:
            answer = await browser.post(f"{self.issuer}/fault", data={"name": name})
        answer.raise_for_status()

    async def sign_in(self, page: str, user: str, password: str | None = None) -> str:
        """Open the page, fill the form, send it; the address that the browser is sent to."""
        secret = USERS[user]["password"] if password is None else password
        async with _browser() as browser:
            shown = await browser.get(page)
            assert shown.status_code == 200, shown.text
            assert "<form" in shown.text
            answer = await browser.post(page, data={"username": user, "password": secret})
        assert answer.status_code == 302, answer.text
        return answer.headers["location"]


def _browser() -> httpx2.AsyncClient:
    return httpx2.AsyncClient(trust_env=False)


@contextmanager
def provider(*, secret: str = "") -> Iterator[Provider]:
    """A real provider on loopback, until the end of the block."""
    command = [sys.executable, "-W", "ignore", "-m", "tests.helpers.oidc"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        setup = {"client_id": CLIENT_ID, "client_secret": secret, "users": USERS}
        process.stdin.write(json.dumps(setup) + "\n")
        process.stdin.flush()
        issuer = process.stdout.readline().strip()
        assert issuer.startswith("http://127.0.0.1:"), "the provider did not start"
        yield Provider(issuer)
        process.stdin.close()


@dataclass
class Pkce:
    """A client's own secret of one sign-in."""

    verifier: str = "v" * 43
    challenge: str = field(init=False)

    def __post_init__(self) -> None:
        digest = hashlib.sha256(self.verifier.encode()).digest()
        self.challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def query(url: str) -> dict[str, str]:
    """What an address says after its question mark."""
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
