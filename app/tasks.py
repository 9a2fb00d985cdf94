"""Starts every asyncio task and every worker thread: named, referenced, and never failing in silence.

asyncio keeps only weak references to tasks and reports a lost exception when the garbage collector
comes by, if ever. So nobody else calls ``create_task``, ``ensure_future`` or ``run_in_executor``:

- a component owns a :class:`Tasks` and closes it;
- what belongs to nobody goes through :func:`spawn`;
- slow blocking work goes through :class:`Workers`, bounded in number and in time.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

log = logging.getLogger(__name__)
T = TypeVar("T")

_referenced: set[asyncio.Task[Any]] = set()  # the loop itself holds weak references only

CLOSE_SECONDS = 5.0
"""s that a cancelled task may take to clean up before its owner stops waiting for it."""


class TasksClosedError(RuntimeError):
    """The owner was closed; nothing may be started in its name any more."""


def spawn(coro: Coroutine[Any, Any, T], *, name: str) -> asyncio.Task[T]:
    """Run ``coro`` as a task of its own on the running loop.

    An exception that ends it is logged with its traceback, whether or not anybody awaits the task.
    Raises RuntimeError when no loop runs here.
    """
    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:
        coro.close()  # or it would be reported as "never awaited" somewhere else entirely
        raise
    task = loop.create_task(coro, name=name)
    _referenced.add(task)
    task.add_done_callback(_finished)
    return task


def _finished(task: asyncio.Task[Any]) -> None:
    _referenced.discard(task)
    if task.cancelled():
        return
    error = task.exception()
    if error is not None:
        log.error("task %r failed", task.get_name(), exc_info=error)


class Tasks:
    """The tasks of one component: started through it, cancelled and awaited with it.

    Attributes:
        name: prefix of the tasks' names in logs.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self._tasks: set[asyncio.Task[Any]] = set()
        self._closed = False

    def __len__(self) -> int:
        return len(self._tasks)

    @property
    def closed(self) -> bool:
        return self._closed

    def spawn(self, coro: Coroutine[Any, Any, T], *, name: str) -> asyncio.Task[T]:
        """Like :func:`spawn`, owned by this component. Raises TasksClosedError after :meth:`close`."""
        if self._closed:
            coro.close()
            raise TasksClosedError(f"{self.name} is closed; {name} cannot start")
        task = spawn(coro, name=f"{self.name}: {name}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def idle(self) -> None:
        """Wait until none of the tasks runs any more, those that they start included."""
        while others := self._tasks - {asyncio.current_task()}:
            await asyncio.wait(others)

    async def close(self, *, within_s: float = CLOSE_SECONDS) -> None:
        """Cancel every task and wait until all have ended, at most ``within_s`` seconds.

        May be called from one of the tasks (which then goes on to its end) and more than once. Their
        own errors are logged, not raised. A task that refuses to end in time is named in the log.
        """
        self._closed = True
        others = self._tasks - {asyncio.current_task()}
        for task in others:
            task.cancel()
        if others:
            _, pending = await asyncio.wait(others, timeout=within_s)
            for task in pending:
                log.error("task %r did not end within %.1f s", task.get_name(), within_s)

    async def __aenter__(self) -> Tasks:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()


class Workers:
    """Threads for slow blocking work (keyring, argon2, files), a bounded number at a time.

    The threads are daemons: a keyring that hangs for good neither blocks the loop nor the end of the
    program. It does keep its place among the ``limit`` until it returns, so the number of hung threads
    is bounded too.
    """

    def __init__(self, name: str, limit: int) -> None:
        self.name = name
        self._places = asyncio.Semaphore(limit)

    async def run(self, fn: Callable[[], T], *, timeout_s: float) -> T:
        """``fn()`` from a thread; raises what it raises, TimeoutError after ``timeout_s`` seconds.

        The time includes waiting for a free place. After a time-out or a cancellation the thread runs
        on unobserved: ``fn`` should have no effect that a late end could spoil.
        """
        loop = asyncio.get_running_loop()
        outcome: asyncio.Future[tuple[T | None, BaseException | None]] = loop.create_future()

        def finish(value: T | None, error: BaseException | None) -> None:
            self._places.release()
            if not outcome.done():
                outcome.set_result((value, error))
            elif error is not None:
                log.warning("%s: failed after nobody waited any more", self.name, exc_info=error)

        def work() -> None:
            value: T | None = None
            error: BaseException | None = None
            try:
                value = fn()
            except BaseException as caught:  # noqa: BLE001  it is raised again in run()
                error = caught
            try:
                loop.call_soon_threadsafe(finish, value, error)
            except RuntimeError:
                log.info("%s: a thread outlived its event loop", self.name)

        async with asyncio.timeout(timeout_s):
            await self._places.acquire()
            try:
                threading.Thread(target=work, name=self.name, daemon=True).start()
            except RuntimeError:
                self._places.release()
                raise
            result, error = await outcome
        if error is not None:
            raise error
        return result  # type: ignore[return-value]  # without an error it is what fn returned
