"""Servers that are killed at every stage of telling webhooks something: each endpoint gets every message at
least once, in order, and a message that comes again has the id that it had."""

from __future__ import annotations

import asyncio
import enum
import itertools
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, closing
from pathlib import Path

from aiohttp import web

from app.core.audit import Act, Deed, Subject
from app.core.cases import CaseId
from app.core.hooks import CHOSEN, Webhook, WebhookId
from app.core.model import AnswerKind
from app.server.store.hooks import KeptWebhook
from app.server.store.sqlite import hooks
from tests.faults.sizes import size
from tests.helpers.case_rows import Rows
from tests.helpers.running import furnish
from tests.helpers.server_process import ServerProcess

KILLS = size(5, 100)
LONG = 60.0
"""s"""
ENDPOINTS = tuple(WebhookId(name) for name in ("crm", "wallboard"))
EVENTS = 3
"""of each hand: raised, answered, ended."""


class Stage(enum.Enum):
    """Where the server is killed."""

    COMMITTED = "the event is stored with its message, and nobody has begun to send it"
    CLAIMED = "it is being sent, and the endpoint has not read it"
    POSTED = "the endpoint has read it, and has not answered"
    ANSWERED = "the endpoint has answered"
    STORED = "that it was taken is stored"


class Endpoints:
    """Both endpoints, behind one HTTP server, and what each got: ids with bodies, in the order of arrival.

    Attributes:
        stage: at which ``kill`` is called, at the ``countdown``-th message from now.
    """

    def __init__(self, kill: Callable[[], Awaitable[None]]) -> None:
        self._kill = kill
        self.url = ""
        self.got: dict[str, list[tuple[str, bytes]]] = {name: [] for name in ENDPOINTS}
        self.stage: Stage | None = None
        self.countdown = 0
        self.news = asyncio.Condition()

    def arm(self, stage: Stage, countdown: int) -> None:
        self.stage, self.countdown = stage, countdown

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.countdown -= 1
        stage = self.stage if self.countdown == 0 else None
        if stage is Stage.CLAIMED:
            await self._strike()
            return web.Response(status=500)  # nobody hears it
        taken = (request.headers["webhook-id"], await request.read())
        self.got[request.match_info["name"]].append(taken)
        if stage is Stage.POSTED:
            await self._strike()
            return web.Response(status=500)
        answer = web.StreamResponse(status=204)
        await answer.prepare(request)
        await answer.write_eof()
        if stage is Stage.ANSWERED:
            await self._strike()
        await self._tell()
        return answer

    async def _strike(self) -> None:
        await self._kill()
        self.stage = None
        await self._tell()

    async def _tell(self) -> None:
        async with self.news:
            self.news.notify_all()

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(LONG), self.news:
            await self.news.wait_for(condition)


@asynccontextmanager
async def listening(kill: Callable[[], Awaitable[None]]) -> AsyncIterator[Endpoints]:
    endpoints = Endpoints(kill)
    app = web.Application()
    app.router.add_post("/{name}", endpoints.handle)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    endpoints.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield endpoints
    finally:
        await runner.cleanup()


def add_webhooks(rows: Rows, url: str) -> None:
    for name in ENDPOINTS:
        webhook = Webhook(name, name, "127.0.0.1", CHOSEN, None, 0.0)
        deed = Deed(0.0, Act.ADDED, Subject.HOOK)
        with rows.db:
            hooks.save(rows.db, KeptWebhook(webhook, f"{url}/{name}", b"s" * 32), deed)


def a_hand_goes_up_and_down(rows: Rows, hand: CaseId) -> None:
    rows.now = time.time()
    rows.raised(hand)
    rows.answered(rows.ids.bob, AnswerKind.CHAT, hand)
    rows.ended(hand)


def kept(rows: Rows, name: WebhookId) -> list[tuple[str, bytes]]:
    """All messages of a webhook, in their order."""
    return [(post.id, post.body.encode()) for post in reversed(hooks.posts(rows.db, name, None, 10_000))]


def count(rows: Rows, state: str) -> int:
    return int(rows.db.execute("SELECT count(*) FROM hook_posts WHERE state = ?", (state,)).fetchone()[0])


async def stored(rows: Rows, endpoints: Endpoints, posts: int) -> None:
    """So many were delivered, as the store says; nothing tells that."""
    await endpoints.until(lambda: sum(len(set(got)) for got in endpoints.got.values()) >= posts)
    async with asyncio.timeout(LONG):
        while count(rows, "delivered") < posts:  # noqa: ASYNC110  nothing tells us
            await asyncio.sleep(0)


async def test_whenever_a_server_is_killed_everything_is_told_in_order(tmp_path: Path) -> None:
    dice, data = random.Random(47), tmp_path / "data"
    rows = Rows(data, furnish(data))
    with closing(rows.db):
        async with (
            ServerProcess(data, "--webhooks-inside") as server,
            listening(server.kill) as endpoints,
        ):
            add_webhooks(rows, endpoints.url)
            for number, stage in zip(range(KILLS), itertools.cycle(Stage), strict=False):
                before = count(rows, "delivered")
                if stage in (Stage.CLAIMED, Stage.POSTED, Stage.ANSWERED):
                    endpoints.arm(stage, dice.randint(1, EVENTS * len(ENDPOINTS)))
                a_hand_goes_up_and_down(rows, CaseId(f"hand-{number}"))
                if stage is Stage.STORED:
                    await stored(rows, endpoints, before + dice.randint(1, EVENTS * len(ENDPOINTS)))
                    await server.kill()
                elif stage is Stage.COMMITTED:
                    await server.kill()
                else:
                    await endpoints.until(lambda: endpoints.stage is None)
                await server.start()
                await stored(rows, endpoints, EVENTS * len(ENDPOINTS) * (number + 1))
        sent = {name: kept(rows, name) for name in ENDPOINTS}
    again = 0
    for name, all_of_them in sent.items():
        got = endpoints.got[name]
        assert len(all_of_them) == EVENTS * KILLS
        assert [message for message, _ in itertools.groupby(got)] == all_of_them
        again += len(got) - len(all_of_them)
    assert again >= KILLS // len(Stage), "what was posted and not answered came again"
