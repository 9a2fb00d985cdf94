"""What admins changed, as events: the difference between the tables and what a space knows."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from app.core.events import (
    GroupChanged,
    GroupRemoved,
    PersonChanged,
    PersonRemoved,
    SpaceChanged,
    SpaceEvent,
    ZoneCrossed,
)
from app.core.geometry import WalkMap
from app.core.hands import lowered_by
from app.core.line_events import LineChanged, LineRemoved
from app.core.lines import Line, LineId
from app.core.model import EndReason, Group, PersonId, Place, Space, SpaceId
from app.core.presence import leave
from app.core.scene import NOTHING, Decision, Scene
from app.core.space import SpaceSnapshot
from app.server.store.base import Roster


def groups_in(roster: Roster, space: SpaceId) -> dict[str, Group]:
    """Groups as a space sees them: with those of their members who belong to it, if there are any."""
    members = roster.members[space]
    inside = {
        key: msgspec.structs.replace(group, members=tuple(p for p in group.members if p in members))
        for key, group in roster.groups.items()
    }
    return {key: group for key, group in inside.items() if group.members}


def lines_in(roster: Roster, space: SpaceId) -> dict[LineId, Line]:
    return {line.id: line for line in roster.lines.values() if line.space == space}


def beginning(roster: Roster, space: SpaceId) -> SpaceSnapshot:
    """A space that nobody has entered yet."""
    return SpaceSnapshot(
        space=roster.spaces[space],
        people=tuple(roster.people[person] for person in sorted(roster.members[space])),
        groups=tuple(groups_in(roster, space).values()),
        lines=tuple(lines_in(roster, space).values()),
    )


def difference(scene: Scene, roster: Roster, now: float) -> Decision:
    """What has to happen so that the space knows what the tables say.

    Who no longer belongs to it is shown out first, and their hand goes down.
    """
    state = scene.space
    members = roster.members[state.space.id]
    decision = NOTHING
    for person in state.people.keys() - members:
        decision += leave(scene, person, now, EndReason.REMOVED)
    events: list[SpaceEvent] = [PersonRemoved(person) for person in sorted(state.people.keys() - members)]
    present = (roster.people[person] for person in sorted(members))
    events += [PersonChanged(person) for person in present if state.people.get(person.id) != person]
    groups = groups_in(roster, state.space.id)
    events += [GroupRemoved(group) for group in sorted(state.groups.keys() - groups.keys())]
    events += [GroupChanged(group) for group in groups.values() if state.groups.get(group.id) != group]
    lines, known = lines_in(roster, state.space.id), state.inbox.lines
    events += [LineRemoved(line) for line in sorted(known.keys() - lines.keys())]
    events += [LineChanged(line) for line in lines.values() if known.get(line.id) != line]
    return decision + Decision(tuple(events))


def relocated(walk: WalkMap, places: dict[PersonId, Place]) -> Iterator[tuple[PersonId, Place]]:
    """Where people stand on a new map, px: where they stood, or as near to it as it can be."""
    for person, place in places.items():
        yield person, walk.nearest_walkable(place) or walk.start_place(None, ())


def redrawn(scene: Scene, walk: WalkMap, space: Space, places: dict[PersonId, Place], now: float) -> Decision:
    """The space gets another name or map; whoever finds themself in a meeting room lowers the hand."""
    decision = Decision((SpaceChanged(space),))
    for person, place in places.items():
        occupant, zone = scene.space.occupants[person], walk.zone_at(place)
        zone_id = zone.id if zone else None
        if zone_id == occupant.zone:
            continue
        decision += Decision((ZoneCrossed(person, zone_id),))
        if zone_id in walk.meeting_rooms:
            decision += lowered_by(scene, person, EndReason.MEETING_ROOM, now)
    return decision
