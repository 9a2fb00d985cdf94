"""Posts to an address that somebody entered, and never into a network where this server must not send.

The address is looked up once, looked at, and connected to as it was found: a name that leads elsewhere the
next time is of no use to anybody. Redirects are not followed.
"""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import socket
import ssl
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

import httpx2
import truststore

from app.core.hooks import HookTrouble

log = logging.getLogger(__name__)

LIMIT_S = 15.0
"""s for one message, everything included."""
NAT64 = ipaddress.ip_network("64:ff9b::/96")

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Lookup = Callable[[str, int], Awaitable[Sequence[str]]]
"""The addresses of a host; raises OSError."""


class PostError(Exception):
    """It did not get through.

    Attributes:
        sent: it may have arrived all the same.
    """

    def __init__(self, trouble: HookTrouble, *, sent: bool = False) -> None:
        super().__init__(trouble)
        self.trouble, self.sent = trouble, sent


@dataclass(frozen=True)
class Reply:
    """What an endpoint answered. ``retry_after``: s, as it asks for."""

    status: int
    retry_after: int | None = None

    @property
    def good(self) -> bool:
        return 200 <= self.status < 300


async def look_up(host: str, port: int) -> Sequence[str]:
    """As the system does it."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(where[0]) for *_, where in found]


def may_send_to(address: Address, *, inside: bool) -> bool:
    """Whether this server may connect there.

    Args:
        inside: also to this machine and its own network. Never to link-local addresses: there clouds keep
            the keys of their machines.
    """
    inner = _inner(address)
    if inner is not None and not may_send_to(inner, inside=inside):
        return False
    if address.is_multicast or address.is_unspecified or address.is_link_local:
        return False
    return address.is_global or inside


def _inner(address: Address) -> Address | None:
    """The IPv4 address that an IPv6 address leads to."""
    if isinstance(address, ipaddress.IPv4Address):
        return None
    if address in NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    teredo = address.teredo[1] if address.teredo is not None else None
    return address.ipv4_mapped or address.sixtofour or teredo


class Outgoing:
    """Args:
    inside: see :func:`may_send_to`; there, and nowhere else, TLS may be missing.
    trust: whose certificates are good; as the system says, unless given.
    """

    def __init__(
        self,
        *,
        inside: bool = False,
        trust: ssl.SSLContext | None = None,
        lookup: Lookup = look_up,
        limit: float = LIMIT_S,
    ) -> None:
        self.inside, self._lookup, self._limit = inside, lookup, limit
        self._trust = trust or truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self._trust.minimum_version = ssl.TLSVersion.TLSv1_2

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Reply:
        """Raises PostError."""
        try:
            async with asyncio.timeout(self._limit):
                return await self._post(httpx2.URL(url), headers, body)
        except (TimeoutError, httpx2.TimeoutException) as error:
            raise PostError(HookTrouble.TIMEOUT, sent=True) from error
        except httpx2.ConnectError as error:
            tls = isinstance(_root(error), ssl.SSLError)
            raise PostError(HookTrouble.TLS if tls else HookTrouble.UNREACHABLE) from error
        except (httpx2.TransportError, ssl.SSLError) as error:
            raise PostError(HookTrouble.UNREACHABLE, sent=True) from error
        except (httpx2.InvalidURL, ValueError) as error:
            raise PostError(HookTrouble.FORBIDDEN) from error

    async def _post(self, url: httpx2.URL, headers: Mapping[str, str], body: bytes) -> Reply:
        address = await self._allowed(url)
        async with httpx2.AsyncClient(
            verify=self._trust,
            trust_env=False,
            timeout=self._limit,
            # One connection for each message: they are kept by address, and names share addresses.
            limits=httpx2.Limits(max_keepalive_connections=0),
        ) as client:
            sending = client.stream(
                "POST",
                url.copy_with(host=address),
                content=body,
                headers={
                    "Host": url.netloc.decode("ascii"),
                    "Content-Type": "application/json",
                    "User-Agent": "Handraise",
                    **headers,
                },
                extensions={"sni_hostname": url.host},
            )
            async with sending as response:  # what it says besides the status is not read
                return Reply(response.status_code, _seconds(response.headers.get("retry-after", "")))

    async def _allowed(self, url: httpx2.URL) -> str:
        """An address of the host to which this server may send."""
        port = url.port or (443 if url.scheme == "https" else 80)
        try:
            found = await self._lookup(url.host, port)
        except (OSError, UnicodeError) as error:
            raise PostError(HookTrouble.NO_HOST) from error
        for text in found:
            address = ipaddress.ip_address(text)
            plain = url.scheme == "http" and address.is_global
            if may_send_to(address, inside=self.inside) and not plain:
                return text
        raise PostError(HookTrouble.FORBIDDEN if found else HookTrouble.NO_HOST)


def _root(error: BaseException) -> BaseException:
    while (inner := error.__cause__ or error.__context__) is not None:
        error = inner
        if isinstance(error, ssl.SSLError):
            break
    return error


def _seconds(header: str) -> int | None:
    return int(header) if header.isascii() and header.isdigit() and len(header) < 8 else None
