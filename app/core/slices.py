"""A large frame made and read piece by piece, so that whoever has an event loop lets it turn in between.

What makes a snapshot large is the conversations of the person it is for: with 50,000 messages it has 20 MB,
which take some 40 ms to be made in one go, and 100 ms to be read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from app.core import wire
from app.core.limits import SERVER_FRAME_BYTES
from app.core.model import Conversation, ConversationId
from app.core.person import PersonSnapshot

LARGE = 1024 * 1024
"""Bytes of a frame from which this is worth while."""
PIECE = 512 * 1024
"""Bytes that are made or read in one go; some 3 ms."""
MANY = 1_000
"""Messages of a snapshot from which it is made in pieces."""

_fields: msgspec.msgpack.Decoder[dict[str, msgspec.Raw]] = msgspec.msgpack.Decoder(dict[str, msgspec.Raw])
_items: msgspec.msgpack.Decoder[list[msgspec.Raw]] = msgspec.msgpack.Decoder(list[msgspec.Raw])
_conversation: msgspec.msgpack.Decoder[Conversation] = msgspec.msgpack.Decoder(Conversation)
_person: msgspec.msgpack.Decoder[PersonSnapshot] = msgspec.msgpack.Decoder(PersonSnapshot)
_encode = msgspec.msgpack.Encoder().encode
_NIL = _encode(None)


class Pieces:
    """A frame in pieces, one after the other. Its length is that of all of them, in bytes.

    Args:
        parts: of each piece; put together when it is due, since copying all of them takes long too.
    """

    def __init__(self, parts: Iterable[list[bytes]]) -> None:
        self._parts = list(parts)
        self._size = sum(len(part) for piece in self._parts for part in piece)

    def __len__(self) -> int:
        return self._size

    def __iter__(self) -> Iterator[bytes]:
        return map(b"".join, self._parts)

    def __bytes__(self) -> bytes:
        return b"".join(self)


class Maker:
    """Makes what holds many conversations of a person, of one moment.

    While it is being prepared they may change. What did is made anew in the end.
    """

    def __init__(self) -> None:
        self._made: dict[ConversationId, tuple[Conversation, bytes]] = {}

    def prepare(self, conversations: Iterable[Conversation]) -> Iterator[None]:
        """Make those that are new or have changed, and pause after each piece."""
        waiting = list(conversations)
        if sum(len(conversation.last) for conversation in waiting) < MANY:
            return
        size = 0
        for conversation in waiting:
            known = self._made.get(conversation.id)
            if known is None or known[0] is not conversation:
                size += len(self._make(conversation))
            if size >= PIECE:
                size = 0
                yield

    def frame(self, message: wire.Attached) -> Pieces | None:
        """What ``wire.encode`` would make of it; ``None``: nothing was prepared, so that does as well."""
        if message.personal is None or not self._made:
            return None
        return self._pieces(
            message.personal, _open_map(msgspec.structs.replace(message, personal=None), "personal")
        )

    def person(self, own: PersonSnapshot) -> Pieces | None:
        """The same of a snapshot by itself."""
        return self._pieces(own) if self._made else None

    def _pieces(self, own: PersonSnapshot, before: bytes = b"") -> Pieces:
        inner = _open_map(msgspec.structs.replace(own, conversations=()), "conversations")
        parts = [before + inner + _array(len(own.conversations))]
        pieces: list[list[bytes]] = []
        size = 0
        for conversation in own.conversations:
            known = self._made.get(conversation.id)
            current = known is not None and known[0] is conversation
            parts.append(known[1] if known is not None and current else self._make(conversation))
            size += len(parts[-1])
            if size >= PIECE:
                pieces.append(parts)
                parts, size = [], 0
        return Pieces([*pieces, parts])

    def _make(self, conversation: Conversation) -> bytes:
        data = _encode(conversation)
        self._made[conversation.id] = (conversation, data)
        return data


def _open_map(message: wire.Attached | PersonSnapshot, last: str) -> bytes:
    """A map up to its last key, whose value is to follow."""
    fields = _fields.decode(_encode(message))
    fields.pop(last, None)
    return _encode({**fields, last: None})[: -len(_NIL)]


def _array(length: int) -> bytes:
    """What stands before so many values (msgpack: array 32)."""
    return b"\xdd" + length.to_bytes(4, "big")


def decode_server(data: bytes) -> Iterator[wire.ServerMessage | None]:
    """What :func:`wire.decode_server` returns, at the end; ``None`` after each piece before.

    Raises:
        Refused: ``bad_frame``, whatever is wrong with the bytes.
    """
    fields = wire.decode(_fields, data, SERVER_FRAME_BYTES)
    personal = fields.get("personal")
    if personal is None or memoryview(personal) == _NIL:
        yield wire.decode_server(data)
        return
    small, large = _parted(personal, SERVER_FRAME_BYTES)
    fields["personal"] = msgspec.Raw(small)
    message = wire.decode_server(_encode(fields))
    yield None
    found: list[Conversation] = []
    for piece in _conversations(large, SERVER_FRAME_BYTES):
        found += piece
        yield None
    if isinstance(message, wire.Attached) and message.personal is not None:
        whole = msgspec.structs.replace(message.personal, conversations=tuple(found))
        message = msgspec.structs.replace(message, personal=whole)
    yield message


def read_person(data: bytes) -> Iterator[PersonSnapshot | None]:
    """The snapshot of a person, however large, at the end; ``None`` after each piece before.

    Raises:
        Refused: like the other.
    """
    small, large = _parted(data, len(data))
    own = wire.decode(_person, small, len(data))
    yield None
    found: list[Conversation] = []
    for piece in _conversations(large, len(data)):
        found += piece
        yield None
    yield msgspec.structs.replace(own, conversations=tuple(found))


def _parted(data: bytes | msgspec.Raw, limit: int) -> tuple[bytes, msgspec.Raw | None]:
    """A person's snapshot without the conversations, and those."""
    own = wire.decode(_fields, data, limit)
    large = own.pop("conversations", None)
    return _encode(own), large


def _conversations(data: msgspec.Raw | None, limit: int) -> Iterator[list[Conversation]]:
    for piece in _pieces(wire.decode(_items, data, limit) if data is not None else []):
        yield [wire.decode(_conversation, raw, limit) for raw in piece]


def _pieces(items: list[msgspec.Raw]) -> Iterator[list[msgspec.Raw]]:
    piece: list[msgspec.Raw] = []
    size = 0
    for item in items:
        piece.append(item)
        size += memoryview(item).nbytes
        if size >= PIECE:
            yield piece
            piece, size = [], 0
    yield piece
