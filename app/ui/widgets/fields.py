"""What line edits of the window share."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QComboBox, QCompleter, QLineEdit

from app.ui.i18n import tr
from app.ui.theme.icons import icon
from app.ui.theme.tokens import Tokens

CLEAR_ACTION = "_q_qlineeditclearaction"
"""What Qt calls the action of a line edit's clear button; without it Qt's own drawing stays."""


def clearable(field: QLineEdit, tokens: Tokens) -> None:
    """Give ``field`` a clear button in our style; again when the theme changes."""
    field.setClearButtonEnabled(True)
    action = field.findChild(QAction, CLEAR_ACTION)
    if action is not None:
        action.setIcon(icon("close", tokens.colours.muted))
        action.setText(tr("Clear"))


def call(box: QComboBox, name: str) -> None:
    """What is chosen there, for screen readers. On Linux Qt says what was chosen for its name."""
    box.setAccessibleName(name)
    box.setAccessibleDescription(name)


def searchable(box: QComboBox, letters: int = 12) -> None:
    """A long list finds what is typed, wherever it stands in a line, and takes nothing that is not in it.

    Args:
        letters: room for so many; what is longer is cut.
    """
    box.setEditable(True)
    box.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
    narrow(box, letters)
    completer = box.completer()
    if completer is not None:
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        completer.setCompletionMode(QCompleter.CompletionMode.PopupCompletion)


def narrow(box: QComboBox, letters: int = 12) -> None:
    """As wide as its place, not as its longest line."""
    box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    box.setMinimumContentsLength(letters)
