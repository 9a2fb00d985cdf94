"""What other programs are told, as JSON: the shapes of the HTTP API's answers and of webhooks' messages.

They are an interface: fields are added, never changed. Times are RFC 3339, in UTC.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Literal, dataclass_transform

import msgspec

from app.core.calls import PhoneWay
from app.core.cases import SendState
from app.core.model import AnswerKind, EndReason, Level, Taken
from app.core.policy import AnswerWay

Moment = Annotated[datetime, msgspec.Meta(tz=True)]


@dataclass_transform(frozen_default=True, kw_only_default=True)
class Document(msgspec.Struct, frozen=True):
    """Base of everything that other programs read; every field is always there."""


class PersonDocument(Document):
    """Somebody who can sign in."""

    id: str
    handle: str
    name: str


class SpaceDocument(Document):
    id: str
    name: str


class AnswerDocument(Document):
    """The latest answer of somebody; declining is one as well, also after a yes: `decline` says that they do
    not come, or not any more. Without `person` it came from outside, from whoever `name` says, such as a duty
    phone."""

    person: PersonDocument | None
    name: str
    kind: AnswerKind
    at: Moment


class StepDocument(Document):
    """What was done since nobody had answered. `people` are called in the program from then on."""

    what: Taken
    at: Moment
    people: tuple[PersonDocument, ...]


class MessageDocument(Document):
    """A message that calls its recipients until they have read it. `text` is there for webhooks that may have
    texts; `people` are those whom it has called so far."""

    id: str
    space: SpaceDocument
    author: PersonDocument
    people: tuple[PersonDocument, ...]
    text: str | None
    sent_at: Moment
    answered_at: Moment | None
    nobody_at: Moment | None


class MessageAnswerDocument(Document):
    """Somebody has read the message (`read`) or answered it. Without `person` it came from outside, from
    whoever `name` says."""

    person: PersonDocument | None
    name: str
    way: AnswerWay
    at: Moment


class PursuitDocument(Document):
    """What was done since nobody had answered. `people` were texted (`sms`) or called (`call`), or, without
    `ways`, the message was handed on to them; `contacts` are names of phones and addresses. `by_hand`: its
    author asked for it; else the policy did it."""

    people: tuple[PersonDocument, ...]
    contacts: tuple[str, ...]
    ways: tuple[PhoneWay, ...]
    by_hand: bool
    at: Moment


class LineDocument(Document):
    """A number that customers write to."""

    id: str
    name: str
    number: str


class EscalationDocument(Document):
    """A raised hand. `reason` says why it ended; `nobody_at` when everything had been tried in vain."""

    id: str
    space: SpaceDocument
    raiser: PersonDocument
    level: Level
    message: str
    raised_at: Moment
    answered_at: Moment | None
    answers: tuple[AnswerDocument, ...]
    nobody_at: Moment | None
    ended_at: Moment | None
    reason: EndReason | None


def moment(at: float) -> datetime:
    """A server time (s) as other programs read it."""
    return datetime.fromtimestamp(at, UTC)


def moment_or_none(at: float | None) -> datetime | None:
    return None if at is None else moment(at)


class EscalationData(Document):
    """`answer` and `step` say which one a message is about, if it is about one."""

    escalation: EscalationDocument
    answer: AnswerDocument | None = None
    step: StepDocument | None = None


class MessageData(Document):
    """`answer` and `pursuit` say which one a message is about, if it is about one."""

    message: MessageDocument
    answer: MessageAnswerDocument | None = None
    pursuit: PursuitDocument | None = None


class LineData(Document):
    """`conversation` is the same for all messages between this customer and this line. `message` says which
    text it is about; `text`, what it says, for webhooks that may have texts. `author`: who replied. `state`:
    what is known of the text that was forwarded. `by`: who resolved the conversation."""

    space: SpaceDocument
    line: LineDocument
    conversation: str
    message: str | None = None
    text: str | None = None
    author: PersonDocument | None = None
    state: SendState | None = None
    by: PersonDocument | None = None


class TrialData(Document):
    """Nothing happened; an admin wants to see whether messages arrive."""

    webhook: str


EscalationType = Literal[
    "escalation.raised",
    "escalation.answered",
    "escalation.step",
    "escalation.nobody",
    "escalation.ended",
]
PriorityType = Literal["priority.sent", "priority.answered", "priority.escalated", "priority.nobody"]
LineType = Literal["line.message", "line.replied", "line.forwarded", "line.resolved"]


class EscalationMessage(Document):
    """What a webhook is sent of an escalation, as Standard Webhooks has it. `timestamp`: when it happened."""

    type: EscalationType
    timestamp: Moment
    data: EscalationData


class PriorityMessage(Document):
    """What a webhook is sent of a priority message: it was sent; read or answered; more was done; all that
    was to be done was done, and nobody was available."""

    type: PriorityType
    timestamp: Moment
    data: MessageData


class LineMessage(Document):
    """What a webhook is sent of customers' conversations: a customer wrote; somebody replied; a text that
    nobody touched is forwarded (again when more is known of that); a conversation was resolved."""

    type: LineType
    timestamp: Moment
    data: LineData


class TrialMessage(Document):
    """What a webhook is sent when an admin asks for a test."""

    type: Literal["webhook.test"]
    timestamp: Moment
    data: TrialData


def trial_message(at: float, webhook: str) -> bytes:
    """``webhook``: its name."""
    data = TrialData(webhook=webhook)
    return msgspec.json.encode(TrialMessage(type="webhook.test", timestamp=moment(at), data=data))


class StepData(Document):
    """A policy's step was to tell this address; `case` is the id of the escalation or message."""

    case: str
    text: str


class StepMessage(Document):
    """What a webhook that is a policy's contact is sent."""

    type: Literal["alert.step"]
    timestamp: Moment
    data: StepData


def step_message(at: float, case: str, text: str) -> bytes:
    data = StepData(case=case, text=text)
    return msgspec.json.encode(StepMessage(type="alert.step", timestamp=moment(at), data=data))


class EscalationsDocument(Document):
    """Those that are open, the longest waiting first."""

    escalations: tuple[EscalationDocument, ...]


class ProblemDocument(Document):
    """Why something was not done (RFC 9457): `code` for programs, `detail` for a person."""

    type: str
    title: str
    status: int
    detail: str
    code: str = ""
    fields: dict[str, str | int] = msgspec.field(default_factory=dict)
