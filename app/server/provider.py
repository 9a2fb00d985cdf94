"""Talks to a provider of identities (OpenID Connect, authorization code with PKCE).

Nothing here blocks the loop; every call has a time limit, every answer a size limit.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import Awaitable
from typing import Any, TypeVar

import httpx2
import truststore
from authlib.integrations.base_client import OAuthError
from authlib.integrations.httpx_client import AsyncOAuth2Client
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from app.core.errors import Code, Refused
from app.server.bounded import UNCOMPRESSED, bounded
from app.server.clock import Clock
from app.server.oidc_config import OidcConfig, is_safe

log = logging.getLogger(__name__)
T = TypeVar("T")

LIMIT_S = 10.0
"""s for one question to the provider, everything included."""
LIMIT_BYTES = 262_144
EXCHANGES = 8
"""Questions to the provider at a time."""
KNOWN_S, KEYS_S = 3_600.0, 60.0
"""s for which the provider's addresses are kept, and after which its keys are looked for again at most."""
LEEWAY_S = 60
"""s by which two clocks may differ."""
SIGNED_WITH = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "Ed25519"]
"""Public keys alone: neither "none" nor a secret that the client knows too."""

Json = dict[str, Any]


class Provider:
    """One configured provider. What it says is checked here; what that means for an account is not."""

    def __init__(self, config: OidcConfig, clock: Clock) -> None:
        self.config = config
        self._clock = clock
        self._trust = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self._trust.minimum_version = ssl.TLSVersion.TLSv1_2
        self._at_a_time = asyncio.Semaphore(EXCHANGES)
        self._known: tuple[float, Json] | None = None
        self._keys: tuple[float, KeySet] | None = None

    async def page(self, *, redirect: str, challenge: str, state: str, nonce: str) -> str:
        """Where the browser is to go. Raises Refused ``provider_…``."""
        about = await self._about()
        async with self._client(redirect) as client:
            url, _ = client.create_authorization_url(
                about["authorization_endpoint"],
                state=state,
                nonce=nonce,
                code_challenge=challenge,
                code_challenge_method="S256",
            )
        return str(url)

    async def claims(self, *, code: str, redirect: str, verifier: str, nonce: str) -> Json:
        """What the provider says about who brought ``code``; signed, for this server, for this sign-in.

        Raises:
            Refused: ``provider_…``.
        """
        about = await self._about()
        async with self._client(redirect) as client:
            asked = client.fetch_token(about["token_endpoint"], code=code, code_verifier=verifier)
            token = await self._within(asked)
        text = token.get("id_token")
        if not isinstance(text, str):
            raise self._wrong("it sent no ID token")
        return await self._checked(text, nonce, token.get("access_token"))

    # The token

    async def _checked(self, text: str, nonce: str, access_token: object) -> Json:
        try:
            token = await self._verified(text)
            claims = CodeIDToken(
                token.claims,
                token.header,
                options={
                    "iss": {"essential": True, "value": self.config.issuer},
                    "aud": {"essential": True, "value": self.config.client_id},
                    "sub": {"essential": True},
                },
                params={
                    "nonce": nonce,
                    "client_id": self.config.client_id,
                    "access_token": access_token if isinstance(access_token, str) else None,
                },
            )
            claims.validate(now=int(self._clock.now()), leeway=LEEWAY_S)
        except (JoseError, ValueError, TypeError, KeyError) as error:
            raise self._wrong(f"its ID token is not good: {type(error).__name__} {error}") from error
        if not isinstance(claims["sub"], str) or not claims["sub"]:
            raise self._wrong("its ID token names nobody")
        return dict(claims)

    async def _verified(self, text: str) -> jwt.Token:
        """With the keys that are known; a signature that fits none of them may be of a newer one."""
        keys = await self._key_set(older_than=KNOWN_S)
        try:
            return jwt.decode(text, keys, algorithms=SIGNED_WITH)
        except (JoseError, ValueError):
            fresh = await self._key_set(older_than=KEYS_S)
            if fresh is keys:
                raise
            return jwt.decode(text, fresh, algorithms=SIGNED_WITH)

    async def _key_set(self, *, older_than: float) -> KeySet:
        now = self._clock.monotonic()
        if self._keys is None or now - self._keys[0] > older_than:
            about = await self._about()
            self._keys = (now, KeySet.import_key_set(await self._fetch(about["jwks_uri"])))  # type: ignore[arg-type]  # any JSON
        return self._keys[1]

    # Asking

    async def _about(self) -> Json:
        """The provider's own description of itself."""
        now = self._clock.monotonic()
        if self._known is None or now - self._known[0] > KNOWN_S:
            issuer = self.config.issuer
            about = await self._fetch(f"{issuer.rstrip('/')}/.well-known/openid-configuration")
            if about.get("issuer") != issuer:
                raise self._wrong(f"it calls itself {about.get('issuer')!r} and not {issuer!r}")
            for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
                if not is_safe(str(about.get(name)), issuer):
                    raise self._wrong(f"its {name} is missing or not encrypted")
            self._known = (now, about)
        return self._known[1]

    async def _fetch(self, url: str) -> Json:
        async with self._client() as client:
            response = await self._within(client.request("GET", url, withhold_token=True))
        try:
            response.raise_for_status()
            found = response.json()
        except httpx2.HTTPStatusError as error:
            raise self._down(error) from error
        except (ValueError, RecursionError) as error:
            raise self._wrong(f"{url} is not JSON") from error
        if not isinstance(found, dict):
            raise self._wrong(f"{url} is no JSON object")
        return found

    async def _within(self, asked: Awaitable[T]) -> T:
        try:
            async with asyncio.timeout(LIMIT_S), self._at_a_time:
                return await asked
        except OAuthError as error:
            log.warning("%s refused a sign-in: %s", self.config.issuer, error.error)
            raise Refused.of(Code.PROVIDER_DENIED, name=self.config.name) from error
        except (httpx2.HTTPError, TimeoutError, OSError) as error:
            raise self._down(error) from error
        except (ValueError, RecursionError, KeyError, TypeError) as error:
            raise self._wrong(f"it sent what could not be read: {type(error).__name__}") from error

    def _client(self, redirect: str | None = None) -> AsyncOAuth2Client:
        config = self.config
        return AsyncOAuth2Client(
            config.client_id,
            config.client_secret or None,
            token_endpoint_auth_method="client_secret_basic" if config.client_secret else "none",
            scope=" ".join(config.scopes),
            redirect_uri=redirect,
            verify=self._trust,
            timeout=LIMIT_S,
            follow_redirects=False,
            headers=UNCOMPRESSED,
            event_hooks={"response": [bounded(LIMIT_BYTES)]},
        )

    def _down(self, error: Exception) -> Refused:
        log.warning("%s does not answer: %s", self.config.issuer, type(error).__name__)
        return Refused.of(Code.PROVIDER_DOWN, name=self.config.name)

    def _wrong(self, reason: str) -> Refused:
        log.error("%s cannot be trusted: %s", self.config.issuer, reason)
        return Refused.of(Code.PROVIDER_WRONG, name=self.config.name)
