"""What the dialogs of integrations share: rows with buttons, and buttons that Enter presses."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from app.ui.theme.tokens import LIGHT, Tokens
from app.ui.widgets import Sheet, label
from app.ui.widgets.labels import Rank


class ListSheet(Sheet):
    """A sheet in which rows are made anew, and whose fields and buttons each have their own Enter."""

    def __init__(self, width: int, tokens: Tokens, parent: QWidget) -> None:
        super().__init__(width, parent)
        self._tokens = tokens
        self.column.setSpacing(LIGHT.spacing.s)

    def heading(self, words: str) -> QWidget:
        return label(words, size="small", weight=LIGHT.type.bold, rank="muted", parent=self)

    def replace_rows(self, old: QWidget, empty: str, rows: Sequence[QHBoxLayout], new: QWidget) -> QWidget:
        """Put ``rows``, whose widgets belong to ``new``, in the place of ``old``."""
        column = QVBoxLayout(new)
        column.setContentsMargins(0, LIGHT.spacing.xs, 0, LIGHT.spacing.xs)
        column.setSpacing(LIGHT.spacing.m)
        for row in rows:
            column.addLayout(row)
        if empty and not rows:
            column.addWidget(label(empty, rank="muted", wrap=True, parent=new))
        around = old.parentWidget()
        within = around.layout() if around is not None else None
        if within is not None:
            within.replaceWidget(old, new)
        old.hide()
        old.deleteLater()
        new.show()
        self.fit()
        return new

    def row(
        self, name: str, words: Sequence[tuple[str, bool]], buttons: Sequence[QPushButton], parent: QWidget
    ) -> QHBoxLayout:
        """A name, lines about it (and whether each is a problem), and what can be done."""
        text = QVBoxLayout()
        text.setSpacing(0)
        text.addWidget(label(name, weight=LIGHT.type.semibold, elide=True, parent=parent))
        for said, problem in words:
            rank: Rank = "" if problem else "muted"
            text.addWidget(label(said, size="small", rank=rank, wrap=True, parent=parent))
        row = QHBoxLayout()
        row.setSpacing(LIGHT.spacing.s)
        row.addLayout(text, 1)
        for made in buttons:
            self.press_by_enter(made)
            row.addWidget(made, 0, Qt.AlignmentFlag.AlignVCenter)
        return row

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() not in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            super().keyPressEvent(event)
