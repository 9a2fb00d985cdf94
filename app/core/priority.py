"""The rules of priority messages: who may send one, whom it calls, and what its author may have done.

Product, section 4. What happens by itself while nobody answers is its policy's: :mod:`app.core.cases`.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable

from app.core.calls import Answered, PhoneWay, Pursuit
from app.core.commands import EscalateMessage, ReportCall
from app.core.errors import Code, Refusal, refuse
from app.core.events import (
    MessageArrived,
    PriorityAnswered,
    PriorityClimbed,
    PriorityPursued,
    PriorityStarted,
    SpaceEvent,
    WaitingChanged,
)
from app.core.ladders import SentPriority
from app.core.limits import PRIORITIES, PRIORITIES_WITHIN, PRIORITY_PEOPLE, PURSUE_AGAIN
from app.core.mentions import between, conversation_id, expand
from app.core.model import (
    ConversationId,
    Device,
    Message,
    MessageId,
    PersonId,
    Recipients,
    Rung,
    SpaceId,
    Step,
)
from app.core.permissions import Right
from app.core.policy import AnswerWay, ContactId, ContactKind
from app.core.scene import NOTHING, Decision, Scene, to_all


def not_to_be_sent(scene: Scene, actor: PersonId, to: Recipients, now: float) -> Refusal | None:
    """Why ``actor`` cannot send a priority message to these; ``None`` if they can."""
    if not may(scene, actor, Right.PRIORITY):
        return refuse(Code.PRIORITY_DENIED)
    if to.everyone or to.here:
        return refuse(Code.PRIORITY_TO_ALL)
    if len(_behind(scene, actor, to)) > PRIORITY_PEOPLE:
        return refuse(Code.PRIORITY_TOO_MANY, limit=PRIORITY_PEOPLE)
    if seconds := next_priority_in(scene, actor, now):
        return refuse(Code.TOO_MANY_PRIORITIES, seconds=seconds)
    return None


def may(scene: Scene, person: PersonId, right: Right) -> bool:
    known = scene.space.people.get(person)
    return known is not None and scene.permissions.may(known, right)


def next_priority_in(scene: Scene, actor: PersonId, now: float) -> int:
    """Whole s until ``actor`` may send another one; 0 if now."""
    me = scene.persons.get(actor)
    sent = [p.message.sent_at for p in me.priorities.values()] if me else []
    if len(sent) < PRIORITIES:
        return 0
    return max(0, math.ceil(sent[-PRIORITIES] + PRIORITIES_WITHIN - now))


def started(scene: Scene, message: Message) -> Decision:
    """A priority message was sent: its author follows how far it comes."""
    people = tuple(sorted(_behind(scene, message.author, message.to)))
    return Decision(on_board(scene, message.space), ((message.author, PriorityStarted(message, people)),))


def on_board(scene: Scene, space: SpaceId) -> tuple[SpaceEvent, ...]:
    """A board of the message's space shows something else now."""
    return (WaitingChanged(),) if scene.space.space.id == space else ()


def _behind(scene: Scene, author: PersonId, to: Recipients) -> frozenset[PersonId]:
    everybody = frozenset(scene.space.people)
    return expand(scene.space.groups, to, everybody, frozenset()) - {author}


def read_by(
    scene: Scene, reader: PersonId, conversation: ConversationId, up_to: float, now: float
) -> Decision:
    """Who reads a priority message is not called by it any more, and its author sees that."""
    me = scene.persons.get(reader)
    calls = me.calls_in(conversation, up_to) if me else ()
    answer = Answered(AnswerWay.READ, now, reader)
    news = on_board(scene, calls[-1].message.space) if calls else ()
    return Decision(news, tuple((c.message.author, PriorityAnswered(c.id, answer)) for c in calls))


def replied_by(scene: Scene, writer: PersonId, conversation: ConversationId, now: float) -> Decision:
    """Who writes back has answered for all: nobody is called by it any more."""
    me = scene.persons.get(writer)
    calls = me.calls_in(conversation, now) if me else ()
    decision = NOTHING
    for call in calls:
        answer = Answered(AnswerWay.REPLY, now, writer)
        decision += answered(scene, call.message.author, call.id, answer)
    return decision


def answered(scene: Scene, author: PersonId, message: MessageId, answer: Answered) -> Decision:
    """Somebody answered, at a desk or by phone: its author and all whom it still calls hear of it."""
    state = scene.persons.get(author)
    sent = state.priorities.get(message) if state else None
    still = set(sent.unread) if sent else set()
    if answer.person is not None and answer.way is AnswerWay.REPLY:
        still.discard(answer.person)  # one's own message has ended it already
    news = on_board(scene, sent.message.space if sent else scene.space.space.id)
    return Decision(news, to_all((author, *sorted(still)), PriorityAnswered(message, answer)))


def report_call(
    scene: Scene, actor: PersonId, command: ReportCall, device: Device | None = None
) -> Decision | Refusal:
    """A recipient's machine says how far the message has come."""
    me = scene.persons.get(actor)
    call = me.calls.get(command.message) if me else None
    if call is None:
        return refuse(Code.PRIORITY_OVER)
    if command.rung not in (Rung.RECEIVED, Rung.SHOWN):
        return NOTHING
    return climbed(scene, call.message.author, call.id, [Step(actor, command.rung, device)])


