"""Asks the server to store, run and delete policies of a space; errors go up as they come."""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import replace as altered

from app.core.errors import Code, Refused
from app.core.model import PersonId, SpaceId
from app.core.policy import Assignment, CaseKind, Policy, PolicyId
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
from app.ui.policies.draft import Edit
from app.ui.port import ClientPort


@dataclass(frozen=True)
class Faster:
    """Somebody else was: ``theirs`` is what is stored; ``None``: it is deleted."""

    theirs: StoredPolicy | None


@dataclass(frozen=True)
class Moved:
    """``policy`` is stored; for whom it is run somebody else has changed since that was seen."""

    policy: Policy
    refused: Refused


class PolicySaver:
    """Each method raises Refused, ConnectionProblem."""

    def __init__(self, client: ClientPort, space: SpaceId) -> None:
        self._client, self.space = client, space
        self._run: dict[tuple[CaseKind, PersonId | None], PolicyId] = {}  # as it was seen last

    async def load(self) -> Policies:
        policies = await self._client.ask(ListPolicies(self.space), Policies)
        self._run = {(one.kind, one.person): one.policy for one in policies.assignments}
        return policies

    async def save(self, before: Edit | None, wanted: Edit) -> Edit | Faster | Moved:
        """Store what differs; as it is stored then."""
        policy = wanted.policy
        if before is None or before.policy != policy:
            outcome = await self._client.ask(SavePolicy(self.space, policy), PolicyOutcome)
            if not outcome.done or outcome.stored is None:
                return Faster(outcome.stored)
            policy = outcome.stored.policy
        try:
            await self._assign(before or Edit(policy), altered(wanted, policy=policy))
        except Refused as refused:
            if refused.refusal.code is Code.POLICY_MOVED:
                return Moved(policy, refused)
            raise
        return altered(wanted, policy=policy)

    async def _assign(self, before: Edit, wanted: Edit) -> None:
        """Run it for those that were chosen, and no longer for those that were not."""
        policy: Policy = wanted.policy
        people = (*([None] if wanted.everybody else []), *wanted.people)
        were = (*([None] if before.everybody else []), *before.people)
        for person in people:
            if person not in were:
                place = policy.kind, person
                assignment = Assignment(self.space, policy.kind, policy.id, person)
                await self._client.ask(AssignPolicy(assignment, self._run.get(place)), Done)
                self._run[place] = policy.id
        for person in were:
            if person not in people:
                await self._client.ask(UnassignPolicy(self.space, policy.kind, policy.id, person), Done)
                self._run.pop((policy.kind, person), None)

    async def delete(self, policy: Policy) -> bool:
        """False: somebody changed it meanwhile, and it is still there."""
        question = DeletePolicy(self.space, policy.id, policy.version)
        return (await self._client.ask(question, PolicyOutcome)).done
