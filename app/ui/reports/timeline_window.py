"""The timeline of one alert in a window of its own, live while it is open."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QCloseEvent, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.core.case_questions import AlertOutcome, Timeline
from app.ui.i18n import tr
from app.ui.models.rows import RowModel
from app.ui.models.ticker import Ticker
from app.ui.panels.look import Look
from app.ui.panels.rows_view import RowsView
from app.ui.reports.patience import Patience
from app.ui.reports.record_words import kind_words, name_in, outcome_words, span_words
from app.ui.reports.timeline_rows import TimelineDelegate, TimelineRow, timeline_rows
from app.ui.theme.tokens import LIGHT
from app.ui.widgets import Notice, Tone, label, line
from app.ui.widgets.placing import keep_on_screen
from app.ui.words import elapsed, in_a_row

SIZE = QSize(480, 600)
SMALLEST = QSize(320, 300)


class TimelineWindow(QWidget):
    """Args:
    now: server time, s.

    Signals:
        closed: nobody looks any more.
    """

    closed = Signal()

    def __init__(self, look: Look, ticker: Ticker, now: Callable[[], float], parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self._look, self._ticker, self._now = look, ticker, now
        self._told: Timeline | None = None
        self.setWindowTitle(tr("Timeline"))
        self.resize(SIZE)
        keep_on_screen(self)
        self.setMinimumSize(SMALLEST)
        self.kind = label(size="small", rank="muted", weight=LIGHT.type.semibold, parent=self)
        self.title = label(size="title", weight=LIGHT.type.bold, wrap=True, parent=self)
        self.state = label(weight=LIGHT.type.semibold, wrap=True, parent=self)
        self.policy = label(size="small", rank="muted", elide=True, parent=self)
        self.notice = Notice(look.theme.tokens, self)
        self._asked = Patience(lambda: self.notice.say(tr("Loading…")), self)
        self.model: RowModel[TimelineRow] = RowModel(self)
        self.view = RowsView(look, self)
        self.view.setModel(self.model)
        self.view.use(TimelineDelegate(look, self.view))
        self.view.setAccessibleName(tr("Timeline"))
        self._lay_out()
        ticker.ticked.connect(self._tick)
        look.changed.connect(self._follow_look)

    def _lay_out(self) -> None:
        head = QVBoxLayout()
        head.setContentsMargins(LIGHT.spacing.l, LIGHT.spacing.l, LIGHT.spacing.l, LIGHT.spacing.m)
        head.setSpacing(LIGHT.spacing.xs)
        for part in (self.kind, self.title, self.state, self.policy, self.notice):
            head.addWidget(part)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, LIGHT.spacing.s)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(line(self))
        column.addWidget(self.view, 1)

    def show_timeline(self, told: Timeline) -> None:
        newest = self.view.verticalScrollBar().value() >= self.view.verticalScrollBar().maximum()
        self._told = told
        self._asked.stop()
        self.notice.say("")
        names, record = dict(told.names), told.record
        self.kind.setText(kind_words(record).upper())
        asked = name_in(names, record.asked_by)
        self.title.setText(in_a_row((asked, record.text), ": ") if record.text else asked)
        self.policy.setText(tr("Policy: {name}", name=told.policy) if told.policy else "")
        self._tick()
        self._hide_empty()
        if newest:
            self.view.scrollToBottom()
        self._ticker.need(self, self.isVisible() and self._runs())

    def forget(self) -> None:
        """Another one is asked for."""
        self._told = None
        self.model.show(())
        for part in (self.kind, self.title, self.state, self.policy):
            part.setText("")
        self._hide_empty()
        self.notice.say("")
        self._asked.start()

    def _hide_empty(self) -> None:
        for part in (self.kind, self.title, self.state, self.policy):
            part.setVisible(bool(part.text()))

    def show_problem(self, words: str) -> None:
        """Why it could not be asked for; what is known stays."""
        self._asked.stop()
        self.notice.say(words, Tone.PROBLEM)

    def _runs(self) -> bool:
        return self._told is not None and self._told.record.ended_at is None

    def _tick(self) -> None:
        if self._told is None or (not self.isVisible() and self.model.rows):
            return
        self.state.setText(self._state_words(self._told))
        self.model.show(timeline_rows(self._told, self._now()))

    def _state_words(self, told: Timeline) -> str:
        record, names = told.record, dict(told.names)
        if record.outcome is AlertOutcome.ANSWERED:
            time, who = span_words(record.waited), record.answered_by
            if who is None:
                return tr("Answered by phone after {time}", time=time)
            return tr("Answered by {name} after {time}", name=name_in(names, who), time=time)
        if record.outcome is AlertOutcome.WAITING:
            return tr("Waiting for {time}", time=elapsed(self._now() - record.opened_at))
        return outcome_words(record)

    def _follow_look(self) -> None:
        self.notice.set_tokens(self._look.theme.tokens)
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.close()
        else:
            super().keyPressEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        self._ticker.need(self, False)
        self._asked.stop()
        super().closeEvent(event)
        self.closed.emit()

    def paintEvent(self, event: QPaintEvent) -> None:
        QPainter(self).fillRect(self.rect(), self._look.colour("surface"))
