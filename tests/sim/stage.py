"""Sets the real code on the stage of a simulation: no thread, no file but the database, and a look inside."""

from __future__ import annotations

import gc
import logging
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from types import SimpleNamespace
from unittest import mock

from app import tasks
from app.core.geometry import WalkMap
from app.net import stay
from app.server import spaces
from app.server.feeds import Feed
from app.server.store.sqlite import outbox, streams
from tests.sim.device import WatchedReplica
from tests.sim.disk import Disk
from tests.sim.loop import PROCESS, VirtualThread

_walk_map = cache(WalkMap)  # it takes a while, is never changed, and all spaces here have the same one


@contextmanager
def staged(disk: Disk, tail: int, failed: Callable[[str], None]) -> Iterator[None]:
    """Args:
    tail: events that a stream keeps in memory.
    failed: told what the program logs as an error, unless its process is dead.
    """
    watch = _Watch(failed)
    with ExitStack() as stack:
        for target, name, stand_in in (
            (tasks, "threading", SimpleNamespace(Thread=VirtualThread)),
            (stay, "Replica", WatchedReplica),
            (stay, "WalkMap", _walk_map),
            (spaces, "WalkMap", _walk_map),
            (streams, "append", disk.append),
            (outbox, "begin", disk.begin),
            (Feed, "TAIL", tail),
        ):
            stack.enter_context(mock.patch.object(target, name, stand_in))
        stack.enter_context(_watched(logging.getLogger("app"), watch))
        stack.enter_context(_collecting_later())
        yield


@contextmanager
def _collecting_later() -> Iterator[None]:
    """What a run leaves to the garbage collector is collected after it: nothing depends on when that is."""
    before = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if before:
            gc.enable()


class _Watch(logging.Handler):
    def __init__(self, failed: Callable[[str], None]) -> None:
        super().__init__(logging.ERROR)
        self._failed = failed
        self.setFormatter(logging.Formatter("%(name)s: %(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        process = PROCESS.get()
        if process is None or process.alive:
            self._failed(self.format(record))


@contextmanager
def _watched(logger: logging.Logger, watch: logging.Handler) -> Iterator[None]:
    before = logger.propagate
    logger.propagate = False
    logger.addHandler(watch)
    try:
        yield
    finally:
        logger.removeHandler(watch)
        logger.propagate = before
