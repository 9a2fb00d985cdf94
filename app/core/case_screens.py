"""What the program's screens are told of a case: ``(scene, case, what was done, now) -> events``.

Everybody in a space sees of a hand that more people are called, that phones are tried, that nobody was
available, and the raiser whose phones; of a priority message its author sees it. Numbers are in none of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from app.core.calls import PhoneWay, Pursuit
from app.core.case_steps import Advanced
from app.core.cases import CALL, POST, SMS, Case, Due, Note
from app.core.errors import CAPS
from app.core.events import (
    AlertRaised,
    AlertRepeated,
    CaseNoted,
    EscalationStepped,
    LadderPursued,
    LadderWidened,
    NobodyAvailable,
    PhonesHeard,
    PriorityExhausted,
    PriorityHeard,
    PriorityPursued,
    PriorityRepeated,
    SpaceEvent,
    WaitingChanged,
)
from app.core.ladders import SentPriority
from app.core.line_events import TalkForwarded
from app.core.lines import CustomerId, LineTextId
from app.core.model import (
    Alert,
    Escalation,
    EscalationId,
    Heard,
    MessageId,
    Recipients,
    Taken,
    TakenStep,
)
from app.core.policy import CaseKind, ContactId
from app.core.priority import handed_on, on_board
from app.core.scene import NOTHING, Decision, Scene, to_all
from app.core.sends import SendState
from app.core.space import with_step

Names = Mapping[ContactId, str]


def told(scene: Scene, done: Advanced, now: float, contacts: Names) -> Decision:
    """``contacts``: names of those that steps reach."""
    if done.case.tester is not None:
        return noted(done.case) if done.notes else NOTHING
    match done.case.kind:
        case CaseKind.ESCALATION:
            return _hand(scene, done, now, contacts)
        case CaseKind.PRIORITY:
            return _message(scene, done, now, contacts)
        case CaseKind.LINE:
            return _line(done, now)


def noted(case: Case) -> Decision:
    """The timeline has more lines: whoever looks at it asks again."""
    event = CaseNoted(case.id)
    if case.tester is not None:
        return Decision((), ((case.tester, event),))
    if case.kind is CaseKind.ESCALATION:
        return Decision((event,))
    return Decision((), ((case.asked_by, event),)) if case.asked_by is not None else NOTHING


# Hands


def _hand(scene: Scene, done: Advanced, now: float, contacts: Names) -> Decision:
    hand = scene.space.escalations.get(EscalationId(done.case.id))
    if hand is None:
        return NOTHING
    decision = NOTHING
    for due in done.dues:
        part, hand = _hand_step(scene, hand, due, now)
        decision += part
        if due.sends:
            pursuit = _pursuit(done, due, now, contacts)
            decision += Decision((), ((hand.raiser, LadderPursued(hand.id, pursuit)),))
    if done.nobody:
        decision += Decision((NobodyAvailable(hand.id, now),))
    if done.notes and not decision.space:
        decision += noted(done.case)
    return decision


def _hand_step(scene: Scene, hand: Escalation, due: Due, now: float) -> tuple[Decision, Escalation]:
    again = to_all(due.again, AlertRepeated(hand.id, now))
    if due.what is Taken.REPEAT and due.number:
        return Decision((), again), hand
    step = TakenStep(due.what, now, due.called)
    unreached = tuple(person for person in due.called if person not in scene.online)
    hand = with_step(hand, step, unreached)
    fresh = to_all(due.called, AlertRaised(Alert(scene.space.space.id, as_called(hand))))
    wider = ((hand.raiser, LadderWidened(hand.id, due.called)),) if due.called else ()
    return Decision((EscalationStepped(hand.id, step, unreached),), (*wider, *fresh, *again)), hand


def as_called(hand: Escalation) -> Escalation:
    """What of a hand is in each recipient's own stream; see :class:`app.core.model.Alert`."""
    return msgspec.structs.replace(
        hand, recipients=Recipients(), notified=(), unreached=(), steps=(), nobody_since=None, heard=()
    )


_CHANNELS = {SMS: Taken.TEXT, CALL: Taken.CALL, POST: Taken.POST}
_FURTHER = (
    SendState.CANCELLED,
    SendState.FAILED,
    SendState.WAITING,
    SendState.UNKNOWN,
    SendState.SENT,
    SendState.DELIVERED,
)


