"""What happened: durable, numbered, folded by :mod:`app.core.space` and :mod:`app.core.person`.

*Space events* are what everybody in a space may see: the same bytes for everyone. *Personal events*
are what one person alone may see. Positions are in no stream (:class:`app.core.wire.Places`).
"""

from __future__ import annotations

from app.core.calls import Answered, Pursuit
from app.core.cases import CaseId
from app.core.line_events import LineEvent
from app.core.model import (
    Alert,
    Answer,
    ConversationId,
    EndReason,
    Escalation,
    EscalationId,
    Frozen,
    Group,
    GroupId,
    Heard,
    Message,
    MessageId,
    Occupant,
    OutsideAnswer,
    Person,
    PersonId,
    Place,
    Reach,
    Recipients,
    SeatId,
    Space,
    Status,
    Step,
    TakenStep,
    ZoneId,
)


class SpaceChanged(Frozen, tag="space"):
    space: Space


class PersonChanged(Frozen, tag="person"):
    """A member of the space is new, or has another name, handle, role or picture."""

    person: Person


class PersonRemoved(Frozen, tag="person_removed"):
    person: PersonId


class GroupChanged(Frozen, tag="group"):
    group: Group


class GroupRemoved(Frozen, tag="group_removed"):
    group: GroupId


class Entered(Frozen, tag="entered"):
    occupant: Occupant
    place: Place


class Left(Frozen, tag="left"):
    person: PersonId


class LinkLost(Frozen, tag="link_lost"):
    """The person's last connection broke; the avatar stays for the grace time."""

    person: PersonId
    at: float


class LinkRestored(Frozen, tag="link_restored"):
    person: PersonId


class StatusSet(Frozen, tag="status"):
    person: PersonId
    status: Status


class AutoAwaySet(Frozen, tag="auto_away"):
    person: PersonId
    auto_away: bool


class ReachChanged(Frozen, tag="reach"):
    """Alerts come through at the person's machines in other ways than before."""

    person: PersonId
    reach: Reach


class ZoneCrossed(Frozen, tag="zone"):
    """The person entered a zone, or left it (``None``)."""

    person: PersonId
    zone: ZoneId | None = None


class SeatTaken(Frozen, tag="seat"):
    person: PersonId
    seat: SeatId | None = None


class EscalationRaised(Frozen, tag="raised"):
    escalation: Escalation


class EscalationAnswered(Frozen, tag="answered"):
    escalation: EscalationId
    answer: Answer


class EscalationReached(Frozen, tag="reached"):
    """People who were not connected when the hand was raised now are."""

    escalation: EscalationId
    people: tuple[PersonId, ...]


class EscalationAnsweredOutside(Frozen, tag="answered_outside"):
    """Somebody who is no person here answered, by a key press or the like, or cannot (any more)."""

    escalation: EscalationId
    answer: OutsideAnswer


class EscalationStepped(Frozen, tag="stepped"):
    """Nobody answered, so the next step was taken. Who is called now is notified from then on.

    Attributes:
        unreached: those of the newly called who have no connection.
    """

    escalation: EscalationId
    taken: TakenStep
    unreached: tuple[PersonId, ...] = ()


class PhonesHeard(Frozen, tag="heard"):
    """How far came what a hand's steps have sent to phones and addresses."""

    escalation: EscalationId
    heard: Heard


class NobodyAvailable(Frozen, tag="nobody"):
    """All steps are over and nobody answered; the hand stays raised."""

    escalation: EscalationId
    at: float


class CaseNoted(Frozen, tag="noted"):
    """The timeline of a case has more lines; who looks at it asks again.

    Of a hand in its space's stream, of a priority message in its author's.
    """

    case: CaseId


class WaitingChanged(Frozen, tag="waiting"):
    """What waits in the space besides hands is not the same any more; a board that is looked at asks again.

    Whose message it was is not everybody's.
    """


class EscalationEnded(Frozen, tag="ended"):
    escalation: EscalationId
    reason: EndReason
    at: float


SpaceEvent = (
    SpaceChanged
    | PersonChanged
    | PersonRemoved
    | GroupChanged
    | GroupRemoved
    | Entered
    | Left
    | LinkLost
    | LinkRestored
    | StatusSet
    | AutoAwaySet
    | ReachChanged
    | ZoneCrossed
    | SeatTaken
    | EscalationRaised
    | EscalationAnswered
    | EscalationReached
    | EscalationAnsweredOutside
    | EscalationStepped
    | PhonesHeard
    | NobodyAvailable
    | CaseNoted
    | WaitingChanged
    | EscalationEnded
    | LineEvent
)


