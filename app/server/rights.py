"""Who may do what with the settings of a space; whoever may not learns nothing, not even that it exists."""

from __future__ import annotations

from app.core.errors import Code, Refused
from app.core.model import PersonId, Role, SpaceId
from app.server.link import Link
from app.server.store.base import Roster

SUPERVISING = frozenset({Role.SUPERVISOR, Role.ADMIN})


def signed_in(link: Link) -> PersonId:
    """Who asks. Raises Refused ``out_of_turn``."""
    if link.person is None:
        raise Refused.of(Code.OUT_OF_TURN)
    return link.person


def supervises(roster: Roster, person: PersonId, space: SpaceId) -> bool:
    """Whether somebody is a supervisor or admin, and belongs to the space."""
    known = roster.people.get(person)
    return known is not None and known.role in SUPERVISING and person in roster.members.get(space, ())


def supervisor_of(roster: Roster, link: Link, space: SpaceId) -> PersonId:
    """Who asks, if they supervise the space. Raises Refused ``not_found``."""
    person = signed_in(link)
    if not supervises(roster, person, space):
        raise Refused.of(Code.NOT_FOUND)
    return person


def administers(roster: Roster, person: PersonId, space: SpaceId | None) -> bool:
    """Whether somebody is an admin and belongs to the space; ``None``: to every one."""
    known = roster.people.get(person)
    if known is None or known.role is not Role.ADMIN:
        return False
    spaces = roster.members if space is None else (space,)
    return all(person in roster.members.get(one, ()) for one in spaces)


def admin(roster: Roster, link: Link) -> PersonId:
    """Who asks, if they are an admin. Raises Refused ``not_found``."""
    person = signed_in(link)
    known = roster.people.get(person)
    if known is None or known.role is not Role.ADMIN:
        raise Refused.of(Code.NOT_FOUND)
    return person


def admin_of(roster: Roster, link: Link, space: SpaceId | None) -> PersonId:
    """Who asks, if they administer the space, or all of them. Raises Refused ``not_found``."""
    person = admin(roster, link)
    if not administers(roster, person, space):
        raise Refused.of(Code.NOT_FOUND)
    return person
