"""Ways to sign in besides the password: at a provider's page, in the person's own browser.

The client opens the page and brings back a code; this server exchanges it, and decides who that is here.
Between the two nothing is kept: the client holds a ticket that only this server can have made.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import logging
import re
import unicodedata
from urllib.parse import urlsplit

import msgspec

from app.core import wire
from app.core.errors import Code, Refused
from app.core.limits import HANDLE_CHARS, NAME_CHARS
from app.core.mentions import HANDLE, RESERVED
from app.core.model import Frozen, PersonId
from app.server.clock import Clock, Entropy
from app.server.oidc_config import OidcConfig
from app.server.provider import Json, Provider
from app.server.store.base import Identity, Store, StoreError

log = logging.getLogger(__name__)

TICKET_S = 600.0
"""s that a person may take at the provider's page."""
WAY = "oidc"
_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
_VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")


class _Ticket(Frozen, array_like=True):
    redirect: str
    challenge: str
    nonce: str
    until: float


class Ways:
    """Args:
    config: of the provider; ``None`` where there is none.
    """

    def __init__(self, config: OidcConfig | None, store: Store, clock: Clock, entropy: Entropy) -> None:
        self._config, self._store, self._clock, self._entropy = config, store, clock, entropy
        self._provider = Provider(config, clock) if config is not None else None
        self._key = entropy(32)

    @property
    def offered(self) -> tuple[wire.Way, ...]:
        return (wire.Way(WAY, self._config.name),) if self._config is not None else ()

    async def begin(self, request: wire.BeginSignIn) -> wire.SignInAt:
        """Raises Refused: ``not_found``, ``bad_frame``, ``provider_…``."""
        if self._provider is None or request.way != WAY:
            raise Refused.of(Code.NOT_FOUND)
        if not (_is_loopback_page(request.redirect) and _CHALLENGE.fullmatch(request.challenge)):
            raise Refused.of(Code.BAD_FRAME)
        nonce = _base64(self._entropy(32))
        until = self._clock.now() + TICKET_S
        ticket = self._seal(_Ticket(request.redirect, request.challenge, nonce, until))
        url = await self._provider.page(
            redirect=request.redirect, challenge=request.challenge, state=request.state, nonce=nonce
        )
        return wire.SignInAt(url, ticket)

    async def finish(self, request: wire.FinishSignIn) -> PersonId:
        """Who brought the code.

        Raises:
            Refused: ``sign_in_over``, ``not_admitted``, ``provider_…``, ``store_failed``.
        """
        ticket = self._unseal(request.ticket)
        if self._provider is None or ticket is None or self._clock.now() > ticket.until:
            raise Refused.of(Code.SIGN_IN_OVER)
        proof = _base64(hashlib.sha256(request.verifier.encode(errors="replace")).digest())
        if not _VERIFIER.fullmatch(request.verifier) or not hmac.compare_digest(proof, ticket.challenge):
            raise Refused.of(Code.SIGN_IN_OVER)
        claims = await self._provider.claims(
            code=request.code, redirect=ticket.redirect, verifier=request.verifier, nonce=ticket.nonce
        )
        return await self._admit(self._provider.config, claims)

    async def _admit(self, config: OidcConfig, claims: Json) -> PersonId:
        refused = Refused.of(Code.NOT_ADMITTED, name=config.name)
        role = config.role_of(claims)
        if role is None or not _may_come(config, claims):
            log.info("%s: the claims of %r let nobody in", config.issuer, claims["sub"])
            raise refused
        identity = Identity(
            issuer=config.issuer.rstrip("/"),
            subject=claims["sub"],
            handle=_handle(config, claims),
            name=_name(config, claims),
            role=role,
            follow_role=bool(config.role_claim),
            create=config.create,
            link=config.link_by_handle,
            spaces=config.spaces,
        )
        try:
            account = await self._store.admit(identity, PersonId(self._entropy(6).hex()), self._clock.now())
        except StoreError as error:
            raise Refused.of(Code.STORE_FAILED, reason=error.reason) from error
        if account is None or account.disabled:
            log.info("%s: %r has no account here, or a disabled one", config.issuer, claims["sub"])
            raise refused
        return account.person.id

    def _seal(self, ticket: _Ticket) -> str:
        data = msgspec.msgpack.encode(ticket)
        return _base64(hmac.digest(self._key, data, "sha256") + data)

    def _unseal(self, text: str) -> _Ticket | None:
        try:
            sealed = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
            mac, data = sealed[:32], sealed[32:]
            if not hmac.compare_digest(mac, hmac.digest(self._key, data, "sha256")):
                return None
            return msgspec.msgpack.decode(data, type=_Ticket)
        except (ValueError, msgspec.DecodeError):
            return None


def _is_loopback_page(url: str) -> bool:
    """The code goes to the person's own machine and nowhere else (RFC 8252, 7.3)."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return False
    return (
        parts.scheme == "http" and parts.netloc == f"127.0.0.1:{port}" and not (parts.query or parts.fragment)
    )


def _may_come(config: OidcConfig, claims: Json) -> bool:
    if not config.email_domains:
        return True
    _, at, domain = str(claims.get("email", "")).rpartition("@")
    allowed = {name.casefold() for name in config.email_domains}
    return bool(at) and claims.get("email_verified") is True and domain.casefold() in allowed


def _handle(config: OidcConfig, claims: Json) -> str:
    """What the person would be called here; "" where the claims do not say."""
    claim = claims.get(config.handle_claim)
    if not isinstance(claim, str) or (
        config.handle_claim == "email" and claims.get("email_verified") is not True
    ):
        return ""
    text = unicodedata.normalize("NFC", claim.partition("@")[0]).casefold()[:HANDLE_CHARS]
    text = re.sub(r"[^\w.\-]", "-", text).strip("-._")
    return text if HANDLE.fullmatch(text) and text not in RESERVED else ""


def _name(config: OidcConfig, claims: Json) -> str:
    claim = claims.get(config.name_claim)
    text = unicodedata.normalize("NFC", claim if isinstance(claim, str) else "")
    shown = "".join(c for c in text if unicodedata.category(c) not in ("Cc", "Cs", "Cf")).strip()
    return shown[:NAME_CHARS] or _handle(config, claims)


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
