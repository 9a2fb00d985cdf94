"""Ways to sign in besides the password: which a server has, and the wait for the person's browser."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any

from PySide6.QtCore import QObject, QUrl
from PySide6.QtGui import QDesktopServices

from app.core.errors import Refused
from app.core.wire import Way
from app.net.address import parse_address
from app.net.problems import ConnectionProblem
from app.tasks import Tasks
from app.ui.i18n import tr
from app.ui.port import EntrancePort
from app.ui.signin import SignInPage

log = logging.getLogger(__name__)

Failed = Callable[[SignInPage, str, Refused | ConnectionProblem], None]
Entered = Callable[[str, bool], Coroutine[Any, Any, None]]


class WaysController(QObject):
    """Args:
    failed: says why it did not work.
    entered: somebody is signed in: the server's address, and whether to remember them.
    """

    def __init__(
        self,
        page: SignInPage,
        client: EntrancePort,
        tasks: Tasks,
        failed: Failed,
        entered: Entered,
        *,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._page, self._client, self._tasks = page, client, tasks
        self._failed, self._entered = failed, entered
        self._known: dict[str, Way] = {}
        self._asked = ""
        self._waiting: asyncio.Task[None] | None = None
        self._over = False
        page.server_entered.connect(self._look)
        page.way_requested.connect(self._begin)
        page.cancel_requested.connect(self._cancel)
        page.plain_allowed.connect(lambda _: self._look(page.server.text(), again=True))

    def close(self) -> None:
        """The page is about to go."""
        self._over = True

    def _look(self, server: str, *, again: bool = False) -> None:
        """Ask the server once for each address that stands in the field."""
        if (server != self._asked or again) and not self._tasks.closed:
            self._asked = server
            self._tasks.spawn(self._ask(server), name="ways to sign in")

    async def _ask(self, server: str) -> None:
        try:
            ways = await self._client.ways(server)
        except (Refused, ConnectionProblem) as error:
            log.info("the ways to sign in are not known: %s", error)  # signing in will say it
            ways, self._asked = (), ""
        if not self._over and self._page.server.text().strip() == server:
            self._known = {way.id: way for way in ways}
            self._page.offer_ways([(way.id, way.name) for way in ways])

    def _begin(self, server: str, way: str, remember: bool) -> None:
        known = self._known.get(way)
        if known is None or self._tasks.closed:
            return
        self._cancel()
        self._waiting = self._tasks.spawn(self._sign_in(server, known, remember), name="sign in through")

    async def _sign_in(self, server: str, way: Way, remember: bool) -> None:
        self._page.show_browser(way.name)
        done = tr("You are signed in to Handraise. You can close this page and go back to the program.")
        try:
            address = parse_address(server)
            await self._client.sign_in_through(address.url, way, open_page, done)
        except (Refused, ConnectionProblem) as error:
            if not self._over:
                self._failed(self._page, server, error)
            return
        self._waiting = None
        await self._entered(address.url, remember)

    def _cancel(self) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.cancel()
            self._page.set_busy(False)
            self._page.show_note("")
        self._waiting = None


def open_page(url: str) -> None:
    """In the system's browser."""
    if not QDesktopServices.openUrl(QUrl(url, QUrl.ParsingMode.StrictMode)):
        log.warning("the system has no browser that could be opened")
