"""Connections of libraries that take an address from a person and connect by themselves.

Whatever such a library looks up, is redirected to or was told, it connects only where this server may send
(:func:`app.server.hooks.outgoing.may_send_to`): the last thing before each connection, the address itself is
looked at. For that Python tells of every connection (https://peps.python.org/pep-0578/), here and in threads
that are started in this context.
"""

from __future__ import annotations

import functools
import ipaddress
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from urllib.parse import urlsplit
from urllib.request import getproxies

from app.server.hooks.outgoing import may_send_to

_CONNECTING = frozenset({"socket.connect", "socket.sendto", "socket.sendmsg"})
_NOWHERE = "0.0.0.0"
"""To which nobody may send."""


class Watch:
    """Attributes:
    forbidden: there was a connection that may not be.
    """

    def __init__(self, inside: bool) -> None:
        self._inside = inside
        self._proxies = frozenset[str]() if inside else _addresses_of_proxies()
        self.forbidden = False

    def look(self, where: object) -> None:
        """Raises PermissionError, which becomes an error of the connection."""
        if not all(self._may(address) for address in _addresses(where)):
            self.forbidden = True
            raise PermissionError("inside this server's network")

    def _may(self, address: str) -> bool:
        return address in self._proxies or may_send_to(ipaddress.ip_address(address), inside=self._inside)


_present: ContextVar[Watch | None] = ContextVar("_present", default=None)


@contextmanager
def guarded(*, inside: bool) -> Iterator[Watch]:
    """Within, this context connects only where it may; ``inside`` as in ``may_send_to``. Looks up names."""
    watch = Watch(inside)
    _install()
    before = _present.set(watch)
    try:
        yield watch
    finally:
        _present.reset(before)


@functools.cache
def _install() -> None:
    """For good: hooks cannot be taken away. Without a watch they let everything pass."""
    sys.addaudithook(_heard)


def _heard(event: str, details: tuple[object, ...]) -> None:
    if event in _CONNECTING and (watch := _present.get()) is not None:
        watch.look(details[1])


def _addresses(where: object) -> list[str]:
    """What a socket is to be connected with; nothing where it is connected already."""
    if where is None:
        return []
    if not isinstance(where, tuple) or not isinstance(where[0], str):
        return [_NOWHERE]  # a socket in the file system, for one
    try:
        ipaddress.ip_address(where[0])
    except ValueError:
        return _looked_up(where[0])
    return [where[0]]


def _addresses_of_proxies() -> frozenset[str]:
    """Through these everything goes; where to, they decide."""
    hosts = {urlsplit(proxy).hostname for name, proxy in getproxies().items() if name != "no"}
    return frozenset(address for host in hosts if host for address in _looked_up(host))


def _looked_up(host: str) -> list[str]:
    try:
        return [str(found[4][0]) for found in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)]
    except OSError:
        return []
