"""What may be asked about one alert: what has happened to it so far, and what comes next.

Answered to whoever raised the hand or wrote the message, and to supervisors and admins of its space; to
everybody else it does not exist. An event about the case tells an open timeline to ask again.
"""

from __future__ import annotations

import enum

from app.core.cases import CaseId, Note
from app.core.characters import line
from app.core.model import EndReason, Frozen, GroupId, Level, PersonId, SpaceId, shown_as
from app.core.policy import Action, AnswerWay, CaseKind, Contact

NOTES = 500
"""Lines of a timeline that are told at most: the newest."""


class AlertOutcome(enum.StrEnum):
    """What became of an alert, or of a yellow hand."""

    WAITING = "waiting"
    ANSWERED = "answered"
    NOBODY = "nobody"
    """All that was to be tried was tried, and nobody has answered since."""
    WITHDRAWN = "withdrawn"
    """It ended and nobody had answered."""


class AlertRecord(Frozen):
    """A hand, a priority message or a line's message in short, as the history keeps it.

    Attributes:
        asked_by: ``None``: a customer.
        level: of a hand.
        groups: those it called, as it was written.
        answered_at, answered_by, way: the first answer that helped, s.
        nobody_at: when all that was to be tried had been tried, s.
        reason: why a hand ended.
    """

    id: CaseId
    kind: CaseKind
    space: SpaceId
    opened_at: float
    outcome: AlertOutcome
    asked_by: PersonId | None = None
    level: Level | None = None
    text: str = ""
    groups: tuple[GroupId, ...] = ()
    answered_at: float | None = None
    answered_by: PersonId | None = None
    way: AnswerWay | None = None
    nobody_at: float | None = None
    ended_at: float | None = None
    reason: EndReason | None = None

    def __post_init__(self) -> None:
        shown_as(self, text=line(self.text))

    @property
    def waited(self) -> float | None:
        """s until the first answer."""
        return None if self.answered_at is None else max(0.0, self.answered_at - self.opened_at)


class Ahead(Frozen):
    """What is done next if nobody answers before ``at`` (s); ``step`` counts from 0."""

    at: float
    action: Action
    step: int


class GetTimeline(Frozen, tag="get_timeline"):
    case: CaseId


class Timeline(Frozen, tag="timeline"):
    """Attributes:
    notes: what happened, oldest first.
    policy: the name of the policy it runs; empty for a yellow hand.
    ahead: what comes next, soonest first; empty once it is answered or over.
    contacts: those that are named.
    names: of the people who are named, also of those who have left.
    """

    record: AlertRecord
    notes: tuple[Note, ...] = ()
    policy: str = ""
    ahead: tuple[Ahead, ...] = ()
    contacts: tuple[Contact, ...] = ()
    names: tuple[tuple[PersonId, str], ...] = ()

    def __post_init__(self) -> None:
        shown_as(self, policy=line(self.policy))
