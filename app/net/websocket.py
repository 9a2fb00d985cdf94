"""The real connector: a WebSocket, encrypted unless the server is this machine or was allowed."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Callable

import truststore
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidProxy, InvalidURI, ProxyError

from app.core.limits import SERVER_FRAME_BYTES
from app.net.address import ServerAddress
from app.net.certificate import certificate_problem
from app.net.clock import Clock, SystemClock
from app.net.connection import Connection
from app.net.problems import ConnectionProblem, Trouble

OPEN_SECONDS = 10.0
CLOSE_SECONDS = 2.0


def no_plain(server: ServerAddress) -> bool:
    """Nobody allowed an unencrypted connection to any server."""
    return False


class WebSocketConnector:
    """Opens connections; each attempt anew asks the system for proxies and trusted certificates.

    Args:
        allow_plain: whether the person accepted an unencrypted connection to this server. Asked only for
            ``ws://`` to another machine.
        trust: the TLS settings; the system's trust store (with the company's certificates) unless given.
    """

    def __init__(
        self,
        allow_plain: Callable[[ServerAddress], bool] = no_plain,
        trust: Callable[[], ssl.SSLContext] | None = None,
        clock: Clock | None = None,
    ) -> None:
        self._allow_plain = allow_plain
        self._trust = trust or system_trust
        self._clock = clock or SystemClock()

    async def __call__(self, server: ServerAddress) -> Connection:
        if not (server.secure or server.loopback or self._allow_plain(server)):
            raise ConnectionProblem(Trouble.UNPROTECTED, host=server.host)
        try:
            return _WebSocket(await self._open(server))
        except ssl.SSLCertVerificationError as error:
            raise await certificate_problem(error, server, self._clock.time()) from error
        except (OSError, InvalidHandshake, InvalidURI, InvalidProxy, ImportError) as error:
            raise _problem(error, server) from error

    async def _open(self, server: ServerAddress) -> _Counting:
        connection = await _Connect(
            server.url,
            create_connection=_Counting,
            compression=None,  # alerts are small, and a thin client's CPU is the scarce part
            max_size=SERVER_FRAME_BYTES,
            ping_interval=None,  # core.session beats, on both sides
            open_timeout=OPEN_SECONDS,
            close_timeout=CLOSE_SECONDS,
            proxy=None if server.loopback else True,  # True: as the system says
            user_agent_header=None,
            ssl=self._trust() if server.secure else None,
        )
        assert isinstance(connection, _Counting)
        return connection


class _Counting(ClientConnection):
    """Counts the bytes that come: whole frames alone would make a large one look like silence."""

    received = 0

    def data_received(self, data: bytes) -> None:
        self.received += len(data)
        super().data_received(data)


class _Connect(connect):
    """Never follows a redirect: it could lead the password to another server, or out of TLS."""

    def process_redirect(self, exc: Exception) -> Exception | str:
        return exc


def system_trust() -> ssl.SSLContext:
    """TLS 1.2 or newer, trusting what this machine trusts."""
    context = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


_TLS_REASONS = {
    "WRONG_VERSION_NUMBER": Trouble.NO_TLS,  # what came was no TLS at all
    "HTTP_REQUEST": Trouble.NO_TLS,
    "PACKET_LENGTH_TOO_LONG": Trouble.NO_TLS,
    "RECORD_LAYER_FAILURE": Trouble.NO_TLS,
    "UNSUPPORTED_PROTOCOL": Trouble.OLD_TLS,
    "TLSV1_ALERT_PROTOCOL_VERSION": Trouble.OLD_TLS,
}
"""OpenSSL's names of what went wrong before there was a certificate."""


def _problem(error: Exception, server: ServerAddress) -> ConnectionProblem:
    """The most exact thing that can be said about a failed attempt."""
    match error:
        case ssl.SSLError():
            return ConnectionProblem(_TLS_REASONS.get(error.reason, Trouble.TLS), host=server.host)
        case ConnectionResetError() | ConnectionAbortedError() if server.secure:
            return ConnectionProblem(Trouble.NO_TLS, host=server.host)  # it did not understand the greeting
        case ProxyError() | InvalidProxy() | ImportError():  # ImportError: SOCKS needs one more package
            return ConnectionProblem(Trouble.PROXY, host=server.host)
        case socket.gaierror():
            return ConnectionProblem(Trouble.UNKNOWN_HOST, host=server.host)
        case InvalidHandshake() | InvalidURI():
            return ConnectionProblem(Trouble.NOT_HANDRAISE, host=server.host, port=server.port)
        case _:
            return ConnectionProblem(Trouble.NO_ANSWER, host=server.host, port=server.port)


class _WebSocket:
    """:class:`Connection` over a WebSocket."""

    def __init__(self, inner: _Counting) -> None:
        self._inner = inner

    @property
    def received(self) -> int:
        return self._inner.received

    async def send(self, frame: bytes) -> None:
        try:
            await self._inner.send(frame)
        except ConnectionClosed as error:
            raise ConnectionProblem(Trouble.LOST) from error

    async def receive(self) -> bytes:
        try:
            frame = await self._inner.recv()
        except ConnectionClosed as error:
            raise ConnectionProblem(Trouble.LOST) from error
        if isinstance(frame, str):
            host, port = self._inner.remote_address[:2] if self._inner.remote_address else ("", 0)
            raise ConnectionProblem(Trouble.NOT_HANDRAISE, host=host, port=port)
        return frame

    async def close(self) -> None:
        """A full write buffer can make the library's own close hang for good; aborting clears it."""
        try:
            async with asyncio.timeout(CLOSE_SECONDS):
                await self._inner.close()
        except TimeoutError:
            pass
        finally:
            self.abort()

    def abort(self) -> None:
        self._inner.transport.abort()
