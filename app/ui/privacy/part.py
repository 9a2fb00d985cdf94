"""What the tabs of data protection share: a column in the sheet, with rows that are made anew."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.ui.integrations.parts import ListSheet
from app.ui.theme.tokens import LIGHT, Tokens
from app.ui.widgets import label


class Part(QWidget):
    """One tab's page. Its rows, fields and buttons behave as those of its sheet."""

    def __init__(self, sheet: ListSheet, tokens: Tokens) -> None:
        super().__init__(sheet)
        self.sheet, self.tokens = sheet, tokens
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, LIGHT.spacing.s, 0, LIGHT.spacing.s)
        self.column.setSpacing(LIGHT.spacing.m)
        self._rows = QWidget(self)

    def explain(self, words: str) -> None:
        self.column.addWidget(label(words, rank="muted", wrap=True, parent=self))

    def in_a_row(self, *parts: tuple[QWidget, int]) -> None:
        """Widgets beside each other, and how much of the spare width each takes."""
        row = QHBoxLayout()
        row.setSpacing(LIGHT.spacing.s)
        for part, stretch in parts:
            row.addWidget(part, stretch)
        if not any(stretch for _, stretch in parts):
            row.addStretch(1)
        self.column.addLayout(row)

    def place_rows(self) -> None:
        """Here :meth:`show_rows` shows them."""
        self.column.addWidget(self._rows)

    def fresh(self) -> QWidget:
        """What the next rows belong to."""
        return QWidget(self)

    def show_rows(self, rows: Sequence[QHBoxLayout], new: QWidget, empty: str) -> None:
        self._rows = self.sheet.replace_rows(self._rows, empty, rows, new)
