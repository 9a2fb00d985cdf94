"""One thread with one database connection, that does jobs in the order they came.

SQLite wants one writer and every commit waits for the disk, so the store has a thread of its own for
writing (and one for reading, so that a search holds up no alert) and the event loop never waits. It is one
thread that lives as long as the store, where :class:`app.tasks.Workers` would start one for each commit,
in no order, and give up on a slow one without knowing whether it happened.

Jobs that wait while the disk is busy share the next commit (*group commit*).
"""

from __future__ import annotations

import asyncio
import logging
import queue
import sqlite3
import threading
from collections.abc import Callable
from typing import Any, TypeVar

from app.server.store.base import StoreError

log = logging.getLogger(__name__)
T = TypeVar("T")
Job = Callable[[sqlite3.Connection], Any]
Outcome = tuple[Any, Exception | None]

READ, WRITE = "BEGIN", "BEGIN IMMEDIATE"
"""How a transaction begins."""
GROUP = 64
"""Jobs that share a commit at most."""


class Lane:
    """Runs jobs, each in a savepoint of its own: one that fails leaves nothing behind.

    Args:
        begin: how a transaction begins: ``READ`` or ``WRITE``.
    """

    def __init__(self, name: str, connection: sqlite3.Connection, begin: str) -> None:
        self._connection = connection
        self._begin = begin
        self._loop = asyncio.get_running_loop()
        self._jobs: queue.SimpleQueue[tuple[Job, asyncio.Future[Any]] | None] = queue.SimpleQueue()
        self._closed = self._loop.create_future()
        self._closing = False
        self._start(name)

    async def run(self, job: Callable[[sqlite3.Connection], T]) -> T:
        """``job(connection)``; what it wrote is on the disk when this returns.

        It may be called again when the commit it shared with others failed.

        Raises:
            StoreError: the database refused; nothing was changed.
        """
        if self._closing:
            raise StoreError("the store is closed")
        future: asyncio.Future[T] = self._loop.create_future()
        self._jobs.put((job, future))
        return await future

    async def close(self) -> None:
        """Do what was asked for, then close the connection."""
        if not self._closing:
            self._closing = True
            self._jobs.put(None)
        await asyncio.shield(self._closed)

    def _start(self, name: str) -> None:
        """A simulation, where nothing may depend on threads, takes the turns itself instead."""
        threading.Thread(target=self._work, name=name, daemon=True).start()

    def _work(self) -> None:
        while self._turn():
            pass

    def _turn(self) -> bool:
        """Wait for a job and do it, together with those that wait behind it; False when it was the end."""
        waiting = [self._jobs.get()]
        while len(waiting) < GROUP and not self._jobs.empty():
            waiting.append(self._jobs.get())
        jobs = [entry for entry in waiting if entry is not None]
        outcomes = self._together([job for job, _ in jobs]) if jobs else []
        self._tell([(future, outcome) for (_, future), outcome in zip(jobs, outcomes, strict=True)])
        if None not in waiting:
            return True
        self._end()
        return False

    def _end(self) -> None:
        try:
            self._connection.close()
        except sqlite3.Error:
            log.warning("closing the database failed", exc_info=True)
        self._tell([(self._closed, (None, None))])

    def _tell(self, done: list[tuple[asyncio.Future[Any], Outcome]]) -> None:
        def settle() -> None:
            for future, (result, error) in done:
                if future.done():
                    continue  # nobody waits any more
                if error is None:
                    future.set_result(result)
                else:
                    future.set_exception(error)

        self._in_loop(settle)

    def _in_loop(self, call: Callable[[], object]) -> None:
        try:
            self._loop.call_soon_threadsafe(call)
        except RuntimeError:
            log.info("the store outlived its event loop")

    def _together(self, jobs: list[Job]) -> list[Outcome]:
        try:
            return self._transaction(jobs)
        except sqlite3.Error as error:
            # SQLite may have rolled back everything by itself (a full disk does that).
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            if len(jobs) > 1:
                return [self._together([job])[0] for job in jobs]
            log.error("the store failed: %s", error)
            failure = StoreError(_reason(error), reading=self._begin == READ)
            failure.__cause__ = error
            return [(None, failure)]

    def _transaction(self, jobs: list[Job]) -> list[Outcome]:
        execute = self._connection.execute
        execute(self._begin)
        outcomes: list[Outcome] = []
        for job in jobs:
            execute("SAVEPOINT job")
            try:
                outcomes.append((job(self._connection), None))
            except sqlite3.Error:
                raise
            except Exception as error:  # noqa: BLE001  it is raised again where the job was asked for
                execute("ROLLBACK TO job")
                outcomes.append((None, error))
            execute("RELEASE job")
        execute("COMMIT")
        return outcomes


def _reason(error: sqlite3.Error) -> str:
    """A few words for a person."""
    known = {
        sqlite3.SQLITE_FULL: "disk full",
        sqlite3.SQLITE_BUSY: "database busy",
        sqlite3.SQLITE_READONLY: "database is read-only",
        sqlite3.SQLITE_CORRUPT: "database damaged",
        sqlite3.SQLITE_IOERR: "disk error",
    }
    code = getattr(error, "sqlite_errorcode", None)
    return known.get(code & 0xFF, "database error") if code is not None else "database error"
