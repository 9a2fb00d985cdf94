"""Charts: what is drawn stands in tables, too; the library that draws is loaded when one is opened."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from datetime import date, datetime, timedelta

import pytest
from PySide6.QtCore import QLocale
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication, QTableWidget

from app.core.errors import Code, refuse
from app.core.model import GroupId
from app.core.policy import CaseKind
from app.core.report_questions import Alerts, Board, Charts, Day, GetBoard, GetCharts, ListAlerts, Speed
from app.ui.desk import Desk
from app.ui.idle import IdleWatch
from app.ui.panels.look import Look
from app.ui.reports.charts_page import ChartsPage, by_week, every_day
from app.ui.reports.plots import Plot
from app.ui.reports.reports_window import View
from tests.helpers.desk import put_away, run_now, theme_of
from tests.helpers.floor import FakeClient, Floor
from tests.helpers.office import BOB, SPACE, SUPERVISORS

NINE = Speed(12, 3, 31.0, 95.0)


def today() -> int:
    return (date.today() - date(1970, 1, 1)).days


class Shown:
    """A supervisor who looks at the charts."""

    def __init__(self, app: QApplication) -> None:
        self.client: FakeClient = Floor().client(BOB)
        hours = tuple(NINE if hour == 9 else Speed() for hour in range(24))
        groups = ((SUPERVISORS, NINE), (GroupId("gone"), Speed(0, 1)))
        self.told = Charts(hours, groups, (Day(today(), 20, 5, 2),))
        self.client.answers[GetCharts] = lambda _: self.told
        self.client.answers[GetBoard] = lambda _: Board()
        self.client.answers[ListAlerts] = lambda _: Alerts(total=0)
        theme = theme_of(app)
        self.desk = Desk(self.client, theme, IdleWatch(lambda: 0.0), run_now, QLocale("en_GB"))
        self.desk.window.show()
        self.desk.reports.show_board()
        assert self.desk.reports.overview is not None
        self.desk.reports.overview.window.open(View.CHARTS)

    @property
    def page(self) -> ChartsPage:
        assert self.desk.reports.overview is not None
        return self.desk.reports.overview.charts

    @property
    def asked(self) -> list[GetCharts]:
        return [query for query in self.client.asked if isinstance(query, GetCharts)]


@pytest.fixture
def shown(qapp: QApplication) -> Iterator[Shown]:
    made = Shown(qapp)
    yield made
    put_away(made.desk)


def cells(table: QTableWidget, row: int) -> list[str]:
    found = (table.item(row, column) for column in range(table.columnCount()))
    return [item.text() if item is not None else "" for item in found]


def test_the_question_names_whole_local_days_and_their_offsets(shown: Shown) -> None:
    (asked,) = {query.since: query for query in shown.asked}.values()
    assert asked.space == SPACE
    first, last = datetime.fromtimestamp(asked.since), datetime.fromtimestamp(asked.until)
    assert (first.hour, last.hour) == (0, 0)
    assert (last.date() - first.date()) == timedelta(days=30)
    ahead = first.astimezone().utcoffset()
    assert ahead is not None
    assert asked.offsets[0] == (asked.since, ahead.total_seconds())


def test_the_tables_say_what_the_bars_show(shown: Shown) -> None:
    page = shown.page
    assert cells(page.hours.table, 9) == ["9:00", "0:31", "1:35", "12", "3"]
    assert cells(page.hours.table, 10) == ["10:00", "–", "–", "0", "0"]
    assert cells(page.groups.table, 0) == ["@supervisors", "0:31", "1:35", "12", "3"]
    assert cells(page.groups.table, 1)[0] == "(former group)"
    days = page.days_missed.table
    assert days.rowCount() == 30
    assert cells(days, 29)[1:] == ["3", "2", "20"], "of five without an answer two found nobody"
    assert cells(days, 28)[1:] == ["0", "0", "0"]


def test_charts_give_way_to_tables_and_come_back(shown: Shown) -> None:
    page = shown.page
    charts = (page.hours, page.groups, page.days_missed)
    assert all(isinstance(chart.pages.currentWidget(), Plot) for chart in charts)
    page.tables.click()
    assert all(chart.table.isVisible() for chart in charts)
    assert page.hours.pages.height() == page.hours.table.height()
    page.tables.click()
    assert not any(chart.table.isVisible() for chart in charts)


def test_other_days_and_kinds_are_asked_for(shown: Shown) -> None:
    page = shown.page
    page.span.setCurrentIndex(page.span.findData(7))
    page.kinds.setCurrentIndex(page.kinds.findData("priority"))
    page.kinds.activated.emit(page.kinds.currentIndex())
    asked = shown.asked[-1]
    assert asked.kind is CaseKind.PRIORITY
    assert round((asked.until - asked.since) / 86_400) == 7
    assert page.days_missed.table.rowCount() == 7


def test_the_bars_are_as_high_as_the_figures_and_follow_the_theme(shown: Shown) -> None:
    plot = shown.page.hours.pages.currentWidget()
    assert isinstance(plot, Plot)

    def heights() -> list[list[float]]:
        return [list(item.opts["height"]) for item in plot.plotItem.items]

    assert heights() == [[95.0], [31.0]], "an hour without an answer has no bar"
    look = shown.desk.look
    look.colours["surface"] = QColor("#102030")
    look.changed.emit()
    assert plot.backgroundBrush().color().name() == "#102030"
    assert heights() == [[95.0], [31.0]]


def test_a_refusal_is_said(shown: Shown) -> None:
    shown.client.answers[GetCharts] = lambda _: refuse(Code.STORE_UNREAD, reason="disk error")
    shown.page.wanted.emit()
    assert "disk error" in shown.page.notice.text


def test_a_day_without_alerts_is_a_day() -> None:
    days = every_day([Day(3, 9, 1, 0)], date(1970, 1, 3), 3)
    assert days == [Day(2, 0, 0, 0), Day(3, 9, 1, 0), Day(4, 0, 0, 0)]


def test_a_year_has_a_bar_for_each_week(shown: Shown) -> None:
    """365 bars of a day side by side are a wall."""
    page = shown.page
    page.span.setCurrentIndex(page.span.findData(365))
    page.span.activated.emit(page.span.currentIndex())
    table, plot = page.days_missed.table, page.days_missed.pages.currentWidget()
    assert isinstance(plot, Plot)
    assert table.rowCount() == 53
    assert cells(table, 52)[1:] == ["3", "2", "20"]
    assert page.days_missed.title.text() == table.accessibleName() == "Unanswered, week by week"
    assert [list(item.opts["height"]) for item in plot.plotItem.items] == [[5], [2], [2]]
    page.span.setCurrentIndex(page.span.findData(7))
    page.span.activated.emit(page.span.currentIndex())
    assert table.rowCount() == 7
    assert plot.accessibleName() == "Unanswered, day by day"


def test_weeks_end_with_the_last_day() -> None:
    days = [Day(number, number, 1, number % 2) for number in range(100, 110)]
    assert by_week(days) == [Day(100, 303, 3, 1), Day(103, 742, 7, 4)]


def test_where_nothing_was_it_says_so(shown: Shown) -> None:
    shown.told = Charts((Speed(),) * 24)
    page = shown.page
    page.wanted.emit()
    for chart in (page.hours, page.groups, page.days_missed):
        assert chart.pages.currentWidget() is chart.none
    page.tables.click()
    assert page.hours.table.isVisible()


def test_before_it_is_known_nothing_is_claimed(qapp: QApplication) -> None:
    page = ChartsPage(Look(theme_of(qapp), lambda _: None), QLocale("en_GB"))
    for chart in (page.hours, page.groups, page.days_missed):
        assert chart.pages.currentWidget() is chart.none
        assert chart.none.text() == ""
    page.asked.timeout.emit()
    assert page.notice.text == "Loading…"
    page.say("disk full")
    assert page.notice.text == "disk full"


def test_a_chart_that_was_put_away_does_not_follow_the_theme(shown: Shown) -> None:
    look = shown.desk.look
    shown.page.put_away()
    look.changed.emit()


def test_nothing_of_it_is_loaded_with_the_window() -> None:
    """The client is small as long as nobody opens a chart."""
    late = "['pyqtgraph', 'app.ui.reports.charts_page', 'app.ui.reports.timeline_window']"
    code = f"import sys, app.ui.program; print([name for name in {late} if name in sys.modules])"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"
