"""What unanswered alerts cost the engine: ``python -m tests.bench.engine_bench [ALERTS ...]``.

So many open alerts, in spaces of a thousand. First a thousand steps are due in the same moment: how many are
taken in a second. Then as many fall due evenly, at half that pace, and the engine runs as it does: how late
they are taken. What counts is how both grow with the number of alerts that wait; all sizes are of one run.
"""

from __future__ import annotations

import asyncio
import random
import sys
import tempfile
import time
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec

from app.core.case_answers import opened_by_hand
from app.core.case_steps import next_look
from app.core.cases import Case, CaseId, Mark, encoded
from app.core.model import Escalation, EscalationId, Level, Occupant, PersonId, Role, SpaceId
from app.core.policy import Repeat
from app.server.admin import Admin
from app.server.config import Config, Tuning
from app.server.directory import beginning
from app.server.main import Server
from app.server.map_files import ImportedMap
from app.server.store.keys import space_stream
from app.server.store.sqlite import cases, people
from app.server.store.sqlite.store import FILE, SqliteStore, connect
from tests.helpers.office import office_map
from tests.helpers.running import HASHER, PASSWORD
from tests.helpers.tale import policy

SIZES = (1_000, 10_000, 100_000)
IN_SPACE = 1_000
DUE = 1_000
"""Steps that fall due while it is measured."""
FAR = 36_000.0
"""s that all others have to wait."""

decode = msgspec.msgpack.Decoder(Case).decode


@dataclass(frozen=True)
class Result:
    """Attributes:
    pace: steps in a second.
    late: s, of each step that fell due while the engine ran.
    audit: s that a look of the auditor takes.
    """

    pace: float
    late: list[float]
    audit: float

    def percentile(self, share: float) -> float:
        return sorted(self.late)[min(len(self.late) - 1, int(len(self.late) * share))]


def furnish(data: Path, spaces: int) -> tuple[list[SpaceId], list[PersonId]]:
    with Admin(data, hasher=HASHER) as admin:
        names = tuple(f"Space {number}" for number in range(spaces))
        made = [admin.add_space(name, ImportedMap(office_map(), {})) for name in names]
        persons = [admin.add_user(f"p{n}", f"Person {n}", PASSWORD, Role.AGENT, names) for n in range(5)]
    return made, persons


def fill(data: Path, spaces: list[SpaceId], persons: list[PersonId], count: int) -> None:
    """All of them have hours to wait."""
    dice, now = random.Random(1), time.time()
    plan = policy((FAR, Repeat(FAR, 5)))
    with closing(connect(data / FILE)) as db:
        roster = people.roster(db)
        db.execute("BEGIN")
        for number, space in enumerate(spaces):
            hands = []
            for hand in range(number * IN_SPACE, min(count, (number + 1) * IN_SPACE)):
                raiser, *called = dice.sample(persons, 4)
                name = EscalationId(f"hand-{hand}")
                hands.append(Escalation(name, raiser, Level.RED, now, "Help", notified=tuple(called)))
                opened = opened_by_hand(space, hands[-1], plan)
                cases.open_case(db, opened, next_look(opened[0]))
            state = msgspec.structs.replace(
                beginning(roster, space),
                escalations=tuple(hands),
                occupants=tuple(Occupant(person) for person in persons),
            )
            sql = "INSERT INTO streams (key, seq, checkpoint_at, checkpoint) VALUES (?, 0, 0, ?)"
            db.execute(sql, (space_stream(space), msgspec.msgpack.encode(state)))
        db.execute("COMMIT")


def fall_due(data: Path, times: list[float], dice: random.Random) -> dict[str, float]:
    """Some of those that nothing was done about fall due then (s). Returns when which does."""
    with closing(connect(data / FILE)) as db:
        rows = db.execute("SELECT id, state FROM cases WHERE version = 1 ORDER BY id").fetchall()
        chosen = dice.sample(rows, len(times))
        db.execute("BEGIN")
        for (case, state), at in zip(chosen, times, strict=True):
            changed = msgspec.structs.replace(decode(state), since=at - FAR)
            sql = "UPDATE cases SET state = ?, next_look = ?, version = 2 WHERE id = ?"
            db.execute(sql, (encoded(changed), at, case))
        db.execute("COMMIT")
        return {case: at for (case, _), at in zip(chosen, times, strict=True)}


def lateness(data: Path, due: dict[str, float]) -> list[float]:
    with closing(connect(data / FILE)) as db:
        late = []
        for case, at in due.items():
            notes = cases.timeline(db, CaseId(case))
            late += [note.at - at for note in notes if note.mark is Mark.STEP]
    assert len(late) == len(due), "a step was not taken"
    return late


def server_of(data: Path, pause: float) -> Server:
    tuning = replace(Tuning(), engine=pause)
    return Server(Config(data, port=0, tuning=tuning), SqliteStore(data / FILE), hasher=HASHER)


async def at_once(data: Path, dice: random.Random) -> tuple[float, float]:
    """Steps in a second, and s of the auditor's look."""
    server = server_of(data, FAR)  # it is asked by hand
    await server.begin()
    await asyncio.sleep(1.0)  # what a start does besides
    fall_due(data, [time.time()] * DUE, dice)
    before, began = server.engine.figures.looks, time.perf_counter()
    await server.engine.look()
    pace = (server.engine.figures.looks - before) / (time.perf_counter() - began)
    began = time.perf_counter()
    await server.auditor.look()
    audit = time.perf_counter() - began
    await server.stop()
    return pace, audit


async def steadily(data: Path, pace: float, dice: random.Random) -> list[float]:
    """How late steps are taken that fall due at this pace."""
    server = server_of(data, Tuning().engine)
    await server.begin()
    await asyncio.sleep(1.0)  # as above
    begin = time.time() + 2.0
    due = fall_due(data, [begin + number / pace for number in range(DUE)], dice)
    await asyncio.sleep(max(due.values()) - time.time() + 2.0)
    await server.stop()
    return lateness(data, due)


async def measure(count: int) -> Result:
    dice = random.Random(2)
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        spaces, persons = furnish(data, -(-(count + 2 * DUE) // IN_SPACE))
        fill(data, spaces, persons, count + 2 * DUE)
        pace, audit = await at_once(data, dice)
        late = await steadily(data, min(pace / 2, 500.0), dice)
    return Result(pace, late, audit)


def main(sizes: tuple[int, ...] = SIZES) -> None:
    first: Result | None = None
    for count in sizes:
        result = asyncio.run(measure(count))
        first = first or result
        print(
            f"{count:>7,} open alerts: {result.pace:,.0f} steps/s "
            f"({first.pace / result.pace:.2f} times the time of the fewest), late by "
            f"{result.percentile(0.5) * 1e3:.0f} ms, p99 {result.percentile(0.99) * 1e3:.0f} ms; "
            f"a look of the auditor {result.audit * 1e3:.0f} ms"
        )


if __name__ == "__main__":
    main(tuple(map(int, sys.argv[1:])) or SIZES)
