"""Questions to the server: each with an id, answered once, in any order."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from app.core import questions, wire
from app.core.errors import Code, Refusal, Refused
from app.net.clock import Clock
from app.net.problems import ConnectionProblem, Trouble

SLOWER_SECONDS = 1.0
"""How long to wait when the server says that it is too much at a time."""
Answer = questions.Result


class Asks:
    """Args:
    send: takes a question to the server.
    new_id: makes an id that no other question has.
    """

    def __init__(self, send: Callable[[wire.Ask], None], new_id: Callable[[], str], clock: Clock) -> None:
        self._send = send
        self._new_id = new_id
        self._clock = clock
        self._waiting: dict[str, asyncio.Future[Answer]] = {}
        self._closed = False
        self._open = asyncio.Event()

    def open(self) -> None:
        """There is a connection."""
        self._open.set()

    def shut(self, *, for_good: bool = False) -> None:
        """There is no connection any more; what was asked fails."""
        self._closed = for_good
        self._open.clear()
        for future in self._waiting.values():
            if not future.done():
                future.set_exception(ConnectionProblem(Trouble.CLOSED if for_good else Trouble.LOST))
        if for_good:
            self._open.set()  # who waits for a connection waits no longer

    async def ask(self, query: questions.Query) -> Answer:
        """Raises Refused; ConnectionProblem when there is no connection, or it breaks."""
        if self._closed or not self._open.is_set():
            raise ConnectionProblem(Trouble.CLOSED if self._closed else Trouble.NOT_CONNECTED)
        ask_id = self._new_id()
        future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting[ask_id] = future
        self._send(wire.Ask(ask_id, query))
        try:
            return await future
        finally:
            del self._waiting[ask_id]

    async def ask_patiently(self, query: questions.Query) -> Answer:
        """Over as many connections as it takes. Raises Refused; ConnectionProblem ``closed``."""
        while True:
            await self._open.wait()
            try:
                return await self.ask(query)
            except ConnectionProblem:
                if self._closed:
                    raise
            except Refused as refused:
                if refused.refusal.code is not Code.TOO_FAST:
                    raise
                await self._clock.sleep(SLOWER_SECONDS)

    def answered(self, reply: wire.Reply) -> None:
        future = self._waiting.get(reply.id)
        if future is not None and not future.done():
            future.set_result(reply.result)

    def refused(self, ask_id: str, refusal: Refusal) -> bool:
        """Whether it was one of these questions that the server refused."""
        future = self._waiting.get(ask_id)
        if future is not None and not future.done():
            future.set_exception(Refused(refusal))
        return future is not None
