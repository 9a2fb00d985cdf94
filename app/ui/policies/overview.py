"""What is known of a space's policies, and what follows from it for one that is being edited; no Qt."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from app.core.mentions import expand
from app.core.model import PersonId, Recipients, Role
from app.core.policy import BUILT_IN, CaseKind, Policy, PolicyId
from app.core.policy_preview import Moment, Scenario, Stage, play
from app.core.policy_questions import Policies
from app.core.policy_rules import first_wrong, idle_steps
from app.ui.escalation.choices import is_here
from app.ui.i18n import tr
from app.ui.policies.choices import Choices
from app.ui.policies.draft import Edit, edit_of
from app.ui.policies.policy_rows import KindRow, PolicyRow, policy_name, policy_rows
from app.ui.policies.sentences import flaw_words

STANDARD = {standard.id: standard for standard in BUILT_IN.values()}


@dataclass(frozen=True)
class Overview:
    """As the server has it, and the space as it is now."""

    policies: Policies = field(default_factory=Policies)
    choices: Choices = field(default_factory=Choices)

    def stored(self, policy: PolicyId) -> Edit | None:
        """A policy as the server has it; a built-in one as it always is."""
        if policy in STANDARD:
            return Edit(STANDARD[policy])
        found = next((s.policy for s in self.policies.policies if s.policy.id == policy), None)
        return edit_of(found, self.policies.assignments) if found else None

    def rows(self, edited: Edit | None, changed: str) -> tuple[KindRow | PolicyRow, ...]:
        """The list, with the policy that is being edited as it is there; ``changed``: its id, if it is not
        saved."""
        known = {stored.policy.id: stored.policy for stored in self.policies.policies}
        if edited is not None and edited.policy.id not in STANDARD:
            known[edited.policy.id] = edited.policy
        chosen = edited.policy.id if edited is not None else ""
        flawed = {policy.id for policy in known.values() if self.idle(policy) or self.hindrance(policy)}
        return policy_rows(
            known.values(), self.policies.assignments, self.choices.names, chosen, changed, flawed
        )

    def other_names(self, policy: Policy) -> list[str]:
        return [
            stored.policy.name
            for stored in self.policies.policies
            if stored.policy.kind is policy.kind and stored.policy.id != policy.id
        ]

    def standing(self, policy: Policy) -> str:
        """The name of the policy that is run for everybody, if it is another one."""
        kind = policy.kind
        assigned = (a.policy for a in self.policies.assignments if a.kind is kind and a.person is None)
        found = next(assigned, None)
        if found == policy.id:
            return ""
        known = {stored.policy.id: stored.policy for stored in self.policies.policies}
        return policy_name(known.get(found, BUILT_IN[kind]) if found else BUILT_IN[kind])

    def hindrance(self, policy: Policy) -> str:
        """Why it cannot be saved; empty if it can."""
        wrong = first_wrong(policy, self.choices.known(self.other_names(policy)))
        if wrong is None:
            return ""
        words = flaw_words(self.choices.names, wrong)
        return words if wrong.step is None else tr("Step {n}: {problem}", n=wrong.step + 1, problem=words)

    def idle(self, policy: Policy) -> tuple[int, ...]:
        """Steps that can reach nobody as things are, counted from 0."""
        return idle_steps(policy, self.choices.known())

    def usual_recipients(self) -> Recipients:
        """Those who are called most likely: the group with most supervisors in it, or one of them."""
        supervisors = [p.id for p, _ in self.choices.people.people if p.role is Role.SUPERVISOR]
        groups = [
            (len(set(group.members).intersection(supervisors)), group.id)
            for group in self.choices.people.groups
        ]
        most = max((count for count, _ in groups), default=0)
        if most:
            return Recipients(groups=(next(group for count, group in groups if count == most),))
        return Recipients(people=tuple(supervisors[:1]))

    def played(self, policy: Policy, first: Recipients, scenario: Scenario) -> tuple[Moment, ...]:
        """What it would do now, if the alert itself calls ``first``."""
        known = self.choices.known()
        here = frozenset(person.id for person, occupant in self.choices.people.people if is_here(occupant))
        called: Iterable[PersonId] = ()
        if policy.kind is not CaseKind.LINE:
            called = sorted(expand(known.groups, first, known.people, here))
        return play(Stage(policy, known, here, tuple(called), scenario))