def heard(scene: Scene, case: Case, notes: Sequence[Note]) -> Decision:
    """Something is known of what was sent for a hand or a priority message.

    Args:
        notes: the case's timeline.
    """
    if case.kind is CaseKind.PRIORITY:
        author = scene.persons.get(case.asked_by) if case.asked_by is not None else None
        sent = author.priorities.get(MessageId(case.id)) if author else None
        if author is None or sent is None:
            return Decision(_capped(scene, case, notes)) + noted(case)
        news = _news(sent.heard, notes)
        told = Decision((), tuple((author.me, PriorityHeard(sent.id, one)) for one in news))
        return Decision(_capped(scene, case, notes)) + told + noted(case)
    hand = scene.space.escalations.get(EscalationId(case.id))
    if hand is None:
        return noted(case)
    return Decision(tuple(PhonesHeard(hand.id, one) for one in _news(hand.heard, notes))) + noted(case)


def _capped(scene: Scene, case: Case, notes: Sequence[Note]) -> tuple[SpaceEvent, ...]:
    """A board says that a limit of texts and calls was reached; of a hand everybody hears anyway."""
    return on_board(scene, case.space) if any(note.reason in CAPS for note in notes) else ()


def _news(known: Sequence[Heard], notes: Sequence[Note]) -> list[Heard]:
    """What the timeline tells of each way, where that is not known yet."""
    told = [note for note in notes if note.send is not None]
    latest = {note.send: note for note in told}
    best: dict[Taken, Heard] = {}
    for note in latest.values():
        what, state = _CHANNELS[note.channel], SendState(note.mark.value)
        so_far = best.get(what)
        if so_far is None or _FURTHER.index(state) > _FURTHER.index(so_far.state):
            best[what] = Heard(what, state, len(told), note.reason if state is SendState.FAILED else "")
    before = {(one.what, one.state, one.reason) for one in known}
    return [one for one in best.values() if (one.what, one.state, one.reason) not in before]


# Priority messages


def _message(scene: Scene, done: Advanced, now: float, contacts: Names) -> Decision:
    author = done.case.asked_by
    state = scene.persons.get(author) if author is not None else None
    sent = state.priorities.get(MessageId(done.case.id)) if state else None
    if author is None or sent is None:
        return NOTHING
    decision = NOTHING
    for due in done.dues:
        part = _message_step(scene, sent, done, due, now, contacts)
        for _, event in part.personal:
            if isinstance(event, PriorityPursued):
                sent = sent.pursued(event.pursuit)
        decision += part
    if done.nobody:
        news = on_board(scene, done.case.space)
        decision += Decision(news, ((author, PriorityExhausted(sent.id, now)),))
    told_author = any(person == author for person, _ in decision.personal)
    return decision if told_author or not done.notes else decision + noted(done.case)


def _message_step(
    scene: Scene, sent: SentPriority, done: Advanced, due: Due, now: float, contacts: Names
) -> Decision:
    again = Decision((), to_all(due.again, PriorityRepeated(sent.id, now)))
    match due.what:
        case Taken.NOTIFY | Taken.FORWARD:
            fresh = MessageId(f"{sent.id}.{due.round}.{due.step}")
            return again + handed_on(scene, sent, Recipients(people=due.called), fresh, now)
        case Taken.TEXT | Taken.CALL | Taken.POST:
            return again + _pursued(sent, done, due, now, contacts)
        case Taken.REPEAT | Taken.CAME_BACK:
            return again


_WAYS = {Taken.TEXT: (PhoneWay.TEXT,), Taken.CALL: (PhoneWay.CALL,)}


def _pursued(sent: SentPriority, done: Advanced, due: Due, now: float, contacts: Names) -> Decision:
    pursuit = _pursuit(done, due, now, contacts)
    return Decision((), ((sent.message.author, PriorityPursued(sent.id, pursuit)),))


def _pursuit(done: Advanced, due: Due, now: float, contacts: Names) -> Pursuit:
    """Whom a step reaches for, by name; no numbers."""
    mine = [send for send in done.sends if send.id in due.sends]
    people = tuple(send.person for send in mine if send.person is not None)
    names = tuple(contacts.get(send.contact, "") for send in mine if send.contact is not None)
    return Pursuit(now, people, _WAYS.get(due.what, ()), contacts=tuple(filter(None, names)))


# Lines


def _line(done: Advanced, now: float) -> Decision:
    """A message that nobody touched went to the cell phone."""
    forwarded = any(due.what is Taken.TEXT for due in done.dues)
    talk, text = CustomerId(done.case.topic), LineTextId(done.case.id)
    decision = Decision((TalkForwarded(talk, text, now),)) if forwarded else NOTHING
    return decision + Decision((WaitingChanged(),)) if done.nobody else decision
