"""One seed: a storm of people and faults, then quiet, then everybody must agree."""

from __future__ import annotations

import asyncio
import logging
import random
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import msgspec

from app.core.cases import CaseId, SendId
from app.core.commands import Command
from app.core.errors import Code
from app.net.address import ServerAddress
from app.server.config import Config, Tuning
from app.server.store.base import Batch
from app.server.store.keys import StreamKey
from app.server.store.sqlite.streams import Keep
from tests.sim.checks import Checks
from tests.sim.device import Device
from tests.sim.disk import HANDLES, Disk, Furniture
from tests.sim.faults import Faults
from tests.sim.host import Host
from tests.sim.loop import Process, StuckError, VirtualLoop
from tests.sim.machine import SLOW_DISK
from tests.sim.network import ClientEnd, Network
from tests.sim.outside import Outside
from tests.sim.people import Person
from tests.sim.policies import PolicyChecks, policies_of
from tests.sim.stage import staged
from tests.sim.truth import Truth
from tests.sim.watch import Asked, Check, Outcome, Violation, brief

SETTLING = 150.0
"""s of quiet after which everybody has to be back: the longest wait for an attempt, twice, and some."""
NOT_DONE = (Outcome.REFUSED, Outcome.NOT_SENT)
LOOK = 1.0
"""s between two looks at what must always be so."""


@dataclass(frozen=True)
class Plan:
    """What a seed decides beforehand. Times in s.

    Attributes:
        pause, fault_pause: between two things that a person does, between two faults; on average.
        tail: events that a stream keeps in memory.
    help: how eager people are to answer what calls them; 1 is usual.
    """

    devices: tuple[str, ...]
    seconds: float
    pause: float
    fault_pause: float
    grace: float
    tail: int
    help: float
    tuning: Tuning


def plan_of(dice: random.Random) -> Plan:
    size = dice.choice((3, 3, 4, 4, 5, 6, 8))
    people = HANDLES[: max(2, min(len(HANDLES), size - dice.choice((0, 0, 1, 2))))]
    second = [f"{handle}/2" for handle in dice.sample(people, min(len(people), size - len(people)))]
    return Plan(
        devices=(*(f"{handle}/1" for handle in people), *second),
        seconds=dice.choice((6.0, 10.0, 15.0, 30.0)),
        pause=dice.choice((0.5, 1.0, 2.0)) * size / 4,
        fault_pause=dice.choice((0.5, 1.5, 4.0)),
        grace=dice.choice((0.0, 5.0, 20.0, 120.0)),
        tail=dice.choice((1, 5, 30, 1_000)),
        help=dice.choice((0.05, 0.3, 1.0)),
        tuning=Tuning(
            checkpoint_every=dice.choice((3, 10, 50, 200)),
            keep=Keep(count=dice.choice((0, 3, 20, 2_000)), age=dice.choice((5.0, 86_400.0))),
            queue=dice.choice((2_000, 1_048_576)),
            rung_pause=dice.choice((0.0, 0.02, 0.5)),
        ),
    )


@dataclass(frozen=True)
class Result:
    """Attributes:
    seconds: of virtual time.
    transcript: a line for each thing that happened.
    """

    seed: int
    violation: Violation | None
    seconds: float
    transcript: tuple[str, ...]


def simulate(seed: int, furniture: Furniture, folder: Path, *, frames: bool = False) -> Result:
    """Run one seed, its database in ``folder``. ``frames``: every frame is in the transcript."""
    world = World(seed, furniture, folder, frames=frames)
    with staged(world.disk, world.plan.tail, world.failed):
        return world.run()


