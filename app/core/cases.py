"""A case: one alert as it runs its policy, from the moment it is stored until it is answered or over.

Pure: ``(case, now, who can be reached) -> the case, what is due, when to look again``. The server keeps cases
as rows (:mod:`app.server.store.cases`) and carries out what is due (:mod:`app.server.engine`).
"""

from __future__ import annotations

import enum
from typing import NewType

import msgspec

from app.core.model import Frozen, PersonId, SpaceId
from app.core.policy import Action, AnswerWay, CaseKind, ContactId, Policy

CaseId = NewType("CaseId", str)
"""The id of the escalation, or of the message."""
SendId = NewType("SendId", str)


class Outcome(enum.StrEnum):
    """How a case ended."""

    RESOLVED = "resolved"
    WITHDRAWN = "withdrawn"
    """Nobody had answered when it ended."""


class CaseAnswer(Frozen):
    """Attributes:
    person: ``None`` for somebody who is known by a contact alone.
    """

    way: AnswerWay
    at: float
    person: PersonId | None = None
    contact: ContactId | None = None


class Repeating(Frozen):
    """Calls that are repeated: the next one at ``at`` (s), ``left`` of them in all."""

    every: float
    left: int
    at: float


class Case(Frozen):
    """Attributes:
    asked_by: who raised the hand or wrote the message; ``None``: a customer.
    text: what phones are told, as the person wrote it.
    called: whom it has called in the program so far.
    declined: those of them who cannot.
    hopes: sends that may still bring an answer, as far as is known.
    step, round: the next step, and which run of all steps it is in.
    since: when the step before it was run, or the case began, s.
    back: the case came back once, since nobody came after a promise.
    exhausted_at: the last step has passed, and nobody was available.
    """

    id: CaseId
    kind: CaseKind
    space: SpaceId
    policy: Policy
    opened_at: float
    asked_by: PersonId | None = None
    text: str = ""
    called: tuple[PersonId, ...] = ()
    declined: tuple[PersonId, ...] = ()
    hopes: tuple[SendId, ...] = ()
    step: int = 0
    round: int = 0
    since: float = 0.0
    repeating: Repeating | None = None
    answer: CaseAnswer | None = None
    arrived: bool = False
    back: bool = False
    exhausted_at: float | None = None
    ended_at: float | None = None
    outcome: Outcome | None = None

    @property
    def open(self) -> bool:
        return self.ended_at is None


class Due(Frozen):
    """A step that is to be carried out now.

    Attributes:
        step, round, number: which it is; ``number`` counts the repeats of one step, 0 for the step itself.
    """

    action: Action
    step: int
    round: int
    number: int = 0


class Mark(enum.StrEnum):
    """What happened to a case, for its timeline."""

    OPENED = "opened"
    CALLED = "called"
    SHOWN = "shown"
    DECLINED = "declined"
    STEP = "step"
    REPEATED = "repeated"
    SENT = "sent"
    DELIVERED = "delivered"
    FAILED = "failed"
    UNKNOWN = "unknown"
    SKIPPED = "skipped"
    ANSWERED = "answered"
    CAME_BACK = "came_back"
    NOBODY = "nobody"
    FORWARDED = "forwarded"
    ENDED = "ended"


class Note(Frozen):
    """One line of a case's timeline.

    Attributes:
        people: whom it is about.
        contact: whom it is about outside the program.
        channel: ``sms``, ``call``, ``apprise`` or ``webhook``.
        reason: in the words of a refusal code or of a gateway, for a person.
    """

    at: float
    mark: Mark
    people: tuple[PersonId, ...] = ()
    contact: ContactId | None = None
    channel: str = ""
    step: int | None = None
    way: AnswerWay | None = None
    reason: str = ""
    send: SendId | None = None


class SendState(enum.StrEnum):
    """What is known of something that was sent; never a guess."""

    WAITING = "waiting"
    SENT = "sent"
    DELIVERED = "delivered"
    FAILED = "failed"
    UNKNOWN = "unknown"
    CANCELLED = "cancelled"


class Send(Frozen):
    """Something for a gateway to send, decided by the engine; the id is made from the case, step and target,
    so that it cannot be decided twice.

    Attributes:
        channel: ``sms``, ``call``, ``apprise`` or ``webhook``.
        person, contact: whom it is for: one of them. The number is looked up when it is sent.
        text: what is said.
        code: short code with which a text message can be answered.
    """

    id: SendId
    case: CaseId
    channel: str
    text: str
    person: PersonId | None = None
    contact: ContactId | None = None
    step: int = 0
    code: str = ""


def encoded(case: Case) -> bytes:
    return msgspec.msgpack.encode(case)
