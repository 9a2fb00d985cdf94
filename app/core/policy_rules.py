"""What a policy has to be like before it is stored, and what is odd about it although it can be.

Pure; the server refuses what is wrong, and the editor shows both where they are, with the same code.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from app.core.calls import PhoneWay
from app.core.limits import RECIPIENTS
from app.core.model import Frozen, Group, GroupId, PersonId, Recipients
from app.core.policy import (
    ROUNDS,
    STEPS,
    Action,
    AnswerWay,
    Call,
    CaseKind,
    Contact,
    ContactId,
    ContactKind,
    Forward,
    Notify,
    Policy,
    PolicyStep,
    Post,
    Repeat,
    Text,
)

LONGEST = 86_400.0
"""s that a step, or the time to come in, may take at most."""
LEAST_EVERY, LEAST_COMING = 10.0, 30.0
"""s between repeats, and to come in, at least."""
MOST_TIMES = 100
POLICIES = 200
"""Of a space at most."""
LEAST_ROUND = 10.0
"""s that all steps take at least, where they are run again: or five rounds would go out at once."""

WAYS: Mapping[CaseKind, tuple[AnswerWay, ...]] = {
    CaseKind.ESCALATION: (
        AnswerWay.APPROACH,
        AnswerWay.CHAT,
        AnswerWay.COMING,
        AnswerWay.KEY,
        AnswerWay.SMS,
        AnswerWay.API,
    ),
    CaseKind.PRIORITY: (AnswerWay.READ, AnswerWay.REPLY, AnswerWay.KEY, AnswerWay.SMS),
    CaseKind.LINE: (AnswerWay.REPLY, AnswerWay.RESOLVE, AnswerWay.KEY, AnswerWay.SMS),
}
"""In which ways an alert of each kind can be answered."""


ACTIONS: Mapping[CaseKind, tuple[type[Action], ...]] = {
    CaseKind.ESCALATION: (Notify, Repeat, Text, Call, Forward, Post),
    CaseKind.PRIORITY: (Notify, Repeat, Text, Call, Forward, Post),
    CaseKind.LINE: (Text, Call, Post),
}
"""What a step of each kind can do: a line's message stands in the inbox and alerts nobody in the program."""


class FlawKind(enum.StrEnum):
    """Those up to ``AGAIN_AT_ONCE`` are wrong, and such a policy is not stored; the rest are only odd."""

    NO_NAME = "no_name"
    NAME_TAKEN = "name_taken"
    TOO_MANY_STEPS = "too_many_steps"
    EMPTY_STEP = "empty_step"
    TOO_MANY_RECIPIENTS = "too_many_recipients"
    UNKNOWN_PERSON = "unknown_person"
    UNKNOWN_GROUP = "unknown_group"
    UNKNOWN_CONTACT = "unknown_contact"
    WRONG_CONTACT = "wrong_contact"
    NOT_FOR_LINES = "not_for_lines"
    DELAY = "delay"
    EVERY = "every"
    TIMES = "times"
    ROUNDS = "rounds"
    COMING = "coming"
    NO_ANSWER = "no_answer"
    AGAIN_AT_ONCE = "again_at_once"
    NOBODY_YET = "nobody_yet"
    EMPTY_GROUP = "empty_group"
    NO_PHONE = "no_phone"
    NO_TEXTS = "no_texts"
    NO_CALLS = "no_calls"
    REACHES_NOBODY = "reaches_nobody"


_ODD = frozenset(
    {
        FlawKind.NOBODY_YET,
        FlawKind.EMPTY_GROUP,
        FlawKind.NO_PHONE,
        FlawKind.NO_TEXTS,
        FlawKind.NO_CALLS,
        FlawKind.REACHES_NOBODY,
    }
)


class Flaw(Frozen):
    """Attributes:
    step: where, counted from 0; ``None``: the policy as a whole.
    people, group, contact: whom it is about.
    """

    kind: FlawKind
    step: int | None = None
    people: tuple[PersonId, ...] = ()
    group: GroupId | None = None
    contact: ContactId | None = None

    @property
    def wrong(self) -> bool:
        return self.kind not in _ODD


@dataclass(frozen=True)
class Known:
    """Whom and what a policy of a space can name.

    Attributes:
        people: its members.
        phones: those of them whose own number is verified.
        names: of the other policies of this kind in the space, casefolded.
        ways: what the server has a gateway for. Services and webhooks need none.
    """

    people: frozenset[PersonId]
    groups: Mapping[GroupId, Group] = field(default_factory=dict)
    contacts: Mapping[ContactId, Contact] = field(default_factory=dict)
    phones: frozenset[PersonId] = frozenset()
    names: frozenset[str] = frozenset()
    ways: frozenset[PhoneWay] = frozenset(PhoneWay)

    def behind(self, to: Recipients) -> frozenset[PersonId]:
        """The people that are meant, as the groups are now."""
        if to.everyone or to.here:
            return self.people
        members = (m for g in to.groups if g in self.groups for m in self.groups[g].members)
        return frozenset({*to.people, *members}) & self.people


def flaws(policy: Policy, known: Known) -> tuple[Flaw, ...]:
    """Everything that is wrong or odd, by step; what is about the whole policy comes last."""
    return (*_steps(policy, known), *_whole(policy, known))


def first_wrong(policy: Policy, known: Known) -> Flaw | None:
    """Why it cannot be stored."""
    return next((flaw for flaw in flaws(policy, known) if flaw.wrong), None)


