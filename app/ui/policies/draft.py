"""A policy as it is being edited: what was stored, what it is now, and every change, to be undone; no Qt."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from dataclasses import replace as altered

import msgspec

from app.core.model import PersonId
from app.core.policy import Assignment, Policy, PolicyId, PolicyStep

replace = msgspec.structs.replace
LONGEST = 200
"""Changes that can be undone."""


@dataclass(frozen=True)
class Edit:
    """Attributes:
    everybody: it is run for all of the space; ``people``: for these, whatever is run for all.
    """

    policy: Policy
    everybody: bool = False
    people: tuple[PersonId, ...] = ()


def edit_of(policy: Policy, assignments: Iterable[Assignment]) -> Edit:
    """A policy with whom it is run for."""
    mine = [a.person for a in assignments if a.policy == policy.id]
    return Edit(policy, None in mine, tuple(person for person in mine if person is not None))


class Draft:
    """Attributes:
    stored: as the server has it; ``None``: a new one.
    """

    def __init__(self, now: Edit, stored: Edit | None) -> None:
        self.stored = stored
        self._past: list[Edit] = []
        self._future: list[Edit] = []
        self._now = now
        self._same = ""

    @property
    def now(self) -> Edit:
        return self._now

    @property
    def policy(self) -> Policy:
        return self._now.policy

    @property
    def id(self) -> PolicyId:
        return self._now.policy.id

    @property
    def changed(self) -> bool:
        """It is not as the server has it."""
        return self._now != self.stored

    @property
    def can_undo(self) -> bool:
        return bool(self._past)

    @property
    def can_redo(self) -> bool:
        return bool(self._future)

    def become(self, edit: Edit, same: str = "") -> bool:
        """Another state, unless it is the present one.

        Args:
            same: what was changed; changes of the same thing in a row, as of a name while it is typed, are
                undone together.
        """
        if edit == self._now:
            return False
        if not same or same != self._same:
            self._past = [*self._past[-LONGEST:], self._now]
        self._same, self._now = same, edit
        self._future.clear()
        return True

    def set_policy(self, policy: Policy, same: str = "") -> bool:
        return self.become(altered(self._now, policy=policy), same)

    def undo(self) -> None:
        if self._past:
            self._future.append(self._now)
            self._go_to(self._past.pop())

    def redo(self) -> None:
        if self._future:
            self._past.append(self._now)
            self._go_to(self._future.pop())

    def _go_to(self, edit: Edit) -> None:
        """What was written then, as a change of what the server has now."""
        version = self.stored.policy.version if self.stored else 0
        self._now, self._same = altered(edit, policy=replace(edit.policy, version=version)), ""

    def based_on(self, stored: Edit) -> None:
        """The server has this now: what is written here is a change of it."""
        self.stored = stored
        self._go_to(self._now)

    # Steps

    def set_step(self, at: int, step: PolicyStep, same: str = "") -> bool:
        steps = self.policy.steps
        return self._set_steps((*steps[:at], step, *steps[at + 1 :]), same and f"{at}:{same}")

    def add_step(self, at: int, step: PolicyStep) -> None:
        steps = self.policy.steps
        self._set_steps((*steps[:at], step, *steps[at:]))

    def remove_step(self, at: int) -> None:
        steps = self.policy.steps
        self._set_steps((*steps[:at], *steps[at + 1 :]))

    def move_step(self, at: int, to: int) -> bool:
        """Put the step ``at`` where ``to`` is; whether that was another place."""
        steps = list(self.policy.steps)
        if at == to or not 0 <= to < len(steps):
            return False
        steps.insert(to, steps.pop(at))
        return self._set_steps(tuple(steps))

    def _set_steps(self, steps: tuple[PolicyStep, ...], same: str = "") -> bool:
        return self.set_policy(replace(self.policy, steps=steps), same)
