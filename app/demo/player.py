"""One simulated colleague: an ordinary client, and legs."""

from __future__ import annotations

import asyncio
import logging
import math
import random
from itertools import pairwise

from app.core import commands as cmd
from app.core.errors import Refused
from app.core.geometry import WalkMap
from app.core.model import (
    AnswerKind,
    Escalation,
    EscalationId,
    GroupId,
    Level,
    Person,
    PersonId,
    Place,
    Recipients,
    Rung,
)
from app.core.person import AlertTouched
from app.core.space import EscalationTouched, SpaceState
from app.demo import orders
from app.demo.orders import Order
from app.net.address import ServerAddress
from app.net.assets import Cache
from app.net.client import Client, ClientChange, ConnectionProblem, NotSent
from app.net.clock import Clock
from app.net.connection import Connection, Connector
from app.net.problems import Trouble
from app.tasks import Tasks

log = logging.getLogger(__name__)

SPEED = 150.0
"""px/s; a brisk walk."""
STEP_SECONDS = 0.1
LOUNGE = (Place(848, 752), Place(912, 816), Place(976, 816), Place(1040, 816), Place(1104, 752))
"""The sofas of our office map."""
ROOM_TO_SIT = 40
"""px to the next person on a sofa."""


class CannotError(Exception):
    """The order makes no sense here and now; the message says why."""


class FaultyConnector:
    """A connector whose connections can be made to break."""

    def __init__(self, inner: Connector, clock: Clock) -> None:
        self._inner = inner
        self._clock = clock
        self._current: Connection | None = None
        self._down_until = float("-inf")

    async def __call__(self, server: ServerAddress, /) -> Connection:
        if self._clock.monotonic() < self._down_until:
            raise ConnectionProblem(Trouble.NO_ANSWER, host=server.host, port=server.port)
        self._current = await self._inner(server)
        return self._current

    def drop(self, seconds: float) -> None:
        """Break the connection, and let no other one come about for ``seconds``."""
        self._down_until = self._clock.monotonic() + seconds
        if self._current is not None:
            self._current.abort()


