"""Two who changed the same policy: what is shown of both, and what becomes of what was written here."""

from __future__ import annotations

import uuid

from app.core.policy import PolicyId
from app.core.policy_questions import Policies, StoredPolicy
from app.ui.i18n import tr
from app.ui.policies.draft import Draft, Edit, edit_of, replace
from app.ui.policies.sentences import Names, sentences
from app.ui.policies.window import PolicyWindow
from app.ui.words import clock_time


def fresh_id() -> PolicyId:
    return PolicyId(uuid.uuid4().hex)


class PolicyConflict:
    """Args:
    theirs: as it is stored now; ``None``: they deleted it.
    policies: all of the space, as they are stored now.
    """

    def __init__(self, theirs: StoredPolicy | None, policies: Policies) -> None:
        self._theirs, self._policies = theirs, policies

    def show(self, window: PolicyWindow, mine: Edit, names: Names) -> None:
        theirs = self._theirs
        written = (mine.policy.name, *sentences(names, mine.policy))
        if theirs is None:
            window.conflict.show_conflict("", "", None, written)
        else:
            stored = (theirs.policy.name, *sentences(names, theirs.policy))
            who = names.person(theirs.by) if theirs.by else tr("Somebody")
            window.conflict.show_conflict(who, clock_time(theirs.at), stored, written)
        window.show_page(window.conflict)

    def given_way(self) -> Draft | None:
        """Theirs, and nothing of mine; ``None`` where they deleted it."""
        edit = self._stored()
        return Draft(edit, edit) if edit is not None else None

    def gone_on(self, mine: Draft) -> Draft:
        """What was written here is a change of theirs from now on; a new policy where they deleted it."""
        edit = self._stored()
        if edit is None:
            policy = replace(mine.policy, id=fresh_id(), version=0)
            return Draft(Edit(policy, mine.now.everybody, mine.now.people), None)
        mine.based_on(edit)
        return mine

    def _stored(self) -> Edit | None:
        theirs = self._theirs
        return edit_of(theirs.policy, self._policies.assignments) if theirs is not None else None
