"""The only place that reaches into the ``websockets`` library: frames out and in with less work for each.

Everybody in a space gets the same bytes, so a frame is built once, and no task is woken for each recipient.
tests/server/test_wire_out.py fails when a new version of the library, or of asyncio, changes what this leans
on:

- ``connection.protocol.state`` is ``OPEN`` as long as data frames may be written, and no longer;
- ``connection.protocol.extensions`` is empty when none was negotiated;
- ``connection.send_in_progress`` is ``None`` unless a fragmented message is being written;
- ``connection.transport`` is the asyncio transport, and whatever the library writes goes through it, from
  ``connection.send_data()``, close frames and fragments included;
- ``connection.pause_writing()`` is called, and ``connection.paused`` true, while too much waits in it;
- ``connection.data_received()`` gets all that comes, ``connection.process_event()`` each frame of it, and
  ``connection.recv_messages.frames`` (with its ``queue``) holds those unread;
- ``protocol.parser``, a generator, waits in ``StreamReader.at_eof()`` exactly between two frames, and then
  nothing is buffered; ``protocol.current_size`` is ``None`` unless a fragmented message is coming in;
- ``transport._sock`` is the socket of a plain transport, ``_buffer`` what waits in it (the same object for
  good), ``_closing`` that it takes nothing any more;
- under TLS ``transport._ssl_protocol`` has the plain transport in ``_transport``, encrypts with ``_sslobj``
  into ``_outgoing``, and takes data while ``_state`` is ``WRAPPED``; what is still in there, or not encrypted
  yet, counts in ``transport.get_write_buffer_size()``;
- ``transport.write`` under TLS may be replaced, and the library calls what replaced it;
- ``connection.connection_lost()`` is called before the socket is closed;
- ``transport.max_size``, and under TLS ``transport._ssl_protocol.max_size``, is the most that one read takes;
  under TLS it is read into ``_ssl_buffer``, through ``_ssl_buffer_view`` (newer versions of asyncio keep the
  length in ``_ssl_buffer_len``).

Where one of these names is missing, for instance on another event loop, ``transport.write`` does the work, or
the library's own ``send``, and nothing else is different.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import AsyncIterator, Callable, Iterable
from typing import Any, Protocol, TypeVar, cast

from websockets.asyncio.server import ServerConnection
from websockets.datastructures import Headers
from websockets.frames import Frame, Opcode
from websockets.http11 import Request
from websockets.protocol import State
from websockets.streams import StreamReader

try:
    from websockets.speedups import apply_mask
except ImportError:  # the library was built without its C part
    from websockets.utils import apply_mask

HIGH_WATER = 65_536
"""Bytes that may wait in a transport before a connection counts as one that cannot take more just now."""
KERNEL_BYTES = 131_072
"""What is asked of the kernel as its buffer for each connection (Linux doubles it). Left to itself it takes
megabytes for a reader that has stopped, all of them stale by the time they are read."""
RECORD = 16_384
"""Bytes that TLS encrypts in one go at most (RFC 8446, 5.1)."""
READ_BYTES = 65_536
"""What one read takes at most. So much is set aside before each, and of asyncio's own 256 KiB the C library
maps pages anew each time (mallopt(3), M_MMAP_THRESHOLD): 23 µs for an acknowledgement instead of 5."""
TLS_READ_BYTES = 4_096
"""The same under TLS, where asyncio keeps them (256 KiB of its own) for each connection all the time."""
_OPEN = State.OPEN
_BETWEEN_FRAMES = StreamReader.at_eof.__code__
_WHOLE, _MASKED, _SHORT, _HEAD = 0x82, 0x80, 126, 6
"""First byte of a binary message in one frame, with no extension bits; the bit of the second that says it is
masked, as all from clients are; the length from which on it is written elsewhere; bytes before the payload of
a shorter one (RFC 6455, 5.2)."""
_HEADS = tuple(bytes((_WHOLE, size)) for size in range(_SHORT))
"""What stands before a short message from a server, by its length."""
_REQUEST = Request("/", Headers())


class Packet:
    """A message, and the frame that carries it to any number of clients.

    Attributes:
        data: the message.
        frame: the bytes on the wire, unmasked, as servers send them (RFC 6455, 5.2).
    """

    __slots__ = ("data", "frame")

    def __init__(self, data: bytes) -> None:
        self.data = data
        size = len(data)
        # Answers to beats are short, and the library takes longer for the frame than all else for the answer.
        self.frame = (
            _HEADS[size] + data if size < _SHORT else Frame(Opcode.BINARY, data).serialize(mask=False)
        )


class Writable(Protocol):
    """Whom :func:`write_to_all` writes to."""

    @property
    def lane(self) -> Lane | None:
        """The quick way, unless something has to be written before."""
        ...

    def write_now(self, packet: Packet) -> bool: ...


L = TypeVar("L", bound=Writable)


class EagerConnection(ServerConnection):
    """Offers each message to ``eager`` in the very call that brought it, without waking a task.

    Nearly all that comes is short: positions and acknowledgements, whole frames in one read. Those are read
    here, past the library's parser, which takes longer for each than everything else that is done for it. It
    gets all other bytes, from the first frame on that is not like that, and never learns of the ones that
    were taken.

    Attributes:
        eager: takes a message, or returns False: then it waits for ``recv()`` like any other. Only asked
            while nothing is waiting, so that messages stay in order.
        lane: told when it may no longer be open.
    """

    eager: Callable[[bytes], bool] | None = None
    lane: Lane | None = None
    _between = False  # the parser is between two messages, and has nothing of the next

    def data_received(self, data: bytes) -> None:
        if self._between and self.eager is not None and not self.recv_messages.frames.queue:
            taken = self._take(data, self.eager)
            if taken == len(data):
                return
            if taken:
                data = data[taken:]
        super().data_received(data)
        self._between = _is_between_messages(self)

    def _take(self, data: bytes, eager: Callable[[bytes], bool]) -> int:
        """How many bytes were dealt with: whole frames."""
        taken, size, protocol = 0, len(data), self.protocol
        while size - taken >= _HEAD and data[taken] == _WHOLE and protocol.state is _OPEN:
            begin = taken + _HEAD
            end = begin + data[taken + 1] - _MASKED
            if not begin <= end < begin + _SHORT or end > size:
                break
            taken = end
            payload = apply_mask(data[begin:end], data[begin - 4 : begin])
            if not eager(payload):
                super().process_event(Frame(Opcode.BINARY, payload))
                break  # the rest waits behind it
        return taken

    def send_data(self) -> None:
        super().send_data()
        self._look_at_lane()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._look_at_lane()

    def connection_lost(self, exc: Exception | None) -> None:
        # The socket is closed next, and the kernel gives its number to another.
        if self.lane is not None:
            self.lane.shut()
        super().connection_lost(exc)

    def _look_at_lane(self) -> None:
        if self.lane is not None and not self.lane.is_open:
            self.lane.shut()

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


def _is_between_messages(connection: Any) -> bool:
    """The library would do nothing with a short message but hand it over, and will not miss it."""
    protocol = connection.protocol
    waiting_in, inner = None, getattr(protocol, "parser", None)
    while inner is not None:
        waiting_in, inner = inner, getattr(inner, "gi_yieldfrom", None)
    return (
        getattr(waiting_in, "gi_code", None) is _BETWEEN_FRAMES
        and getattr(protocol, "current_size", 0) is None
        and protocol.extensions == []
        and (getattr(protocol, "max_message_size", 0) or _SHORT) >= _SHORT
        and not protocol.debug  # it logs each frame
        and hasattr(connection.recv_messages.frames, "queue")
    )


class Counting(Protocol):
    """Counts on lanes that are open. ``stale``: one of them is not any more."""

    stale: bool


class Lane:
    """The quick way out of a connection, past the library, and past the transport where that can be.

    It is open while the connection takes data frames and nothing waits that has to be written before.

    Attributes:
        straight: sends like ``socket.send``, to the socket itself, under TLS what it encrypts to. What is not
            taken at once goes through the transport, so that it stays ahead of all that follows.
        through: writes to the transport.
        number: of the socket, as the kernel knows it; -1 where TLS is between.
        crowd: counts on hearing when it is no longer open.
    """

    __slots__ = (
        "_below",
        "_buffer",
        "_connection",
        "_encrypt",
        "_encrypted",
        "_protocol",
        "_send",
        "_tls",
        "_transport",
        "crowd",
        "number",
        "straight",
        "through",
    )

    def __init__(self, connection: ServerConnection, raw: socket.socket | None) -> None:
        """``raw``: what a plain transport writes to, below TLS where there is any; None to leave it alone."""
        self._connection, self._protocol = connection, connection.protocol
        self._transport = self._below = cast("Any", connection.transport)
        self._tls = getattr(self._transport, "_ssl_protocol", None) if raw is not None else None
        self.through: Callable[[bytes], None] = self._transport.write
        self.straight: Callable[[bytes], int] | None = None
        self._buffer, self.number = b"", -1
        if raw is not None and self._tls is not None:
            self._below, self._send = self._tls._transport, raw.send
            self._encrypt, self._encrypted = self._tls._sslobj.write, self._tls._outgoing.read
            self.straight = self._send_encrypted
        elif raw is not None:
            self.number, self.straight = raw.fileno(), raw.send
        if raw is not None:
            self._buffer = self._below._buffer
        self.crowd: Counting | None = None

    @classmethod
    def of(cls, connection: ServerConnection) -> Lane:
        below: Any = connection.transport
        tls = getattr(below, "_ssl_protocol", None)
        if tls is not None:
            known = isinstance(getattr(tls, "_sslobj", None), ssl.SSLObject)
            known = known and isinstance(getattr(tls, "_outgoing", None), ssl.MemoryBIO)
            below = getattr(tls, "_transport", None) if known and hasattr(tls, "_state") else None
        known = hasattr(below, "_buffer") and hasattr(below, "_closing")
        raw = getattr(below, "_sock", None)
        return cls(connection, raw if known and isinstance(raw, socket.socket) else None)

    @property
    def is_open(self) -> bool:
        return not (
            self._buffer
            or self._connection.paused
            or self._protocol.state is not _OPEN
            or self._transport.is_closing()
            or self._connection.send_in_progress is not None
            or (self._tls is not None and (self._waits_for_tls or self._tls._state.name != "WRAPPED"))
        )

    @property
    def _waits_for_tls(self) -> bool:
        return bool(self._transport.get_write_buffer_size())

    def _send_encrypted(self, frame: bytes) -> int:
        if len(frame) > RECORD:
            return 0
        try:
            done: int = self._encrypt(frame)
        except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
            return 0
        encrypted = self._encrypted()
        try:
            taken = self._send(encrypted)
        except OSError:
            taken = 0  # nothing encrypted may be left out; the transport says what is wrong
        if taken != len(encrypted):
            self._below.write(encrypted[taken:])
            self.shut()
        return done

    @property
    def tells(self) -> bool:
        """When it is no longer open, that is."""
        return isinstance(self._connection, EagerConnection)

    def shut(self) -> None:
        """It is no longer open."""
        if self.crowd is not None:
            self.crowd.stale, self.crowd = True, None


def write_to_all(packet: Packet, links: Iterable[L]) -> list[L]:
    """Write to each of many at once; those to whom it was not written come back.

    What it looks at is explained at :meth:`WebSocketPeer.write_now`. A :class:`Crowd` need not look.
    """
    frame = packet.frame
    size = len(frame)
    others: list[L] = []
    for link in links:
        lane = link.lane
        if lane is None or lane.straight is None or not lane.is_open:
            others.append(link)
            continue
        try:
            taken = lane.straight(frame)
        except (BlockingIOError, InterruptedError):
            taken = 0
        except OSError:
            others.append(link)
            continue
        if taken != size:
            lane.through(frame[taken:])
            lane.shut()
    return [link for link in others if not link.write_now(packet)]


class WebSocketPeer:
    """A connection of the ``websockets`` library as the gateway sees it.

    Attributes:
        lane: for :func:`write_to_all`.
    """

    __slots__ = ("_connection", "_protocol", "_quick", "_transport", "lane", "recv")

    def __init__(self, connection: ServerConnection) -> None:
        self._connection = connection
        self._protocol = connection.protocol
        self._transport = connection.transport
        _write_records(self._transport)
        self._quick = _as_expected(connection)
        self.lane = Lane.of(connection) if self._quick else None
        if isinstance(connection, EagerConnection):
            connection.lane = self.lane
        self.recv = connection.recv
        # Kilobytes of headers that nobody asks for any more. (That there was a request is still asked.)
        connection.request, connection.response = _REQUEST, None
        handle = self._transport.get_extra_info("socket")
        if handle is not None:
            handle.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, KERNEL_BYTES)
        _read_little(self._transport)

    @property
    def quick(self) -> bool:
        """Everything that this leans on is there."""
        return self._quick

    @property
    def waiting(self) -> int:
        """Bytes that were written and that the kernel has not taken yet."""
        return 0 if self._transport.is_closing() else self._transport.get_write_buffer_size()

    def write_now(self, packet: Packet) -> bool:
        """Write at once, unless too much is waiting or the connection is not in a state for it.

        Never after a close frame, never between the fragments of a message, and behind whatever waits.

        Returns:
            False: nothing was written; :meth:`send` waits for its turn, or raises what is wrong.
        """
        transport = self._transport
        if (
            not self._quick
            or self._protocol.state is not _OPEN
            or transport.is_closing()
            or self._connection.send_in_progress is not None
            or transport.get_write_buffer_size() > HIGH_WATER
        ):
            return False
        transport.write(packet.frame)
        if self.lane is not None and self.lane._buffer:
            self.lane.shut()
        return True

    async def send(self, data: bytes | AsyncIterator[bytes]) -> None:
        """Returns when the connection can take more."""
        await self._connection.send(data)

    async def close(self, code: int, reason: str) -> None:
        """Close in order; nothing is sent afterwards."""
        await self._connection.close(code, reason)

    def abort(self) -> None:
        """Break the connection at once, whatever is still to be written."""
        self._transport.abort()
        if self.lane is not None:
            self.lane.shut()

    def listen_early(self, eager: Callable[[bytes], bool]) -> None:
        """See :class:`EagerConnection`."""
        if isinstance(self._connection, EagerConnection):
            self._connection.eager = eager

    @property
    def address(self) -> str:
        remote = self._connection.remote_address
        return str(remote[0]) if remote else ""


def _read_little(transport: Any) -> None:
    """Set less aside for what comes in."""
    if isinstance(getattr(transport, "max_size", None), int):
        transport.max_size = READ_BYTES
    tls: Any = getattr(transport, "_ssl_protocol", None)
    if isinstance(getattr(tls, "_ssl_buffer_view", None), memoryview):
        tls.max_size = tls._ssl_buffer_len = TLS_READ_BYTES
        tls._ssl_buffer = bytearray(TLS_READ_BYTES)
        tls._ssl_buffer_view = memoryview(tls._ssl_buffer)


def _write_records(transport: Any) -> None:
    """Have TLS encrypt in pieces: it keeps as much memory as it once needed for one write."""
    if hasattr(transport, "_ssl_protocol"):
        write = transport.write

        def write_records(data: bytes) -> None:
            for at in range(0, len(data), RECORD):
                write(data[at : at + RECORD])

        transport.write = write_records


def _as_expected(connection: ServerConnection) -> bool:
    """Frames that were built here may be written to this connection."""
    state = getattr(connection.protocol, "_state", None)
    extensions = getattr(connection.protocol, "extensions", None)
    return isinstance(state, State) and extensions == [] and hasattr(connection, "send_in_progress")
