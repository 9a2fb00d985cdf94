"""Benchmark (c): what it costs to tell a thousand screens, against the limit and what others would write.

``python -m tests.bench.fanout_bench [N ...]``. All contestants run in one go, take turns (who has not its
turn is stopped), and are driven by the same generator: a bare C epoll loop that sends a frame made once (the
limit), ``websockets.broadcast`` over a set, node's ``ws``, and our whole server with its real protocol; under
TLS as well, but for node. CPU time is from /proc, so its ratios hold on a busy machine; latencies do not.
Then what only ours is asked for: slow readers, red hands while people walk, opening a space.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from tests.bench.fanout import scenarios
from tests.bench.fanout.contestants import (
    LIMIT,
    LIMIT_TLS,
    NODE,
    OURS,
    OURS_TLS,
    OURS_TRANSPORT,
    STOCK,
    STOCK_TLS,
    UNDER_TLS,
    Contestant,
    MissingError,
    build,
    start,
)

SIZES = (100, 1_000, 5_000)
BETWEEN = (2_000, 3_000, 4_000)
"""Also tried, for the largest number of people with whom all is still quick."""
ALL = (LIMIT, STOCK, NODE, OURS_TRANSPORT, OURS, LIMIT_TLS, STOCK_TLS, OURS_TLS)
TURNS = 3
WALKERS = 10
"""People who walk while the cost of a frame is measured, so that frames are equally small for any number."""
SHARE = 10
"""One in so many walks in the search for the largest number, as fast as the program lets them."""
WALK_HZ = 10
QUICK_MS = 100.0


@dataclass
class Column:
    """What was measured for one contestant with one number of connections, once a turn.

    Attributes:
        cpu: µs a frame and recipient, everything that the server does included.
        last: ms from the step to the last recipient.
        frames: of positions, a second, all recipients together.
        memory: KiB a connection.
    """

    cpu: list[float] = field(default_factory=list)
    last: list[float] = field(default_factory=list)
    frames: list[float] = field(default_factory=list)
    memory: float = 0.0


def measure(one: Contestant, size: int, column: Column) -> None:
    before = one.cost().cpu
    rate, *_ = one.ask("move", WALKERS, WALK_HZ, 3)
    column.cpu.append((one.cost().cpu - before) / (rate * 4.0) * 1e6)  # the second before counts too
    column.frames.append(rate)
    one.ask("move", 0, 1, 0.2)
    took, *_ = one.ask("shout", 20, max(60, size / 25))
    column.last.append(took)
    column.memory = (one.cost().memory - one.empty.memory) / size


def table(size: int, columns: dict[str, Column]) -> None:
    print(f"\n{size} connections; medians of {TURNS} turns, in brackets the ratio to the limit (of its kind)")
    print(f"{'':<26}{'CPU µs a recipient':>22}{'ms to the last':>20}{'frames/s':>18}{'KiB each':>10}")
    for name, column in columns.items():
        limit = columns[LIMIT_TLS if name.endswith(UNDER_TLS) else LIMIT]
        cells = [_against(getattr(column, what), getattr(limit, what)) for what in ("cpu", "last", "frames")]
        print(f"{name:<26}{cells[0]:>22}{cells[1]:>20}{cells[2]:>18}{column.memory:>10.1f}", flush=True)
    for name, other in ((OURS, STOCK), (OURS_TRANSPORT, STOCK), (OURS_TLS, STOCK_TLS)):
        if name in columns:
            print(f"{name}: {median(columns[name].cpu) / median(columns[other].cpu):.2f} times {other}")


def _against(values: list[float], limit: list[float]) -> str:
    value = median(values)
    return f"{value:,.1f} ({value / median(limit):.2f})"


def quick(one: Contestant, size: int) -> float:
    """p99 delay of a position with one in ten walking, ms."""
    _, _, p99, *_ = one.ask("move", size // SHARE, WALK_HZ, 5)
    one.ask("move", 0, 1, 0.5)
    return p99 if p99 >= 0 else float("inf")


def contest(folder: Path, sizes: tuple[int, ...]) -> None:
    with ExitStack() as stack:
        contestants: list[Contestant] = []
        for number, name in enumerate(ALL):
            try:
                contestants.append(start(stack, name, folder / str(number), max(sizes)))
                contestants[-1].rest()
            except MissingError as error:
                print(f"{name} takes no part: {error}")
        delays: dict[str, dict[int, float]] = {one.name: {} for one in contestants}
        for size in sorted({*sizes, *(between for between in BETWEEN if between < max(sizes))}):
            columns = {one.name: Column() for one in contestants}
            for one in contestants:
                with one.turn():
                    one.ask("fill", size)
            for _ in range(TURNS if size in sizes else 0):
                for one in contestants:
                    with one.turn():
                        measure(one, size, columns[one.name])
            if size in sizes:
                table(size, columns)
            for one in contestants if size >= 1_000 else ():
                with one.turn():
                    delays[one.name][size] = quick(one, size)
        largest(delays)


def largest(delays: dict[str, dict[int, float]]) -> None:
    print(f"\nPositions, one in {SHARE} walking at {WALK_HZ} Hz: p99 delay in ms by number of connections")
    for name, by_size in delays.items():
        held = max((size for size, p99 in by_size.items() if p99 < QUICK_MS), default=0)
        row = "  ".join(f"{size}: {p99:.0f}" for size, p99 in by_size.items())
        print(f"{name:<26}{row}   below {QUICK_MS:.0f} ms up to {held}")


def main(*sizes: int) -> None:
    build()
    steps: tuple[Callable[[Path], None], ...] = (
        lambda folder: contest(folder, sizes or SIZES),
        scenarios.slow_readers,
        scenarios.red_while_walking,
        scenarios.opening,
    )
    for step in steps:
        with tempfile.TemporaryDirectory(prefix="handraise-fanout-") as folder:
            step(Path(folder))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
