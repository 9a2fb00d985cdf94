"""What other programs ask for: the bodies of requests. Fields that are not known are refused, not ignored."""

from __future__ import annotations

import enum
from typing import Annotated, TypeVar, dataclass_transform

import msgspec

from app.core.errors import Code, Refused
from app.core.limits import RECIPIENTS
from app.core.model import Level

MESSAGE_CHARS = 1_000
"""Of a request; how long a message may be is a rule, which says so in its own words."""

Who = Annotated[
    str, msgspec.Meta(min_length=1, max_length=64, description="A handle, with or without @, or an id.")
]
R = TypeVar("R", bound="Request")


@dataclass_transform(frozen_default=True, kw_only_default=True)
class Request(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Base of all bodies."""


class RaiseRequest(Request):
    """Raise somebody's hand. A red one needs recipients."""

    person: Who
    level: Level = Level.RED
    message: Annotated[str, msgspec.Meta(max_length=MESSAGE_CHARS)] = ""
    people: Annotated[tuple[Who, ...], msgspec.Meta(max_length=RECIPIENTS)] = ()
    groups: Annotated[tuple[Who, ...], msgspec.Meta(max_length=RECIPIENTS)] = ()


class ApiAnswer(enum.StrEnum):
    """What an integration can say of an escalation.

    `coming`, `chat` and `decline` are said for a person; `resolve`: this person has helped, which ends it.
    `acknowledge` is said for nobody: somebody outside the program takes care of it.
    """

    COMING = "coming"
    CHAT = "chat"
    DECLINE = "decline"
    RESOLVE = "resolve"
    ACKNOWLEDGE = "acknowledge"


class AnswerRequest(Request):
    """`person` is needed for every kind but `acknowledge`, which goes without."""

    kind: ApiAnswer
    person: Who | None = None


class EndRequest(Request):
    """There is nothing to say: `{}`."""


def read(body: bytes, kind: type[R]) -> R:
    """A body as what it is to be. Raises Refused ``bad_request``."""
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Refused.of(Code.BAD_REQUEST, reason=str(error)) from error