def climbed(scene: Scene, author: PersonId, message: MessageId, steps: Collection[Step]) -> Decision:
    """The message came so far at these machines; what is not new is left out."""
    state = scene.persons.get(author)
    sent = state.priorities.get(message) if state else None
    news = sent.climb(steps)[1] if sent else ()
    return Decision((), ((author, PriorityClimbed(message, news)),) if news else ())


def escalate(
    scene: Scene, actor: PersonId, command: EscalateMessage, command_id: str, now: float
) -> Decision | Refusal:
    """The author of an unanswered priority message has more done: phones, another person, or both."""
    me = scene.persons.get(actor)
    sent = me.priorities.get(command.message) if me else None
    if sent is None:
        return refuse(Code.NOT_FOUND)
    if not sent.waiting:
        return refuse(Code.PRIORITY_OVER)
    if not command.ways and not command.contacts and command.forward is None:
        return refuse(Code.NOTHING_TO_DO)
    decision = NOTHING
    for part in (_outside(scene, sent, command, now), _forwarded(scene, sent, command, command_id, now)):
        if isinstance(part, Refusal):
            return part
        decision += part
    return decision


def _outside(scene: Scene, sent: SentPriority, command: EscalateMessage, now: float) -> Decision | Refusal:
    """The recipients' own phones, and contacts of the space such as the duty phone."""
    ways, chosen = tuple(sorted(set(command.ways))), tuple(dict.fromkeys(command.contacts))
    if not ways and not chosen:
        return NOTHING
    if not may(scene, sent.message.author, Right.PHONES):
        return refuse(Code.PHONES_DENIED)
    if not scene.contacts.keys() >= set(chosen):
        return refuse(Code.CONTACT_GONE)
    phones = tuple(c for c in chosen if scene.contacts[c].kind is ContactKind.PHONE)
    if phones and not ways:
        return refuse(Code.NOTHING_TO_DO)
    people = tuple(person for person in sent.unread if person in scene.phones) if ways else ()
    if ways and not people and not phones:
        return refuse(Code.NO_PHONE_REACHED)
    if seconds := just_done(sent, ways, now, chosen):
        return refuse(Code.JUST_DONE, seconds=seconds)
    told = tuple(contact for contact in chosen if contact not in phones)
    pursuits = [_pursuit(scene, now, people, ways, phones)] if ways else []
    pursuits += [_pursuit(scene, now, (), (), told)] if told else []
    return Decision((), tuple((sent.message.author, PriorityPursued(sent.id, done)) for done in pursuits))


def _pursuit(
    scene: Scene,
    now: float,
    people: tuple[PersonId, ...],
    ways: tuple[PhoneWay, ...],
    contacts: tuple[ContactId, ...],
) -> Pursuit:
    names = tuple(scene.contacts[contact].name for contact in contacts)
    return Pursuit(now, people, ways, by_hand=True, contacts=names, targets=contacts)


def just_done(sent: SentPriority, ways: Iterable[str], now: float, contacts: Iterable[ContactId] = ()) -> int:
    """Whole s until the same may be done by hand again."""
    same = [p for p in sent.pursuits if set(p.ways) & set(ways) or set(p.targets) & set(contacts)]
    times = [p.at for p in same if p.by_hand]
    left = max(times) + PURSUE_AGAIN - now if times else 0.0
    return max(0, math.ceil(min(left, PURSUE_AGAIN)))  # the last one may be stamped a little ahead


def _forwarded(
    scene: Scene, sent: SentPriority, command: EscalateMessage, command_id: str, now: float
) -> Decision | Refusal:
    person = command.forward
    if person is None:
        return NOTHING
    author = sent.message.author
    if not may(scene, author, Right.PRIORITY):
        return refuse(Code.PRIORITY_DENIED)
    known = scene.space.people.get(person)
    if known is None:
        return refuse(Code.UNKNOWN_PERSON)
    if person == author or person in sent.people:
        return refuse(Code.FORWARD_KNOWS, name=known.name)
    to = Recipients(people=(person,))
    return handed_on(scene, sent, to, MessageId(command_id), now, by_hand=True)


def handed_on(
    scene: Scene, sent: SentPriority, to: Recipients, fresh: MessageId, now: float, *, by_hand: bool = False
) -> Decision:
    """A copy of the message calls ``to`` as well, in a conversation of theirs with its author.

    Args:
        fresh: id of the copy.
    """
    author = sent.message.author
    people = tuple(sorted(_behind(scene, author, to) - {*sent.people}))
    if not people:
        return NOTHING
    with_ = between(scene.space.groups, author, to)
    copy = Message(
        id=fresh,
        space=sent.message.space,
        conversation=conversation_id(sent.message.space, with_),
        author=author,
        text=sent.message.text,
        sent_at=now,
        to=to,
        priority=True,
        forwards=sent.id,
    )
    pursuit = Pursuit(now, people, by_hand=by_hand)
    return Decision(
        (),
        (
            *to_all(sorted({*people, author}), MessageArrived(copy, with_)),
            (author, PriorityPursued(sent.id, pursuit)),
        ),
    )
