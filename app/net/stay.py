"""One person's stay at a server, from signing in to signing out, over as many connections as it takes."""

from __future__ import annotations

import asyncio
import logging
import random
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from app import stages
from app.core import wire
from app.core.commands import Command, LeaveSpace, ReportCall, ReportRung
from app.core.errors import Code, Refusal, Refused
from app.core.events import Entered, PersonChanged, PersonRemoved
from app.core.geometry import WalkMap
from app.core.model import (
    EscalationId,
    MapId,
    MessageId,
    Person,
    PersonId,
    Place,
    Reach,
    Rung,
    Space,
    SpaceId,
)
from app.core.person import AlertTouched, CallTouched
from app.core.session import Folded, Incoming
from app.core.space import DirectoryTouched, EscalationTouched, SpaceTouched
from app.core.wire import Token
from app.net.address import ServerAddress
from app.net.asks import Asks
from app.net.assets import Cache
from app.net.changes import (
    ClientChange,
    OutboxChanged,
    PlacesMoved,
    SomebodyAnswers,
    StateReplaced,
    TokenChanged,
)
from app.net.clock import Clock
from app.net.connection import Connector
from app.net.delivery import Delivery
from app.net.library import Library
from app.net.problems import ConnectionProblem, NotSent, Trouble
from app.net.reaching import Reaching
from app.net.replica import Replica, WirePlaces
from app.net.shelf import Shelf
from app.net.uplink import Uplink
from app.net.wakefulness import Wakefulness
from app.net.walking import Walking
from app.tasks import Tasks

log = logging.getLogger(__name__)

LOOK_SECONDS = 1.0
"""s between looks for commands to give up, steps that never arrived, and a machine that has slept."""


@dataclass(frozen=True)
class Outside:
    """What is handed in to a client."""

    connect: Connector
    clock: Clock
    rng: random.Random
    cache: Cache
    shelf: Shelf
    app: str


