"""What goes wrong: each seed draws some of these, and when they strike."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Protocol

from tests.sim.device import Device
from tests.sim.disk import Crash
from tests.sim.host import Host
from tests.sim.machine import Clock
from tests.sim.network import Network

CLOCK_JUMPS = (-86_400.0, -3_600.0, -90.0, -2.0, -0.5, 0.5, 2.0, 90.0, 3_600.0, 86_400.0)
"""s"""


class Target(Protocol):
    """What faults strike."""

    network: Network
    host: Host
    devices: list[Device]

    def crash_device(self, device: Device, back_after: float) -> None: ...

    def later(self, seconds: float, call: Callable[[], None]) -> None: ...

    def log(self, who: str, words: str) -> None: ...


class Faults:
    """Args:
    pause: s between two faults, on average.
    """

    def __init__(self, target: Target, dice: random.Random) -> None:
        self._target, self._dice = target, dice
        everything: list[tuple[Callable[[], None], float]] = [
            (self._cut, 4),
            (self._tear, 5),
            (self._mute, 2),
            (self._no_network, 2),
            (self._latency, 3),
            (self._stall, 2),
            (self._trickle, 1),
            (self._repeat, 2),
            (self._crash_now, 1),
            (self._crash_at_commit, 4),
            (self._restart, 1),
            (self._slow_disk, 2),
            (self._full_disk, 1),
            (self._server_clock, 2),
            (self._client_clock, 1),
            (self._kill_device, 2),
            (self._new_database, 0.3),
        ]
        # A seed has some kinds of faults and not others, so that rare ones meet often in some seeds.
        share = dice.choice((0.0, 0.2, 0.5, 0.8, 1.0))
        self._chosen = [fault for fault in everything if dice.random() < share]

    def strike(self) -> None:
        if self._chosen:
            (fault,) = self._dice.choices(
                [fault for fault, _ in self._chosen], [weight for _, weight in self._chosen]
            )
            fault()

    def end(self) -> None:
        """Nothing goes wrong any more; what has broken is not mended by that."""
        self._target.host.disk.armed = None
        self._target.host.disk.full, self._target.host.disk.slow = False, 0.0
        for device in self._target.devices:
            device.weather.clear_up()

    # The network

    def _device(self) -> Device:
        return self._dice.choice(self._target.devices)

    def _cut(self) -> None:
        device = self._device()
        self._log(f"cuts the connections of {device.name}")
        for link in self._target.network.links_of(device.name):
            link.cut()

    def _tear(self) -> None:
        device, frames = self._device(), self._dice.randint(0, 6)
        if self._dice.random() < 0.5:
            device.weather.tear_up = frames
        else:
            device.weather.tear_down = frames
        self._log(f"tears a frame of {device.name}, {frames} from now")

    def _mute(self) -> None:
        device = self._device()
        self._log(f"leaves {device.name} half open")
        for link in self._target.network.links_of(device.name):
            link.mute()

    def _no_network(self) -> None:
        device, seconds = self._device(), self._dice.uniform(1.0, 20.0)
        hang = self._dice.random() < 0.5
        self._log(f"takes the network from {device.name} for {seconds:.1f} s")
        device.weather.refused, device.weather.black_hole = not hang, hang
        for link in self._target.network.links_of(device.name):
            link.mute() if hang else link.cut()

        def back() -> None:
            device.weather.refused = device.weather.black_hole = False

        self._target.later(seconds, back)

    def _latency(self) -> None:
        device = self._device()
        device.weather.latency = self._dice.choice((0.0, 0.01, 0.2, 1.5))
        device.weather.jitter = self._dice.choice((0.0, 0.0, 0.1, 1.0))
        self._log(
            f"makes {device.name} {device.weather.latency:g} s late, up to {device.weather.jitter:g} s more"
        )

    def _stall(self) -> None:
        device, seconds = self._device(), self._dice.choice((1.0, 5.0, 11.0, 30.0))
        self._log(f"keeps {device.name} from reading for {seconds:g} s")
        device.weather.stalled_until = device.clock.monotonic() + seconds

    def _trickle(self) -> None:
        device = self._device()
        device.weather.pause = self._dice.choice((0.0, 0.05, 0.5))
        self._log(f"lets {device.name} read a frame each {device.weather.pause:g} s")

    def _repeat(self) -> None:
        device = self._device()
        device.weather.repeat = self._dice.choice((0.0, 0.1, 0.5))
        self._log(f"lets {device.weather.repeat:.0%} of the frames of {device.name} come twice")

    # Machines

    def _crash_now(self) -> None:
        self._target.host.crash("at any moment", silently=self._dice.random() < 0.2)

    def _crash_at_commit(self) -> None:
        crash = Crash(self._dice.randint(0, 5), after=self._dice.random() < 0.6)
        self._log(f"will crash the server {'after' if crash.after else 'before'} {crash.commits + 1} commits")
        self._target.host.disk.armed = crash

    def _restart(self) -> None:
        self._target.host.restart()

    def _slow_disk(self) -> None:
        self._target.host.disk.slow = self._dice.choice((0.0, 0.02, 0.3, 2.0))
        self._log(f"makes the disk up to {self._target.host.disk.slow:g} s slow")

    def _full_disk(self) -> None:
        seconds = self._dice.uniform(0.5, 8.0)
        self._log(f"fills the disk for {seconds:.1f} s")
        self._target.host.disk.full = True

        def freed() -> None:
            self._target.host.disk.full = False

        self._target.later(seconds, freed)

    def _server_clock(self) -> None:
        self._set(self._target.host.clock, "the server")

    def _client_clock(self) -> None:
        device = self._device()
        self._set(device.clock, device.name)

    def _set(self, clock: Clock, whose: str) -> None:
        jump = self._dice.choice(CLOCK_JUMPS)
        clock.off += jump
        self._log(f"sets the clock of {whose} by {jump:+g} s")

    def _kill_device(self) -> None:
        self._target.crash_device(self._device(), self._dice.uniform(0.0, 20.0))

    def _new_database(self) -> None:
        self._target.host.renew(sessions=self._dice.random() < 0.5)

    def _log(self, words: str) -> None:
        self._target.log("FAULT", words)
