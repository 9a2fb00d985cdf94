"""The rules of escalations: raise, answer, end (product, sections 2.1 to 2.7)."""

from __future__ import annotations

import math
from collections.abc import Collection

import msgspec

from app.core.commands import AnswerEscalation, EndEscalation, RaiseEscalation, ReportRung
from app.core.errors import Code, Refusal, refuse
from app.core.events import (
    AlertAnswered,
    AlertAnsweredOutside,
    AlertEnded,
    AlertRaised,
    EscalationAnswered,
    EscalationAnsweredOutside,
    EscalationEnded,
    EscalationRaised,
    EscalationReached,
    LadderClimbed,
    LadderEnded,
    LadderStarted,
    PersonalEvent,
    PhraseUsed,
    SpaceEvent,
    StatusSet,
)
from app.core.limits import RECIPIENTS, REDS, REDS_WITHIN
from app.core.mentions import expand
from app.core.model import (
    FROM_DESK,
    Alert,
    Answer,
    AnswerKind,
    Device,
    EndReason,
    Escalation,
    EscalationId,
    Level,
    OutsideAnswer,
    PersonId,
    Place,
    Recipients,
    Rung,
    Status,
    Step,
)
from app.core.scene import NOTHING, Decision, Scene, to_all
from app.core.space import outside_before
from app.core.text import check_message


def raise_hand(
    scene: Scene, actor: PersonId, command: RaiseEscalation, command_id: str, now: float
) -> Decision | Refusal:
    """Raise ``actor``'s hand; any role may. A person who is away becomes available by asking for help."""
    space = scene.space
    occupant = space.occupants.get(actor)
    if occupant is None:
        return refuse(Code.NOT_IN_SPACE)
    if space.escalation_of(actor):
        return refuse(Code.ALREADY_RAISED)
    if scene.in_meeting_room(actor):
        return refuse(Code.RAISE_IN_MEETING_ROOM)
    message = check_message(command.message)
    if isinstance(message, Refusal):
        return message
    red = command.level is Level.RED
    recipients = command.recipients if red else Recipients()
    notified = _notified(scene, actor, recipients) if red else ()
    if isinstance(notified, Refusal):
        return notified
    if red and (seconds := next_red_in(scene, actor, now)):
        return refuse(Code.TOO_MANY_REDS, seconds=seconds)
    escalation = Escalation(
        id=EscalationId(command_id),
        raiser=actor,
        level=command.level,
        raised_at=now,
        message=message,
        recipients=recipients,
        notified=notified,
        unreached=tuple(p for p in notified if p not in scene.online),
    )
    back: tuple[SpaceEvent, ...] = (
        (StatusSet(actor, Status.AVAILABLE),) if occupant.status is Status.AWAY else ()
    )
    mine: list[tuple[PersonId, PersonalEvent]] = [(actor, PhraseUsed(message))] if message else []
    if red:
        mine.append((actor, LadderStarted(escalation.id, notified, now)))
    call = msgspec.structs.replace(escalation, recipients=Recipients(), notified=(), unreached=())
    alerts = to_all(notified, AlertRaised(Alert(space.space.id, call)))
    return Decision((*back, EscalationRaised(escalation)), (*mine, *alerts))


def next_red_in(scene: Scene, actor: PersonId, now: float) -> int:
    """Whole s until ``actor`` may call people again; 0 if now. A storm of calls is answered by nobody."""
    me = scene.persons.get(actor)
    if me is None or len(me.reds) < REDS:
        return 0
    return max(0, math.ceil(me.reds[-REDS] + REDS_WITHIN - now))


def _notified(scene: Scene, actor: PersonId, to: Recipients) -> tuple[PersonId, ...] | Refusal:
    """The people behind the recipients, without the raiser."""
    space = scene.space
    if not (to.people or to.groups) or to.everyone or to.here:
        return refuse(Code.NO_RECIPIENTS)
    if len(to.people) + len(to.groups) > RECIPIENTS:
        return refuse(Code.TOO_MANY_RECIPIENTS, limit=RECIPIENTS)
    if any(person not in space.people for person in to.people):
        return refuse(Code.UNKNOWN_PERSON)
    if any(group not in space.groups for group in to.groups):
        return refuse(Code.UNKNOWN_GROUP)
    people = expand(space.groups, to, frozenset(space.people), frozenset()) - {actor}
    return tuple(sorted(people)) if people else refuse(Code.NOBODY_NOTIFIED)


def answer_hand(
    scene: Scene, actor: PersonId, command: AnswerEscalation, now: float, device: Device | None = None
) -> Decision | Refusal:
    """Approach, chat, promise to come, or decline. Anybody here may help; only those who were asked can
    decline.

    Who was called may chat or decline from another space, too; to walk there one has to be here.
    """
    escalation = scene.space.escalations.get(command.escalation)
    if escalation is None:
        return refuse(Code.ESCALATION_OVER)
    called = actor in escalation.notified and command.kind is not AnswerKind.APPROACH
    if actor not in scene.space.occupants and not called:
        return refuse(Code.NOT_IN_SPACE)
    if escalation.raiser == actor:
        return refuse(Code.OWN_HAND)
    if command.kind is AnswerKind.DECLINE and actor not in escalation.notified:
        return refuse(Code.NOT_A_RECIPIENT)
    if command.kind not in FROM_DESK:
        return refuse(Code.BAD_FRAME)
    if _says_less(escalation, actor, command.kind):
        return NOTHING
    target: Place | None = None
    if command.kind is AnswerKind.APPROACH:
        found = approach_target(scene, actor, escalation.raiser)
        if isinstance(found, Refusal):
            return found
        target = found
    answer = Answer(actor, command.kind, now, target)
    return climbed(scene, escalation, [Step(actor, Rung.ANSWERED, device)]) + _answered(escalation, answer)


