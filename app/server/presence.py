"""Which clients of whom are in which space: entering, leaving, and connections that break.

A person may have several clients, on several servers. The first one enters; the last one that breaks loses
the link, and the last one that leaves on purpose leaves. Where a server dies, those who live lose the links.
"""

from __future__ import annotations

import asyncio
import logging

from app.core import events as ev
from app.core import slices, wire
from app.core.errors import Code, Refusal, Refused, refuse, sentence
from app.core.model import PersonId, Reach, SpaceId, Status
from app.core.presence import change_reach, enter, grace_over, leave, lose_link
from app.core.scene import NOTHING, Decision, Scene
from app.core.wire import Position, Stream
from app.server.audience import events_packet
from app.server.capacity import AGAIN, Capacity
from app.server.clock import Clock
from app.server.feeds import Feeds, PersonFeed, SpaceFeed
from app.server.hub import Hub, call_key
from app.server.ledger import Asked, Decide, Ledger, Room
from app.server.link import AlertKey, Link
from app.server.peers import Peers
from app.server.spaces import Spaces
from app.server.store.base import CommandRecord, Store

log = logging.getLogger(__name__)


class Attendance:
    """Args:
    grace: s that a lost connection may take to come back.
    capacity: how many fit in.
    peers: the other servers, through which people are there too.
    """

    def __init__(
        self,
        store: Store,
        spaces: Spaces,
        ledger: Ledger,
        hub: Hub,
        clock: Clock,
        grace: float,
        capacity: Capacity,
        peers: Peers,
    ) -> None:
        self._store, self._spaces, self._ledger, self._hub = store, spaces, ledger, hub
        self._clock, self._grace, self._capacity = clock, grace, capacity
        self._peers = peers

    @property
    def _feeds(self) -> Feeds:
        return self._spaces.feeds

    async def attach(self, link: Link, asked: wire.Attach) -> None:
        """Enter a space and join both streams where the client knows them, else with a snapshot.

        Raises:
            Refused: ``no_space``, ``not_found``, ``space_full``, ``too_many_machines``, ``store_failed``. The
                link is where it was then.
        """
        assert link.person is not None
        person = link.person
        room = await self._choose(person, asked.space)
        self._find_room(link, person, room)
        if link.space is not None and link.space != room.id:
            refusal = await self.leave(link, None)
            if refusal is not None:
                raise Refused(refusal)
        link.reach = asked.reach
        room.add(person, link)
        link.space = room.id  # from here on detach() undoes all of it
        await self._enter(room, person)
        await self._join(link, person, room, asked)

    async def _choose(self, person: PersonId, space: SpaceId | None) -> Room:
        mine = [candidate.id for candidate in self._spaces.roster.spaces_of(person)]
        if not mine:
            raise Refused.of(Code.NO_SPACE)
        if space is None:
            last = await self._store.last_space(person)
            space = last if last in mine else mine[0]
        room = self._spaces.room(space) if space in mine else None
        if room is None:
            raise Refused.of(Code.NOT_FOUND)
        return room

    def _find_room(self, link: Link, person: PersonId, room: Room) -> None:
        """Raises Refused where nobody else fits in."""
        capacity = self._capacity
        if person not in room.state.occupants and len(room.state.occupants) >= capacity.per_space:
            raise Refused.of(Code.SPACE_FULL, limit=capacity.per_space, seconds=AGAIN)
        machines = self._hub.links_of(person)
        if link not in machines and len(machines) >= capacity.per_person:
            raise Refused.of(Code.TOO_MANY_MACHINES, limit=capacity.per_person, seconds=AGAIN)

    async def _enter(self, room: Room, person: PersonId) -> None:
        desk = await self._store.desk(room.id, person)
        # Who comes in is there, whatever they were when they left.
        status = Status.AVAILABLE if desk.status is Status.AWAY else desk.status

        def rule(scene: Scene, _: float) -> Decision:
            return enter(scene, person, desk.seat, status, desk.place, room.reach_of(person))

        outcome = await self._ledger.commit(room, Asked(rule))
        if isinstance(outcome, Refusal):
            if outcome.code is Code.STORE_FAILED and person in room.state.occupants:
                return  # never left; that they are back is written down by end_overdue()
            raise Refused(outcome)
        await self._is_here(room, person, outcome)

    async def _is_here(self, room: Room, person: PersonId, decision: Decision) -> None:
        if any(isinstance(event, ev.Entered | ev.LinkRestored) for event in decision.space):
            self._peers.came((room.id, person))
        else:
            await self._peers.keep((room.id, person), here=True)

    async def _join(self, link: Link, person: PersonId, room: Room, asked: wire.Attach) -> None:
        """Both streams from one moment on, without a gap and without a repetition."""
        maker = slices.Maker()
        while True:
            own = await self._feeds.person(person)
            if not self._knows(own, asked.personal_at):
                for _ in maker.prepare(own.state.conversations.values()):
                    await asyncio.sleep(0)  # others have their turn
            space_missing = await self._missing(room.feed, asked.space_at)
            own_missing = await self._missing(own, asked.personal_at)
            # From here to the join nothing is awaited, so what is missing must still be all of it.
            if (
                self._feeds.state_of(person) is own.state
                and _complete(room.feed, asked.space_at, space_missing)
                and _complete(own, asked.personal_at, own_missing)
            ):
                break
        link.begin_round()
        space_at = self._position(room.feed, asked.space_at, space_missing)
        own_at = self._position(own, asked.personal_at, own_missing)
        places = tuple((who, place.x, place.y) for who, place in room.places().items())
        message = wire.Attached(
            room.id,
            space_at,
            own_at,
            space=room.state.snapshot() if space_missing is None else None,
            personal=own.state.snapshot() if own_missing is None else None,
            places=places if space_missing is not None else (),
            resync=_broken_off(asked, space_missing, own_missing),
        )
        alerts = [AlertKey(alert.space, alert.escalation.id) for alert in own.state.alerts.values()]
        calls = [call_key(call.message) for call in own.state.calls.values()]
        link.attached(message, maker.frame(message), (*alerts, *calls))
        if space_missing:
            packet = events_packet(Stream.SPACE, space_at.seq + 1, space_missing)
            link.events(packet, Stream.SPACE, room.feed.at, owed=True)
        if own_missing:
            packet = events_packet(Stream.PERSONAL, own_at.seq + 1, own_missing)
            link.events(packet, Stream.PERSONAL, own.at, owed=True)
        self._hub.join(link, person, room.id, replayed=bool(space_missing))

    async def _missing(self, feed: SpaceFeed | PersonFeed, known: Position | None) -> list[bytes] | None:
        """What a client that knows the stream up to there still needs; ``None``: a snapshot."""
        if known is None or not self._knows(feed, known):
            return None
        in_memory = feed.since(known.seq)
        if in_memory is not None:
            return in_memory
        kept = await self._store.events_after(feed.key, known.seq)
        return None if kept is None else list(kept)

    def _knows(self, feed: SpaceFeed | PersonFeed, known: Position | None) -> bool:
        return known is not None and known.epoch == self._store.epoch and 0 <= known.seq <= feed.at

    def _position(
        self, feed: SpaceFeed | PersonFeed, known: Position | None, missing: list[bytes] | None
    ) -> Position:
        seq = feed.at if known is None or missing is None else known.seq
        return Position(self._store.epoch, seq)

    async def detach(self, link: Link) -> None:
        """The connection broke, or was closed without leaving."""
        room, person = self._spaces.room(link.space), link.person
        if room is None or person is None:
            return
        self._remove(link, room, person)
        elsewhere = await self._peers.is_elsewhere((room.id, person))
        outcome = await self._ledger.commit(room, Asked(_link_gone(room, person, elsewhere=elsewhere)))
        if isinstance(outcome, Refusal):  # end_overdue() tries again
            log.error("%s: a lost connection was not written down: %s", room.id, sentence(outcome))
        else:
            await self._is_gone(room, person, outcome)
        occupant = room.state.occupants.get(person)
        if occupant is not None and occupant.lost_since is not None:
            self._lost_for(room, person, occupant.lost_since)  # it counts from now

    async def _is_gone(self, room: Room, person: PersonId, decision: Decision) -> None:
        if person in room.links:
            return
        if any(isinstance(event, ev.LinkLost | ev.Left) for event in decision.space):
            self._peers.went((room.id, person))
        else:
            await self._peers.keep((room.id, person), here=False)

    async def leave(self, link: Link, command: CommandRecord | None) -> Refusal | None:
        """Leave on purpose. While the person is there on another machine, only this one goes."""
        room, person = self._spaces.room(link.space), link.person
        if room is None or person is None:
            return None

        elsewhere = await self._peers.is_elsewhere((room.id, person))

        def rule(scene: Scene, now: float) -> Decision | Refusal:
            if room.links.get(person, set()) - {link}:
                return change_reach(scene, person, room.reach_of(person, without=link))
            return NOTHING if elsewhere else leave(scene, person, now)

        outcome = await self._ledger.commit(room, Asked(rule, command=command))
        if isinstance(outcome, Refusal):
            return outcome
        self._remove(link, room, person)
        await self._is_gone(room, person, outcome)
        return None

    async def report_channels(
        self, link: Link, reach: Reach, command: CommandRecord | None
    ) -> Refusal | None:
        """A machine says how alerts come through there; what counts is the best of the person's machines."""
        room, person = self._spaces.room(link.space), link.person
        if room is None or person is None:
            return refuse(Code.NOT_IN_SPACE)
        link.reach = reach
        rule = Asked(lambda scene, _: change_reach(scene, person, room.reach_of(person)), command=command)
        outcome = await self._ledger.commit(room, rule)
        return outcome if isinstance(outcome, Refusal) else None

    def _remove(self, link: Link, room: Room, person: PersonId) -> None:
        self._hub.leave(link, person, room.id)
        room.remove(person, link)
        link.space = None

    async def end_overdue(self) -> None:
        """Who did not come back in time is gone; call about once a second.

        The time while the server itself was away counts for nobody, and what the wall's clock is set to
        neither shortens nor prolongs it.
        """
        for room in self._spaces.rooms:
            for person, occupant in list(room.state.occupants.items()):
                if person in room.links:
                    if occupant.lost_since is not None:  # could not be written down when they came back
                        await self._link_back(room, person)
                elif occupant.lost_since is None:
                    continue
                elif self._lost_for(room, person, occupant.lost_since) >= self._grace:
                    await self._ledger.commit(room, Asked(_overdue(room, person, occupant.lost_since)))

    async def lose_links(self) -> None:
        """Who looks connected and is not through any server that lives is not; call about once a second.

        Their server is dead, or could not write it down when it happened. Raises StoreError.
        """
        for room in self._spaces.rooms:
            gone = _not_here(room)
            if not gone:
                continue
            # In this order: what the room knew then, the store knows now.
            elsewhere = await self._peers.elsewhere()
            lost = frozenset(person for person in gone if (room.id, person) not in elsewhere)
            if lost:
                await self._ledger.commit(room, Asked(_all_lost(room, lost)))

    async def _link_back(self, room: Room, person: PersonId) -> None:
        outcome = await self._ledger.commit(room, Asked(_link_back(room, person)))
        if isinstance(outcome, Decision):
            await self._is_here(room, person, outcome)

    def _lost_for(self, room: Room, person: PersonId, lost_since: float) -> float:
        """s since this was asked for the first time about this loss."""
        now = self._clock.monotonic()
        of, since = room.lost.get(person, (None, now))
        if of != lost_since:
            since = now
        room.lost[person] = (lost_since, since)
        return now - since


