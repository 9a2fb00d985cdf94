"""What happens on lines: part of the space's stream, as everybody there may see its inbox."""

from __future__ import annotations

from app.core.cases import SendState
from app.core.lines import CustomerId, Line, LineId, LineText, LineTextId, Talk
from app.core.model import Frozen, PersonId


class LineChanged(Frozen, tag="line"):
    """A line is new, or has another name or number."""

    line: Line


class LineRemoved(Frozen, tag="line_removed"):
    """With it go its conversations."""

    line: LineId


class TalkAdded(Frozen, tag="talk"):
    """A conversation with a customer begins, or one comes back that the space no longer held."""

    talk: Talk


class LineWritten(Frozen, tag="line_text"):
    """A customer wrote, or a colleague replied or noted something."""

    talk: CustomerId
    text: LineText


class LineSent(Frozen, tag="line_sent"):
    """What became of a reply."""

    talk: CustomerId
    text: LineTextId
    state: SendState
    reason: str = ""


class TalkTouched(Frozen, tag="talk_touched"):
    """Somebody looks after what came; ``by`` is ``None`` for whoever holds the cell phone."""

    talk: CustomerId
    by: PersonId | None
    at: float


class TalkAssigned(Frozen, tag="talk_assigned"):
    """``to``: who looks after it from now on; ``None``: whoever has time."""

    talk: CustomerId
    to: PersonId | None
    by: PersonId
    at: float


class TalkResolved(Frozen, tag="talk_resolved"):
    talk: CustomerId
    by: PersonId
    at: float


class TalkReopened(Frozen, tag="talk_reopened"):
    talk: CustomerId
    by: PersonId
    at: float


class TalkForwarded(Frozen, tag="talk_forwarded"):
    """Nobody touched this message for the minutes that the line waits: it goes to the cell phone.

    Told again when more is known of that.
    """

    talk: CustomerId
    text: LineTextId
    at: float
    state: SendState = SendState.WAITING
    reason: str = ""


class TalkOptedOut(Frozen, tag="talk_opted_out"):
    """The customer wants no texts any more (STOP), or wants them again (``out`` is false)."""

    talk: CustomerId
    out: bool


class TalkForgotten(Frozen, tag="talk_forgotten"):
    """A conversation was erased."""

    talk: CustomerId


LineEvent = (
    LineChanged
    | LineRemoved
    | TalkAdded
    | LineWritten
    | LineSent
    | TalkTouched
    | TalkAssigned
    | TalkResolved
    | TalkReopened
    | TalkForwarded
    | TalkOptedOut
    | TalkForgotten
)
