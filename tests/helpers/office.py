"""A small office for tests: one meeting room, one quiet corner, walls, seats, and a few people.

::

    ##############
    #......#.....#      M  meeting room "Kita" (right, behind the wall)
    #......#..M..#      Q  quiet corner (bottom left)
    #......D.....#      D  door
    #......#######
    #QQ..........#
    #QQ..........#
    ##############
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from app.core.commands import Command
from app.core.decide import decide
from app.core.errors import Refusal
from app.core.geometry import WalkMap
from app.core.maps import Seat, SpaceMap, Zone, ZoneKind, check
from app.core.model import (
    Device,
    Group,
    GroupId,
    MapId,
    Person,
    PersonId,
    Place,
    Role,
    SeatId,
    Space,
    SpaceId,
    Status,
    ZoneId,
)
from app.core.permissions import BUILT_IN
from app.core.person import PersonSnapshot, PersonState
from app.core.policy import Contact, ContactId
from app.core.presence import enter, walk_to
from app.core.scene import Decision, Scene
from app.core.space import SpaceSnapshot, SpaceState
from app.core.wire import decode_personal_event, decode_space_event, encode

PLAN = (
    "##############",
    "#......#.....#",
    "#......#.....#",
    "#............#",
    "#......#######",
    "#............#",
    "#............#",
    "##############",
)
TILE = 32

ANN, BOB, CHIE, DEV, EVA = (PersonId(handle) for handle in ("ann", "bob", "chie", "dev", "eva"))
SUPERVISORS, EMPTY, ALONE = GroupId("g1"), GroupId("g2"), GroupId("g3")
KITA, QUIET = ZoneId("kita"), ZoneId("quiet")
IN_KITA = Place(10 * TILE + 16, 2 * TILE + 16)
SPACE = SpaceId("osaka")


def at(column: int, row: int) -> Place:
    """The centre of a cell, px."""
    return Place(column * TILE + TILE // 2, row * TILE + TILE // 2)


def rectangle(left: int, top: int, right: int, bottom: int) -> tuple[Place, ...]:
    """The outline of the cells ``left..right``, ``top..bottom``, both ends included."""
    x, y, x2, y2 = left * TILE, top * TILE, (right + 1) * TILE, (bottom + 1) * TILE
    return (Place(x, y), Place(x2, y), Place(x2, y2), Place(x, y2))


def office_map() -> SpaceMap:
    office = SpaceMap(
        id=MapId("office"),
        name="Office",
        columns=len(PLAN[0]),
        rows=len(PLAN),
        tile_width=TILE,
        tile_height=TILE,
        blocked=bytes(cell == "#" for row in PLAN for cell in row),
        zones=(
            Zone(KITA, "Kita", ZoneKind.MEETING_ROOM, rectangle(8, 1, 12, 3)),
            Zone(QUIET, "Quiet corner", ZoneKind.QUIET, rectangle(1, 5, 2, 6)),
        ),
        seats=(Seat(SeatId("s1"), "1", at(1, 1)), Seat(SeatId("s2"), "2", at(4, 1))),
        start=(at(5, 6), at(6, 6), at(7, 6)),
    )
    check(office)
    return office


def office_people() -> tuple[Person, ...]:
    return (
        Person(ANN, "ann", "Ann Field"),
        Person(BOB, "bob", "Bob Stone", Role.SUPERVISOR),
        Person(CHIE, "chie", "森 千恵", Role.SUPERVISOR),
        Person(DEV, "dev", "Dev Patel"),
        Person(EVA, "eva", "Eva Admin", Role.ADMIN),
    )


def office_groups() -> tuple[Group, ...]:
    return (
        Group(SUPERVISORS, "supervisors", "Supervisors", (BOB, CHIE)),
        Group(EMPTY, "nobody", "Nobody"),
        Group(ALONE, "alone", "Ann alone", (ANN,)),
    )


class Office:
    """The scene with everything folded through wire bytes, as server and clients do."""

    def __init__(self, present: Iterable[PersonId] = (ANN, BOB, CHIE, DEV)) -> None:
        space = Space(SPACE, "Osaka", MapId("office"))
        snapshot = SpaceSnapshot(space, office_people(), office_groups())
        self.space = SpaceState(snapshot)
        self.walk = WalkMap(office_map())
        self.persons = {p.id: PersonState(PersonSnapshot(p.id)) for p in office_people()}
        self.online: set[PersonId] = set()
        self.now = 1000.0
        self.commands = 0
        self.permissions = BUILT_IN
        self.phones: set[PersonId] = set()
        self.contacts: dict[ContactId, Contact] = {}
        for person in present:
            self.enter(person)

    @property
    def scene(self) -> Scene:
        online = frozenset(self.online)
        scene = Scene(self.space, self.walk, online, self.persons, self.permissions, self.phones)
        return replace(scene, contacts=self.contacts)

    def enter(self, person: PersonId, seat: SeatId | None = None) -> None:
        self.online.add(person)
        self.fold(enter(self.scene, person, seat, Status.AVAILABLE))

    def fold(self, decision: Decision) -> Decision:
        for event in decision.space:
            self.space.apply(decode_space_event(encode(event)))
        for person, personal in decision.personal:
            self.persons[person].apply(decode_personal_event(encode(personal)))
        return decision

    def do(
        self, actor: PersonId, command: Command, command_id: str = "", device: Device | None = None
    ) -> Decision | Refusal:
        """Decide and fold; a second later each time."""
        self.now += 1
        self.commands += 1
        outcome = decide(self.scene, actor, command, command_id or f"c{self.commands}", self.now, device)
        if isinstance(outcome, Decision):
            self.fold(outcome)
        return outcome

    def walk_person(self, person: PersonId, to: Place) -> Decision | Refusal:
        self.now += 1
        outcome = walk_to(self.scene, person, to, self.now)
        if isinstance(outcome, Decision):
            self.fold(outcome)
            self.space.places[person] = to
        return outcome
