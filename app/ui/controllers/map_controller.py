"""The map follows the space's state; walking and approaching go the other way."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage

from app.core.errors import Code, refuse
from app.core.model import (
    Answer,
    AnswerKind,
    AssetId,
    Escalation,
    EscalationId,
    PersonId,
    Place,
    SeatId,
)
from app.core.scene import Scene
from app.core.space import SpaceState
from app.ui.bridge import Bridge
from app.ui.controllers.asking import Asking, failure_words
from app.ui.i18n import tr
from app.ui.map import Avatar, Hand, MapView
from app.ui.pictures import Pictures
from app.ui.port import ClientPort
from app.ui.reach_words import machine_words
from app.ui.words import name_of, refusal_words

SEAT_REACH = 24
"""px from a seat's centre within which somebody stands on it."""


class MapController(QObject):
    """Signals:
    approach_hand: somebody with a raised hand is to be approached (the escalation's id).
    """

    approach_hand = Signal(str)

    def __init__(
        self, view: MapView, client: ClientPort, bridge: Bridge, asking: Asking, pictures: Pictures
    ) -> None:
        super().__init__(view)
        self._view, self._client, self._asking, self._pictures = view, client, asking, pictures
        self._shown: set[PersonId] = set()
        self._walks: set[tuple[EscalationId, PersonId, float]] = set()
        bridge.replaced.connect(self.replace)
        bridge.space_changed.connect(self._set_map)
        bridge.directory_changed.connect(self._put_all)
        bridge.occupants_changed.connect(self._put)
        bridge.places_moved.connect(self._move)
        bridge.hands_changed.connect(self._hands)
        pictures.came.connect(self._picture_came)
        view.self_moved.connect(client.walk_to)
        view.map_wanted.connect(client.load_map)
        view.approach_requested.connect(self.approach)

    # What the map shows

    def replace(self) -> None:
        """Read everything anew."""
        for person in tuple(self._shown):
            self._view.remove_avatar(person)
        self._shown.clear()
        self._walks = {walk for _, _, walk in self._answers()}
        self._set_map()
        self._put_all()

    def _set_map(self) -> None:
        space_map, failure = self._client.map, self._client.map_failure
        if space_map is not None:
            self._view.set_map(space_map, self._map_pictures())
        if failure is None:
            self._view.say_missing("")
        else:
            why = failure_words(failure)
            self._view.say_missing(tr("The map of this space could not be loaded. {why}", why=why))

    def _map_pictures(self) -> Mapping[AssetId, QImage]:
        space_map = self._client.map
        assets = space_map.assets if space_map else frozenset()
        images = {asset: self._pictures.get(asset) for asset in assets}
        return {asset: image for asset, image in images.items() if image is not None}

    def _picture_came(self, asset: str) -> None:
        space_map, space = self._client.map, self._client.space
        if space_map is not None and asset in space_map.assets:
            if len(self._map_pictures()) == len(space_map.assets):
                self._set_map()
        elif space is not None:
            self._put({p for p in self._shown if p in space.people and space.people[p].picture == asset})

    def _put_all(self) -> None:
        space = self._client.space
        if space is not None:
            self._put(space.occupants)

    def _put(self, people: object) -> None:
        space = self._client.space
        if space is None:
            return
        for person in people:  # type: ignore[attr-defined]  # a Qt signal carries any collection of ids
            if person in space.occupants and person in space.places:
                self._put_one(space, person)
            elif person in self._shown:
                self._view.remove_avatar(person)
                self._shown.discard(person)

    def _put_one(self, space: SpaceState, person: PersonId) -> None:
        self._view.put_avatar(self._avatar(space, person))
        if person not in self._shown:
            self._shown.add(person)
            self._view.place_avatar(person, space.places[person])

    def _avatar(self, space: SpaceState, person: PersonId) -> Avatar:
        occupant, known = space.occupants[person], space.people.get(person)
        hand = space.escalation_of(person)
        return Avatar(
            id=person,
            name=name_of(space, person),
            status=occupant.status,
            auto_away=occupant.auto_away,
            **({"role": known.role} if known else {}),
            picture=self._pictures.get(known.picture) if known else None,
            is_self=person == self._me,
            lost=not occupant.connected,
            lost_channels=machine_words(occupant.reach) if occupant.connected else "",
            zone=occupant.zone,
            hand=_hand(hand) if hand else None,
        )

    def _move(self, places: dict[PersonId, Place]) -> None:
        space = self._client.space
        for person, place in places.items():
            if person in self._shown:
                self._view.move_avatar(person, place)
            elif space is not None and person in space.occupants:
                self._put_one(space, person)

    def _hands(self) -> None:
        self._put_all()
        for escalation, answer, walk in self._answers():
            if walk not in self._walks:
                self._walks.add(walk)
                self._show_walk(escalation, answer)

    # Approaching

    def _answers(self) -> list[tuple[Escalation, Answer, tuple[EscalationId, PersonId, float]]]:
        space = self._client.space
        if space is None:
            return []
        return [
            (e, a, (e.id, a.person, a.at))
            for e in space.escalations.values()
            for a in e.answers
            if a.kind is AnswerKind.APPROACH and a.target is not None
        ]

    def _show_walk(self, escalation: Escalation, answer: Answer) -> None:
        space, walk = self._client.space, self._client.walk
        start = space.places.get(answer.person) if space else None
        if walk is None or start is None or answer.target is None:
            return
        if answer.person == self._me:
            self._view.walk_to(answer.target)
            return
        path = walk.path(start, answer.target)
        if path is not None:
            self._view.show_approach(answer.person, path)

    def approach(self, person: str) -> None:
        """Walk next to somebody; to a raised hand as an answer to it."""
        space, walk, me = self._client.space, self._client.walk, self._me
        if space is None or walk is None or me is None or person == me:
            return
        to = PersonId(person)
        hand = space.escalation_of(to)
        if hand is not None:
            self.approach_hand.emit(hand.id)
            return
        scene = Scene(space, walk)
        start, goal = space.places.get(me), space.places.get(to)
        if goal is None or start is None:
            self._asking.say(tr("{name} is not here.", name=name_of(space, to)))
        elif scene.in_meeting_room(me):
            self._asking.say(refusal_words(refuse(Code.IN_MEETING_ROOM)))
        else:
            target = walk.free_cell_near(goal, start, scene.taken_places(me))
            if target is None:
                self._asking.say(refusal_words(refuse(Code.NO_WAY, name=name_of(space, to))))
            else:
                self._view.walk_to(target)

    def locate(self, person: str) -> None:
        """Bring somebody into the middle of the view, and point at them."""
        self._view.centre_on(PersonId(person))
        self._view.focus_person(PersonId(person))

    # Seats

    def go_home(self) -> None:
        """Walk to the home seat."""
        seat = self.home_seat
        walk = self._client.walk
        if seat is None or walk is None or seat not in walk.seats:
            self._asking.say(
                tr("You have no home seat yet. Stand on a seat and choose “Make this my home seat”.")
            )
        else:
            self._view.walk_to(walk.seats[seat].place)

    @property
    def home_seat(self) -> SeatId | None:
        space, me = self._client.space, self._me
        occupant = space.occupants.get(me) if space and me else None
        return occupant.seat if occupant else None

    @property
    def seat_here(self) -> SeatId | None:
        """The seat on which one stands."""
        space, walk, me = self._client.space, self._client.walk, self._me
        place = space.places.get(me) if space and me else None
        if walk is None or place is None:
            return None
        near = (
            seat.id
            for seat in walk.seats.values()
            if (seat.place.x - place.x) ** 2 + (seat.place.y - place.y) ** 2 <= SEAT_REACH**2
        )
        return next(near, None)

    @property
    def _me(self) -> PersonId | None:
        return self._client.me.me if self._client.me else None


def _hand(escalation: Escalation) -> Hand:
    return Hand(
        escalation=escalation.id,
        level=escalation.level,
        raised_at=escalation.raised_at,
        message=escalation.message,
        coming=len(escalation.coming),
    )
