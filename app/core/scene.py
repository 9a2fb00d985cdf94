"""What a decision is made from, and what comes out of it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from app.core.cases import Move
from app.core.events import PersonalEvent, SpaceEvent
from app.core.geometry import WalkMap
from app.core.lines import CustomerId, Talk
from app.core.model import PersonId, Place, ZoneId
from app.core.permissions import BUILT_IN, Permissions
from app.core.person import PersonState
from app.core.policy import Contact, ContactId
from app.core.space import SpaceState


@dataclass(frozen=True)
class Scene:
    """Everything a rule may look at. Rules read it and change nothing.

    Attributes:
        space: the space the person is in, folded up to now.
        walk: walls, zones and ways of its map.
        online: people with a connection, in whatever space.
        persons: each person's own state; the server loads it when it is asked for.
        permissions: what the organisation allows to whom.
        phones: who can be reached by phone now; the server finds out where a rule needs it.
        contacts: those of the space that a person may reach by hand; found out in the same way.
        talks: conversations with customers that the space does not hold; loaded in the same way.
    """

    space: SpaceState
    walk: WalkMap
    online: Collection[PersonId] = ()
    persons: Mapping[PersonId, PersonState] = field(default_factory=dict)
    permissions: Permissions = BUILT_IN
    phones: Collection[PersonId] = ()
    contacts: Mapping[ContactId, Contact] = field(default_factory=dict)
    talks: Mapping[CustomerId, Talk] = field(default_factory=dict)

    def zone_kind_is_room(self, zone: ZoneId | None) -> bool:
        return zone is not None and zone in self.walk.meeting_rooms

    def in_meeting_room(self, person: PersonId) -> bool:
        occupant = self.space.occupants.get(person)
        return occupant is not None and self.zone_kind_is_room(occupant.zone)

    def taken_places(self, besides: PersonId) -> list[Place]:
        """Where others stand, and where those who are on the way to somebody will stand."""
        standing = [place for person, place in self.space.places.items() if person != besides]
        going = [
            answer.target
            for escalation in self.space.escalations.values()
            for answer in escalation.answers
            if answer.target and answer.person != besides
        ]
        return standing + going


@dataclass(frozen=True)
class Decision:
    """What happens: events of the space's stream, and of the streams of single people, in order; and what
    becomes of cases, where the engine decides."""

    space: tuple[SpaceEvent, ...] = ()
    personal: tuple[tuple[PersonId, PersonalEvent], ...] = ()
    moves: tuple[Move, ...] = ()

    def __add__(self, other: Decision) -> Decision:
        return Decision(self.space + other.space, self.personal + other.personal, self.moves + other.moves)

    def __bool__(self) -> bool:
        return bool(self.space or self.personal or self.moves)


NOTHING = Decision()
"""Accepted, and nothing had to change."""


def to_all(people: Iterable[PersonId], event: PersonalEvent) -> tuple[tuple[PersonId, PersonalEvent], ...]:
    return tuple((person, event) for person in people)
