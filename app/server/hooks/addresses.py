"""Addresses that people enter for webhooks: what they may be, before anything is sent there."""

from __future__ import annotations

from urllib.parse import urlsplit

from app.core.errors import Code, Refused
from app.core.hooks import URL_CHARS
from app.server.hooks.signing import read_secret


def host_of(url: str, *, inside: bool) -> str:
    """The host of an address that a webhook may have.

    Args:
        inside: this server's owner lets it send inside its own network, where there may be no TLS.

    Raises:
        Refused: ``address_invalid``, ``address_not_https``.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise Refused.of(Code.ADDRESS_INVALID) from error
    schemes = ("https", "http") if inside else ("https",)
    plain = url.isascii() and url.isprintable() and " " not in url and len(url) <= URL_CHARS
    if parts.scheme not in schemes:
        raise Refused.of(Code.ADDRESS_NOT_HTTPS)
    if not plain or not host or port == 0:
        raise Refused.of(Code.ADDRESS_INVALID)
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise Refused.of(Code.ADDRESS_INVALID)  # it would be sent nowhere
    return host


def contact_host(address: str, *, inside: bool) -> str:
    """As :func:`host_of`, of an address that may end with its secret: ``https://crm.example/hook#whsec_…``.

    Raises:
        Refused: ``address_invalid``, ``address_not_https``, ``secret_invalid``.
    """
    url, sign, secret = address.partition("#")
    if sign:
        try:
            read_secret(secret)
        except ValueError as error:
            raise Refused.of(Code.SECRET_INVALID) from error
    return host_of(url, inside=inside)
