"""The server's side of policies for a fake client: kept by version, as the real one does."""

from __future__ import annotations

import msgspec

from app.core.calls import PhoneWay
from app.core.errors import Code, Refusal, refuse
from app.core.model import PersonId
from app.core.policy import Assignment, Contact, Policy, PolicyId
from app.core.policy_questions import (
    AssignPolicy,
    DeletePolicy,
    ListPolicies,
    Policies,
    PolicyOutcome,
    SavePolicy,
    StoredPolicy,
    UnassignPolicy,
)
from app.core.questions import Done
from tests.helpers.floor import FakeClient

AT = 1_700_000_000.0


class PolicyOffice:
    """Attributes:
    broken: the refusal that every change meets while it is set.
    ways: what the server has a gateway for.
    """

    def __init__(
        self,
        client: FakeClient,
        policies: tuple[Policy, ...] = (),
        contacts: tuple[Contact, ...] = (),
        phones: tuple[PersonId, ...] = (),
    ) -> None:
        self.policies = {policy.id: StoredPolicy(policy, AT) for policy in policies}
        self.assignments: list[Assignment] = []
        self.contacts, self.phones = contacts, phones
        self.broken: Code | None = None
        self.ways = tuple(PhoneWay)
        self._me = client.me.me if client.me else None
        client.answers |= {
            ListPolicies: self._list,
            SavePolicy: self._save,
            DeletePolicy: self._delete,
            AssignPolicy: self._assign,
            UnassignPolicy: self._unassign,
        }

    def change(self, policy: Policy, by: PersonId) -> None:
        """Somebody else stores it."""
        newer = msgspec.structs.replace(policy, version=policy.version + 1)
        self.policies[policy.id] = StoredPolicy(newer, AT, by)

    def now(self, policy: PolicyId) -> Policy:
        return self.policies[policy].policy

    def _list(self, _query: ListPolicies) -> Policies:
        every = tuple(self.policies.values())
        return Policies(every, tuple(self.assignments), self.contacts, self.phones, self.ways)

    def _save(self, query: SavePolicy) -> PolicyOutcome | Refusal:
        policy, before = query.policy, self.policies.get(query.policy.id)
        if self.broken is not None:
            return refuse(self.broken)
        if (before.policy.version if before else 0) != policy.version:
            return PolicyOutcome(done=False, stored=before)
        stored = StoredPolicy(msgspec.structs.replace(policy, version=policy.version + 1), AT, self._me)
        self.policies[policy.id] = stored
        return PolicyOutcome(done=True, stored=stored)

    def _delete(self, query: DeletePolicy) -> PolicyOutcome | Refusal:
        if any(assignment.policy == query.policy for assignment in self.assignments):
            return refuse(Code.POLICY_ASSIGNED)
        before = self.policies[query.policy]
        if before.policy.version != query.version:
            return PolicyOutcome(done=False, stored=before)
        del self.policies[query.policy]
        return PolicyOutcome(done=True)

    def _assign(self, query: AssignPolicy) -> Done | Refusal:
        assignment = query.assignment
        if self.broken is not None:
            return refuse(self.broken)
        before = self._run_for(assignment.kind, assignment.person)
        if before not in (assignment.policy, query.instead):
            return refuse(Code.POLICY_MOVED)
        self._drop(assignment.kind, assignment.person)
        self.assignments.append(assignment)
        return Done()

    def _unassign(self, query: UnassignPolicy) -> Done | Refusal:
        if self._run_for(query.kind, query.person) not in (query.policy, None):
            return refuse(Code.POLICY_MOVED)
        self._drop(query.kind, query.person)
        return Done()

    def _run_for(self, kind: str, person: PersonId | None) -> PolicyId | None:
        return next((a.policy for a in self.assignments if (a.kind, a.person) == (kind, person)), None)

    def _drop(self, kind: str, person: PersonId | None) -> None:
        self.assignments = [a for a in self.assignments if (a.kind, a.person) != (kind, person)]
