"""``make simulate SEEDS=10000`` looks for a seed that fails; ``make simulate SEED=123`` shows one."""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path

from tests.sim.runner import Progress, search, stage

TELL_SECONDS = 5.0
KEPT = Path("build") / "simulation"
LAST_LINES = 150
"""Lines of a transcript that are printed; the file has all of it, with every frame."""


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.sim", description=__doc__)
    parser.add_argument("--seeds", type=int, default=1_000, help="how many seeds to try")
    parser.add_argument("--first", type=int, default=0, help="the first of them")
    parser.add_argument("--seed", type=int, help="show this one")
    parser.add_argument("--workers", type=int, help="processes; as many as there are cores unless given")
    asked = parser.parse_args()
    if os.environ.get("PYTHONHASHSEED") != "0":
        # The order of sets of names is part of a run: it shall be the same in every process.
        os.environ["PYTHONHASHSEED"] = "0"
        os.execv(sys.executable, [sys.executable, "-m", "tests.sim", *sys.argv[1:]])
    if asked.seed is not None:
        return show(asked.seed)
    end = search(range(asked.first, asked.first + asked.seeds), Teller().tell, asked.workers)
    print(_line(end))
    if end.failed is None:
        return 0
    return show(end.failed)


class Teller:
    """Says now and then how far it has come."""

    def __init__(self) -> None:
        self._next = 0.0

    def tell(self, progress: Progress) -> None:
        if progress.seconds >= self._next:
            self._next = progress.seconds + TELL_SECONDS
            print(_line(progress), flush=True)


def _line(progress: Progress) -> str:
    rate = progress.done / progress.seconds if progress.seconds else 0.0
    failed = "none failed" if progress.failed is None else f"seed {progress.failed} failed"
    return f"{progress.done:,} seeds in {progress.seconds:.0f} s, {rate:.1f} seeds/s: {failed}"


def show(seed: int) -> int:
    """Who did what when, which fault struck, which check failed, and the difference."""
    began = time.monotonic()
    with stage() as here:
        result = here.run(seed, frames=True)
        lines = list(here.readable(result))
    seconds = time.monotonic() - began
    KEPT.mkdir(parents=True, exist_ok=True)
    file = KEPT / f"{seed}.txt"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    told = [line for line in lines if not is_frame(line)]
    print("\n".join(told[-LAST_LINES:]))
    print()
    if result.violation is None:
        print(f"Seed {seed} holds: {result.seconds:.0f} virtual s in {seconds:.1f} s. Transcript: {file}")
        return 0
    print(f"Seed {seed} fails at {result.violation.at:.3f} s: {result.violation.check.value}.")
    print(f"The transcript with every frame is in {file}; make simulate SEED={seed} runs it again.")
    return 1


def is_frame(line: str) -> bool:
    """Of a transcript."""
    return line[20:22] in ("->", "<-", "~>", "<~", "=>", "<=")


if __name__ == "__main__":
    sys.exit(main())
