"""Runs many seeds, on all cores, until one fails."""

from __future__ import annotations

import gc
import logging
import multiprocessing
import os
import re
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.sim.disk import Furniture, furnish
from tests.sim.world import Result, simulate

MEMORY = Path("/dev/shm")
"""Where Linux keeps files in memory; elsewhere the databases lie in the usual temporary folder."""
CHUNK = 10
"""Seeds that a process takes at a time."""


@dataclass(frozen=True)
class Progress:
    """Attributes:
    seconds: since the beginning.
    failed: the lowest seed that failed so far.
    """

    done: int
    seconds: float
    failed: int | None


class Stage:
    """A furnished database, and a folder for one run after the other."""

    def __init__(self, folder: Path) -> None:
        self.furniture: Furniture = furnish(folder / "furniture")
        self._run = folder / "run"
        self._run.mkdir()

    def run(self, seed: int, *, frames: bool = False) -> Result:
        return simulate(seed, self.furniture, self._run, frames=frames)

    def readable(self, result: Result) -> Iterator[str]:
        """The transcript, with names in place of ids."""
        names: dict[str, str] = {
            str(number): name
            for table in (self.furniture.people, self.furniture.groups, self.furniture.spaces)
            for name, number in table.items()
        }
        pattern = re.compile("|".join(names))
        for line in result.transcript:
            yield pattern.sub(lambda found: names[found.group()], line)


@contextmanager
def stage() -> Iterator[Stage]:
    with tempfile.TemporaryDirectory(prefix="simulation-", dir=MEMORY if MEMORY.is_dir() else None) as name:
        here = Stage(Path(name))
        gc.collect()
        gc.freeze()  # what is here by now is here for good, and need not be looked through after each run
        try:
            yield here
        finally:
            gc.unfreeze()


def failing(seeds: range) -> list[int]:
    """Those of the seeds in which a check failed."""
    with stage() as here:
        return [seed for seed in seeds if here.run(seed).violation is not None]


def search(seeds: range, tell: Callable[[Progress], None], workers: int | None = None) -> Progress:
    """Run seeds until one fails, or to the end. ``tell`` hears how far it has come, now and then."""
    chunks = [seeds[at : at + CHUNK] for at in range(0, len(seeds), CHUNK)]
    began = time.monotonic()
    progress = Progress(0, 0.0, None)
    # A new interpreter each: what this one has imported and patched stays here.
    context = multiprocessing.get_context("spawn")
    with context.Pool(workers or os.cpu_count() or 1, initializer=_quietly) as pool:
        for count, failed in pool.imap(_run_chunk, chunks):
            first = min(failed, default=None)
            progress = Progress(progress.done + count, time.monotonic() - began, first)
            tell(progress)
            if first is not None:
                break
        pool.terminate()
    return progress


def _quietly() -> None:
    logging.disable(logging.NOTSET)
    logging.lastResort = None


def _run_chunk(seeds: range) -> tuple[int, list[int]]:
    return len(seeds), failing(seeds)