class AlertRaised(Frozen, tag="alert"):
    """I am called."""

    alert: Alert


class AlertAnswered(Frozen, tag="alert_answered"):
    """Somebody comes, talks, or does so no longer; or I answered, perhaps on another machine."""

    escalation: EscalationId
    answer: Answer


class AlertAnsweredOutside(Frozen, tag="alert_answered_outside"):
    escalation: EscalationId
    answer: OutsideAnswer


class AlertRepeated(Frozen, tag="alert_repeated"):
    """A hand that calls me calls me anew, as loud as the first time: nobody has answered, or nobody came."""

    escalation: EscalationId
    at: float


class AlertEnded(Frozen, tag="alert_ended"):
    escalation: EscalationId
    reason: EndReason
    at: float


class LadderStarted(Frozen, tag="ladder"):
    """My red hand is stored and these people are being called. ``at``: server time, s."""

    escalation: EscalationId
    people: tuple[PersonId, ...]
    at: float = 0.0


class LadderClimbed(Frozen, tag="climbed"):
    """The alert of my hand came further; what came in the same moment is told together."""

    escalation: EscalationId
    steps: tuple[Step, ...]


class LadderWidened(Frozen, tag="widened"):
    """These are called for my hand as well."""

    escalation: EscalationId
    people: tuple[PersonId, ...]


class LadderPursued(Frozen, tag="ladder_pursued"):
    """Nobody had answered my hand, and somebody was reached for outside the program: whom, by name."""

    escalation: EscalationId
    pursuit: Pursuit


class LadderEnded(Frozen, tag="ladder_ended"):
    escalation: EscalationId


class PhraseUsed(Frozen, tag="phrase"):
    """I raised a hand with this message; it is offered again."""

    text: str


class MessageArrived(Frozen, tag="message"):
    """A mention chat message that I may see; mine too.

    Attributes:
        with_: whom its conversation is between.
    """

    message: Message
    with_: Recipients


class ConversationRead(Frozen, tag="read"):
    """I have seen everything up to ``read_at`` (s); ``unread`` messages of others came after it."""

    conversation: ConversationId
    read_at: float
    unread: int = 0


class PriorityStarted(Frozen, tag="priority"):
    """My priority message is stored and calls these people."""

    message: Message
    people: tuple[PersonId, ...]


class PriorityClimbed(Frozen, tag="priority_climbed"):
    """My priority message came further; what came in the same moment is told together."""

    message: MessageId
    steps: tuple[Step, ...]


class PriorityAnswered(Frozen, tag="priority_answered"):
    """It was read or answered: its author hears of it, and who it still calls where it calls nobody any more.

    That somebody has read it is told to its author alone; it goes on calling the others.
    """

    message: MessageId
    answer: Answered


class PriorityRepeated(Frozen, tag="priority_repeated"):
    """A priority message that I have not read calls again. ``at``: s."""

    message: MessageId
    at: float


class PriorityPursued(Frozen, tag="priority_pursued"):
    """Nobody had answered my priority message, and more was done."""

    message: MessageId
    pursuit: Pursuit


class PriorityHeard(Frozen, tag="priority_heard"):
    """How far came what was sent to phones and addresses for my priority message."""

    message: MessageId
    heard: Heard


class PriorityExhausted(Frozen, tag="priority_exhausted"):
    """All that was to be done about my priority message was done, and nobody was available. ``at``: s."""

    message: MessageId
    at: float


class MessagesForgotten(Frozen, tag="forgotten"):
    """What was written before ``before`` (server time, s) is no longer kept; 0: only what was erased."""

    before: float = 0.0


PersonalEvent = (
    AlertRaised
    | AlertAnswered
    | AlertAnsweredOutside
    | AlertEnded
    | AlertRepeated
    | LadderStarted
    | LadderClimbed
    | LadderWidened
    | LadderPursued
    | LadderEnded
    | CaseNoted
    | PhraseUsed
    | MessageArrived
    | ConversationRead
    | MessagesForgotten
    | PriorityStarted
    | PriorityClimbed
    | PriorityAnswered
    | PriorityRepeated
    | PriorityPursued
    | PriorityHeard
    | PriorityExhausted
)
