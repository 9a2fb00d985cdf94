"""One machine with a client on it, and the screen that its alerts are shown on."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any, Protocol

from app.core import events as ev
from app.core import wire
from app.core.commands import Command, ReportRung
from app.core.errors import Code, Refused
from app.core.model import EscalationId, PersonId, Rung
from app.core.person import AlertGone, AlertTouched, PersonState
from app.core.session import Folded
from app.core.wire import Stream, Token
from app.net.address import ServerAddress
from app.net.assets import MemoryCache
from app.net.changes import ClientChange, StateReplaced, TokenChanged
from app.net.client import Client, Link
from app.net.connection import Connection
from app.net.problems import ConnectionProblem, NotSent, Trouble
from app.net.replica import Replica
from app.server.store.keys import StreamKey, person_stream, space_stream
from app.tasks import Tasks
from tests.sim.disk import PASSWORD
from tests.sim.loop import PROCESS, Process
from tests.sim.machine import Clock, DeviceShelf
from tests.sim.network import ClientEnd, Weather
from tests.sim.screen import Screen
from tests.sim.truth import State, Truth, frozen, without_places
from tests.sim.watch import Check, Outcome, said

SERVER = "sim.example"
UNSURE = (Trouble.EXPIRED_UNSURE, Trouble.CLOSED, Trouble.KEPT, Trouble.OTHER_SPACE)
"""Of a command that was not answered: it may have arrived, or may still be sent."""


class Surroundings(Protocol):
    """What a device needs of its world."""

    def truth_of(self, epoch: str) -> Truth: ...

    def violated(self, check: Check, words: str) -> None: ...

    def log(self, who: str, words: str) -> None: ...

    async def connect(self, device: Device, server: ServerAddress) -> ClientEnd: ...

    def asked(self, device: Device, command_id: str, command: Command) -> None: ...

    def answered(self, device: Device, command_id: str, outcome: Outcome, code: Code | None) -> None: ...

    def asked_again(self, device: Device, command_id: str, command: Command) -> None: ...

    def answered_again(
        self, device: Device, command_id: str, command: Command, outcome: Outcome, code: Code | None
    ) -> None: ...


@dataclass
class Known:
    """What one run of a client has been told by number.

    Attributes:
        at: newest number that was folded, of each stream.
        called: alerts that came, and were still unanswered when everything that came with them was folded.
    """

    epoch: str = ""
    at: dict[StreamKey, int] = field(default_factory=dict)
    called: set[EscalationId] = field(default_factory=set)


class Device:
    """Attributes:
    name: whose machine, and which: ``ann/1``.
    token: in the keyring, which outlives the program.
    process, client: while the program runs.
    """

    def __init__(self, name: str, person: PersonId, world: Surroundings, dice: random.Random) -> None:
        self.name, self.person = name, person
        self.handle = name.partition("/")[0]
        self.clock = Clock()
        self.weather = Weather()
        self.token: Token | None = None
        self.process: DeviceProcess | None = None
        self.client: Client | None = None
        self.known = Known()
        self.screen = Screen(person, self._shown_twice)
        self._world, self._dice = world, dice
        self._cache, self._shelf = MemoryCache(), DeviceShelf(dice)
        self._commands = 0
        self._out_until = 0.0
        self._busy: asyncio.Task[None] | None = None
        self.used: list[tuple[str, Command]] = []
        self.ever_shown: set[EscalationId] = set()

    # The program

    def begin(self) -> None:
        """Start the program."""
        assert self.process is None
        self.log("starts")
        self.process = DeviceProcess(self)
        self.known, self.screen = Known(), Screen(self.person, self._shown_twice)
        self.process.run(self._make_client)
        self.process.start(self.stay_signed_in(), name="signing in")

    def occupy(self, person: Coroutine[Any, Any, None]) -> None:
        """Somebody sits down before it."""
        assert self.process is not None
        self._busy = self.process.start(person, name="person")

    def rest(self) -> None:
        """The person only watches from now on."""
        self._out_until = 0.0
        if self._busy is not None:
            self._busy.cancel()

    def out_for(self, seconds: float) -> None:
        """Nobody signs in for so long."""
        self._out_until = self.clock.monotonic() + seconds
        self.token = None

    def _make_client(self) -> None:
        self.client = Client(
            connect=self._connect,
            clock=self.clock,
            rng=random.Random(self._dice.getrandbits(64)),
            tasks=Tasks(self.name),
            cache=self._cache,
            shelf=self._shelf,
            app="simulation",
            device=self.name,
        )
        self.client.listen(self._hear)

    def kill(self) -> Process | None:
        """The program ends as it stands."""
        process, self.process, self.client = self.process, None, None
        if process is not None:
            process.kill()
        return process

    async def stay_signed_in(self) -> None:
        """Sign in, with the token or else with the password, whenever nobody is signed in."""
        while True:
            client = self.client
            assert client is not None
            if client.connection.link is not Link.OFFLINE or self.clock.monotonic() < self._out_until:
                await asyncio.sleep(1.0)
                continue
            try:
                if self.token is not None:
                    self.log("resumes its session")
                    await client.resume(SERVER, self.token)
                else:
                    self.log("signs in")
                    self.token = await client.sign_in(SERVER, self.handle, PASSWORD)
            except Refused as refused:
                self.log(f"is not let in: {refused.refusal.code}")
                if refused.refusal.code is Code.SIGNED_OUT:
                    self.token = None
                await asyncio.sleep(float(refused.refusal.fields.get("seconds", 0)) + 1.0)
            except ConnectionProblem as problem:
                self.log(f"does not come through: {problem.problem.code}")
                await asyncio.sleep(1.0)

    async def _connect(self, server: ServerAddress, /) -> Connection:
        return await self._world.connect(self, server)

    def _hear(self, changes: tuple[ClientChange, ...]) -> None:
        client, process = self.client, self.process
        if client is None or process is None or not process.alive:
            return
        for change in changes:
            if isinstance(change, TokenChanged):
                self.token = change.token
            elif isinstance(change, StateReplaced) and _signed_out(client):
                self.token = None
        if any(isinstance(change, StateReplaced | AlertTouched | AlertGone) for change in changes):
            for hand in self.screen.refresh(client):
                self._shown(hand, process)
        new = [change.escalation for change in changes if isinstance(change, AlertTouched) and change.new]
        if len(new) != len(set(new)):
            self.violated(Check.SHOWN_TWICE, f"{new} are told to be new at once")

    def _shown(self, hand: EscalationId, process: Process) -> None:
        self.log(f"shows the alert {hand}")
        self.ever_shown.add(hand)
        truth = self._world.truth_of(self.known.epoch)
        raised = truth.hands.get(hand)
        if raised is None or self.person not in raised.notified:
            self.violated(Check.SHOWN_FALSE, f"{hand} is shown, and nobody called {self.handle} with it")
        process.start(self.do(ReportRung(hand, Rung.SHOWN)), name=f"{hand} is shown")

    def _shown_twice(self, hand: EscalationId) -> None:
        self.violated(Check.SHOWN_TWICE, f"{hand} calls again, unanswered")

    # What the person asks for

    async def do(self, command: Command, command_id: str | None = None) -> None:
        """Ask, and remember what came of it."""
        client = self.client
        assert client is not None
        if command_id is None:
            self._commands += 1
            command_id = f"{self.name.replace('/', '-')}-{self._commands}"
        self.used.append((command_id, command))
        self._world.asked(self, command_id, command)
        self._world.answered(self, command_id, *await self._outcome(client, command, command_id))

    async def again(self, command: Command, command_id: str) -> None:
        """Ask for something with an id that was used before."""
        client = self.client
        assert client is not None
        self._world.asked_again(self, command_id, command)
        outcome, code = await self._outcome(client, command, command_id)
        self._world.answered_again(self, command_id, command, outcome, code)

    async def _outcome(
        self, client: Client, command: Command, command_id: str
    ) -> tuple[Outcome, Code | None]:
        try:
            await client.do(command, command_id)
        except Refused as refused:
            return Outcome.REFUSED, refused.refusal.code
        except NotSent as gone:
            return Outcome.UNSURE if gone.problem.code in UNSURE else Outcome.NOT_SENT, None
        return Outcome.ACCEPTED, None

    # What it was told, by number

    def attached(self, message: wire.Attached, replica: Replica) -> None:
        """Both streams were joined."""
        truth = self._world.truth_of(message.space_at.epoch)
        if message.space_at.epoch != self.known.epoch:
            self.known = Known(message.space_at.epoch)
            self.screen.clear()
        space, me = space_stream(message.space_id), person_stream(self.person)
        for key, position, snapshot in (
            (space, message.space_at, message.space),
            (me, message.personal_at, message.personal),
        ):
            at = self.known.at.get(key)
            if position.seq > truth.stream(key).at:
                self.violated(Check.PHANTOM, f"{key} is joined at {position.seq}, which is not in the store")
            elif snapshot is None and at != position.seq:
                self.violated(Check.SKIPPED, f"{key} is known up to {at}, and joined at {position.seq}")
            elif snapshot is not None:
                right, told = truth.stream(key).states[position.seq], without_places(snapshot)
                if told != right:
                    self.violated(
                        Check.SNAPSHOT, f"{key} at {position.seq}\n{said('it is', right, 'told', told)}"
                    )
            self.known.at[key] = position.seq
        for other in [key for key in self.known.at if key not in (space, me)]:
            del self.known.at[other]
        self._note_calls()

    def folded(self, folded: Folded, replica: Replica) -> None:
        """Some numbers came."""
        if folded.stream is Stream.SPACE:
            assert replica.space is not None
            key, events = space_stream(replica.space.space.id), tuple[object, ...](folded.space)
        else:
            key, events = person_stream(self.person), folded.personal
        at, right = self.known.at[key], self._world.truth_of(self.known.epoch).stream(key)
        last = folded.first + len(events) - 1
        if folded.first != at + 1:
            check = Check.SKIPPED if folded.first > at + 1 else Check.REPEATED
            self.violated(check, f"{key} is known up to {at}; then {folded.first} to {last} are folded")
        elif last > right.at:
            self.violated(Check.PHANTOM, f"{key}: {last} is folded, and the store ends at {right.at}")
        elif tuple(right.events[at:last]) != events:
            self.violated(Check.PHANTOM, f"{key}: {folded.first} to {last} are not those in the store")
        self.known.at[key] = last
        if any(isinstance(event, ev.AlertRaised) for event in folded.personal):
            self._note_calls()

    def _note_calls(self) -> None:
        me = self.client.me if self.client else None
        self.known.called |= self._calling(me) if me else set()

    def _calling(self, me: PersonState) -> set[EscalationId]:
        """What calls this person: unanswered, by them too, or again since they answered."""
        hands = (alert.escalation for alert in me.alerts.values())
        return {
            hand.id
            for hand in hands
            if not hand.answered and (hand.answer_of(self.person) is None or self.person in hand.stale)
        }

    def look(self) -> None:
        """What has to be so at any time, when nothing is just being told."""
        client = self.client
        if client is None or client.me is None or self.known.epoch == "":
            return
        missing = self.known.called - self.screen.shown
        if missing:
            self.violated(Check.NOT_SHOWN, f"{sorted(missing)} came and were never shown")
        calls = self._calling(client.me)
        if calls != self.screen.ringing():
            words = f"{sorted(calls)} call, and the screen shows {sorted(self.screen.ringing())}"
            self.violated(Check.NOT_SHOWN, words)

    def compare(self, truth: Truth) -> None:
        """At the end: this client knows what everybody knows."""
        client = self.client
        assert client is not None
        assert client.space is not None
        assert client.me is not None
        states: tuple[tuple[StreamKey, State], ...] = (
            (space_stream(client.space.space.id), client.space),
            (person_stream(self.person), client.me),
        )
        for key, state in states:
            right = truth.stream(key)
            if self.known.at.get(key) != right.at:
                words = f"{key} is at {right.at} in the store, at {self.known.at.get(key)} here"
                self.violated(Check.SKIPPED, words)
            elif frozen(state) != right.states[-1]:
                words = said("in the store", right.states[-1], "here", frozen(state))
                self.violated(Check.DIFFERENT, f"{key} at {right.at}\n{words}")

    def violated(self, check: Check, words: str) -> None:
        self._world.violated(check, f"{self.name}: {words}")

    def log(self, words: str) -> None:
        self._world.log(self.name, words)


def _signed_out(client: Client) -> bool:
    refusal = client.connection.refusal
    return refusal is not None and refusal.code is Code.SIGNED_OUT


class DeviceProcess(Process):
    """The program on a device."""

    def __init__(self, device: Device) -> None:
        super().__init__(device.name)
        self.device = device


class WatchedReplica(Replica):
    """The client's own folding; the device looks on."""

    def attach(self, message: wire.Attached) -> tuple[ClientChange, ...]:
        changes = super().attach(message)
        device = _device()
        if device is not None:
            device.attached(message, self)
        return changes

    def fold(self, folded: Folded) -> tuple[ClientChange, ...]:
        changes = super().fold(folded)
        device = _device()
        if device is not None:
            device.folded(folded, self)
        return changes


def _device() -> Device | None:
    """Whose process this is; ``None`` while a killed one unwinds."""
    process = PROCESS.get()
    assert isinstance(process, DeviceProcess)
    return process.device if process.alive else None
