"""Server addresses as people write them: ``host``, ``host:port``, ``ws://…``, ``wss://…``."""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import SplitResult, urlsplit

from app.core.model import Frozen
from app.net.problems import ConnectionProblem, Trouble

DEFAULT_PORT = 7443
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.\-]*)://")
_HOST = re.compile(r"(?!-)[^\s/\\?#@%<>\[\]:\"'`{}|^]{1,253}")


class ServerAddress(Frozen):
    """Where a server is. ``host`` is in lower case, an IPv6 address without brackets."""

    host: str
    port: int
    secure: bool

    @property
    def url(self) -> str:
        """``wss://host:port``: the one form in which an address is shown, compared and kept."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'wss' if self.secure else 'ws'}://{host}:{self.port}"

    @property
    def loopback(self) -> bool:
        """It is this machine, so nobody in between can listen."""
        if self.host == "localhost" or self.host.endswith(".localhost"):
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False


def parse_address(text: str) -> ServerAddress:
    """What somebody typed or a link says.

    Without a scheme it is ``wss://``, but ``ws://`` for this machine itself. Without a port: 7443.

    Raises:
        ConnectionProblem: ``address_…``, with a sentence about what is wrong.
    """
    written = text.strip()
    if not written:
        raise ConnectionProblem(Trouble.ADDRESS_EMPTY)
    scheme = _SCHEME.match(written)
    if scheme and scheme[1].lower() not in ("ws", "wss"):
        raise ConnectionProblem(Trouble.ADDRESS_SCHEME, scheme=scheme[1])
    parts, port = _split(written if scheme else f"//{_bracketed(written)}", written)
    host = (parts.hostname or "").rstrip(".").lower()
    if not _is_host(host) or parts.username is not None:
        raise ConnectionProblem(Trouble.ADDRESS_HOST, address=written)
    address = ServerAddress(host, port, True)
    secure = parts.scheme.lower() == "wss" if scheme else not address.loopback
    if parts.path not in ("", "/") or parts.query or parts.fragment:
        raise ConnectionProblem(Trouble.ADDRESS_EXTRA, host=host, port=port)
    return ServerAddress(host, port, secure)


def _split(url: str, written: str) -> tuple[SplitResult, int]:
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise ConnectionProblem(Trouble.ADDRESS_HOST, address=written) from error
    if re.search(r":\D*$", parts.netloc.rpartition("]")[2] or "") and parts.netloc.endswith(":"):
        raise ConnectionProblem(Trouble.ADDRESS_PORT, address=written)
    try:
        port = parts.port
    except ValueError as error:
        raise ConnectionProblem(Trouble.ADDRESS_PORT, address=written) from error
    if port == 0:
        raise ConnectionProblem(Trouble.ADDRESS_PORT, address=written)
    return parts, port or DEFAULT_PORT


def _bracketed(written: str) -> str:
    """An IPv6 address may be typed without its brackets."""
    try:
        return f"[{ipaddress.IPv6Address(written)}]"
    except ValueError:
        return written


def _is_host(host: str) -> bool:
    if ":" in host:
        try:
            ipaddress.IPv6Address(host)
        except ValueError:
            return False
        return True
    return bool(_HOST.fullmatch(host))
