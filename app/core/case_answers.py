"""What happens to a case from outside: it is opened, answered, declined, read, ended.

Pure: ``(case, what happened) -> the case, its timeline's new lines``. An answer that the policy does not take
for one is noted and stops nothing.
"""

from __future__ import annotations

from collections.abc import Collection

import msgspec

from app.core.cases import Case, CaseAnswer, CaseId, Mark, Note, Outcome, Send, SendId, SendState
from app.core.model import Escalation, Message, PersonId, SpaceId
from app.core.policy import AnswerWay, CaseKind, ContactId, Policy

Followed = tuple[Case, tuple[Note, ...]]


def opened_by_hand(space: SpaceId, escalation: Escalation, policy: Policy) -> Followed:
    return opened(
        Case(
            id=CaseId(escalation.id),
            kind=CaseKind.ESCALATION,
            space=space,
            policy=policy,
            opened_at=escalation.raised_at,
            asked_by=escalation.raiser,
            text=escalation.message,
            called=escalation.notified,
        )
    )


def opened_by_message(message: Message, called: Collection[PersonId], policy: Policy) -> Followed:
    return opened(
        Case(
            id=CaseId(message.id),
            kind=CaseKind.PRIORITY,
            space=message.space,
            policy=policy,
            opened_at=message.sent_at,
            asked_by=message.author,
            text=message.text,
            called=tuple(sorted(called)),
        )
    )


def opened(case: Case) -> Followed:
    """A case that begins: its first delay counts from ``opened_at``."""
    asker = (case.asked_by,) if case.asked_by is not None else ()
    notes = (
        Note(case.opened_at, Mark.OPENED, asker),
        *((Note(case.opened_at, Mark.CALLED, case.called),) if case.called else ()),
    )
    return msgspec.structs.replace(case, since=case.opened_at), notes


def answered(case: Case, answer: CaseAnswer) -> Followed:
    """Somebody helps, or says that they will. Whoever asked cannot answer themself."""
    if not case.open or (answer.person is not None and answer.person == case.asked_by):
        return case, ()
    who = (answer.person,) if answer.person is not None else ()
    counts = answer.way in case.policy.answers
    mark = Mark.ANSWERED if counts else Mark.NOT_COUNTED
    note = Note(answer.at, mark, who, answer.contact, way=answer.way)
    if not counts:
        return case, (note,)
    others = tuple(a for a in case.answers if not _same(a, answer))
    changed: dict[str, object] = {
        "answers": (*others, answer),
        "declined": tuple(person for person in case.declined if person != answer.person),
    }
    if not case.answers:
        changed["since"] = answer.at  # a promise is kept within some time from now
    case = msgspec.structs.replace(case, **changed)
    return _over(case, answer.at, (note,))


def _same(one: CaseAnswer, other: CaseAnswer) -> bool:
    return (one.person, one.contact) == (other.person, other.contact)


def _over(case: Case, at: float, notes: tuple[Note, ...]) -> Followed:
    """A priority message is over with its answer: there is no hand that somebody takes down."""
    if case.kind is not CaseKind.PRIORITY:
        return case, notes
    case, more = ended(case, at)
    return case, (*notes, *more)


def declined(
    case: Case, at: float, person: PersonId | None = None, contact: ContactId | None = None
) -> Followed:
    """Somebody cannot, or does not help any more: where nobody else does, the case goes on from now."""
    if not case.open:
        return case, ()
    who = (person,) if person is not None else ()
    left = tuple(a for a in case.answers if (a.person, a.contact) != (person, contact))
    withdrew = len(left) < len(case.answers)
    note = Note(at, Mark.WITHDREW if withdrew else Mark.DECLINED, who, contact)
    changed: dict[str, object] = {"answers": left}
    if person in case.called and person not in case.declined:
        changed["declined"] = (*case.declined, *who)
    if withdrew and not left:
        changed["since"] = at
    return msgspec.structs.replace(case, **changed), (note,)


def read(case: Case, person: PersonId, at: float) -> Followed:
    """One of those called has read the message: nobody calls them again. It is answered when all have."""
    if not case.waiting or person not in case.called or person in case.read:
        return case, ()
    case = msgspec.structs.replace(case, read=(*case.read, person))
    if set(case.called) - {*case.read, *case.declined}:
        return case, (Note(at, Mark.READ, (person,)),)
    return answered(case, CaseAnswer(AnswerWay.READ, at, person))


def shown(case: Case, people: Collection[PersonId], at: float) -> Followed:
    """The alert is on a screen of these."""
    return case, (Note(at, Mark.SHOWN, tuple(people)),)


def ended(case: Case, at: float) -> Followed:
    if not case.open:
        return case, ()
    outcome = Outcome.RESOLVED if case.answers else Outcome.WITHDRAWN
    case = msgspec.structs.replace(case, ended_at=at, outcome=outcome)
    return case, (Note(at, Mark.ENDED),)


_MARKS = {
    SendState.SENT: Mark.SENT,
    SendState.DELIVERED: Mark.DELIVERED,
    SendState.FAILED: Mark.FAILED,
    SendState.UNKNOWN: Mark.UNKNOWN,
    SendState.CANCELLED: Mark.CANCELLED,
}
_NO_HOPE = frozenset({SendState.FAILED, SendState.CANCELLED})


def sent(
    case: Case, send: Send, state: SendState, at: float, reason: str = "", *, over: bool = False
) -> Followed:
    """What a gateway said about a send.

    Args:
        over: it can bring no answer any more, such as a call that nobody took.
    """
    if state in _NO_HOPE or over:
        case = msgspec.structs.replace(case, hopes=tuple(hope for hope in case.hopes if hope != send.id))
    who = (send.person,) if send.person is not None else ()
    mark = _MARKS.get(state)
    if mark is None:
        return case, ()
    note = Note(
        at, mark, who, send.contact, channel=send.channel, step=send.step, reason=reason, send=SendId(send.id)
    )
    return case, (note,)