class Stay:
    """Attributes:
    leaving: it is about to end, or over.
    on_purpose: the person ends it: a hand goes down, and is not raised the next time.
    (the others: see :class:`app.net.client.Client`)
    """

    def __init__(
        self,
        outside: Outside,
        server: ServerAddress,
        credential: wire.Credential,
        patient: bool,
        reach: Reach,
        tell: Callable[[tuple[ClientChange, ...]], None],
        changed: Callable[[Stay], None],
    ) -> None:
        self.person: Person | None = None
        self.spaces: tuple[Space, ...] = ()
        self.token = credential.token if isinstance(credential, wire.Resume) else Token("")
        self.walk: WalkMap | None = None
        self.replica = Replica()
        self.asks = Asks(self._send, self._new_id, outside.clock)
        self.library = Library(self.asks, outside.cache, server.url)
        self.uplink = Uplink(
            server,
            credential,
            patient=patient,
            connect=outside.connect,
            clock=outside.clock,
            rng=outside.rng,
            app=outside.app,
            told=self._hear,
            changed=self._link_changed,
            went_live=self._went_live,
        )
        self.reaching = Reaching(self.uplink, self._new_id, reach)
        self._clock = outside.clock
        self._rng = outside.rng
        self._tell = tell
        self._changed = changed
        self._own = Tasks("stay")
        self._shelf = outside.shelf
        self.delivery = Delivery(
            outside.clock, self._new_id, self._send, self._outbox_changed, lambda: self.uplink.live
        )
        self._walking = Walking()
        self._stepping = False
        self._reported: set[EscalationId | MessageId] = set()
        self._entered: asyncio.Future[None] | None = None
        self._wanted_space: SpaceId | None = None
        self.leaving = self.on_purpose = False
        self._map_wanted: MapId | None = None
        self.map_failure: Refused | ConnectionProblem | None = None
        self._server_time = (self._clock.time(), self._clock.monotonic())

    async def run(self) -> None:
        """Until the server ends it, or this is cancelled; what is still open is given up then."""
        try:
            self._own.spawn(self._look_after(), name="outbox")
            await self.uplink.run()
        finally:
            self.leaving = True
            await self._own.close()
            self.asks.shut(for_good=True)
            if self._entered is not None and not self._entered.done():
                self._entered.set_exception(ConnectionProblem(Trouble.CLOSED))
            if not self.uplink.opened.done():
                self.uplink.opened.set_exception(ConnectionProblem(Trouble.GIVEN_UP))
            await self.delivery.close(on_purpose=self.on_purpose)

    def server_now(self) -> float:
        server, here = self._server_time
        return server + self._clock.monotonic() - here

    # What the person asks for

    async def do(self, command: Command, command_id: str | None) -> None:
        if self.leaving:
            raise NotSent(Trouble.CLOSED)
        await self.delivery.do(command, command_id)

    async def open_space(self, space: SpaceId) -> None:
        if not self.uplink.live:
            raise ConnectionProblem(Trouble.NOT_CONNECTED)
        if space == self.uplink.space:
            return
        self._entered, self._wanted_space = asyncio.get_running_loop().create_future(), space
        self._walking.forget()
        self.asks.shut()
        self.uplink.attach(space)
        await asyncio.shield(self._entered)

    def walk_to(self, place: Place) -> None:
        if self.leaving:
            return
        place = Place(max(0, place.x), max(0, place.y))
        self._walking.go(place)
        self._stand(place)
        self._start_walking()

    def say_goodbye(self, *, sign_out: bool) -> asyncio.Future[None]:
        """Leave on purpose; done when the server has stored that."""
        self.leaving = True
        last = self._new_id()
        left = self.delivery.answers[last] = asyncio.get_running_loop().create_future()
        # Signing out leaves as well, and ends the connection.
        self._send(wire.SignOut() if sign_out else wire.Do(last, LeaveSpace()))
        return left

    # What the server says

    def _hear(self, message: Incoming) -> None:
        match message:
            case wire.SignedIn():
                self._signed_in(message)
            case wire.Attached():
                self._attached(message)
            case wire.TurnedAway():
                if self._entered is not None and not self._entered.done():
                    self._entered.set_exception(Refused(Refusal(message.code, message.fields)))
            case Folded():
                self._folded(message)
            case wire.Places():
                self._tell(self.replica.move(self._news(message.places)))
            case wire.Answering():
                self._tell((SomebodyAnswers(message.talk, message.person),))
            case wire.Accepted():
                self.delivery.accepted(message.id)
            case wire.RefusedCommand():
                self._refused(message.id, Refusal(message.code, message.fields))
            case wire.Reply():
                self.asks.answered(message)
            case _:
                pass

    def _refused(self, request: str, refusal: Refusal) -> None:
        if self.asks.refused(request, refusal) or self.reaching.refused(request, refusal.code):
            return
        self.delivery.refused(request, refusal)

    def _signed_in(self, message: wire.SignedIn) -> None:
        if self.person is not None and self.person.id != message.me.id:
            raise Refused.of(Code.OUT_OF_TURN)  # what one person asked for is never sent as another
        self.person, self.spaces = message.me, message.spaces
        self.delivery.belong(self._shelf.place(self.uplink.server.url, message.me.id))
        self._server_time = (message.now, self._clock.monotonic())
        if message.token != self.token:
            self.token = message.token
            self._tell((TokenChanged(message.token),))

    def _attached(self, message: wire.Attached) -> None:
        self._walking.forget()
        changes = self.replica.attach(message)
        self._load_map()
        self._forget_faces()
        self._tell(changes)
        me = self.replica.me
        if me is not None:
            self._reported &= {*me.alerts, *me.calls}
            self._report(me.alerts, me.calls)

    def _folded(self, folded: Folded) -> None:
        changes = self.replica.fold(folded)
        if any(isinstance(event, Entered) and self._is_me(event.occupant.person) for event in folded.space):
            # The server has put us somewhere: what it says of our steps from now on is news to the state.
            self._walking.forget()
        if any(isinstance(event, PersonChanged | PersonRemoved) for event in folded.space):
            self._forget_faces()
        for change in changes:
            if isinstance(change, EscalationTouched) and change.new:
                stages.note(stages.FOLDED, change.escalation)
            elif isinstance(change, SpaceTouched):
                self._load_map()
            elif isinstance(change, DirectoryTouched) and self.person and self.replica.space:
                self.person = self.replica.space.people.get(self.person.id, self.person)
        self._tell(changes)
        self.delivery.look_for_effects(self.replica.space, self.replica.me)
        self._report(
            (c.escalation for c in changes if isinstance(c, AlertTouched) and c.new),
            (c.message for c in changes if isinstance(c, CallTouched) and c.new),
        )

    def _is_me(self, person: PersonId) -> bool:
        return self.person is not None and self.person.id == person

    def _news(self, places: WirePlaces) -> list[tuple[PersonId, int, int]]:
        """Without what this machine said itself."""
        mine = self._is_me
        return [p for p in places if not mine(p[0]) or self._walking.heard(Place(p[1], p[2])) is not None]

    def _link_changed(self) -> None:
        if not self.uplink.live:
            self.asks.shut()
        self._changed(self)

    def _went_live(self) -> None:
        self.asks.open()
        self.reaching.look()
        self.delivery.went_live(self.uplink.space, self.replica.space, self.replica.me)
        if self._entered is not None and not self._entered.done():
            if self.uplink.space == self._wanted_space:
                self._entered.set_result(None)
            else:
                self._entered.set_exception(Refused.of(Code.NOT_FOUND))
        self._start_walking()

    def _outbox_changed(self) -> None:
        self._tell((OutboxChanged(),))

    def _report(self, alerts: Iterable[EscalationId], calls: Iterable[MessageId]) -> None:
        """This machine has them (promise P6). Nobody waits for the answer."""
        commands: list[ReportRung | ReportCall] = [ReportRung(alert, Rung.RECEIVED) for alert in alerts]
        commands += [ReportCall(call, Rung.RECEIVED) for call in calls]
        for command in commands:
            alert = command.message if isinstance(command, ReportCall) else command.escalation
            if alert not in self._reported and not self.leaving:
                self._reported.add(alert)
                self.delivery.report(command)

    async def _look_after(self) -> None:
        wakefulness = Wakefulness(self._clock, LOOK_SECONDS)
        while True:
            await self._clock.sleep(LOOK_SECONDS)
            self.reaching.look()
            self.delivery.look()
            if wakefulness.slept():
                self.uplink.retry_now()
            place = self._walking.settle(self._clock.monotonic())
            if place is not None:
                self._stand(place)

    # The own avatar

    def _start_walking(self) -> None:
        if self._walking.waiting and self.uplink.live and not self._stepping:
            self._stepping = True
            self._own.spawn(self._walk(), name="walk")

    async def _walk(self) -> None:
        try:
            while self._walking.waiting:
                await self._clock.sleep(self._walking.due_in(self._clock.monotonic()))
                if not self.uplink.live:
                    return  # goes on with the next connection
                self._send_step()
        finally:
            self._stepping = False

    def _send_step(self) -> None:
        place = self._walking.take(self._clock.monotonic())
        if place is not None:
            self._send(wire.Walk(place.x, place.y))
            self._stand(place)

    def _stand(self, place: Place) -> None:
        """The own avatar is there, for everybody who reads the state here."""
        space, me = self.replica.space, self.person
        if space is None or me is None or me.id not in space.occupants:
            return
        if space.places.get(me.id) != place:
            space.places[me.id] = place
            self._tell((PlacesMoved(((me.id, place),)),))

    def _forget_faces(self) -> None:
        """Pictures that nobody has any more go from the disk."""
        space = self.replica.space
        if space is not None:
            faces = frozenset(person.picture for person in space.people.values() if person.picture)
            self._own.spawn(self.library.people(space.space.id, faces), name="faces")

    # The map

    def load_map(self) -> None:
        """Ask for the map that could not be loaded."""
        if self.map_failure is not None:
            self._load_map()
            self._tell((StateReplaced(),))

    def _load_map(self) -> None:
        space = self.replica.space
        wanted = space.space.map if space else None
        if wanted is None or wanted == self._map_wanted:
            return
        self._map_wanted, self.walk, self.map_failure = wanted, None, None
        self._own.spawn(self._fetch_map(wanted), name="map")

    async def _fetch_map(self, wanted: MapId) -> None:
        try:
            space_map = await self.library.map(wanted)
        except (Refused, ConnectionProblem) as error:
            log.error("the map of the space cannot be shown: %s", error)
            if wanted == self._map_wanted:
                self._map_wanted, self.map_failure = None, error  # asked for again with the next connection
                self._tell((StateReplaced(),))
            return
        if wanted == self._map_wanted:
            self.walk = WalkMap(space_map)
            self._tell((StateReplaced(),))

    def _send(self, message: wire.ClientMessage) -> None:
        self.uplink.send(message)

    def _new_id(self) -> str:
        return uuid.UUID(int=self._rng.getrandbits(128), version=4).hex
