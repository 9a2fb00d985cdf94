"""One adapter from a tuple of frozen rows to a Qt list model, with the smallest change signalled.

A row is any frozen value with a ``key`` that tells it from others. Whoever knows the state builds the
rows; the model only says what came, went, moved or looks different.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Generic, Protocol, TypeVar

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
)

Index = QModelIndex | QPersistentModelIndex

ROW_ROLE = int(Qt.ItemDataRole.UserRole)
"""The row itself."""


class Row(Protocol):
    @property
    def key(self) -> str:
        """Tells the row from all others of its model."""

    @property
    def spoken(self) -> str:
        """The row in words, as a screen reader says it."""


R = TypeVar("R", bound=Row)


class RowModel(QAbstractListModel, Generic[R]):
    """Rows in order. Feed it with :meth:`show`."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: list[R] = []

    @property
    def rows(self) -> Sequence[R]:
        return self._rows

    def row(self, index: Index) -> R | None:
        """The row behind a valid index of this model."""
        return self._rows[index.row()] if self.checkIndex(index) and index.isValid() else None

    def index_of(self, key: str) -> QModelIndex:
        """Where the row with this key stands; an invalid index if nowhere."""
        found = next((i for i, row in enumerate(self._rows) if row.key == key), -1)
        return self.index(found, 0)

    def show(self, rows: Sequence[R]) -> None:
        """These rows, in this order, from now on. Keys must differ from each other."""
        wanted = {row.key for row in rows}
        self._remove(wanted)
        known = {row.key for row in self._rows}
        at = 0
        while at < len(rows):
            run = at
            while run < len(rows) and rows[run].key not in known:
                run += 1
            if run > at:
                self._insert(at, rows[at:run])
                at = run
                continue
            self._bring(at, rows[at])
            at += 1

    # Qt's side

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        row = self.row(index)
        if row is None:
            return None
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return row.spoken
        return row if role == ROW_ROLE else None

    def flags(self, index: Index) -> Qt.ItemFlag:
        """A row that only divides others cannot be chosen."""
        if not index.isValid():
            return super().flags(index)
        if isinstance(getattr(self.row(index), "divides", None), str):
            return Qt.ItemFlag.NoItemFlags | Qt.ItemFlag.ItemNeverHasChildren
        return super().flags(index) | Qt.ItemFlag.ItemNeverHasChildren

    # The smallest change

    def _remove(self, wanted: set[str]) -> None:
        last = len(self._rows) - 1
        while last >= 0:
            if self._rows[last].key in wanted:
                last -= 1
                continue
            first = last
            while first > 0 and self._rows[first - 1].key not in wanted:
                first -= 1
            self.beginRemoveRows(QModelIndex(), first, last)
            del self._rows[first : last + 1]
            self.endRemoveRows()
            last = first - 1

    def _insert(self, at: int, rows: Sequence[R]) -> None:
        self.beginInsertRows(QModelIndex(), at, at + len(rows) - 1)
        self._rows[at:at] = rows
        self.endInsertRows()

    def _bring(self, at: int, row: R) -> None:
        """A known row to where it stands now, and its new looks shown."""
        now = next(i for i in range(at, len(self._rows)) if self._rows[i].key == row.key)
        if now != at:
            self.beginMoveRows(QModelIndex(), now, now, QModelIndex(), at)
            self._rows.insert(at, self._rows.pop(now))
            self.endMoveRows()
        if self._rows[at] != row:
            self._rows[at] = row
            index = self.index(at, 0)
            self.dataChanged.emit(index, index)
