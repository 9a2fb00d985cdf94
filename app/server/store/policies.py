"""What the store keeps of policies: those of each space, and for whom they are run."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from app.core.audit import Deed
from app.core.model import PersonId, SpaceId
from app.core.policy import Assignment, CaseKind, Policy, PolicyId
from app.core.policy_questions import PolicyOutcome, StoredPolicy

Told = Callable[[Policy | None, Policy | None], Deed]
"""How a change is written down: from what to what; ``None`` where there is none."""
Moved = Callable[[PolicyId | None, PolicyId | None], Deed]
"""The same for an assignment."""


class PolicyStore(Protocol):
    """Every method may raise :class:`app.server.store.base.StoreError`; nothing of it has happened then."""

    async def of_space(self, space: SpaceId) -> Sequence[StoredPolicy]: ...

    async def assignments(self, space: SpaceId) -> Sequence[Assignment]: ...

    async def run_for(self, space: SpaceId, kind: CaseKind, person: PersonId | None) -> Policy:
        """The policy for what somebody does in a space: their own, that of the space, or the built-in one."""
        ...

    async def save(self, space: SpaceId, policy: Policy, told: Told) -> PolicyOutcome:
        """Keep it, if its version is the one that is there (0: none); it gets the next one.

        Raises:
            Refused: ``policy_invalid`` where its name is taken or its kind is another one,
                ``too_many_policies``.
        """
        ...

    async def delete(self, space: SpaceId, policy: PolicyId, version: int, told: Told) -> PolicyOutcome:
        """Raises Refused: ``policy_assigned``."""
        ...

    async def assign(self, assignment: Assignment, instead: PolicyId | None, moved: Moved) -> None:
        """Run it in place of ``instead``; nothing is done where it is run already.

        Raises:
            Refused: ``not_found`` where there is no such policy in the space, or it is of another kind;
                ``policy_moved`` where neither is run there.
        """
        ...

    async def unassign(self, seen: Assignment, moved: Moved) -> None:
        """Nothing is done where none is assigned. Raises Refused ``policy_moved`` where another one is."""
        ...
