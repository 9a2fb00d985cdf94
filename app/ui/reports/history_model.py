"""Pages of alerts as a table: a column for each thing that is compared."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QDate, QLocale, QModelIndex, QObject, Qt

from app.core.case_questions import AlertOutcome, AlertRecord
from app.core.model import PersonId
from app.core.report_questions import Alerts, Cursor
from app.ui.i18n import tr
from app.ui.models.rows import Index
from app.ui.reports.record_words import helper_words, kind_words, name_in, outcome_words, span_words
from app.ui.words import in_a_row

RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)


class Column(enum.IntEnum):
    TIME = 0
    KIND = 1
    WHO = 2
    MESSAGE = 3
    OUTCOME = 4
    HELPER = 5
    WAITED = 6


def heading(column: Column) -> str:
    return {
        Column.TIME: tr("Time"),
        Column.KIND: tr("Kind"),
        Column.WHO: tr("Asked for help"),
        Column.MESSAGE: tr("Message"),
        Column.OUTCOME: tr("Outcome"),
        Column.HELPER: tr("First answer"),
        Column.WAITED: tr("After"),
    }[column]


class HistoryModel(QAbstractTableModel):
    """Attributes:
    records: what is shown, newest first.
    more: where the next page begins.
    """

    def __init__(self, locale: QLocale, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._locale = locale
        self.records: list[AlertRecord] = []
        self.more: Cursor | None = None
        self._names: dict[PersonId, str] = {}

    def show_first(self, page: Alerts) -> None:
        self.beginResetModel()
        self.records, self._names, self.more = list(page.records), dict(page.names), page.more
        self.endResetModel()

    def add(self, page: Alerts) -> None:
        """The page after those that are shown."""
        self._names.update(page.names)
        self.more = page.more
        if page.records:
            first = len(self.records)
            self.beginInsertRows(QModelIndex(), first, first + len(page.records) - 1)
            self.records += page.records
            self.endInsertRows()

    def clear(self) -> None:
        self.show_first(Alerts())

    # Qt's side

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.records)

    def columnCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(Column)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation is not Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return heading(Column(section))
        if role == Qt.ItemDataRole.TextAlignmentRole and section == Column.WAITED:
            return RIGHT
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        record, column = self.records[index.row()], Column(index.column())
        if role == Qt.ItemDataRole.DisplayRole:
            return self._text(record, column)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return self._spoken(record) if column is Column.TIME else self._text(record, column)
        if role == Qt.ItemDataRole.TextAlignmentRole and column is Column.WAITED:
            return RIGHT
        if role == Qt.ItemDataRole.UserRole:
            return record
        return None

    def _spoken(self, record: AlertRecord) -> str:
        return in_a_row(self._text(record, column) for column in Column)

    def _text(self, record: AlertRecord, column: Column) -> str:
        match column:
            case Column.TIME:
                return self._moment(record.opened_at)
            case Column.KIND:
                return kind_words(record)
            case Column.WHO:
                return name_in(self._names, record.asked_by)
            case Column.MESSAGE:
                return record.text
            case Column.OUTCOME:
                return outcome_words(record)
            case Column.HELPER:
                return helper_words(record, self._names)
            case Column.WAITED:
                return span_words(record.waited)

    def _moment(self, at: float) -> str:
        """The day and the time as the language writes them, short."""
        when = datetime.fromtimestamp(at)
        date = QDate(when.year, when.month, when.day)
        day = self._locale.toString(date, QLocale.FormatType.ShortFormat)
        return f"{day} {when:%H:%M}"


def is_missed(records: Sequence[AlertRecord], row: int) -> bool:
    """Whether nobody was there for it, which stands out."""
    return records[row].outcome in (AlertOutcome.NOBODY, AlertOutcome.WITHDRAWN)
