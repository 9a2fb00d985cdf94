"""Why a server's certificate was not trusted, in words a person can act on.

The library says "certificate verify failed" and a number; the certificate itself says whose it is, for which
names, and until when. So it is looked at once more, without trusting it: nothing is sent over this second
connection.
"""

from __future__ import annotations

import asyncio
import ipaddress
import ssl
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from app.core.characters import line
from app.net.address import ServerAddress
from app.net.problems import ConnectionProblem, Trouble

if TYPE_CHECKING:
    from cryptography import x509

LOOK_SECONDS = 5.0
NAME_CHARS, NAMES = 80, 3
"""What is shown of one name, and how many."""

_REASONS = {
    9: Trouble.CERTIFICATE_EARLY,
    10: Trouble.CERTIFICATE_EXPIRED,
    18: Trouble.CERTIFICATE_OWN,
    19: Trouble.CERTIFICATE_ISSUER,
    20: Trouble.CERTIFICATE_ISSUER,
    21: Trouble.CERTIFICATE_ISSUER,
    23: Trouble.CERTIFICATE_REVOKED,
    62: Trouble.CERTIFICATE_NAME,
    64: Trouble.CERTIFICATE_NAME,
}
"""OpenSSL's numbers (x509_vfy.h). Windows and macOS have others: there the certificate itself is asked."""


async def certificate_problem(
    error: ssl.SSLCertVerificationError, server: ServerAddress, at: float
) -> ConnectionProblem:
    """What is wrong with the certificate that ``error`` is about; ``at``: s since the epoch."""
    certificate = await _shown_by(server)
    if certificate is None:
        return ConnectionProblem(Trouble.CERTIFICATE, host=server.host)
    now = datetime.fromtimestamp(at, UTC)
    code = _REASONS.get(error.verify_code) or _reason(certificate, server.host, now)
    return ConnectionProblem(
        code,
        host=server.host,
        subject=_name(certificate.subject),
        issuer=_name(certificate.issuer),
        names=_few(_names(certificate)) or _name(certificate.subject),
        since=f"{certificate.not_valid_before_utc:%Y-%m-%d}",
        until=f"{certificate.not_valid_after_utc:%Y-%m-%d}",
        today=f"{now:%Y-%m-%d}",
    )


async def _shown_by(server: ServerAddress) -> x509.Certificate | None:
    """``None`` where there is no way to look, as behind a proxy."""
    from cryptography import x509  # large, and wanted only when something is wrong

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    try:
        async with asyncio.timeout(LOOK_SECONDS):
            _, writer = await asyncio.open_connection(server.host, server.port, ssl=context)
        shown = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
        writer.transport.abort()
        return x509.load_der_x509_certificate(shown)
    except (OSError, TimeoutError, ValueError, TypeError):
        return None


def _reason(certificate: x509.Certificate, host: str, now: datetime) -> Trouble:
    if now > certificate.not_valid_after_utc:
        return Trouble.CERTIFICATE_EXPIRED
    if now < certificate.not_valid_before_utc:
        return Trouble.CERTIFICATE_EARLY
    if not any(_fits(name, host) for name in _names(certificate)):
        return Trouble.CERTIFICATE_NAME
    own = certificate.subject == certificate.issuer
    return Trouble.CERTIFICATE_OWN if own else Trouble.CERTIFICATE_ISSUER


def _names(certificate: x509.Certificate) -> list[str]:
    """The server names and addresses that the certificate is for."""
    from cryptography import x509

    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (x509.ExtensionNotFound, ValueError):
        return []
    addresses = names.get_values_for_type(x509.IPAddress)
    return [*names.get_values_for_type(x509.DNSName), *map(str, addresses)]


def _fits(name: str, host: str) -> bool:
    """Whether a server of this name may show it (RFC 6125); only to say what is wrong, nothing is trusted."""
    try:
        return ipaddress.ip_address(host) == ipaddress.ip_address(name)
    except ValueError:
        pass
    name, host = name.casefold(), host.casefold()
    return name == host or (name.startswith("*.") and name[1:] == host[host.find(".") :])


def _name(name: x509.Name) -> str:
    """Who somebody is, by the best-known of their names."""
    from cryptography.x509.oid import NameOID

    for wanted in (NameOID.COMMON_NAME, NameOID.ORGANIZATION_NAME):
        found = name.get_attributes_for_oid(wanted)
        if found:
            return line(str(found[0].value))[:NAME_CHARS]
    return line(name.rfc4514_string())[:NAME_CHARS] or "?"


def _few(names: Sequence[str]) -> str:
    shown = ", ".join(line(name)[:NAME_CHARS] for name in names[:NAMES])
    return f"{shown} …" if len(names) > NAMES else shown
