"""The policies of a space, for its supervisors and admins: listed, checked, changed, and written down."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from app.core.audit import Act, Deed, Subject, changes
from app.core.errors import Code, Refused
from app.core.model import PersonId, SpaceId
from app.core.policy import BUILT_IN, Assignment, Policy, PolicyId
from app.core.policy_questions import (
    AssignPolicy,
    DeletePolicy,
    ListPolicies,
    Policies,
    PolicyOutcome,
    SavePolicy,
    UnassignPolicy,
)
from app.core.policy_rules import Known, first_wrong
from app.core.questions import Done
from app.server.clock import Clock
from app.server.delivery.carriers import Carriers
from app.server.link import Link
from app.server.rights import supervisor_of
from app.server.service import Service
from app.server.spaces import Spaces
from app.server.store.base import Store


class PolicyDesk:
    """Answers supervisors and admins of a space."""

    def __init__(self, store: Store, spaces: Spaces, clock: Clock, carriers: Carriers) -> None:
        self._policies, self._contacts = store.policies, store.contacts
        self._spaces, self._clock, self._carriers = spaces, clock, carriers

    def register(self, service: Service) -> None:
        service.answers(ListPolicies, self._list)
        service.answers(SavePolicy, self._save)
        service.answers(DeletePolicy, self._delete)
        service.answers(AssignPolicy, self._assign)
        service.answers(UnassignPolicy, self._unassign)

    async def _list(self, link: Link, query: ListPolicies) -> Policies:
        supervisor_of(self._spaces.roster, link, query.space)
        known = await self.known(query.space)
        return Policies(
            tuple(await self._policies.of_space(query.space)),
            tuple(await self._policies.assignments(query.space)),
            tuple(known.contacts.values()),
            tuple(sorted(known.phones)),
            self._carriers.ways,
        )

    async def known(self, space: SpaceId) -> Known:
        """Whom and what a policy of the space can name."""
        roster = self._spaces.roster
        contacts = [kept.contact for kept in await self._contacts.of_space(space)]
        return Known(
            roster.members.get(space, frozenset()),
            {group.id: group for group in roster.groups.values()},
            {contact.id: contact for contact in contacts},
            await self._contacts.verified(space),
            ways=frozenset(self._carriers.ways),
        )

    async def _save(self, link: Link, query: SavePolicy) -> PolicyOutcome:
        by, policy = supervisor_of(self._spaces.roster, link, query.space), query.policy
        if any(policy.id == standard.id for standard in BUILT_IN.values()) or not policy.id:
            raise Refused.of(Code.POLICY_INVALID)
        wrong = first_wrong(policy, await self.known(query.space))
        if wrong is not None:
            step = {} if wrong.step is None else {"step": wrong.step + 1}
            raise Refused.of(Code.POLICY_INVALID, flaw=wrong.kind, **step)
        return await self._policies.save(query.space, policy, self._told(by, query.space))

    async def _delete(self, link: Link, query: DeletePolicy) -> PolicyOutcome:
        by = supervisor_of(self._spaces.roster, link, query.space)
        told = self._told(by, query.space)
        return await self._policies.delete(query.space, query.policy, query.version, told)

    async def _assign(self, link: Link, query: AssignPolicy) -> Done:
        assignment = query.assignment
        by = supervisor_of(self._spaces.roster, link, assignment.space)
        if assignment.person and assignment.person not in self._spaces.roster.members[assignment.space]:
            raise Refused.of(Code.UNKNOWN_PERSON)
        moved = self._moved(by, assignment.space, assignment.kind, assignment.person)
        await self._policies.assign(assignment, query.instead, moved)
        return Done()

    async def _unassign(self, link: Link, query: UnassignPolicy) -> Done:
        by = supervisor_of(self._spaces.roster, link, query.space)
        moved = self._moved(by, query.space, query.kind, query.person)
        seen = Assignment(query.space, query.kind, query.policy, query.person)
        await self._policies.unassign(seen, moved)
        return Done()

    # What is written down

    def _told(self, by: PersonId, space: SpaceId) -> Callable[[Policy | None, Policy | None], Deed]:
        def deed(before: Policy | None, after: Policy | None) -> Deed:
            about = after or before
            assert about is not None
            act = Act.ADDED if before is None else Act.CHANGED if after is not None else Act.REMOVED
            what = changes(_fields(before), _fields(after))
            return Deed(self._clock.now(), act, Subject.POLICY, by, space, about.id, about.name, changes=what)

        return deed

    def _moved(
        self, by: PersonId, space: SpaceId, kind: str, person: PersonId | None
    ) -> Callable[[PolicyId | None, PolicyId | None], Deed]:
        def deed(before: PolicyId | None, after: PolicyId | None) -> Deed:
            act = Act.ADDED if before is None else Act.CHANGED if after is not None else Act.REMOVED
            what = changes({"policy": before}, {"policy": after})
            return Deed(
                self._clock.now(), act, Subject.ASSIGNMENT, by, space, kind, person=person, changes=what
            )

        return deed


def _fields(policy: Policy | None) -> dict[str, object]:
    if policy is None:
        return {}
    fields = msgspec.structs.asdict(policy)
    del fields["id"], fields["version"]
    return fields
