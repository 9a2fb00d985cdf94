"""What other programs are told, as JSON: the shapes of the HTTP API's answers and of webhooks' messages.

They are an interface: fields are added, never changed. Times are RFC 3339, in UTC.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Literal, dataclass_transform

import msgspec

from app.core.hooks import HookEvent
from app.core.model import AnswerKind, EndReason, Level, Taken

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
    """The latest answer of somebody; declining is one as well. Without `person` it came from outside, from
    whoever `name` says."""

    person: PersonDocument | None
    name: str
    kind: AnswerKind
    at: Moment


class StepDocument(Document):
    """What was done since nobody had answered. `people` are called in the program from then on."""

    what: Taken
    at: Moment
    people: tuple[PersonDocument, ...]


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


class LineData(Document):
    """A customer wrote. `conversation` is the same for all messages between this customer and this line."""

    line: LineDocument
    conversation: str
    text: str


class TrialData(Document):
    """Nothing happened; an admin wants to see whether messages arrive."""

    webhook: str


class EscalationMessage(Document):
    """What a webhook is sent of an escalation, as Standard Webhooks has it. `timestamp`: when it happened."""

    type: HookEvent
    timestamp: Moment
    data: EscalationData


class LineMessage(Document):
    """What a webhook is sent of a customer's text."""

    type: Literal["line.message"]
    timestamp: Moment
    data: LineData


class TrialMessage(Document):
    """What a webhook is sent when an admin asks for a test."""

    type: Literal["webhook.test"]
    timestamp: Moment
    data: TrialData


def escalation_message(kind: HookEvent, at: float, data: EscalationData) -> bytes:
    return msgspec.json.encode(EscalationMessage(type=kind, timestamp=moment(at), data=data))


def line_message(at: float, data: LineData) -> bytes:
    return msgspec.json.encode(LineMessage(type="line.message", timestamp=moment(at), data=data))


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
