"""What a person asks for. Each travels with an id made by the client, and counts once."""

from __future__ import annotations

from typing import Annotated

import msgspec

from app.core.calls import PhoneWay
from app.core.limits import ESCALATE_CONTACTS
from app.core.line_commands import LineCommand
from app.core.model import (
    AnswerKind,
    ConversationId,
    EscalationId,
    Frozen,
    Level,
    MessageId,
    PersonId,
    Reach,
    Recipients,
    Rung,
    SeatId,
    Status,
)
from app.core.policy import ContactId


class RaiseEscalation(Frozen, tag="raise"):
    """Raise the hand. The command's id becomes the escalation's id."""

    level: Level
    message: str = ""
    recipients: Recipients = Recipients()


class EndEscalation(Frozen, tag="end"):
    escalation: EscalationId


class AnswerEscalation(Frozen, tag="answer"):
    escalation: EscalationId
    kind: AnswerKind


class ReportRung(Frozen, tag="rung"):
    """This machine has received the alert, or has it on a screen."""

    escalation: EscalationId
    rung: Rung


class ReportChannels(Frozen, tag="channels"):
    """This machine says how alerts come through at it."""

    reach: Reach


class SetStatus(Frozen, tag="status"):
    """By hand. ``away`` ends the own escalation."""

    status: Status


class SetAutoAway(Frozen, tag="auto_away"):
    """The screen was locked, or touched again. Ends nothing."""

    auto_away: bool


class TakeSeat(Frozen, tag="seat"):
    """Make a seat the home seat; ``None`` gives it up."""

    seat: SeatId | None = None


class SendMessage(Frozen, tag="send"):
    """Write into a mention chat: to ``to`` and to everybody mentioned in the text.

    The command's id becomes the message's id.

    Attributes:
        priority: it calls those it is for, with sound, until they have read it.
    """

    text: str
    to: Recipients = Recipients()
    escalation: EscalationId | None = None
    priority: bool = False


class ReportCall(Frozen, tag="call_rung"):
    """This machine has received a priority message, or has it on a screen."""

    message: MessageId
    rung: Rung


class EscalateMessage(Frozen, tag="escalate"):
    """Reach further for one's own priority message that nobody has answered.

    Attributes:
        ways: by phone, those of its recipients who have not read it, and the contacts; empty: not by phone.
        forward: hand it on to this person as well.
        contacts: of its space: phones are reached in the ways, all others are told.
    """

    message: MessageId
    ways: Annotated[tuple[PhoneWay, ...], msgspec.Meta(max_length=2)] = ()
    forward: PersonId | None = None
    contacts: Annotated[tuple[ContactId, ...], msgspec.Meta(max_length=ESCALATE_CONTACTS)] = ()


class MarkRead(Frozen, tag="mark_read"):
    """Everything up to the server time ``read_at`` (s) has been seen."""

    conversation: ConversationId
    read_at: Annotated[float, msgspec.Meta(ge=0.0)]


class LeaveSpace(Frozen, tag="leave"):
    """Leave on purpose (quit, sign out, another space): ends the own escalation."""


Command = (
    RaiseEscalation
    | EndEscalation
    | AnswerEscalation
    | ReportRung
    | ReportChannels
    | SetStatus
    | SetAutoAway
    | TakeSeat
    | SendMessage
    | ReportCall
    | EscalateMessage
    | MarkRead
    | LeaveSpace
    | LineCommand
)
