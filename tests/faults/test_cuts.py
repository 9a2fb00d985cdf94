"""Connections that are cut again and again while people work: nothing lost, nothing twice, no gap."""

from __future__ import annotations

import random
from pathlib import Path

from app.tasks import Tasks
from tests.faults.sizes import size
from tests.helpers.fleet import Fleet, Member, Work, each_alert_once
from tests.helpers.proxy import FaultProxy, Way, Weather, Wire
from tests.helpers.running import furnish
from tests.helpers.server_process import ServerProcess

CUTS, EVENTS = size(300, 1_000), size(150, 500)
HANDLES = ("ann", "bob", "chie", "dev", "eva")


class Cutter:
    """Ends connections in every way there is, by chance.

    Attributes:
        done: how many were ended.
    """

    def __init__(self, proxy: FaultProxy, seed: int) -> None:
        self._proxy, self._rng = proxy, random.Random(seed)
        self.done = 0

    def strike(self) -> None:
        """Doom one of the connections: at once, or with one of the next bytes that pass."""
        wires = [wire for wire in self._proxy.wires if not wire.over.is_set()]
        if wires:
            self._doom(self._rng.choice(wires))

    def _doom(self, wire: Wire) -> None:
        reset, way = self._rng.random() < 0.4, self._rng.choice(list(Way))
        match self._rng.randrange(4):
            case 0 if reset:
                wire.reset()
            case 0:
                wire.cut()
            case 1:
                wire.cut_after(way, self._rng.randint(1, 600), reset=reset)
            case _:
                wire.cut_in_frame(way, reset=reset)


async def test_cuts_lose_nothing_and_show_nothing_twice(tmp_path: Path) -> None:
    ids = furnish(tmp_path / "data")
    work = Work(ids, seed=1)
    async with (
        ServerProcess(tmp_path / "data") as server,
        FaultProxy(server.url, seed=2) as proxy,
        Fleet(proxy.url, HANDLES) as fleet,
    ):
        cutter = Cutter(proxy, seed=3)
        began = proxy.accepted
        proxy.weather = Weather(crumbs=700)

        def over() -> bool:
            return proxy.accepted - began >= CUTS and len(work.accepted) >= EVENTS

        async def keep_working(member: Member) -> None:
            while not over():
                if proxy.accepted - began < CUTS:
                    cutter.strike()
                await work.one(member)

        async with Tasks("people") as people:
            for member in fleet.members:
                people.spawn(keep_working(member), name=member.handle)
            await people.idle()
        proxy.weather = Weather()
        await fleet.agree(server.url)
        each_alert_once(fleet, work)
        assert not any(member.replaced for member in fleet.members), "a snapshot where events would have done"
        await server.stop(within=5)
