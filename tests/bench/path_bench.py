"""What finding a way costs as the floor grows: ``python -m tests.bench.path_bench``.

Each floor has four times the cells of the one before; the ratio says how the time grows with them.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from app.core.model import Place
from tests.core.test_geometry import cell, drawn

SIDES = (50, 100, 200)
RUNS = 9


def best_way(side: int) -> float:
    """s for a way from corner to corner round many walls, the best of several."""
    rows = ["".join("#" if y % 5 == 2 and x % 7 < 5 else "." for x in range(side)) for y in range(side)]
    walk, ends = drawn(*rows), (cell(0, 0), cell(side - 1, side - 1))
    return min(_timed(lambda: walk.path(*ends)) for _ in range(RUNS))


def _timed(find: Callable[[], tuple[Place, ...] | None]) -> float:
    began = time.process_time()
    way = find()
    took = time.process_time() - began
    assert way is not None
    return took


def main() -> None:
    before = 0.0
    for side in SIDES:
        took = best_way(side)
        grown = f", {took / before:.1f} times that of a quarter of the cells" if before else ""
        print(f"a way over {side} x {side} cells: {took * 1e3:.1f} ms{grown}")
        before = took


if __name__ == "__main__":
    main()
