"""Servers that are killed at every stage of alerts that nobody answers, and two of them on one store: each
step is taken, once, in its order, and never after an answer (promise P7)."""

from __future__ import annotations

import asyncio
import itertools
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from app.core.cases import CaseId, Mark, Note
from app.core.model import AnswerKind, Recipients
from app.core.policy import Call, Forward, Notify, Policy, Reached, Repeat, Text
from app.server.clock import SystemClock
from tests.faults.sizes import size
from tests.helpers.case_rows import Rows
from tests.helpers.fleet import Fleet
from tests.helpers.running import Ids, furnish, running
from tests.helpers.server_process import ServerProcess
from tests.helpers.tale import policy
from tests.sim.policies import is_step

KILLS, ALERTS = size(12, 200), size(30, 300)
HANDS = 5
"""that are raised together."""
STEP = 0.15
"""s between two steps."""
STEPS = 5
TURNS = 6_000
"""of the event loop, that take about as long."""
LONG = 60.0
"""s"""
P7 = 10.0
"""s that a crash may delay a step."""


@dataclass(frozen=True)
class Told:
    """What the database says of a case: the steps taken, and whether one was after an answer."""

    steps: tuple[int | None, ...]
    late: bool
    answered: bool
    longest: float


def told(notes: Sequence[Note]) -> Told:
    marks = [note.mark for note in notes]
    answered = marks.index(Mark.ANSWERED) if Mark.ANSWERED in marks else len(marks)
    steps = [note for note in notes if is_step(note)]
    times = [notes[0].at, *(note.at for note in steps)]
    gaps = [after - before for before, after in itertools.pairwise(times)]
    return Told(
        tuple(note.step for note in steps),
        late=any(note.what is not None for note in notes[answered:]),
        answered=Mark.ANSWERED in marks,
        longest=max(gaps, default=0.0),
    )


Until = Callable[[Callable[[], bool]], Awaitable[None]]
"""Wait until something is so; looked at whenever Bob heard something."""


@asynccontextmanager
async def bob_at(*urls: str) -> AsyncIterator[Until]:
    """Bob is there, on a machine for each server: what one of them does, that one tells."""
    async with AsyncExitStack() as stack:
        fleets = [await stack.enter_async_context(Fleet(url, ("bob",))) for url in urls]

        async def until(condition: Callable[[], bool]) -> None:
            waits = [asyncio.ensure_future(fleet.until(condition, LONG)) for fleet in fleets]
            done, pending = await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
            for wait in pending:
                wait.cancel()
            for wait in done:
                wait.result()

        yield until


class Night:
    """Hands go up before a server that does not last; Bob is there and answers none of them.

    Attributes:
        stages: how many steps had been taken where a kill struck.
        hands: those of this round.
    """

    def __init__(self, rows: Rows, server: ServerProcess) -> None:
        self.rows, self.server = rows, server
        self.dice = random.Random(41)
        self.stages: set[int] = set()
        self.hands: list[CaseId] = []
        self.round = 0

    def raise_hands(self) -> None:
        self.round += 1
        self.hands = [CaseId(f"{self.round}-{number}") for number in range(HANDS)]
        for hand in self.hands:
            self.rows.now = time.time()
            self.rows.raised(hand, self.rows.ids.bob)

    def answer_one(self) -> None:
        self.rows.now = time.time()
        self.rows.answered(self.rows.ids.dev, AnswerKind.CHAT, self.dice.choice(self.hands))

    def take_down(self) -> None:
        for hand in self.hands:
            self.rows.now = time.time()
            self.rows.ended(hand)

    def taken(self) -> dict[CaseId, int]:
        """Steps of each hand so far."""
        return {hand: len(told(self.rows.notes(hand)).steps) for hand in self.hands}

    async def kill_at(self, stage: int, until: Until) -> None:
        """Once some hand is there, or a moment later; another hand is answered just before."""
        await until(lambda: max(self.taken().values()) >= stage)
        await a_moment(self.dice)
        if self.dice.random() < 0.3:
            self.answer_one()
        await self.server.kill()
        self.stages |= set(self.taken().values())

    async def all_done(self, until: Until) -> Collection[Told]:
        """Every step of every hand that nobody answered."""
        tales: list[Told] = []

        def done() -> bool:
            tales[:] = [told(self.rows.notes(hand)) for hand in self.hands]
            return all(tale.answered or len(tale.steps) == STEPS for tale in tales)

        await until(done)
        return tales


async def a_moment(dice: random.Random) -> None:
    """Of any length, up to about that between two steps."""
    for _ in range(dice.randrange(TURNS)):
        await asyncio.sleep(0)


def ladder(ids: Ids) -> Policy:
    called = Reached(called=True)
    return policy(
        (STEP, Notify(Recipients(groups=(ids.supervisors,)))),
        (STEP, Text(called)),
        (STEP, Repeat(10.0, 1)),
        (STEP, Call(called)),
        (STEP, Forward(ids.eva)),
    )


@contextmanager
def furnished(folder: Path) -> Iterator[Rows]:
    """A store in which :func:`ladder` is run."""
    data = folder / "data"
    rows = Rows(data, furnish(data))
    with closing(rows.db):
        rows.assign(ladder(rows.ids))
        yield rows


def well_done(tale: Told) -> None:
    assert tale.steps == tuple(range(len(tale.steps))), "skipped, or taken twice"
    assert not tale.late, "after an answer"
    assert tale.longest < P7


async def test_a_server_that_is_killed_at_every_stage_takes_each_step_once(tmp_path: Path) -> None:
    with furnished(tmp_path) as rows:
        async with ServerProcess(tmp_path / "data") as server, bob_at(server.url) as until:
            night = Night(rows, server)
            for number in range(KILLS):
                night.raise_hands()
                await night.kill_at(number % (STEPS + 1), until)
                await server.start()
                for tale in await night.all_done(until):
                    well_done(tale)
                night.take_down()
        assert night.stages == set(range(STEPS + 1)), "not killed at every stage"
        assert rows.db.execute("SELECT count(*) FROM cases WHERE ended_at IS NULL").fetchone() == (0,)


async def test_two_servers_on_one_store_take_each_step_once(tmp_path: Path) -> None:
    """One here and one in a process of its own; hands are answered at any moment."""
    dice = random.Random(43)
    with furnished(tmp_path) as rows:
        data = tmp_path / "data"
        async with running(data, SystemClock()) as here, ServerProcess(data) as there:
            async with bob_at(here.url, there.url) as until:
                night = Night(rows, there)
                for _ in range(ALERTS // HANDS):
                    night.raise_hands()
                    for hand in dice.sample(night.hands, 2):
                        await a_moment(dice)
                        rows.now = time.time()
                        rows.answered(rows.ids.dev, AnswerKind.CHAT, hand)
                    for tale in await night.all_done(until):
                        well_done(tale)
                    night.take_down()
            done = here.engine.figures.looks
            ((all_of_them,),) = rows.db.execute("SELECT sum(version - 1) FROM cases").fetchall()
        assert 0 < done < all_of_them, "one of them did everything"
