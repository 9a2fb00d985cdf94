"""Questions about policies: what supervisors and admins of a space ask for and change; and their answers.

Whoever is neither learns nothing: the server answers ``not_found``.
"""

from __future__ import annotations

from app.core.calls import PhoneWay
from app.core.case_questions import Ahead
from app.core.cases import CaseId, Note
from app.core.model import Frozen, PersonId, SpaceId
from app.core.policy import Assignment, CaseKind, Contact, Policy, PolicyId


class ListPolicies(Frozen, tag="list_policies"):
    """All policies of a space, and for whom they are run."""

    space: SpaceId


class SavePolicy(Frozen, tag="save_policy"):
    """Store a policy of a space.

    Attributes:
        policy: its ``version`` is the one that the change was made from; 0 for a new one.
    """

    space: SpaceId
    policy: Policy


class DeletePolicy(Frozen, tag="delete_policy"):
    """Refused while it is assigned. ``version``: the one that was seen."""

    space: SpaceId
    policy: PolicyId
    version: int


class AssignPolicy(Frozen, tag="assign_policy"):
    """Run it from now on for what happens in the space, or for what one person there does.

    Attributes:
        instead: what was seen to be run there, a policy of the space; ``None``: none.
    """

    assignment: Assignment
    instead: PolicyId | None = None


class UnassignPolicy(Frozen, tag="unassign_policy"):
    """Back to the policy of the space (for a person), or to the built-in one (``person`` is ``None``).

    Attributes:
        policy: what was seen to be run there.
    """

    space: SpaceId
    kind: CaseKind
    policy: PolicyId
    person: PersonId | None = None


class StartTrial(Frozen, tag="start_trial"):
    """Run a policy for real, also one that is not stored: every step reaches me alone."""

    space: SpaceId
    policy: Policy


class GetTrial(Frozen, tag="get_trial"):
    """My own test."""

    case: CaseId


class EndTrial(Frozen, tag="end_trial"):
    """Nothing more is done."""

    case: CaseId


PolicyQuery = (
    ListPolicies
    | SavePolicy
    | DeletePolicy
    | AssignPolicy
    | UnassignPolicy
    | StartTrial
    | GetTrial
    | EndTrial
)


class StoredPolicy(Frozen):
    """Attributes:
    by, at: who changed it last, and when (s).
    """

    policy: Policy
    at: float
    by: PersonId | None = None


class Policies(Frozen, tag="policies"):
    """Attributes:
    contacts: what a step can reach outside the program, masked.
    phones: members of the space whose own number is verified.
    ways: what the server has a gateway for: without one, steps that text or call reach nobody.
    """

    policies: tuple[StoredPolicy, ...] = ()
    assignments: tuple[Assignment, ...] = ()
    contacts: tuple[Contact, ...] = ()
    phones: tuple[PersonId, ...] = ()
    ways: tuple[PhoneWay, ...] = ()


class PolicyOutcome(Frozen, tag="policy_outcome"):
    """What became of a change.

    Attributes:
        done: ``False``: somebody else changed the policy since, and nothing was stored.
        stored: as it is stored now; ``None``: it is deleted.
    """

    done: bool
    stored: StoredPolicy | None = None


class Trial(Frozen, tag="trial"):
    """A test of a policy.

    Attributes:
        notes: what happened, oldest first.
        ahead: what comes next.
        over: it was answered or ended, or its last step has passed.
    """

    case: CaseId
    notes: tuple[Note, ...] = ()
    ahead: tuple[Ahead, ...] = ()
    over: bool = False


PolicyResult = Policies | PolicyOutcome | Trial
