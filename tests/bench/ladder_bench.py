"""What an alert to a large group costs the server: bytes written, events, CPU.

``python -m tests.bench.ladder_bench [RECIPIENTS]``. One red hand; then every recipient's machine reports
that it was sent, received and shown, at moments spread over half a second, as after a real one. The ratios
count: to one recipient an alert is as large as to hundreds, and the reports share events.
"""

from __future__ import annotations

import asyncio
import random
import sys
import tempfile
import time
from pathlib import Path

from app.core import wire
from app.core.commands import RaiseEscalation
from app.core.events import AlertRaised
from app.core.model import (
    Alert,
    Device,
    DeviceId,
    EscalationId,
    Level,
    PersonId,
    Recipients,
    Rung,
    Step,
)
from app.server.admin import Admin
from app.server.config import Tuning
from app.server.link import AlertKey
from app.server.main import Server
from tests.helpers.caller import Caller
from tests.helpers.running import HASHER, PASSWORD, SPACE_NAME, furnish, rows, running

RECIPIENTS = 200
SPREAD = 0.2
"""s over which machines hear of it; each needs up to half as long for each rung."""
RUNGS = (Rung.SENT, Rung.RECEIVED, Rung.SHOWN)
HAND = EscalationId("hand")


def furnished(data: Path, count: int) -> None:
    furnish(data)
    with Admin(data, hasher=HASHER) as admin:
        admin.add_group("called", "Called")
        for n in range(count):
            admin.add_user(f"p{n}", f"Person {n}", PASSWORD)
            admin.add_to_space(SPACE_NAME, f"p{n}")
            admin.add_member("called", f"p{n}")


def written(server: Server, where: str = "") -> tuple[int, int]:
    """Events and their bytes."""
    ((count, size),) = rows(server, f"SELECT count(*), coalesce(sum(length(payload)), 0) FROM events {where}")
    return count, size


async def climb(server: Server, people: tuple[PersonId, ...]) -> None:
    rng, room = random.Random(1), server.spaces.rooms[0]

    async def machine(number: int, person: PersonId) -> None:
        device = Device(DeviceId(f"{number:016x}"), f"desk-{number:03}")
        await asyncio.sleep(rng.random() * SPREAD)
        for rung in RUNGS:
            await server.gateway.services.rungs.report(AlertKey(room.id, HAND), Step(person, rung, device))
            await asyncio.sleep(rng.random() * SPREAD / 2)

    await asyncio.gather(*(machine(n, person) for n, person in enumerate(people)))


async def measure(count: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        furnished(Path(folder), count)
        async with running(Path(folder), tuning=Tuning()) as server:
            ann = await Caller.enter(server.url, "ann")
            async with ann:
                await call_all(server, ann)


async def call_all(server: Server, ann: Caller) -> None:
    group = next(g.id for g in ann.space.groups.values() if g.handle == "called")
    await ann.do(RaiseEscalation(Level.RED, "line 3", Recipients(groups=(group,))), HAND)
    hand = ann.space.escalations[HAND]
    named = len(wire.encode(AlertRaised(Alert(server.spaces.rooms[0].id, hand))))
    alerts, size = written(server, "WHERE instr(payload, CAST('alert' AS BLOB))")
    print(f"{alerts} alerts, {size:,} bytes; with everybody's names in each {alerts * named:,}")
    before, cpu = written(server), time.process_time()
    await climb(server, hand.notified)
    after, cpu = written(server), time.process_time() - cpu
    await ann.until(lambda: all(x.rung is Rung.SHOWN for x in ann.me.ladders[HAND].lines))
    reports = len(hand.notified) * len(RUNGS)
    print(
        f"{reports} reports: {after[0] - before[0]} events, {after[1] - before[1]:,} bytes, "
        f"{cpu / reports * 1e6:.0f} µs of CPU each"
    )


if __name__ == "__main__":
    asyncio.run(measure(int(sys.argv[1]) if len(sys.argv) > 1 else RECIPIENTS))
