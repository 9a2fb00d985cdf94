"""Who may send priority messages and who may reach for other people's phones."""

from __future__ import annotations

import enum

from app.core.model import Frozen, Person, PersonId, Role


class Right(enum.StrEnum):
    """What an organisation gives to some and not to others."""

    PRIORITY = "priority"
    """Send priority messages."""
    PHONES = "phones"
    """Have unanswered ones sent to phones."""


class Least(enum.StrEnum):
    """Who has a right unless their own setting says otherwise: everybody from this role up."""

    EVERYBODY = "everybody"
    SUPERVISORS = "supervisors"
    ADMINS = "admins"
    NOBODY = "nobody"


_ROLES = {
    Least.EVERYBODY: frozenset(Role),
    Least.SUPERVISORS: frozenset({Role.SUPERVISOR, Role.ADMIN}),
    Least.ADMINS: frozenset({Role.ADMIN}),
    Least.NOBODY: frozenset(),
}
DEFAULTS = {Right.PRIORITY: Least.EVERYBODY, Right.PHONES: Least.SUPERVISORS}


class OwnRight(Frozen, array_like=True):
    """One person's own setting."""

    person: PersonId
    right: Right
    allowed: bool


class Permissions(Frozen):
    """The organisation's settings, and people's own, which go before them."""

    priority: Least = DEFAULTS[Right.PRIORITY]
    phones: Least = DEFAULTS[Right.PHONES]
    exceptions: tuple[OwnRight, ...] = ()

    def least(self, right: Right) -> Least:
        return self.priority if right is Right.PRIORITY else self.phones

    def own(self, person: PersonId, right: Right) -> bool | None:
        """The person's own setting; ``None`` where the organisation's counts."""
        mine = (e.allowed for e in self.exceptions if e.person == person and e.right is right)
        return next(mine, None)

    def may(self, person: Person, right: Right) -> bool:
        own = self.own(person.id, right)
        return person.role in _ROLES[self.least(right)] if own is None else own


BUILT_IN = Permissions()
