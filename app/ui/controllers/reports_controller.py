"""Opens timelines, history, board and charts, and keeps what is open up to date."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QLocale, QObject, QTimer
from PySide6.QtWidgets import QWidget

from app.core.case_questions import GetTimeline, Timeline
from app.core.cases import CaseId
from app.ui.bridge import Bridge
from app.ui.controllers.asking import Asking, Failed, failure_words
from app.ui.models.hands import leads
from app.ui.models.ticker import Ticker
from app.ui.panels.look import Look
from app.ui.port import ClientPort

if TYPE_CHECKING:  # loaded when it is opened: most people never do
    from app.ui.controllers.overview_controller import OverviewController
    from app.ui.reports.timeline_window import TimelineWindow

AGAIN_MS = 250
"""ms that changes of a timeline wait for others before it is asked for again."""


class ReportsController(QObject):
    """Args:
    parent: the window that the others belong to.
    """

    def __init__(
        self,
        parent: QWidget,
        client: ClientPort,
        bridge: Bridge,
        asking: Asking,
        looks: tuple[Look, Ticker, QLocale],
    ) -> None:
        super().__init__(parent)
        self._window, self._client, self._bridge, self._asking = parent, client, bridge, asking
        self._look, self._ticker, self._locale = looks
        self.timeline: TimelineWindow | None = None
        self.overview: OverviewController | None = None
        self._case: CaseId | None = None
        self._again = QTimer(self)
        self._again.setSingleShot(True)
        self._again.setInterval(AGAIN_MS)
        self._again.timeout.connect(self._ask)
        bridge.case_noted.connect(self._noted)
        bridge.hands_changed.connect(self._touched)
        bridge.replaced.connect(self._touched)

    def close(self) -> None:
        """Nothing is asked any more."""
        self._again.stop()
        if self.overview is not None:
            self.overview.close()

    # Timelines

    def show_timeline(self, case: str) -> None:
        """From wherever it was chosen; one window shows them all."""
        from app.ui.reports.timeline_window import TimelineWindow

        window = self.timeline
        if window is None:
            window = TimelineWindow(self._look, self._ticker, self._client.server_now, self._window)
            window.closed.connect(self._timeline_closed)
            self.timeline = window
        self._case = CaseId(case)
        window.forget()
        window.show()
        window.raise_()
        window.activateWindow()
        self._ask()

    def _timeline_closed(self) -> None:
        self._case = None
        self._again.stop()

    def _noted(self, case: str) -> None:
        if case == self._case:
            self._touched()

    def _touched(self) -> None:
        if self._case is not None and not self._again.isActive():
            self._again.start()

    def _ask(self) -> None:
        if self._case is not None:
            self._asking.spawn(self._fetch(self._case), "timeline")

    async def _fetch(self, case: CaseId) -> None:
        try:
            told = await self._client.ask(GetTimeline(case), Timeline)
        except Failed as error:
            if case == self._case and self.timeline is not None:
                self.timeline.show_problem(failure_words(error))
            return
        if case == self._case and self.timeline is not None:
            self.timeline.show_timeline(told)

    # The overview

    def show_history(self) -> None:
        self._open("history")

    def show_board(self) -> None:
        """Supervisors and admins have one; others see their history."""
        space, me = self._client.space, self._client.me
        may = space is not None and me is not None and leads(space, me.me)
        self._open("board" if may else "history")

    def _open(self, view: str) -> None:
        from app.ui.controllers.overview_controller import OverviewController

        if self.overview is None:
            self.overview = OverviewController(
                self._window,
                self._client,
                self._bridge,
                self._asking,
                (self._look, self._ticker, self._locale),
            )
            self.overview.timeline_wanted.connect(self.show_timeline)
        self.overview.open(view)