def _steps(policy: Policy, known: Known) -> Iterator[Flaw]:
    for number, step in enumerate(policy.steps):
        if not 0.0 <= step.after <= LONGEST:
            yield Flaw(FlawKind.DELAY, number)
        if type(step.action) not in ACTIONS[policy.kind]:
            yield Flaw(FlawKind.NOT_FOR_LINES, number)
        else:
            yield from _action(number, step.action, known)
        if policy.kind is CaseKind.LINE and needs_called(step.action):
            yield Flaw(FlawKind.NOBODY_YET, number)


def needs_called(action: Action) -> bool:
    """It reaches those alone whom the alert has called in the program before."""
    if isinstance(action, Text | Call):
        return action.to.called and not action.to.to and not action.to.contacts
    return False


def _action(number: int, action: Action, known: Known) -> Iterator[Flaw]:
    match action:
        case Notify(to=to):
            yield from _recipients(number, to, known)
        case Repeat(every=every, times=times):
            if not LEAST_EVERY <= every <= LONGEST:
                yield Flaw(FlawKind.EVERY, number)
            if not 1 <= times <= MOST_TIMES:
                yield Flaw(FlawKind.TIMES, number)
        case Text() | Call():
            yield from _by_phone(number, action, known)
        case Forward(to=person):
            if not person:
                yield Flaw(FlawKind.EMPTY_STEP, number)
            elif person not in known.people:
                yield Flaw(FlawKind.UNKNOWN_PERSON, number, (person,))
        case Post(contact=contact):
            if not contact:
                yield Flaw(FlawKind.EMPTY_STEP, number)
            else:
                yield from _contact(number, contact, known, phone=False)


def _recipients(number: int, to: Recipients, known: Known) -> Iterator[Flaw]:
    if not to:
        yield Flaw(FlawKind.EMPTY_STEP, number)
    if len(to.people) + len(to.groups) > RECIPIENTS:
        yield Flaw(FlawKind.TOO_MANY_RECIPIENTS, number)
    strangers = tuple(person for person in to.people if person not in known.people)
    if strangers:
        yield Flaw(FlawKind.UNKNOWN_PERSON, number, strangers)
    for group in to.groups:
        if group not in known.groups:
            yield Flaw(FlawKind.UNKNOWN_GROUP, number, group=group)
        elif not known.people.intersection(known.groups[group].members):
            yield Flaw(FlawKind.EMPTY_GROUP, number, group=group)


def phone_way(action: Text | Call) -> PhoneWay:
    """How it reaches people."""
    return PhoneWay.TEXT if isinstance(action, Text) else PhoneWay.CALL


def _by_phone(number: int, action: Text | Call, known: Known) -> Iterator[Flaw]:
    reached = action.to
    if not reached:
        yield Flaw(FlawKind.EMPTY_STEP, number)
    if reached.to:
        yield from _recipients(number, reached.to, known)
    for contact in reached.contacts:
        yield from _contact(number, contact, known, phone=True)
    silent = tuple(sorted(known.behind(reached.to) - known.phones))
    if phone_way(action) not in known.ways:  # then nobody can have a number of their own either
        yield Flaw(FlawKind.NO_TEXTS if isinstance(action, Text) else FlawKind.NO_CALLS, number)
    elif silent:
        yield Flaw(FlawKind.NO_PHONE, number, silent)


def _contact(number: int, contact: ContactId, known: Known, *, phone: bool) -> Iterator[Flaw]:
    if contact not in known.contacts:
        yield Flaw(FlawKind.UNKNOWN_CONTACT, number, contact=contact)
    elif (known.contacts[contact].kind is ContactKind.PHONE) is not phone:
        yield Flaw(FlawKind.WRONG_CONTACT, number, contact=contact)


def _whole(policy: Policy, known: Known) -> Iterator[Flaw]:
    name = policy.name.strip()
    if not name:
        yield Flaw(FlawKind.NO_NAME)
    elif name.casefold() in known.names:
        yield Flaw(FlawKind.NAME_TAKEN)
    if len(policy.steps) > STEPS:
        yield Flaw(FlawKind.TOO_MANY_STEPS)
    if not 0 <= policy.again <= ROUNDS:
        yield Flaw(FlawKind.ROUNDS)
    if policy.come_within is not None and not LEAST_COMING <= policy.come_within <= LONGEST:
        yield Flaw(FlawKind.COMING)
    if not set(policy.answers).intersection(WAYS[policy.kind]):
        yield Flaw(FlawKind.NO_ANSWER)
    if policy.again and sum(step.after for step in policy.steps) < LEAST_ROUND:
        yield Flaw(FlawKind.AGAIN_AT_ONCE)
    if not reaches(policy, known):
        yield Flaw(FlawKind.REACHES_NOBODY)


def reaches(policy: Policy, known: Known) -> bool:
    """Some step of it, at some time, reaches somebody whom the alert did not reach by itself."""
    return len(idle_steps(policy, known)) < len(policy.steps)


def idle_steps(policy: Policy, known: Known) -> tuple[int, ...]:
    """Those that can reach nobody as things are, counted from 0: a gateway, number, contact or person is
    missing."""
    called = policy.kind is not CaseKind.LINE
    return tuple(n for n, step in enumerate(policy.steps) if not _reaches(step, called, known))


def _reaches(step: PolicyStep, called: bool, known: Known) -> bool:
    match step.action:
        case Notify(to=to):
            return bool(known.behind(to))
        case Repeat():
            return called
        case Text(to=reached) | Call(to=reached) as action:
            if phone_way(action) not in known.ways:
                return False
            phones = any(
                contact in known.contacts and known.contacts[contact].kind is ContactKind.PHONE
                for contact in reached.contacts
            )
            return phones or bool(known.behind(reached.to) & known.phones) or (called and reached.called)
        case Forward(to=person):
            return person in known.people
        case Post(contact=contact):
            return contact in known.contacts
