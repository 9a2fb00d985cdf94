"""A chart with its heading and what its bars mean; the same as a table for those who read by ear."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QStackedWidget,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from app.ui.i18n import tr
from app.ui.panels.look import Look
from app.ui.theme.tokens import LIGHT
from app.ui.widgets import label

TABLE_ROW_PX = 30
NOTHING_PX = 56
LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
FULL, OUTLINE, HATCHED = "full", "outline", "hatched"


class _Swatch(QWidget):
    """What a bar looks like, beside what it means."""

    def __init__(self, look: Look, kind: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._look, self._kind = look, kind
        self.setFixedSize(QSize(16, 16))
        look.changed.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, look = QPainter(self), self._look
        room = QRectF(self.rect()).adjusted(2, 2, -2, -2)
        if self._kind == FULL:
            painter.fillRect(room, look.colour("accent"))
            return
        painter.setPen(QPen(look.colour("muted" if self._kind == OUTLINE else "text"), 1.5))
        if self._kind == HATCHED:
            painter.setBrush(QBrush(look.colour("text"), Qt.BrushStyle.BDiagPattern))
        painter.drawRect(room)


class Chart(QWidget):
    """A heading, what its bars mean, and the bars, or the same as a table.

    Args:
        bars: what each kind of bar means.
        headings: of the table.
    """

    def __init__(
        self,
        title: str,
        bars: Sequence[tuple[str, str]],
        headings: Sequence[str],
        look: Look,
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self._look = look
        self._plot: QWidget | None = None
        self._empty = True
        head = QHBoxLayout()
        head.setSpacing(LIGHT.spacing.s)
        self.title = label(title, size="large", weight=LIGHT.type.semibold, parent=self)
        head.addWidget(self.title)
        head.addStretch(1)
        for kind, meaning in bars:
            head.addWidget(_Swatch(look, kind, self))
            head.addWidget(label(meaning, size="small", rank="muted", parent=self))
        self.table = QTableWidget(0, len(headings), self)
        self._dress(headings)
        self.pages = QStackedWidget(self)
        self.pages.addWidget(self.table)
        self.none = label(rank="muted", parent=self)  # before it is known, and where nothing was
        self.none.setFixedHeight(NOTHING_PX)
        self.pages.addWidget(self.none)
        self.pages.setCurrentWidget(self.none)
        self.pages.setFixedHeight(NOTHING_PX)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, LIGHT.spacing.m)
        column.setSpacing(LIGHT.spacing.s)
        column.addLayout(head)
        column.addWidget(self.pages)

    def _dress(self, headings: Sequence[str]) -> None:
        table = self.table
        for column, words in enumerate(headings):
            table.setHorizontalHeaderItem(column, _cell(words, column))
        table.setAccessibleName(self.title.text())
        table.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
        table.setSelectionBehavior(QTableWidget.SelectionBehavior.SelectRows)
        table.setTabKeyNavigation(False)
        table.setShowGrid(False)
        table.setFrameShape(QFrame.Shape.NoFrame)
        table.verticalHeader().hide()
        table.verticalHeader().setDefaultSectionSize(TABLE_ROW_PX)
        header = table.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        header.setHighlightSections(False)
        table.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    def fill(self, rows: Sequence[Sequence[str]], empty: bool) -> None:
        """The table's cells; it is as high as they are.

        Args:
            empty: there is nothing to draw.
        """
        self._empty = empty
        self.none.setText(tr("There was nothing in this time."))
        self.table.setRowCount(len(rows))
        for at, row in enumerate(rows):
            for column, cell in enumerate(row):
                self.table.setItem(at, column, _cell(cell, column))
        self.table.setFixedHeight((len(rows) + 1) * TABLE_ROW_PX + 8)

    def call(self, title: str, first: str) -> None:
        """Another heading, and another one of the table's first column."""
        self.title.setText(title)
        self.table.setHorizontalHeaderItem(0, _cell(first, 0))
        for part in (self.table, self._plot):
            if part is not None:
                part.setAccessibleName(title)

    def use(self, plot: QWidget) -> None:
        """The bars, once they are there."""
        plot.setAccessibleDescription(tr("The same stands in a table: choose Tables."))
        self.pages.addWidget(plot)
        self._plot = plot

    def show_table(self, as_table: bool) -> None:
        bars = self.none if self._empty else self._plot
        page = self.table if as_table or bars is None else bars
        self.pages.setCurrentWidget(page)
        self.pages.setFixedHeight(page.maximumHeight())


def _cell(words: str, column: int) -> QTableWidgetItem:
    """What is counted stands at the right."""
    made = QTableWidgetItem(words)
    made.setTextAlignment(LEFT if column == 0 else RIGHT)
    return made