class Player:
    """Args:
    connect: for this colleague alone.
    cache: may be shared by all.
    headings: where each colleague is going, by handle; shared by all, so that two do not choose one chair.
    """

    def __init__(
        self,
        handle: str,
        connect: Connector,
        clock: Clock,
        rng: random.Random,
        cache: Cache,
        headings: dict[str, Place],
    ) -> None:
        self.handle = handle
        self._connector = FaultyConnector(connect, clock)
        self._clock = clock
        self._rng = rng
        self._cache = cache
        self._headings = headings
        self._tasks = Tasks(handle)
        self._legs: asyncio.Task[None] | None = None
        self._targets: dict[EscalationId, Place] = {}
        self._entry: tuple[str, str] = ("", "")
        self.client = self._new_client()

    def _new_client(self) -> Client:
        client = Client(
            connect=self._connector,
            clock=self._clock,
            rng=self._rng,
            tasks=Tasks(f"client of {self.handle}"),
            cache=self._cache,
            app="Handraise demo",
            device="demo",
        )
        client.listen(self._heard)
        return client

    async def enter(self, server: str, password: str) -> None:
        """Sign in; returns when the office is known. Raises Refused, ConnectionProblem."""
        self._entry = (server, password)
        known = asyncio.Event()
        stop = self.client.listen(lambda _: known.set() if self.client.walk else None)
        try:
            await self.client.sign_in(server, self.handle, password)
            if self.client.walk is None:
                await known.wait()
        finally:
            stop()

    async def close(self) -> None:
        await self._tasks.close()
        await self.client.close(leave=True)

    async def perform(self, order: Order) -> str:
        """Do it; returns the id of what was made, or "".

        Walking is begun, not waited for.

        Raises:
            CannotError, Refused, NotSent, ConnectionProblem: it could not be done.
        """
        match order:
            case orders.Walk():
                self._walk_to(self._destination(order))
            case orders.SetStatus(status=status):
                await self.client.do(cmd.SetStatus(status))
            case orders.Chat():
                await self.client.do(cmd.SendMessage(order.text, self._recipients(order.to, order.to)))
            case orders.Raise():
                return await self._raise(order)
            case orders.End():
                await self._end()
            case orders.Answer():
                await self._answer(order)
            case orders.Drop(seconds=seconds):
                self._connector.drop(seconds)
            case orders.Leave():
                await self._leave()
            case orders.Return():
                await self.enter(*self._entry)
        return ""

    # Orders

    async def _raise(self, order: orders.Raise) -> str:
        to = self._recipients(order.people, order.groups)
        level = order.level or (Level.RED if to else Level.YELLOW)
        hand = f"{self._rng.getrandbits(128):032x}"
        await self.client.do(cmd.RaiseEscalation(level, order.message, to), hand)
        return hand

    async def _end(self) -> None:
        space, me = self._here()
        hand = space.escalation_of(me.id)
        if hand is None:
            raise CannotError(f"{self.handle} has no raised hand")
        await self.client.do(cmd.EndEscalation(hand.id))

    async def _answer(self, order: orders.Answer) -> None:
        space, _ = self._here()
        hand = space.escalation_of(self._person(order.to).id)
        if hand is None:
            raise CannotError(f"{order.to} has no raised hand")
        if order.spare and hand.answered:
            raise CannotError(f"somebody is already helping {order.to}")
        await self.client.do(cmd.AnswerEscalation(hand.id, order.kind))

    async def _leave(self) -> None:
        self._stop_walking()
        await self.client.close(leave=True)
        self.client = self._new_client()

    # What there is

    def _here(self) -> tuple[SpaceState, Person]:
        space, me = self.client.space, self.client.person
        if space is None or me is None:
            raise CannotError(f"{self.handle} is not here")
        return space, me

    def _person(self, handle: str) -> Person:
        space, _ = self._here()
        mention = space.directory.find(handle.removeprefix("@"))
        if mention is None or mention.person is None:
            raise CannotError(f"nobody is called {handle}")
        return space.people[mention.person]

    def _recipients(self, people: tuple[str, ...], groups: tuple[str, ...]) -> Recipients:
        """Handles of people are looked for in ``people``, of groups in ``groups``; both may be mixed."""
        space, _ = self._here()
        found_people: list[PersonId] = []
        found_groups: list[GroupId] = []
        for handle in dict.fromkeys((*people, *groups)):
            mention = space.directory.find(handle.removeprefix("@"))
            if mention is None:
                raise CannotError(f"nobody is called {handle}")
            if mention.person is not None:
                found_people.append(mention.person)
            if mention.group is not None:
                found_groups.append(mention.group)
        return Recipients(tuple(found_people), tuple(found_groups))

    # Listening

    def _heard(self, changes: tuple[ClientChange, ...]) -> None:
        for change in changes:
            if isinstance(change, EscalationTouched):
                self._follow(change.escalation)
            elif isinstance(change, AlertTouched) and change.new:
                # A colleague looks at the screen at once; there is no pop-up that could fail.
                self._tasks.spawn(self._report(change.escalation), name="report")

    async def _report(self, hand: EscalationId) -> None:
        try:
            await self.client.do(cmd.ReportRung(hand, Rung.SHOWN))
        except (Refused, NotSent) as error:
            log.debug("%s: %s", self.handle, error)

    def _follow(self, hand: EscalationId) -> None:
        """Who said to come, comes."""
        space, me = self.client.space, self.client.person
        escalation: Escalation | None = space.escalations.get(hand) if space else None
        answer = escalation.answer_of(me.id) if escalation and me else None
        if answer is None or answer.kind is not AnswerKind.APPROACH or answer.target is None:
            return
        if self._targets.get(hand) != answer.target:
            self._targets = {hand: answer.target}
            self._walk_to(answer.target)

    # Walking

    def _destination(self, order: orders.Walk) -> Place:
        space, me = self._here()
        walk = self._floor()
        here = space.places[me.id]
        others = [place for person, place in space.places.items() if person != me.id]
        others += [place for handle, place in self._headings.items() if handle != self.handle]
        if order.x is not None and order.y is not None:
            place = walk.nearest_walkable(Place(order.x, order.y), here)
        elif order.to == "home":
            occupant = space.occupants.get(me.id)
            place = walk.start_place(occupant.seat if occupant else None, others)
        elif order.to == "lounge":
            place = _free_sofa(others) or walk.free_cell_near(LOUNGE[2], here, others)
        elif order.to == "entrance":
            place = walk.start_place(None, others)
        elif order.to.startswith("@"):
            place = walk.free_cell_near(space.places[self._person(order.to).id], here, others)
        else:
            place = walk.free_cell_near(_middle_of(walk, order.to), here, others)
        if place is None:
            raise CannotError(f"there is no free place at {order.to}")
        return place

    def _floor(self) -> WalkMap:
        if self.client.walk is None:
            raise CannotError("the map is not known yet")
        return self.client.walk

    def _walk_to(self, goal: Place) -> None:
        self._stop_walking()
        self._headings[self.handle] = goal
        self._legs = self._tasks.spawn(self._go(goal), name="walk")

    def _stop_walking(self) -> None:
        self._headings.pop(self.handle, None)
        if self._legs is not None:
            self._legs.cancel()
            self._legs = None

    async def _go(self, goal: Place) -> None:
        space, me = self._here()
        path = self._floor().path(space.places[me.id], goal)
        for place in steps(path or (), SPEED * STEP_SECONDS):
            self.client.walk_to(place)
            await self._clock.sleep(STEP_SECONDS)


def steps(path: tuple[Place, ...], length: float) -> list[Place]:
    """Points along a path, ``length`` px from one to the next, the last one at its end; without its start."""
    found: list[Place] = []
    left = length  # of the step that is being taken
    for a, b in pairwise(path):
        way = math.hypot(b.x - a.x, b.y - a.y)
        gone = left
        while gone < way:
            share = gone / way
            found.append(Place(round(a.x + (b.x - a.x) * share), round(a.y + (b.y - a.y) * share)))
            gone += length
        left = gone - way
    if len(path) > 1 and (not found or found[-1] != path[-1]):
        found.append(path[-1])
    return found


def _free_sofa(others: list[Place]) -> Place | None:
    def free(sofa: Place) -> bool:
        return all(math.hypot(sofa.x - o.x, sofa.y - o.y) >= ROOM_TO_SIT for o in others)

    return next((sofa for sofa in LOUNGE if free(sofa)), None)


def _middle_of(walk: WalkMap, name: str) -> Place:
    wanted = name.casefold()
    for zone in walk.map.zones:
        if zone.name.casefold() == wanted or zone.id == name:
            xs, ys = [c.x for c in zone.outline], [c.y for c in zone.outline]
            return Place((min(xs) + max(xs)) // 2, (min(ys) + max(ys)) // 2)
    raise CannotError(f"there is no place called {name}")
