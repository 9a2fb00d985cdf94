"""What a client tells its listeners, in order, and the state of its connection."""

from __future__ import annotations

import enum

from app.core.errors import Refusal
from app.core.lines import CustomerId
from app.core.model import Frozen, PersonId, Place
from app.core.person import PersonChange
from app.core.space import Change
from app.core.wire import Token
from app.net.problems import Problem


class Link(enum.Enum):
    OFFLINE = "offline"
    """Nobody is signed in, or the server ended it; nothing is tried."""
    CONNECTING = "connecting"
    """The first attempt is under way."""
    PROTECTED = "protected"
    NOT_PROTECTED = "not_protected"
    """There should be a connection and there is none; it is tried again."""


class ConnectionState(Frozen):
    """Attributes:
    since: when ``link`` became so, s since the epoch on this machine's clock. For a peer that fell
        silent: when it was last heard.
    retry_at: when the next attempt begins, same clock; ``None`` while one runs, or none will.
    refusal: what the server said, if that is why there is no connection.
    problem: what happened on the way, if that is why.
    server: the address as it is written, ``wss://host:port``.
    """

    link: Link
    since: float
    retry_at: float | None = None
    refusal: Refusal | None = None
    server: str = ""
    problem: Problem | None = None


class ConnectionChanged(Frozen):
    """``client.connection`` is another one."""


class OutboxChanged(Frozen):
    """``client.outbox`` or ``client.outbox_problem`` is another one."""


class StateReplaced(Frozen):
    """A snapshot, another space or another map came, or somebody signed out: read everything anew."""


class PlacesMoved(Frozen):
    """Where people are now, px. Those not named have not moved."""

    places: tuple[tuple[PersonId, Place], ...]


class SomebodyAnswers(Frozen):
    """A colleague is writing to this customer just now."""

    talk: CustomerId
    person: PersonId


class TokenChanged(Frozen):
    """The token for the next start is another one; the earlier one ends once this one was used."""

    token: Token


ClientChange = (
    Change
    | PersonChange
    | ConnectionChanged
    | OutboxChanged
    | StateReplaced
    | PlacesMoved
    | SomebodyAnswers
    | TokenChanged
)
