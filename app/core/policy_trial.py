"""A policy tried for real by somebody who may change it: every step reaches them alone."""

from __future__ import annotations

import msgspec

from app.core.cases import Case, CaseId
from app.core.model import PersonId, Recipients, SpaceId
from app.core.policy import (
    Action,
    AnswerWay,
    Call,
    CaseKind,
    Forward,
    Notify,
    Policy,
    PolicyStep,
    Post,
    Reached,
    Repeat,
    Text,
)


def for_one(policy: Policy, me: PersonId) -> Policy:
    """The same steps at the same times, and nobody else in them; any answer ends it for good."""
    steps = tuple(PolicyStep(step.after, _for_one(step.action, me)) for step in policy.steps)
    return msgspec.structs.replace(policy, steps=steps, answers=tuple(AnswerWay), come_within=None)


def _for_one(action: Action, me: PersonId) -> Action:
    only_me = Recipients(people=(me,))
    match action:
        case Notify():
            return Notify(only_me)
        case Text():
            return Text(Reached(only_me))
        case Call():
            return Call(Reached(only_me))
        case Forward():
            return Forward(me)
        case Post():
            return Notify(Recipients())  # its turn comes, and nobody outside hears of it
        case Repeat():
            return action


def trial(number: CaseId, space: SpaceId, policy: Policy, me: PersonId, text: str, now: float) -> Case:
    """``text``: what phones are told; it has to say that it is a test."""
    called = () if policy.kind is CaseKind.LINE else (me,)
    mine = for_one(policy, me)
    kind = CaseKind.ESCALATION
    return Case(number, kind, space, mine, now, text=text, called=called, since=now, tester=me)