def _says_less(escalation: Escalation, actor: PersonId, kind: AnswerKind) -> bool:
    """Who talks while walking is still coming, and who does either need not promise it."""
    if actor in escalation.coming:
        return kind in (AnswerKind.CHAT, AnswerKind.COMING)
    return actor in escalation.chatting and kind is AnswerKind.COMING


def answered_from_afar(scene: Scene, escalation: Escalation, answer: Answer) -> Decision:
    """A person answered by phone or the like, wherever they are. It takes nothing back that says more."""
    decline = answer.kind is AnswerKind.DECLINE
    before = escalation.answer_of(answer.person)
    known = before is not None and before.kind is answer.kind and answer.person not in escalation.stale
    if known or (answer.person in (*escalation.coming, *escalation.chatting) and not decline):
        return NOTHING
    return climbed(scene, escalation, [Step(answer.person, Rung.ANSWERED)]) + _answered(escalation, answer)


def answered_outside(escalation: Escalation, answer: OutsideAnswer) -> Decision:
    """Somebody who is no person here answered, or cannot (any more). Whom the alert calls hears of it as of
    a person's answer; what was said before, in whatever way, changes nothing."""
    before = outside_before(escalation, answer)
    helped, helps = before is not None and before.kind.helps, answer.kind.helps
    if before is not None and helped is helps:
        return NOTHING
    told: Collection[PersonId] = escalation.notified if helped or helps else ()
    return Decision(
        (EscalationAnsweredOutside(escalation.id, answer),),
        to_all(told, AlertAnsweredOutside(escalation.id, answer)),
    )


def _answered(escalation: Escalation, answer: Answer) -> Decision:
    """Everybody here sees it. It changes whom the alert calls: all who were, when somebody begins to
    help or no longer does; else whoever gave it."""
    before = escalation.answer_of(answer.person)
    told: Collection[PersonId] = escalation.notified
    if not answer.kind.helps and not (before and before.kind.helps):
        told = {answer.person} & set(escalation.notified)
    return Decision(
        (EscalationAnswered(escalation.id, answer),),
        to_all(told, AlertAnswered(escalation.id, answer)),
    )


def approach_target(scene: Scene, walker: PersonId, to: PersonId) -> Place | Refusal:
    """The free place next to ``to`` where ``walker`` will stand, or why there is none."""
    if scene.in_meeting_room(walker):
        return refuse(Code.IN_MEETING_ROOM)
    start, goal = scene.space.places.get(walker), scene.space.places.get(to)
    if start is None or goal is None:
        return refuse(Code.NOT_IN_SPACE)
    target = scene.walk.free_cell_near(goal, start, scene.taken_places(walker))
    if target is None:
        person = scene.space.people.get(to)
        return refuse(Code.NO_WAY, name=person.name if person else "")
    return target


def end_hand(scene: Scene, actor: PersonId, command: EndEscalation, now: float) -> Decision | Refusal:
    escalation = scene.space.escalations.get(command.escalation)
    if escalation is None:
        return refuse(Code.ESCALATION_OVER)
    if escalation.raiser != actor:
        return refuse(Code.NOT_YOURS)
    return lowered(escalation, EndReason.BUTTON, now)


def lowered(escalation: Escalation, reason: EndReason, now: float) -> Decision:
    """The hand goes down, and with it everything that calls for it."""
    mine = ((escalation.raiser, LadderEnded(escalation.id)),) if escalation.level is Level.RED else ()
    return Decision(
        (EscalationEnded(escalation.id, reason, now),),
        (*mine, *to_all(escalation.notified, AlertEnded(escalation.id, reason, now))),
    )


def lowered_by(scene: Scene, person: PersonId, reason: EndReason, now: float) -> Decision:
    """What happens to ``person``'s hand, if one is raised, when they do what ends it."""
    escalation = scene.space.escalation_of(person)
    return lowered(escalation, reason, now) if escalation else NOTHING


def withdraw(scene: Scene, person: PersonId, now: float) -> Decision:
    """Who was on the way and leaves does not come: nobody shall go on waiting for them."""
    decision = NOTHING
    for escalation in scene.space.escalations.values():
        if person in escalation.coming:
            decision += _answered(escalation, Answer(person, AnswerKind.DECLINE, now))
    return decision


def report_rung(
    scene: Scene, actor: PersonId, command: ReportRung, device: Device | None = None
) -> Decision | Refusal:
    """A recipient's machine says how far the alert has come. Only a person's answer is an answer."""
    escalation = scene.space.escalations.get(command.escalation)
    if escalation is None:
        return refuse(Code.ESCALATION_OVER)
    if actor not in escalation.notified:
        return refuse(Code.NOT_A_RECIPIENT)
    if command.rung not in (Rung.RECEIVED, Rung.SHOWN):
        return NOTHING
    return climbed(scene, escalation, [Step(actor, command.rung, device)])


def climbed(scene: Scene, escalation: Escalation, steps: Collection[Step]) -> Decision:
    """The alert came so far at these machines; what is not new is left out.

    Many steps make one event for the space at most, and one for the raiser: an alert to n people costs
    n lines of a ladder, not n times n.
    """
    arrived = {step.person for step in steps if step.rung >= Rung.RECEIVED}
    reached = tuple(person for person in escalation.unreached if person in arrived)
    raiser = scene.persons.get(escalation.raiser)
    ladder = raiser.ladders.get(escalation.id) if raiser else None
    news = ladder.climb(steps)[1] if ladder else ()
    return Decision(
        (EscalationReached(escalation.id, reached),) if reached else (),
        ((escalation.raiser, LadderClimbed(escalation.id, news)),) if news else (),
    )
