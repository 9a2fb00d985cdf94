"""An event loop on virtual time, and simulated processes: the tasks that die together.

Time jumps to the next timer; nothing waits, nothing runs in a thread, so that a seed decides everything.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine
from contextvars import Context, ContextVar, copy_context
from heapq import heappop, heappush
from itertools import count
from typing import Any, TypeVar

T = TypeVar("T")

SPINNING = 50_000
"""Turns of the loop at one moment, after which nothing will come of it any more."""
UNWINDING = 100
"""Turns that the tasks of a dead process may take to end."""


class StuckError(Exception):
    """Nothing will ever happen again, or the same thing for ever."""


class Process:
    """What runs in one simulated process. Killed, it has no further effect on anything.

    Attributes:
        alive: until :meth:`kill`.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.alive = True
        self._tasks: dict[SimTask, None] = {}
        self._context = copy_context()
        self._context.run(PROCESS.set, self)

    def start(self, coro: Coroutine[Any, Any, T], name: str) -> asyncio.Task[T]:
        """Run something in this process, whoever calls."""
        loop = asyncio.get_running_loop()
        return loop.create_task(coro, name=f"{self.name}: {name}", context=self._context.copy())

    def run(self, call: Callable[[], T]) -> T:
        return self._context.copy().run(call)

    def kill(self) -> None:
        """Everything ends at once; nobody says goodbye."""
        self.alive = False
        for task in tuple(self._tasks):
            task.cancel()

    async def reap(self) -> None:
        """Wait until nothing of a killed process is left.

        Raises:
            StuckError: a task does not let itself be cancelled.
        """
        for _ in range(UNWINDING):
            if not self._tasks:
                return
            for task in tuple(self._tasks):
                task.cancel()
            await asyncio.sleep(0)
        raise StuckError(f"{self.name} does not die: {[task.get_name() for task in self._tasks]}")

    def began(self, task: SimTask) -> None:
        self._tasks[task] = None
        task.add_done_callback(self._ended)
        if not self.alive:
            task.cancel()

    def _ended(self, task: asyncio.Task[Any]) -> None:
        assert isinstance(task, SimTask)
        self._tasks.pop(task, None)
        error = None if task.cancelled() else task.exception()
        if error is not None and self.alive:
            loop = task.get_loop()
            assert isinstance(loop, VirtualLoop)
            loop.failed(f"{task.get_name()} failed", error)


PROCESS: ContextVar[Process | None] = ContextVar("process", default=None)


class SimTask(asyncio.Task[Any]):
    """A task whose place in a set depends on when it was made, not on where in memory."""

    def __init__(self, number: int, coro: Coroutine[Any, Any, Any], **options: Any) -> None:
        self.number = number
        super().__init__(coro, **options)

    def __hash__(self) -> int:
        return self.number


class VirtualLoop(asyncio.BaseEventLoop):
    """Attributes:
    delay: s that the next "thread" takes (see :class:`VirtualThread`).
    failed: told of tasks that failed in a process that lives.
    """

    def __init__(self) -> None:
        super().__init__()
        self.delay: Callable[[], float] = lambda: 0.0
        self.failed: Callable[[str, BaseException], None] = lambda words, error: None
        self._now = 0.0
        self._numbers = count(1)
        self._at_once = 0
        self._ready: deque[asyncio.Handle]  # BaseEventLoop's own
        self._timers: list[tuple[float, int, asyncio.TimerHandle]] = []

    def time(self) -> float:
        """s since the simulation began."""
        return self._now

    def create_task(  # type: ignore[override]  # typeshed keeps the context out on Python 3.11
        self, coro: Coroutine[Any, Any, T], *, name: str | None = None, context: Context | None = None
    ) -> asyncio.Task[T]:
        process = context.get(PROCESS) if context is not None else PROCESS.get()
        task = SimTask(next(self._numbers), coro, loop=self, name=name, context=context)
        if process is not None:
            process.began(task)
        return task

    def call_at(  # type: ignore[override]  # typeshed says it with type variables of its own
        self, when: float, callback: Callable[..., object], *args: Any, context: Context | None = None
    ) -> asyncio.TimerHandle:
        """Like the original; of two at the same time the first one that was asked for comes first."""
        handle = asyncio.TimerHandle(when, callback, args, self, context)
        heappush(self._timers, (when, next(self._numbers), handle))
        return handle

    def _timer_handle_cancelled(self, handle: asyncio.TimerHandle) -> None:
        return  # it is passed over when its time comes

    def _run_once(self) -> None:
        """One turn. Nobody is ever waited for: when nothing is to be done, time passes."""
        if not self._ready:
            self._pass_time()
        self._at_once += 1
        if self._at_once > SPINNING:
            raise StuckError("time does not pass any more")
        for _ in range(len(self._ready)):
            handle = self._ready.popleft()
            if not handle.cancelled():
                handle._run()

    def _pass_time(self) -> None:
        timers = self._timers
        while timers and timers[0][2].cancelled():
            heappop(timers)
        if not timers:
            raise StuckError("nothing is left that could happen")
        if timers[0][0] > self._now:
            self._now, self._at_once = timers[0][0], 0
        while timers and timers[0][0] <= self._now:
            self._ready.append(heappop(timers)[2])

    def unwind(self) -> None:
        """Cancel whatever is left and let it end."""
        for _ in range(UNWINDING):
            left = asyncio.all_tasks(self)
            if not left:
                return
            for task in sorted(left, key=hash):
                task.cancel()
            self._at_once = 0
            self.run_until_complete(asyncio.sleep(0))
        raise StuckError(f"{len(left)} tasks do not let themselves be cancelled")

    def _write_to_self(self) -> None:
        return  # nobody sleeps


class VirtualThread:
    """Stands in for :class:`threading.Thread`: what a thread would do happens later, all at once."""

    def __init__(self, *, target: Callable[[], None], name: str = "", daemon: bool = False) -> None:
        self._target = target

    def start(self) -> None:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, VirtualLoop)
        process = PROCESS.get()

        def work() -> None:
            if process is None or process.alive:
                self._target()

        loop.call_later(loop.delay(), work)
