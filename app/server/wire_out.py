"""The only place that reaches into the ``websockets`` library: frames out and in with less work for each.

Everybody in a space gets the same bytes, so a frame is built once, and no task is woken for each recipient.
tests/server/test_wire_out.py fails when a new version of the library, or of asyncio, changes what this leans
on:

- ``connection.protocol.state`` is ``OPEN`` as long as data frames may be written, and no longer;
- ``connection.protocol.extensions`` is empty when none was negotiated;
- ``connection.send_in_progress`` is ``None`` unless a fragmented message is being written;
- ``connection.transport`` is the asyncio transport, and whatever the library writes goes through it;
- ``connection.process_event()`` gets each frame, ``connection.recv_messages.frames`` holds those unread;
- ``transport._sock`` is the socket where the transport is a plain one, and ``transport.write()`` itself
  sends at once when nothing is waiting.

Where one of these names is missing (or ``_sock``, on another event loop) the library's own ``send`` (or
``transport.write``) does the work, and nothing else is different.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from typing import Any

from websockets.asyncio.server import ServerConnection
from websockets.frames import Frame, Opcode
from websockets.protocol import State

HIGH_WATER = 65_536
"""Bytes that may wait in a transport before a connection counts as one that cannot take more just now."""
KERNEL_BYTES = 131_072
"""What is asked of the kernel as its buffer for each connection (Linux doubles it). Left to itself it takes
megabytes for a reader that has stopped, all of them stale by the time they are read."""
_OPEN = State.OPEN


class Packet:
    """A message, and the frame that carries it to any number of clients.

    Attributes:
        data: the message.
        frame: the bytes on the wire, unmasked, as servers send them (RFC 6455, 5.2).
    """

    __slots__ = ("data", "frame")

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.frame = Frame(Opcode.BINARY, data).serialize(mask=False)


class EagerConnection(ServerConnection):
    """Offers each message to ``eager`` in the very call that brought it, without waking a task.

    Attributes:
        eager: takes a message, or returns False: then it waits for ``recv()`` like any other. Only asked
            while nothing is waiting, so that messages stay in order.
    """

    eager: Callable[[bytes], bool] | None = None

    def process_event(self, event: Any) -> None:
        if (
            self.eager is not None
            and event.opcode is Opcode.BINARY
            and event.fin
            and not len(self.recv_messages.frames)
            and self.eager(bytes(event.data))
        ):
            return
        super().process_event(event)


class WebSocketPeer:
    """A connection of the ``websockets`` library as the gateway sees it."""

    __slots__ = ("_connection", "_protocol", "_quick", "_send", "_transport", "recv")

    def __init__(self, connection: ServerConnection) -> None:
        self._connection = connection
        self._protocol = connection.protocol
        self._transport = connection.transport
        self._quick = _as_expected(connection)
        self._send = _straight(connection.transport)
        self.recv = connection.recv
        handle = self._transport.get_extra_info("socket")
        if handle is not None:
            handle.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, KERNEL_BYTES)

    @property
    def waiting(self) -> int:
        """Bytes that were written and that the kernel has not taken yet."""
        return 0 if self._transport.is_closing() else self._transport.get_write_buffer_size()

    def write_now(self, packet: Packet) -> bool:
        """Write at once, unless too much is waiting or the connection is not in a state for it.

        Straight to the socket while nothing is waiting in the transport; what the kernel does not take goes
        through the transport, so that it stays ahead of all that follows.

        Returns:
            False: nothing was written; :meth:`send` waits for its turn, or raises what is wrong.
        """
        transport = self._transport
        if (
            not self._quick
            or self._protocol.state is not _OPEN
            or transport.is_closing()
            or self._connection.send_in_progress is not None
        ):
            return False
        frame, waiting = packet.frame, transport.get_write_buffer_size()
        if waiting == 0 and self._send is not None:
            try:
                taken = self._send(frame)
            except (BlockingIOError, InterruptedError):
                taken = 0
            except OSError:
                return False
            if taken == len(frame):
                return True
            frame = frame[taken:]
        elif waiting > HIGH_WATER:
            return False
        transport.write(frame)
        return True

    async def send(self, data: bytes) -> None:
        """Returns when the connection can take more."""
        await self._connection.send(data)

    async def close(self) -> None:
        """Close in order; nothing is sent afterwards."""
        await self._connection.close()

    def abort(self) -> None:
        """Break the connection at once, whatever is still to be written."""
        self._transport.abort()

    def listen_early(self, eager: Callable[[bytes], bool]) -> None:
        """See :class:`EagerConnection`."""
        if isinstance(self._connection, EagerConnection):
            self._connection.eager = eager

    @property
    def address(self) -> str:
        remote = self._connection.remote_address
        return str(remote[0]) if remote else ""


def _as_expected(connection: ServerConnection) -> bool:
    """Frames that were built here may be written to this connection."""
    state = getattr(connection.protocol, "state", None)
    extensions = getattr(connection.protocol, "extensions", None)
    return isinstance(state, State) and extensions == [] and hasattr(connection, "send_in_progress")


def _straight(transport: asyncio.Transport) -> Callable[[bytes], int] | None:
    """The socket's own ``send``, where nothing (such as TLS) is between the socket and the transport."""
    if transport.get_extra_info("ssl_object") is not None:
        return None
    raw = getattr(transport, "_sock", None)
    return raw.send if isinstance(raw, socket.socket) else None
