"""A large frame decoded piece by piece, so that whoever has an event loop lets it turn in between.

What makes a snapshot large is the conversations of the person it is for: with 50,000 messages it has 20 MB,
which take some 100 ms in one go.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from app.core import wire
from app.core.limits import SERVER_FRAME_BYTES
from app.core.model import Conversation

LARGE = 1024 * 1024
"""Bytes of a frame from which this is worth while."""
PIECE = 512 * 1024
"""Bytes that are decoded in one go; some 3 ms."""

_fields: msgspec.msgpack.Decoder[dict[str, msgspec.Raw]] = msgspec.msgpack.Decoder(dict[str, msgspec.Raw])
_items: msgspec.msgpack.Decoder[list[msgspec.Raw]] = msgspec.msgpack.Decoder(list[msgspec.Raw])
_conversation: msgspec.msgpack.Decoder[Conversation] = msgspec.msgpack.Decoder(Conversation)
_encode = msgspec.msgpack.Encoder().encode
_NIL = _encode(None)


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
    own = wire.decode(_fields, personal, SERVER_FRAME_BYTES)
    large = own.pop("conversations", None)
    fields["personal"] = msgspec.Raw(_encode(own))
    message = wire.decode_server(_encode(fields))
    yield None
    found: list[Conversation] = []
    for piece in _pieces(wire.decode(_items, large, SERVER_FRAME_BYTES) if large is not None else []):
        found += (wire.decode(_conversation, raw, SERVER_FRAME_BYTES) for raw in piece)
        yield None
    if isinstance(message, wire.Attached) and message.personal is not None:
        whole = msgspec.structs.replace(message.personal, conversations=tuple(found))
        message = msgspec.structs.replace(message, personal=whole)
    yield message


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
