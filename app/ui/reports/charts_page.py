"""Charts: time to the first answer by hour and by group, unanswered alerts by day; each as a table too."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING

from PySide6.QtCore import QDate, QLocale, Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QHBoxLayout,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from app.core.model import GroupId
from app.core.policy import CaseKind
from app.core.report_questions import Charts, Day, Speed
from app.ui.i18n import tr, tr_template
from app.ui.panels.look import Look
from app.ui.reports.chart import FULL, HATCHED, OUTLINE, Chart
from app.ui.reports.patience import Patience
from app.ui.reports.record_words import KINDS, span_words
from app.ui.theme.tokens import LIGHT
from app.ui.widgets import Notice, Switch, Tone, label
from app.ui.widgets.fields import call

SPANS = (7, 30, 90, 365)
"""Days that can be chosen."""
MOST_DAYS = 92
"""Days that have a bar each; of more, each week has one."""
MOST_GROUPS = 20
"""Groups that are shown, those with most alerts."""

if TYPE_CHECKING:
    from app.ui.reports.plots import Plot


class ChartsPage(QWidget):
    """Signals:
    wanted: other days or another kind were chosen; read :attr:`days` and :attr:`kind`.
    """

    wanted = Signal()

    def __init__(self, look: Look, locale: QLocale, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look, self._locale = look, locale
        self.span = QComboBox(self)
        call(self.span, tr("Time"))
        for days in SPANS:
            self.span.addItem(tr("Last {n} days", n=days), days)
        self.span.setCurrentIndex(1)
        self.kinds = QComboBox(self)
        call(self.kinds, tr("Kind"))
        self.kinds.addItem(tr("All that call somebody"), "")
        for (kind, level), words in KINDS.items():
            if level != "yellow":
                self.kinds.addItem(tr_template(words, {}), kind.value)
        for box in (self.span, self.kinds):
            box.activated.connect(self.wanted)
        self.tables = Switch(tr("Tables"), look.theme.tokens, parent=self)
        self.tables.toggled.connect(self._choose)
        self.notice = Notice(look.theme.tokens, self)
        self.asked = Patience(lambda: self.notice.say(tr("Loading…")), self)
        half, most = tr("Half answered within"), tr("9 of 10 answered within")
        speeds = ((FULL, half), (OUTLINE, most))
        columns = (half, most, tr("Answered"), tr("Unanswered"))
        hours, groups = tr("First answer by hour of the day"), tr("First answer by group")
        self.hours = Chart(hours, speeds, (tr("Hour"), *columns), look, self)
        self.groups = Chart(groups, speeds, (tr("Group"), *columns), look, self)
        missed = ((FULL, tr("Ended without an answer")), (HATCHED, tr("Nobody available")))
        headings = (tr("Day"), tr("Ended without an answer"), tr("Nobody available"), tr("Alerts"))
        self.days_missed = Chart(tr("Unanswered, day by day"), missed, headings, look, self)
        self._plots: list[Plot] = []
        self._lay_out()
        look.changed.connect(self._follow_look)

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(LIGHT.spacing.s)
        head.addWidget(self.span)
        head.addWidget(self.kinds)
        head.addStretch(1)
        head.addWidget(self.tables)
        head.addWidget(label(tr("Tables"), parent=self))
        inside = QWidget(self)
        charts = QVBoxLayout(inside)
        charts.setContentsMargins(0, 0, LIGHT.spacing.s, 0)
        for chart in (self.hours, self.groups, self.days_missed):
            charts.addWidget(chart)
        charts.addStretch(1)
        scroll = QScrollArea(self)
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(inside)
        scroll.setAccessibleName(tr("Charts"))
        column = QVBoxLayout(self)
        column.setContentsMargins(LIGHT.spacing.l, LIGHT.spacing.m, LIGHT.spacing.l, LIGHT.spacing.s)
        column.setSpacing(LIGHT.spacing.m)
        column.addLayout(head)
        column.addWidget(self.notice)
        column.addWidget(scroll, 1)

    @property
    def days(self) -> int:
        return int(self.span.currentData())

    @property
    def kind(self) -> CaseKind | None:
        chosen = str(self.kinds.currentData())
        return CaseKind(chosen) if chosen else None

    # What is shown

    def show_charts(self, charts: Charts, first: date, handles: Mapping[GroupId, str]) -> None:
        """``first``: the day that they begin with."""
        self.asked.stop()
        self.notice.say("")
        self._make_plots()
        hours = [f"{hour}:00" for hour in range(24)]
        self.hours.fill(_speed_rows(hours, charts.hours), not any(map(_had_one, charts.hours)))
        self._plots[0].speeds([str(hour) for hour in range(24)], charts.hours)
        some = charts.groups[:MOST_GROUPS]
        names = [f"@{handles[group]}" if group in handles else tr("(former group)") for group, _ in some]
        self.groups.fill(_speed_rows(names, [speed for _, speed in some]), not some)
        self._plots[1].speeds(names, [speed for _, speed in some], every=True)
        self._show_days(every_day(charts.days, first, self.days))
        self._choose()

    def _show_days(self, days: Sequence[Day]) -> None:
        """A bar for each day, or for each week where there are too many of them to be told apart."""
        weekly = len(days) > MOST_DAYS
        if weekly:
            days = by_week(days)
        title = tr("Unanswered, week by week") if weekly else tr("Unanswered, day by day")
        self.days_missed.call(title, tr("Week from") if weekly else tr("Day"))
        self.days_missed.fill(
            [(self._date(d.number), str(d.unanswered - d.nobody), str(d.nobody), str(d.total)) for d in days],
            not any(day.unanswered for day in days),
        )
        short = [self._short_date(day.number) for day in days]
        self._plots[2].counts(short, [day.unanswered for day in days], [day.nobody for day in days])

    def say(self, words: str) -> None:
        self.asked.stop()
        self.notice.say(words, Tone.PROBLEM)

    def _make_plots(self) -> None:
        """pyqtgraph is loaded when the first chart is drawn."""
        if self._plots:
            return
        from app.ui.reports.plots import Plot

        charts = (self.hours, self.groups, self.days_missed)
        self._plots = [Plot(self._look, chart.table.accessibleName(), chart) for chart in charts]
        for chart, plot in zip(charts, self._plots, strict=True):
            chart.use(plot)

    def put_away(self) -> None:
        """Before the page goes: pyqtgraph's own widgets have no parent, and crash when they go by chance."""
        self.asked.stop()
        for plot in self._plots:
            plot.close()
        self._plots = []

    def _choose(self) -> None:
        for chart in (self.hours, self.groups, self.days_missed):
            chart.show_table(self.tables.isChecked())

    def _date(self, number: int) -> str:
        day = _date_of(number)
        return self._locale.toString(QDate(day.year, day.month, day.day), QLocale.FormatType.ShortFormat)

    def _short_date(self, number: int) -> str:
        """Without the year, in the order of the language."""
        day = _date_of(number)
        written = self._locale.dateFormat(QLocale.FormatType.ShortFormat)
        return self._locale.toString(
            QDate(day.year, day.month, day.day), re.sub(r"\W*y+\W*", "", written) or "MM-dd"
        )

    def _follow_look(self) -> None:
        tokens = self._look.theme.tokens
        self.tables.set_tokens(tokens)
        self.notice.set_tokens(tokens)


def _speed_rows(names: Sequence[str], speeds: Sequence[Speed]) -> list[tuple[str, ...]]:
    return [
        (name, span_words(s.median), span_words(s.p90), str(s.answered), str(s.unanswered))
        for name, s in zip(names, speeds, strict=True)
    ]


def _had_one(speed: Speed) -> bool:
    return bool(speed.answered or speed.unanswered)


def _date_of(number: int) -> date:
    return date(1970, 1, 1) + timedelta(days=number)


def every_day(days: Sequence[Day], first: date, count: int) -> list[Day]:
    """Days without an alert, too: a gap in time is a gap on the axis."""
    known = {day.number: day for day in days}
    begin = (first - date(1970, 1, 1)).days
    return [known.get(number, Day(number, 0, 0, 0)) for number in range(begin, begin + count)]


def by_week(days: Sequence[Day]) -> list[Day]:
    """Seven days together, counted back from the last one; the first week may be shorter."""
    ends = range(len(days), 0, -7)
    weeks = [days[max(0, end - 7) : end] for end in ends][::-1]
    return [
        Day(
            week[0].number,
            sum(day.total for day in week),
            sum(day.unanswered for day in week),
            sum(day.nobody for day in week),
        )
        for week in weeks
    ]
