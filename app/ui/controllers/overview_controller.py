"""The window of board, history and charts: asks for what is looked at, again when something has changed."""

from __future__ import annotations

from datetime import date

from PySide6.QtCore import QDate, QLocale, QObject, Signal
from PySide6.QtWidgets import QWidget

from app.core.local_time import offsets_of
from app.core.model import SpaceId
from app.core.report_questions import Alerts, Charts, Cursor, GetCharts, ListAlerts
from app.ui.bridge import Bridge
from app.ui.controllers.asking import Asking, Failed, failure_words
from app.ui.controllers.board_controller import BoardController
from app.ui.controllers.history_exporter import HistoryExporter
from app.ui.models.hands import leads
from app.ui.models.ticker import Ticker
from app.ui.panels.look import Look
from app.ui.port import ClientPort
from app.ui.reports.board_page import BoardPage
from app.ui.reports.charts_page import ChartsPage
from app.ui.reports.filters import midnight, offset_here
from app.ui.reports.history_page import HistoryPage
from app.ui.reports.reports_window import ReportsWindow, View


class OverviewController(QObject):
    """Signals:
    timeline_wanted: the id of an alert.
    """

    timeline_wanted = Signal(str)

    def __init__(
        self,
        parent: QWidget,
        client: ClientPort,
        bridge: Bridge,
        asking: Asking,
        looks: tuple[Look, Ticker, QLocale],
    ) -> None:
        super().__init__(parent)
        self._client, self._asking = client, asking
        look, ticker, locale = looks
        self.history = HistoryPage(look, locale)
        self.board = BoardPage(look, ticker, client.server_now)
        self.charts = ChartsPage(look, locale)
        self.charts.wanted.connect(self.ask_charts)
        self.window = ReportsWindow(look, self._views(), parent)
        self.board_kept = BoardController(self.board, client, bridge, asking)
        self.exporter = HistoryExporter(client, asking.spawn, self)
        self._asked = self._charted = 0
        self.history.wanted.connect(self.list_first)
        self.history.more_wanted.connect(self._list_more)
        self.history.opened.connect(self.timeline_wanted)
        self.history.export_wanted.connect(self._export)
        self.window.shown.connect(self._shown)
        self.board.opened.connect(self.timeline_wanted)
        bridge.directory_changed.connect(self._offer)
        bridge.replaced.connect(self._replaced)
        self._offer()

    def _views(self) -> dict[View, QWidget]:
        """Who leads has all of them; others see the history that is their own."""
        space, me = self._client.space, self._client.me
        if space is None or me is None or not leads(space, me.me):
            return {View.HISTORY: self.history}
        return {View.BOARD: self.board, View.HISTORY: self.history, View.CHARTS: self.charts}

    def close(self) -> None:
        """Nothing is asked any more."""
        self.board_kept.look(False)
        self.history.asked.stop()
        self.charts.put_away()

    def open(self, view: str) -> None:
        wanted = View(view)
        self.window.open(wanted if wanted in self.window.views else View.HISTORY)

    @property
    def _space(self) -> SpaceId | None:
        return self._client.space.space.id if self._client.space else None

    def _shown(self, view: str) -> None:
        self.board_kept.look(view == View.BOARD)
        if view == View.HISTORY:
            self.list_first()
        elif view == View.CHARTS:
            self.ask_charts()

    def _replaced(self) -> None:
        self._offer()
        if self.window.looked_at:
            self._shown(self.window.view)

    # Charts

    def ask_charts(self) -> None:
        self._charted += 1
        self.charts.asked.start()
        self._asking.spawn(self._fetch_charts(self._charted), "charts")

    async def _fetch_charts(self, number: int) -> None:
        space, page = self._client.space, self.charts
        if space is None:
            return
        first = QDate.currentDate().addDays(1 - page.days)
        since, until = midnight(first), midnight(QDate.currentDate().addDays(1))
        offsets = offsets_of(offset_here, since, until)
        try:
            told = await self._client.ask(GetCharts(space.space.id, since, until, offsets, page.kind), Charts)
        except Failed as error:
            if number == self._charted:
                page.say(failure_words(error))
            return
        if number == self._charted:
            handles = {group.id: group.handle for group in space.groups.values()}
            page.show_charts(told, date(first.year(), first.month(), first.day()), handles)

    # History

    def _offer(self) -> None:
        """People and groups to choose from; to agents nobody: they see what is their own."""
        space, me = self._client.space, self._client.me
        if space is None or me is None or not leads(space, me.me):
            self.history.filters.offer((), ())
            return
        people = sorted(((p.id, p.name) for p in space.people.values()), key=lambda one: one[1].casefold())
        groups = sorted(((g.id, f"@{g.handle}") for g in space.groups.values()), key=lambda one: one[1])
        self.history.filters.offer(people, groups)

    def list_first(self) -> None:
        self._asked += 1
        self.history.asked.start()
        self._asking.spawn(self._list(self._asked, None), "history")

    def _list_more(self) -> None:
        self._asking.spawn(self._list(self._asked, self.history.model.more), "more history")

    async def _list(self, number: int, after: Cursor | None) -> None:
        """``number``: of the filters that it is asked for; what comes for older ones is too late."""
        space = self._space
        if space is None:
            return
        try:
            page = await self._client.ask(ListAlerts(space, self.history.filters.value(), after), Alerts)
        except Failed as error:
            if number == self._asked:
                self.history.say(failure_words(error), problem=True)
            return
        if number != self._asked:
            return
        if after is None:
            self.history.show_first(page)
        elif after == self.history.model.more:
            self.history.add(page)

    def _export(self) -> None:
        space = self._space
        if space is not None:
            only = self.history.filters.value()
            self.exporter.ask(self.window, space, only, lambda w, bad: self.history.say(w, problem=bad))
