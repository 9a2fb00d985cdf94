"""A case: one alert as it runs its policy, from the moment it is stored until it is answered or over.

The nouns; what happens to a case is in :mod:`app.core.case_answers`, what is due in
:mod:`app.core.case_steps`. The server keeps cases as rows (:mod:`app.server.store.cases`) and carries out
what is due (:mod:`app.server.engine`).
"""

from __future__ import annotations

import enum
from typing import NewType

import msgspec

from app.core.model import AnswerKind, Frozen, PersonId, SpaceId, Taken
from app.core.policy import ARRIVING, AnswerWay, CaseKind, ContactId, Policy
from app.core.sends import SendState as SendState

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
    """Calls that are repeated: the next one at ``at`` (s), ``left`` of them in all; with none left, ``at`` is
    until when the last one may be answered."""

    every: float
    left: int
    at: float


class Case(Frozen):
    """Attributes:
    asked_by: who raised the hand or wrote the message; ``None``: a customer.
    text: what phones are told, as the person wrote it.
    topic: of a line's message, the conversation that it belongs to.
    called: whom it has called in the program so far.
    declined: those of them who cannot.
    read: those of them who have read the message and said nothing.
    hopes: sends that may still bring an answer, as far as is known.
    calls: how often it has called again.
    answers: those that hold, the first one first.
    step, round: the next step, and which run of all steps it is in.
    since: when the step before it was run, the case began, or it was answered, s.
    back: the case came back once, since nobody came after a promise.
    exhausted_at: the last step has passed, and nobody was available.
    tester: it is a test, and reaches this person alone; see :mod:`app.core.policy_trial`.
    """

    id: CaseId
    kind: CaseKind
    space: SpaceId
    policy: Policy
    opened_at: float
    asked_by: PersonId | None = None
    text: str = ""
    topic: str = ""
    called: tuple[PersonId, ...] = ()
    declined: tuple[PersonId, ...] = ()
    read: tuple[PersonId, ...] = ()
    hopes: tuple[SendId, ...] = ()
    calls: int = 0
    step: int = 0
    round: int = 0
    since: float = 0.0
    repeating: Repeating | None = None
    answers: tuple[CaseAnswer, ...] = ()
    back: bool = False
    exhausted_at: float | None = None
    ended_at: float | None = None
    outcome: Outcome | None = None
    tester: PersonId | None = None

    @property
    def open(self) -> bool:
        return self.ended_at is None

    @property
    def answer(self) -> CaseAnswer | None:
        """The first one that holds."""
        return self.answers[0] if self.answers else None

    @property
    def arrived(self) -> bool:
        """Somebody helps; it is more than a promise."""
        return any(answer.way in ARRIVING for answer in self.answers)

    @property
    def waiting(self) -> bool:
        """Open, and nobody has answered: nothing else may be sent for."""
        return self.open and not self.answers


class Due(Frozen):
    """A step that is to be carried out now.

    Attributes:
        step, round: the step that was next.
        number: for a call that is repeated, how often the case has called again by now; 0 for a step itself.
        called: who is called in the program from now on.
        again: who is called anew.
        sends: what goes to phones and addresses.
    """

    what: Taken
    step: int
    round: int
    number: int = 0
    called: tuple[PersonId, ...] = ()
    again: tuple[PersonId, ...] = ()
    sends: tuple[SendId, ...] = ()


class Mark(enum.StrEnum):
    """What happened to a case, for its timeline."""

    OPENED = "opened"
    CALLED = "called"
    SHOWN = "shown"
    DECLINED = "declined"
    WITHDREW = "withdrew"
    """Somebody who had answered does not help any more."""
    STEP = "step"
    REPEATED = "repeated"
    SENT = "sent"
    DELIVERED = "delivered"
    FAILED = "failed"
    UNKNOWN = "unknown"
    CANCELLED = "cancelled"
    SKIPPED = "skipped"
    """The step had nobody to reach."""
    ANSWERED = "answered"
    NOT_COUNTED = "not_counted"
    """An answer in a way that the policy does not take for one."""
    READ = "read"
    CAME_BACK = "came_back"
    NOBODY = "nobody"
    FORWARDED = "forwarded"
    ENDED = "ended"
    MENDED = "mended"
    """It had no valid next look; the server set that right."""


class Note(Frozen):
    """One line of a case's timeline.

    Attributes:
        people: whom it is about.
        contact: whom it is about outside the program.
        channel: see :class:`Send`.
        what: which step it was.
        step: its place in the policy, 0 for the first.
        reason: in the words of a refusal code or of a gateway, for a person.
    """

    at: float
    mark: Mark
    people: tuple[PersonId, ...] = ()
    contact: ContactId | None = None
    channel: str = ""
    what: Taken | None = None
    step: int | None = None
    way: AnswerWay | None = None
    reason: str = ""
    send: SendId | None = None


SMS, CALL, POST = "sms", "call", "post"


class Send(Frozen):
    """Something for a gateway to send, decided by the engine; the id is made from the case, step and target,
    so that it cannot be decided twice.

    Attributes:
        channel: ``sms``, ``call``, or ``post`` for an Apprise address or a webhook, whichever the contact is.
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


class Move(Frozen):
    """What becomes of a case, to be written down together with the events that tell of it.

    Attributes:
        version: of the row that it was decided from; another one means that it is decided anew.
        next_look: s; ``None`` when time changes nothing any more.
    """

    case: Case
    version: int
    next_look: float | None
    notes: tuple[Note, ...] = ()
    sends: tuple[Send, ...] = ()


def way_of(kind: AnswerKind) -> AnswerWay:
    """How an answer that helps was given."""
    return AnswerWay(kind.value)


def encoded(case: Case) -> bytes:
    return msgspec.msgpack.encode(case)
