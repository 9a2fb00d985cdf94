"""The history: filters over a table that grows page by page as one scrolls; Enter opens a timeline."""

from __future__ import annotations

from PySide6.QtCore import QLocale, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QFontMetrics, QKeyEvent, QPainter, QPen, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from app.core.case_questions import AlertOutcome, AlertRecord
from app.core.model import Level
from app.core.report_questions import COUNTED, Alerts
from app.ui.i18n import tr, tr_template, trn
from app.ui.panels.look import Look
from app.ui.panels.parts import empty_state, small_button
from app.ui.reports.filters import Filters
from app.ui.reports.history_model import Column, HistoryModel
from app.ui.reports.patience import Patience
from app.ui.reports.record_words import OUTCOMES
from app.ui.theme.tokens import LIGHT
from app.ui.widgets import Notice, Tone, label

ROW_PX = 36
BEFORE_END = 10
"""Rows that are left below the last one that is seen when more are asked for."""
WIDTHS = {
    Column.TIME: 144,
    Column.KIND: 126,
    Column.WHO: 142,
    Column.HELPER: 142,
    Column.WAITED: 82,
}
TIGHT = {Column.TIME: 140, Column.WHO: 116, Column.WAITED: 82}
"""px; the message has the rest."""
CELL_PX = 24
"""px beside the words of a cell."""
NARROW = 860
"""px below which the columns that can be missed give way."""


class Table(QTableView):
    """Signals:
    entered: the row whose timeline is wanted.
    """

    entered = Signal(int)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentIndex().isValid():
            self.entered.emit(self.currentIndex().row())
        else:
            super().keyPressEvent(event)


class _Delegate(QStyledItemDelegate):
    """Outcomes that nobody was there for are bold; a line below each row."""

    def __init__(self, look: Look, parent: QWidget) -> None:
        super().__init__(parent)
        self._look = look

    def initStyleOption(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        super().initStyleOption(option, index)
        record = index.data(Qt.ItemDataRole.UserRole)
        column = Column(index.column())
        option.font = self._look.font(13, tabular=column in (Column.TIME, Column.WAITED))
        if column is Column.OUTCOME and isinstance(record, AlertRecord):
            option.font = self._look.font(13, bold=record.outcome is not AlertOutcome.ANSWERED)
            if record.outcome is AlertOutcome.NOBODY and record.level is Level.RED:
                option.palette.setColor(option.palette.ColorRole.Text, self._look.tones["red"])

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        super().paint(painter, option, index)
        painter.setPen(QPen(self._look.colour("line"), 1))
        painter.drawLine(option.rect.bottomLeft(), option.rect.bottomRight())


class HistoryPage(QWidget):
    """Signals:
    wanted: what the filters say is to be shown, from its first page on.
    more_wanted: the next page.
    opened: the id of an alert whose timeline is wanted.
    export_wanted: all that the filters let through, as a file.
    """

    wanted = Signal()
    more_wanted = Signal()
    opened = Signal(str)
    export_wanted = Signal()

    def __init__(self, look: Look, locale: QLocale, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look, self._locale = look, locale
        self.filters = Filters(look, locale, self)
        self.filters.changed.connect(self.wanted)
        self.model = HistoryModel(locale, self)
        self.table = Table(self)
        self._dress(self.table)
        self.count = label(rank="muted", tabular=True, parent=self)
        self.notice = Notice(look.theme.tokens, self)
        self._counted = ""
        self.asked = Patience(lambda: self.count.setText(tr("Loading…")), self)
        self.export = small_button(tr("Export as CSV…"), look, self)
        self.export.clicked.connect(self.export_wanted)
        self.empty = empty_state(
            ("clock", tr("Nothing here"), tr("No alert fits these filters. Choose another time or kind.")),
            look,
            self,
        )
        self._asked_after: object = None
        self._lay_out()
        look.changed.connect(self._follow_look)

    def _follow_look(self) -> None:
        self.notice.set_tokens(self._look.theme.tokens)

    def _dress(self, table: Table) -> None:
        table.setModel(self.model)
        table.setItemDelegate(_Delegate(self._look, table))
        table.setFrameShape(QFrame.Shape.NoFrame)
        table.setShowGrid(False)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setTabKeyNavigation(False)
        table.setWordWrap(False)
        table.setAccessibleName(tr("History"))
        table.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        table.verticalHeader().hide()
        table.verticalHeader().setDefaultSectionSize(ROW_PX)
        header = table.horizontalHeader()
        header.setHighlightSections(False)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setSectionResizeMode(Column.MESSAGE, QHeaderView.ResizeMode.Stretch)
        for column, width in WIDTHS.items():
            table.setColumnWidth(column, width)
        table.entered.connect(self._enter)
        table.doubleClicked.connect(lambda index: self._enter(index.row()))
        table.verticalScrollBar().valueChanged.connect(self._scrolled)

    def _lay_out(self) -> None:
        foot = QHBoxLayout()
        foot.setSpacing(LIGHT.spacing.s)
        foot.addWidget(self.count)
        foot.addStretch(1)
        foot.addWidget(self.export)
        column = QVBoxLayout(self)
        column.setContentsMargins(LIGHT.spacing.l, LIGHT.spacing.m, LIGHT.spacing.l, LIGHT.spacing.m)
        column.setSpacing(LIGHT.spacing.m)
        column.addWidget(self.filters)
        column.addWidget(self.notice)
        column.addWidget(self.table, 1)
        column.addWidget(self.empty, 1)
        column.addLayout(foot)
        self.empty.hide()

    # What is shown

    def show_first(self, page: Alerts) -> None:
        self.asked.stop()
        self.notice.say("")
        self._asked_after = None
        self.model.show_first(page)
        total = page.total or 0
        self._counted = self._count_words(total)
        self.count.setText(self._counted)
        self.export.setEnabled(total > 0)
        self.empty.setVisible(total == 0)
        self.table.setVisible(total > 0)
        if page.records:
            self.table.setCurrentIndex(self.model.index(0, 0))
            self.table.scrollToTop()
        self._scrolled()

    def _count_words(self, total: int) -> str:
        if total > COUNTED:
            return tr("More than {n} alerts", n=self._locale.toString(COUNTED))
        return trn("{shown} alert", "{shown} alerts", total, shown=self._locale.toString(total))

    def add(self, page: Alerts) -> None:
        self.model.add(page)
        self._scrolled()

    def say(self, words: str, *, problem: bool = False) -> None:
        self.asked.stop()
        self.count.setText(self._counted)
        self.notice.say(words, Tone.PROBLEM if problem else Tone.GOOD)

    def _scrolled(self) -> None:
        """More is asked for before the end is seen, once for each page."""
        more = self.model.more
        last = self.table.rowAt(self.table.viewport().height() - 1)
        near = last < 0 or last >= self.model.rowCount() - BEFORE_END
        if more is not None and near and more != self._asked_after:
            self._asked_after = more
            self.more_wanted.emit()

    def _enter(self, row: int) -> None:
        self.opened.emit(self.model.records[row].id)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        narrow = self.width() < NARROW
        for column in (Column.KIND, Column.HELPER):
            self.table.setColumnHidden(column, narrow)
        for column, width in (TIGHT if narrow else WIDTHS).items():
            self.table.setColumnWidth(column, width)
        metrics = QFontMetrics(self._look.font(13, bold=True))
        words = (tr_template(outcome, {}) for outcome in OUTCOMES.values())
        self.table.setColumnWidth(Column.OUTCOME, max(map(metrics.horizontalAdvance, words)) + CELL_PX)
