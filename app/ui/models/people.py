"""Everybody of the space, those who are here first, found by name, handle or reading."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from app.core.maps import SpaceMap
from app.core.model import AssetId, Level, Person, PersonId, Role, Status
from app.core.space import SpaceState
from app.core.text import search_key
from app.ui.i18n import tr, trn
from app.ui.models import matching
from app.ui.models.rows import RowModel
from app.ui.reach_words import lost_words
from app.ui.words import in_a_row, presence_words, role_words, where_words


@dataclass(frozen=True)
class Heading:
    """A line between groups of rows."""

    key: str
    divides: str

    @property
    def spoken(self) -> str:
        return self.divides


@dataclass(frozen=True)
class PersonRow:
    """One member of the space.

    Attributes:
        status: ``None`` when not here.
        lost: the connection is lost, the grace time runs.
        doing: status in words; where: the zone's name, or empty.
        hand: colour of the raised hand.
        lost_channels: what of an alert does not reach them, in words.
    """

    id: PersonId
    name: str
    handle: str
    role: Role
    picture: AssetId | None = None
    status: Status | None = None
    auto_away: bool = False
    lost: bool = False
    doing: str = ""
    where: str = ""
    hand: Level | None = None
    lost_channels: str = ""
    me: bool = False

    @property
    def key(self) -> str:
        return self.id

    @property
    def here(self) -> bool:
        return self.status is not None

    @property
    def spoken(self) -> str:
        role = role_words(self.role) if self.role is not Role.AGENT else ""
        hand = tr("hand raised") if self.hand else ""
        return in_a_row((self.name, role, self.doing, self.where, hand, self.lost_channels))


def people_rows(
    space: SpaceState, me: PersonId, space_map: SpaceMap | None, search: str = ""
) -> tuple[PersonRow | Heading, ...]:
    """Who matches ``search``: here first, each part by name, with a heading over each."""
    found = [p for p in space.people.values() if matches(p, search)]
    found.sort(key=lambda p: (search_key(p.name), p.id))
    here = [p for p in found if p.id in space.occupants]
    absent = [p for p in found if p.id not in space.occupants]
    rows: list[PersonRow | Heading] = []
    if here:
        rows.append(Heading("#here", trn("Here · {n}", "Here · {n}", len(here))))
        rows.extend(_rows(space, me, space_map, here))
    if absent:
        rows.append(Heading("#absent", trn("Not here · {n}", "Not here · {n}", len(absent))))
        rows.extend(_rows(space, me, space_map, absent))
    return tuple(rows)


def matches(person: Person, search: str) -> bool:
    """Every word typed stands somewhere in the name or the handle."""
    return matching.matches(search, person.name, person.handle)


def _rows(
    space: SpaceState, me: PersonId, space_map: SpaceMap | None, people: Iterable[Person]
) -> Iterable[PersonRow]:
    hands = {e.raiser: e.level for e in space.escalations.values()}
    for person in people:
        occupant = space.occupants.get(person.id)
        yield PersonRow(
            id=person.id,
            name=person.name,
            handle=person.handle,
            role=person.role,
            picture=person.picture,
            status=occupant.status if occupant else None,
            auto_away=occupant.auto_away if occupant else False,
            lost=occupant is not None and not occupant.connected,
            doing=presence_words(occupant),
            where=where_words(space_map, occupant),
            hand=hands.get(person.id),
            lost_channels=lost_words(occupant.reach) if occupant and occupant.connected else "",
            me=person.id == me,
        )


class PeopleModel(RowModel[PersonRow | Heading]):
    """The list as a Qt model; ``search`` narrows it."""

    search = ""

    def refresh(self, space: SpaceState, me: PersonId, space_map: SpaceMap | None) -> None:
        self.show(people_rows(space, me, space_map, self.search))
