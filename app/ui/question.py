"""A question with two answers, asked without a loop of its own."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from app.ui.i18n import tr
from app.ui.theme import Tokens
from app.ui.widgets import button, label

WIDTH = 380


def ask(
    parent: QWidget, title: str, words: str, yes: str, then: Callable[[], None], tokens: Tokens
) -> QDialog:
    """Ask; ``then`` is called when the answer is ``yes``. Esc and Cancel mean no."""
    dialog = QDialog(parent)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setWindowTitle(title)
    dialog.setFixedWidth(WIDTH)
    box = QVBoxLayout(dialog)
    box.setContentsMargins(24, 20, 24, 20)
    box.setSpacing(8)
    box.addWidget(label(title, size="large", weight=600, wrap=True, parent=dialog))
    box.addWidget(label(words, rank="muted", wrap=True, parent=dialog))
    box.addSpacing(8)
    row = QHBoxLayout()
    row.addStretch(1)
    no = button(tr("Cancel"), tokens=tokens, parent=dialog)
    agree = button(yes, kind="primary", tokens=tokens, parent=dialog)
    no.clicked.connect(dialog.reject)
    agree.clicked.connect(dialog.accept)
    row.addWidget(no)
    row.addWidget(agree)
    box.addLayout(row)
    dialog.accepted.connect(then)
    dialog.open()
    no.setFocus()
    return dialog
