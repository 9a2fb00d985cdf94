"""Keeps the board up to date while it is looked at: events tell that something changed, then it asks."""

from __future__ import annotations

from PySide6.QtCore import QDate, QObject, QTimer

from app.core.report_questions import Board, GetBoard
from app.net.changes import Link
from app.ui.bridge import Bridge
from app.ui.controllers.asking import Asking, Failed
from app.ui.models.hands import hand_rows
from app.ui.port import ClientPort
from app.ui.reports.board_page import BoardPage
from app.ui.reports.filters import midnight

GATHER_MS = 1_000
"""ms that a change waits for others before the board asks."""
ANYWAY_MS = 60_000
"""ms after which it asks though nothing was told: a new day begins, or an answer was lost."""


class BoardController(QObject):
    """Args:
    page: what it fills; nothing is asked while nobody looks at it.
    """

    def __init__(self, page: BoardPage, client: ClientPort, bridge: Bridge, asking: Asking) -> None:
        super().__init__(page)
        self._page, self._client, self._asking = page, client, asking
        self._looked_at = self._under_way = self._again = False
        self._soon = self._timer(GATHER_MS)
        self._anyway = self._timer(ANYWAY_MS)
        for signal in (bridge.directory_changed, bridge.occupants_changed):
            signal.connect(self._show_hands)
        for signal in (bridge.hands_changed, bridge.inbox_changed):
            signal.connect(self._changed)
        bridge.waiting_changed.connect(self._ask_soon)
        bridge.case_noted.connect(self._ask_soon)  # a limit of texts and calls may have been reached
        bridge.connection_changed.connect(self._connection_changed)

    def _timer(self, ms: int) -> QTimer:
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.setInterval(ms)
        timer.timeout.connect(self._ask)
        return timer

    def look(self, looked_at: bool) -> None:
        """Whether somebody looks at the board now; if so it is brought up to date at once."""
        self._looked_at = looked_at
        self._soon.stop()
        self._anyway.stop()
        if looked_at:
            self._show_connection()
            self._show_hands()
            self._ask()

    # What events tell

    def _show_hands(self, *_: object) -> None:
        space, me = self._client.space, self._client.me
        if self._looked_at and space is not None and me is not None:
            self._page.show_hands(space.space.name, hand_rows(space, me, self._client.map), space.inbox)

    def _changed(self) -> None:
        self._show_hands()
        self._ask_soon()

    def _ask_soon(self, *_: object) -> None:
        if self._looked_at and not self._soon.isActive():
            self._soon.start()

    def _connection_changed(self) -> None:
        self._show_connection()
        if self._protected:
            self._ask_soon()

    @property
    def _protected(self) -> bool:
        return self._client.connection.link is Link.PROTECTED

    def _show_connection(self) -> None:
        self._page.show_connection(self._protected)

    # Asking

    def _ask(self) -> None:
        if not self._looked_at:
            return
        if self._under_way:
            self._again = True  # the answer that comes may be older than what was told meanwhile
            return
        self._under_way = True
        self._anyway.start()
        self._asking.spawn(self._fetch(), "board")

    async def _fetch(self) -> None:
        try:
            await self._show_board()
        finally:
            self._under_way = False
            if self._again:
                self._again = False
                self._ask_soon()

    async def _show_board(self) -> None:
        before = self._client.space
        if before is None:
            return
        asked = GetBoard(before.space.id, midnight(QDate.currentDate()))
        try:
            board = await self._client.ask(asked, Board)
        except Failed:
            return  # it is asked again, and the board says itself when there is no connection
        space = self._client.space
        if space is not None and space.space.id == asked.space:
            self._page.show_board(board, space.inbox)
