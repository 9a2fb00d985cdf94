"""A policy that is tried reaches whoever tries it, at the same times, and nobody else."""

from __future__ import annotations

import pytest

from app.core.case_steps import Around, advance, next_look
from app.core.cases import Case, CaseId, Send
from app.core.model import GroupId, PersonId, Recipients, SpaceId
from app.core.policy import (
    Action,
    Call,
    CaseKind,
    ContactId,
    Forward,
    Notify,
    Policy,
    PolicyId,
    PolicyStep,
    Post,
    Reached,
    Repeat,
    Text,
)
from app.core.policy_trial import for_one, trial

ME, OTHER = PersonId("me"), PersonId("other")
OTHERS = Recipients((OTHER,), (GroupId("team"),), everyone=True, here=True)
ACTIONS: tuple[Action, ...] = (
    Notify(OTHERS),
    Repeat(60.0, 2),
    Text(Reached(OTHERS, (ContactId("duty"),), called=True)),
    Call(Reached(OTHERS, (ContactId("duty"),), called=True)),
    Forward(OTHER),
    Post(ContactId("hook")),
)
AROUND = Around(
    lambda person: person == ME,
    lambda to: {ME, OTHER} if to.everyone or to.here or to.groups else set(to.people),
    lambda case: case.text,
)


def policy(kind: CaseKind) -> Policy:
    return Policy(PolicyId("p"), "Day", kind, tuple(PolicyStep(60.0, action) for action in ACTIONS), again=1)


@pytest.mark.parametrize("kind", list(CaseKind))
def test_it_runs_to_its_end_and_reaches_nobody_else(kind: CaseKind) -> None:
    case: Case = trial(CaseId("test-1"), SpaceId("s"), policy(kind), ME, "TEST", 0.0)
    sent: list[Send] = []
    called, now, looks = set(case.called), 0.0, 0
    while case.open:
        look = next_look(case)
        assert look is not None
        now, looks = look, looks + 1
        assert looks < 100
        done = advance(case, now, AROUND)
        case = done.case
        called |= {p for due in done.dues for p in (*due.called, *due.again)} | set(case.called)
        sent += done.sends
    assert called == {ME}
    assert sent
    assert {(send.person, send.contact, send.text) for send in sent} == {(ME, None, "TEST")}


def test_each_step_keeps_its_time_and_its_kind() -> None:
    mine = for_one(policy(CaseKind.ESCALATION), ME)
    assert [step.after for step in mine.steps] == [60.0] * len(ACTIONS)
    kinds = [type(step.action) for step in mine.steps]
    assert kinds == [Notify, Repeat, Text, Call, Forward, Notify]
    assert not mine.steps[-1].action.to  # type: ignore[union-attr]  # a Notify, as the line before says
