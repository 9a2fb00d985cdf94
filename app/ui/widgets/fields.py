"""What line edits of the window share."""

from __future__ import annotations

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QLineEdit

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
