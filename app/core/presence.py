"""The rules of being somewhere: enter, leave, lose the connection, walk, status, seats."""

from __future__ import annotations

from app.core.commands import SetAutoAway, SetStatus, TakeSeat
from app.core.errors import Code, Refusal, refuse
from app.core.events import (
    AutoAwaySet,
    Entered,
    Left,
    LinkLost,
    LinkRestored,
    ReachChanged,
    SeatTaken,
    StatusSet,
    ZoneCrossed,
)
from app.core.hands import lowered_by, withdraw
from app.core.model import ALL_WORK, EndReason, Occupant, PersonId, Place, Reach, SeatId, Status, best_of
from app.core.scene import NOTHING, Decision, Scene


def enter(
    scene: Scene,
    person: PersonId,
    seat: SeatId | None,
    status: Status,
    last: Place | None = None,
    reach: Reach = ALL_WORK,
) -> Decision:
    """A person's first connection to the space: at the home seat, else where they last stood, else at
    a start cell. A connection that was lost is restored where the avatar stands.

    Args:
        reach: how alerts come through at all of the person's machines together.
    """
    occupant = scene.space.occupants.get(person)
    if occupant is not None:
        back = NOTHING if occupant.connected else Decision((LinkRestored(person),))
        return back + _reached_as(occupant, reach)
    if seat is not None and _has_owner(scene, seat, person):
        seat = None  # somebody else made it theirs meanwhile
    taken = list(scene.space.places.values())
    place = scene.walk.start_place(seat, taken)
    if seat is None and last is not None and scene.walk.walkable(last):
        place = last
    zone = scene.walk.zone_at(place)
    new = Occupant(
        person=person, status=status, seat=seat, zone=zone.id if zone else None, reach=best_of([reach])
    )
    return Decision((Entered(new, place),))


def change_reach(scene: Scene, person: PersonId, reach: Reach) -> Decision | Refusal:
    """Alerts come through at the person's machines like that now; everybody may know."""
    occupant = scene.space.occupants.get(person)
    return _reached_as(occupant, reach) if occupant else refuse(Code.NOT_IN_SPACE)


def _reached_as(occupant: Occupant, reach: Reach) -> Decision:
    reach = best_of([reach])  # each channel once, in order
    return NOTHING if occupant.reach == reach else Decision((ReachChanged(occupant.person, reach),))


def lose_link(scene: Scene, person: PersonId, now: float) -> Decision:
    """The last connection broke. That is not leaving: the avatar and its hand stay for a grace time."""
    if not scene.space.is_here(person):
        return NOTHING
    return Decision((LinkLost(person, now),))


def grace_over(scene: Scene, person: PersonId, now: float) -> Decision:
    """Ends the presence (and the hand) of a person whose connection was lost.

    For how long it was is for the caller to measure: ``now`` and ``lost_since`` are times of a clock that may
    be set meanwhile.
    """
    occupant = scene.space.occupants.get(person)
    if occupant is None or occupant.connected:
        return NOTHING
    return _gone(scene, person, EndReason.CONNECTION_LOST, now)


def leave(scene: Scene, person: PersonId, now: float, reason: EndReason = EndReason.LEFT) -> Decision:
    """Leave on purpose, or be removed."""
    if person not in scene.space.occupants:
        return NOTHING
    return _gone(scene, person, reason, now)


def _gone(scene: Scene, person: PersonId, reason: EndReason, now: float) -> Decision:
    ended = lowered_by(scene, person, reason, now) + withdraw(scene, person, now)
    return ended + Decision((Left(person),))


def walk_to(scene: Scene, person: PersonId, to: Place, now: float) -> Decision | Refusal:
    """One reported position: never inside a wall, never beyond walls; a meeting room ends the hand.

    The caller moves the avatar when this is not refused.
    """
    occupant, place = scene.space.occupants.get(person), scene.space.places.get(person)
    if occupant is None or place is None:
        return refuse(Code.NOT_IN_SPACE)
    if not scene.walk.walkable(to) or not scene.walk.reachable(place, to):
        return refuse(Code.WALL)
    zone = scene.walk.zone_at(to)
    zone_id = zone.id if zone else None
    if zone_id == occupant.zone:
        return NOTHING
    ended = NOTHING
    if scene.zone_kind_is_room(zone_id):
        ended = lowered_by(scene, person, EndReason.MEETING_ROOM, now)
    return Decision((ZoneCrossed(person, zone_id),)) + ended


def set_status(scene: Scene, person: PersonId, command: SetStatus, now: float) -> Decision | Refusal:
    occupant = scene.space.occupants.get(person)
    if occupant is None:
        return refuse(Code.NOT_IN_SPACE)
    if occupant.status is command.status:
        return NOTHING
    decision = Decision((StatusSet(person, command.status),))
    if command.status is Status.AWAY:
        decision += lowered_by(scene, person, EndReason.AWAY, now)
    return decision


def set_auto_away(scene: Scene, person: PersonId, command: SetAutoAway) -> Decision | Refusal:
    """A locked screen must not cancel a call for help: no hand ends here."""
    occupant = scene.space.occupants.get(person)
    if occupant is None:
        return refuse(Code.NOT_IN_SPACE)
    if occupant.auto_away == command.auto_away:
        return NOTHING
    return Decision((AutoAwaySet(person, command.auto_away),))


def take_seat(scene: Scene, person: PersonId, command: TakeSeat) -> Decision | Refusal:
    occupant = scene.space.occupants.get(person)
    if occupant is None:
        return refuse(Code.NOT_IN_SPACE)
    if command.seat is not None and command.seat not in scene.walk.seats:
        return refuse(Code.UNKNOWN_SEAT)
    if command.seat is not None and _has_owner(scene, command.seat, person):
        return refuse(Code.SEAT_TAKEN)
    return NOTHING if occupant.seat == command.seat else Decision((SeatTaken(person, command.seat),))


def _has_owner(scene: Scene, seat: SeatId, besides: PersonId) -> bool:
    return any(o.seat == seat and o.person != besides for o in scene.space.occupants.values())
