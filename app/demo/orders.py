"""What a simulated colleague can be told to do: by the script, or as JSON lines on standard input.

``{"as": "finn", "do": "raise", "level": "red", "message": "Refund", "groups": ["supervisors"]}``
"""

from __future__ import annotations

from typing import Annotated

import msgspec

from app.core.model import AnswerKind, Level, Status

Seconds = Annotated[float, msgspec.Meta(ge=0, le=3600)]


class _Order(msgspec.Struct, frozen=True, tag_field="do", forbid_unknown_fields=True, kw_only=True):
    who: str = msgspec.field(name="as")
    """The colleague's handle."""


class Walk(_Order, frozen=True, tag="walk"):
    """``to``: ``home``, ``lounge``, ``entrance``, a zone's name, or ``@handle`` for next to somebody.

    With ``x`` and ``y`` (px) instead, to that point.
    """

    to: str = ""
    x: int | None = None
    y: int | None = None


class SetStatus(_Order, frozen=True, tag="status"):
    status: Status


class Chat(_Order, frozen=True, tag="chat"):
    """To people and groups, by handle, and to whom the text mentions."""

    text: str
    to: tuple[str, ...] = ()


class Raise(_Order, frozen=True, tag="raise"):
    """Red if anybody is called and no level is given."""

    message: str = ""
    people: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    level: Level | None = None


class End(_Order, frozen=True, tag="end"):
    """Lower the own hand."""


class Answer(_Order, frozen=True, tag="answer"):
    """Answer the hand of ``to``; approaching walks there.

    ``spare``: not if somebody else is already helping.
    """

    to: str
    kind: AnswerKind = AnswerKind.APPROACH
    spare: bool = False


class Drop(_Order, frozen=True, tag="drop"):
    """Lose the connection, and find no other one for so long."""

    seconds: Seconds = 10.0


class Leave(_Order, frozen=True, tag="leave"):
    """Leave the space on purpose."""


class Return(_Order, frozen=True, tag="return"):
    """Come back after ``leave``."""


Order = Walk | SetStatus | Chat | Raise | End | Answer | Drop | Leave | Return

_decoder: msgspec.json.Decoder[Order] = msgspec.json.Decoder(Order)
_encoder = msgspec.json.Encoder()


def parse(line: str) -> Order:
    """One JSON line. Raises ValueError with what is wrong with it."""
    try:
        return _decoder.decode(line)
    except msgspec.DecodeError as error:
        raise ValueError(str(error)) from error


def write(order: Order) -> str:
    """The line that :func:`parse` reads as ``order``."""
    return _encoder.encode(order).decode()


class Outcome(msgspec.Struct, frozen=True, omit_defaults=True):
    """The line that answers an order.

    Attributes:
        id: of what was made (a raised hand).
        problem: why it was not done; empty when it was.
    """

    who: str = msgspec.field(name="as")
    did: str
    id: str = ""
    problem: str = ""


class Ready(msgspec.Struct, frozen=True):
    """The first line: so many colleagues are in the space."""

    ready: int


def encode(said: Outcome | Ready) -> str:
    return _encoder.encode(said).decode()