class World:
    """See :class:`Result`; the other attributes are the parts that it is made of."""

    host: Host
    outside: Outside
    devices: list[Device]
    director: Process

    def __init__(self, seed: int, furniture: Furniture, folder: Path, *, frames: bool) -> None:
        self.seed = seed
        self.plan = plan_of(self.dice("plan"))
        self.network = Network(self.dice("network"), self._frame if frames else _unheard)
        self.disk = Disk(folder, self.dice("disk"), self._committed, self._begun, self._struck)
        self.commands: dict[str, Asked] = {}
        policies = policies_of(self.dice("policy"), furniture.people, furniture.groups, furniture.line)
        self.checks = Checks(self, PolicyChecks(policies))
        self._loop = VirtualLoop()
        self._loop.delay = self.disk.delay
        self._loop.failed = self._task_failed
        self._loop.set_exception_handler(self._escaped)
        self._furniture = furniture
        self._lines: list[str] = []
        self._violation: Violation | None = None
        self._numbers = self.dice("numbers")
        self._minds = {name: self.dice(f"mind of {name}") for name in self.plan.devices}
        self._quiet = False
        self._over: asyncio.Future[None] | None = None

    def dice(self, name: str) -> random.Random:
        """Each part of the world has its own, so that one more throw here changes nothing there."""
        return random.Random(f"{self.seed} {name}")

    def now(self) -> float:
        """s since the beginning."""
        return self._loop.time()

    # The run

    def run(self) -> Result:
        try:
            self._loop.run_until_complete(self._run())
        except StuckError as error:
            self.violated(Check.STUCK, str(error))
        finally:
            seconds = self.now()
            self._clear_away()
        return Result(self.seed, self._violation, seconds, tuple(self._lines))

    async def _run(self) -> None:
        self._over = self._loop.create_future()
        self.director = Process("director")
        config = Config(self.disk.folder, grace=self.plan.grace, tuning=self.plan.tuning)
        policies = self.checks.policies.policies
        self.host = Host(self, self.disk, self._furniture, config, policies.values(), self.dice("host"))
        self.outside = Outside(self, self.dice("outside"))
        self.host.connect = self.outside.connect
        self.devices = [
            Device(name, self._furniture.people[name.partition("/")[0]], self, self.dice(name))
            for name in self.plan.devices
        ]
        self.log("WORLD", str(self.plan))
        for policy in policies.values():
            self.log("WORLD", f"{policy.kind.value}, {policy.again} times again: {policy.steps}")
        play = self.director.start(self._play(), name="play")
        await asyncio.wait({play, self._over}, return_when=asyncio.FIRST_COMPLETED)
        if play.done():
            play.result()

    async def _play(self) -> None:
        faults, dice = Faults(self, self.dice("faults")), self.dice("storm")
        self.host.start()
        for device in self.devices:
            self.later(dice.uniform(0.0, 2.0), partial(self._begin, device))
        self.director.start(self._look(), name="look")
        self.director.start(self.outside.customers(), name="customers")
        while (wait := dice.expovariate(1.0 / self.plan.fault_pause)) < self.plan.seconds - self.now():
            await asyncio.sleep(wait)
            faults.strike()
        await asyncio.sleep(max(0.0, self.plan.seconds - self.now()))
        self.log("WORLD", "it is quiet from now on")
        self._quiet = True
        faults.end()
        self.outside.end()
        for device in self.devices:
            device.rest()
        await self._settle()
        self.checks.at_the_end()

    async def _look(self) -> None:
        while True:
            await asyncio.sleep(LOOK)
            self.checks.look()

    async def _settle(self) -> None:
        """Until two looks, one after the other, find nothing that is still to come."""
        until, looks = self.now() + SETTLING, 0
        while looks < 2 and self.now() < until:
            await asyncio.sleep(LOOK)
            looks = looks + 1 if self.checks.settled() else 0

    def _clear_away(self) -> None:
        """Nothing of this run may be left for the next one."""
        logging.disable()  # nobody cares how it ends
        for process in (self.director, self.host.process, *(device.process for device in self.devices)):
            if process is not None:
                process.alive = False
        self.disk.pull_the_plug()
        self._loop.unwind()
        logging.disable(logging.NOTSET)
        self._loop.close()

    # What the parts ask of it

    def later(self, seconds: float, call: Callable[[], None]) -> None:
        self._loop.call_later(seconds, call)

    async def connect(self, device: Device, server: ServerAddress) -> ClientEnd:
        return await self.network.connect(device.name, device.weather, server)

    def truth_of(self, epoch: str) -> Truth:
        return self.host.truths[epoch]

    def renewed(self) -> None:
        self.checks.renewed()

    def _begin(self, device: Device) -> None:
        if device.process is not None:
            return
        device.begin()
        if not self._quiet:
            dice = self._minds[device.name]
            device.occupy(Person(device, self, self._furniture, dice, self.plan).live())

    def quit(self, device: Device, back_after: float) -> None:
        device.log("has quit")
        self._device_gone(device, back_after)

    def crash_device(self, device: Device, back_after: float) -> None:
        if device.process is not None:
            device.log("crashes")
            self._device_gone(device, back_after)

    def _device_gone(self, device: Device, back_after: float) -> None:
        process = device.kill()
        if process is None:
            return
        for asked in self.commands.values():
            if asked.device == device.name and _still_in_the_outbox(asked, self.now()):
                asked.outcome = Outcome.UNSURE
        self.network.process_gone(process, silently=self._numbers.random() < 0.3)
        self.director.start(self._back(device, process, back_after), name=f"back to {device.name}")

    async def _back(self, device: Device, process: Process, after: float) -> None:
        await process.reap()
        await asyncio.sleep(after)
        self._begin(device)

    def asked(self, device: Device, command_id: str, command: Command) -> None:
        device.log(f"asks {command_id}: {brief(command)}")
        self.commands[command_id] = Asked(device.person, device.name, command, device.known.epoch)

    def answered(self, device: Device, command_id: str, outcome: Outcome, code: Code | None) -> None:
        device.log(f"hears that {command_id} is {outcome.value} {code or ''}")
        asked = self.commands[command_id]
        if code is Code.STORE_FAILED and device.weather.repeats:
            outcome = Outcome.UNSURE  # it came twice, and the disk may have taken the other one
        asked.outcome, asked.code, asked.epoch = outcome, code, device.known.epoch
        asked.answered_at = self.now()

    def asked_again(self, device: Device, command_id: str, command: Command) -> None:
        device.log(f"asks again {command_id}: {brief(command)}")
        asked = self.commands.get(command_id)
        if asked is None:
            return
        if asked.command != command:
            asked.ambiguous = True
        elif asked.outcome in NOT_DONE:
            asked.outcome = Outcome.UNSURE  # decided anew, it may be possible now

    def answered_again(
        self, device: Device, command_id: str, command: Command, outcome: Outcome, code: Code | None
    ) -> None:
        device.log(f"hears again that {command_id} is {outcome.value} {code or ''}")
        asked = self.commands.get(command_id)
        if asked is not None and not asked.ambiguous and outcome is Outcome.ACCEPTED:
            asked.outcome, asked.epoch = outcome, device.known.epoch

    def _committed(self, batch: Batch, numbers: Mapping[StreamKey, int]) -> None:
        wrong = self.host.truth.committed(batch, numbers)
        if wrong:
            self.violated(Check.NUMBERS, wrong)
        self.checks.committed(batch)
        for entry in batch.entries:
            number = numbers[entry.stream]
            self.log("store", f"{entry.stream} {number}…: {brief(entry.event)}")

    def _begun(self, case: CaseId, send: SendId) -> None:
        self.checks.begun(case, send)

    def _struck(self, when: str) -> None:
        self.host.crash(when, silently=False)

    def _escaped(self, loop: asyncio.AbstractEventLoop, context: dict[str, object]) -> None:
        """An exception that nobody caught; what was never looked at is reported when it is collected."""
        if context.get("exception") is not None and "never retrieved" not in str(context["message"]):
            self.violated(Check.ERRORS, f"{context['message']}: {context['exception']!r}")

    def _task_failed(self, words: str, error: BaseException) -> None:
        where = "".join(traceback.format_exception(error))
        self.violated(Check.ERRORS, f"{words}\n{where}")

    def failed(self, words: str) -> None:
        """The program logged an error."""
        held_up = self.disk.slow or self.disk.delayed > self.host.delayed_before_stop
        if not (self.disk.full or "disk full" in words or ("takes too long" in words and held_up)):
            self.violated(Check.ERRORS, words)

    def violated(self, check: Check, words: str) -> None:
        """The first one ends the run."""
        if self._violation is None:
            self.log("CHECK", f"{check.value}: {words}")
            self._violation = Violation(check, self.now(), words)
            if self._over is not None and not self._over.done():
                self._over.set_result(None)

    def log(self, who: str, words: str) -> None:
        self._lines.append(f"{self._loop.time():9.3f}  {who:<8} {words}")

    def _frame(self, name: str, way: str, frame: bytes) -> None:
        message = msgspec.msgpack.decode(frame)
        kind = message.pop("type")
        words = ", ".join(f"{key}={value!r}" for key, value in message.items())
        self.log(name, f"{way} {kind} {words}"[:300])


def _still_in_the_outbox(asked: Asked, now: float) -> bool:
    """Where the program died before its disk knew of the answer, the command is sent once more."""
    fresh = asked.outcome in NOT_DONE and now - asked.answered_at <= 3 * SLOW_DISK
    return fresh or asked.outcome is Outcome.OPEN


def _unheard(name: str, way: str, frame: bytes) -> None:
    return
