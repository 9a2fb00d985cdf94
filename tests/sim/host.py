"""The server's machine: processes that crash, stop and start again on the same disk, or on a new one."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Collection
from typing import Protocol

from app.core.policy import Policy
from app.server.config import Config, Tuning
from app.server.main import Server
from app.server.store.base import StoreError
from app.server.store.sqlite.store import SqliteOptions, SqliteStore
from tests.sim.disk import HASHER, Disk, Furniture, ServerProcess, SimLane
from tests.sim.loop import Process
from tests.sim.machine import Clock
from tests.sim.network import Listening, Network
from tests.sim.truth import Truth
from tests.sim.watch import Check

LONGEST_DOWN = 10.0
"""s"""
STOPPING = 5.0
"""s that a stop may take (``Server.stop`` promises less)."""


class Surroundings(Protocol):
    """What the machine needs of its world."""

    network: Network
    director: Process

    def violated(self, check: Check, words: str) -> None: ...

    def renewed(self) -> None: ...

    def log(self, who: str, words: str) -> None: ...


class Host:
    """Attributes:
    server, process: while it runs; ``server`` from when it listens.
    started_at: when the process began, s.
    starts: how often it has started.
    delayed_before_stop: s for which the disk had held things up when a stop began.
    connect: shows a server the ways to phones.
    truths: what was committed to each database, by its epoch; ``truth`` is the present one.
    """

    def __init__(
        self,
        world: Surroundings,
        disk: Disk,
        furniture: Furniture,
        config: Config,
        policies: Collection[Policy],
        dice: random.Random,
    ) -> None:
        self.disk, self.clock = disk, Clock()
        self.server: Server | None = None
        self.process: ServerProcess | None = None
        self.started_at = 0.0
        self.truths: dict[str, Truth] = {}
        self._world, self._furniture, self._config, self._dice = world, furniture, config, dice
        self._policies = policies
        self.connect: Callable[[Server], None] = lambda server: None
        self.starts = 0
        self.delayed_before_stop = 0.0
        self._wanted: bool | None = False  # a new database: with the sessions of the old one, or without
        self._install()

    @property
    def tuning(self) -> Tuning:
        return self._config.tuning

    @property
    def grace(self) -> float:
        return self._config.grace

    def start(self) -> None:
        self.starts += 1
        self._log(f"starts, for the {self.starts}. time")
        self.started_at = self.clock.monotonic()
        self.process = ServerProcess(f"server {self.starts}", self.disk)
        self.process.start(self._serve(self.process), name="main")

    async def _serve(self, process: ServerProcess) -> None:
        try:
            options = SqliteOptions(self.tuning.keep, lane=SimLane)
            server = Server(
                self._config,
                SqliteStore(self.disk.file, options),
                clock=self.clock,
                entropy=self._dice.randbytes,
                hasher=HASHER,
            )
            self.connect(server)
            await server.begin()
            await server.take_place("sim")
        except StoreError as error:
            self.crash(f"it cannot start: {error.reason}", silently=False)
            return
        self.server = server
        self._world.network.listening = Listening(process, server.gateway.serve)
        self._log("listens")

    def crash(self, why: str, *, silently: bool) -> None:
        """Now, and up again after a while. ``silently``: the machine is gone, and nobody hears of it."""
        if self.process is not None:
            self._log(f"crashes {why}{', silently' if silently else ''}")
            self._gone(silently=silently)

    def restart(self) -> None:
        """In order."""
        if self.process is not None and self.server is not None and self._world.network.listening is not None:
            self._world.network.listening = None
            self.process.start(self._stop(self.process, self.server), name="stop")

    async def _stop(self, process: ServerProcess, server: Server) -> None:
        self._log("stops")
        since, delayed = self.clock.monotonic(), self.disk.delayed
        self.delayed_before_stop = delayed
        await server.gateway.stop()
        await server.stop()
        seconds = self.clock.monotonic() - since
        if seconds - (self.disk.delayed - delayed) > STOPPING:
            self._world.violated(Check.STUCK, f"the server took {seconds:.1f} s to stop")
        self._log("has stopped")
        self._gone(silently=False)

    def renew(self, *, sessions: bool) -> None:
        """Put a new database in place of this one. ``sessions``: who was signed in still is."""
        if self.process is not None:
            self._wanted = sessions
            self._log(f"gets a new database{' with the old sessions' if sessions else ''}")
            self._gone(silently=False)

    def _gone(self, *, silently: bool) -> None:
        process, self.process, self.server = self.process, None, None
        assert process is not None
        self._world.network.listening = None
        process.kill()
        self._world.network.process_gone(process, silently=silently)
        self.disk.pull_the_plug()
        self._world.director.start(
            self._come_back(process, self._dice.uniform(0.1, LONGEST_DOWN)), name="server"
        )

    async def _come_back(self, process: ServerProcess, after: float) -> None:
        await process.reap()
        if self._wanted is not None:
            self._install()
            self._world.renewed()
        await asyncio.sleep(after)
        self.start()

    def _install(self) -> None:
        epoch = f"epoch-{len(self.truths) + 1}"
        spaces = self.disk.install(self._furniture, epoch, self._policies, sessions=bool(self._wanted))
        self._wanted = None
        self.truth = self.truths[epoch] = Truth(epoch, spaces)

    def _log(self, words: str) -> None:
        self._world.log("server", words)