def _link_back(room: Room, person: PersonId) -> Decide:
    def rule(scene: Scene, _: float) -> Decision:
        if person not in room.links or person not in scene.space.occupants:
            return NOTHING
        return enter(scene, person, None, Status.AVAILABLE, reach=room.reach_of(person))  # they never left

    return rule


def _link_gone(room: Room, person: PersonId, *, elsewhere: bool) -> Decide:
    def rule(scene: Scene, now: float) -> Decision | Refusal:
        if person not in scene.space.occupants:  # they have left meanwhile, from another machine
            return NOTHING
        if person in room.links:  # on another machine
            return change_reach(scene, person, room.reach_of(person))
        return NOTHING if elsewhere else lose_link(scene, person, now)

    return rule


def _not_here(room: Room) -> frozenset[PersonId]:
    """Who looks connected, and is not through this server."""
    occupants = room.state.occupants.values()
    return frozenset(o.person for o in occupants if o.connected and o.person not in room.links)


def _all_lost(room: Room, people: frozenset[PersonId]) -> Decide:
    def rule(scene: Scene, now: float) -> Decision:
        decision = NOTHING
        for person in sorted(people & _not_here(room)):
            decision += lose_link(scene, person, now)
        return decision

    return rule


def _overdue(room: Room, person: PersonId, lost_since: float) -> Decide:
    def rule(scene: Scene, now: float) -> Decision:
        occupant = scene.space.occupants.get(person)
        still = occupant is not None and occupant.lost_since == lost_since and person not in room.links
        return grace_over(scene, person, now) if still else NOTHING

    return rule


def _complete(feed: SpaceFeed | PersonFeed, known: Position | None, missing: list[bytes] | None) -> bool:
    return known is None or missing is None or known.seq + len(missing) == feed.at


def _broken_off(
    asked: wire.Attach, space_missing: list[bytes] | None, own_missing: list[bytes] | None
) -> tuple[Stream, ...]:
    """The streams that the client knew and that cannot go on from there."""
    joins = (
        (Stream.SPACE, asked.space_at, space_missing),
        (Stream.PERSONAL, asked.personal_at, own_missing),
    )
    return tuple(stream for stream, known, missing in joins if known is not None and missing is None)
