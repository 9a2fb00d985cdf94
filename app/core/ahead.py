"""What comes next for a case if nobody answers, as its timeline tells it."""

from __future__ import annotations

from app.core.case_questions import Ahead
from app.core.cases import Case
from app.core.policy import Repeat


def ahead(case: Case) -> tuple[Ahead, ...]:
    """Soonest first; the call that is repeated next, and each step of this run that is left."""
    if not case.waiting or case.exhausted_at is not None:
        return ()
    found = []
    repeating = case.repeating
    if repeating is not None and repeating.left:
        found.append(Ahead(repeating.at, Repeat(repeating.every, repeating.left), case.step))
    at = case.since
    for number, step in enumerate(case.policy.steps[case.step :], case.step):
        at += step.after
        found.append(Ahead(at, step.action, number))
    return tuple(sorted(found, key=lambda one: one.at))
