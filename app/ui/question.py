"""A question with two answers, or a word to read, without a loop of its own."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from app.ui.i18n import tr
from app.ui.theme import Tokens
from app.ui.widgets import button, label
from app.ui.widgets.placing import keep_on_screen

WIDTH = 380
Then = Callable[[], None]


def ask(
    parent: QWidget,
    title: str,
    words: str,
    yes: str,
    then: Then,
    tokens: Tokens,
    other: tuple[str, Then] | None = None,
) -> QDialog:
    """Ask; ``then`` is called when the answer is ``yes``. Esc and Cancel mean no.

    Args:
        other: a third answer, and what is called then.
    """
    no = button(tr("Cancel"), tokens=tokens)
    agree = button(yes, kind="primary", tokens=tokens)
    others = [button(other[0], tokens=tokens)] if other else []
    dialog = _dialog(parent, title, words, [no, *others, agree])
    if other is not None:
        act = other[1]
        others[0].clicked.connect(dialog.reject)
        others[0].clicked.connect(lambda: act())
    no.clicked.connect(dialog.reject)
    agree.clicked.connect(dialog.accept)
    dialog.accepted.connect(then)
    dialog.open()
    no.setFocus()
    return dialog


def tell(parent: QWidget, title: str, words: str, then: Then, tokens: Tokens) -> QDialog:
    """Say something that must be read; ``then`` is called afterwards, however it was closed."""
    read = button(tr("OK"), kind="primary", tokens=tokens)
    dialog = _dialog(parent, title, words, [read])
    read.clicked.connect(dialog.accept)
    dialog.finished.connect(lambda _result: then())
    dialog.open()
    read.setFocus()
    return dialog


def _dialog(parent: QWidget, title: str, words: str, buttons: list[QPushButton]) -> QDialog:
    dialog = QDialog(parent)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setWindowTitle(title)
    dialog.setFixedWidth(WIDTH)
    keep_on_screen(dialog)
    box = QVBoxLayout(dialog)
    box.setContentsMargins(24, 20, 24, 20)
    box.setSpacing(8)
    box.addWidget(label(title, size="large", weight=600, wrap=True, parent=dialog))
    box.addWidget(label(words, rank="muted", wrap=True, parent=dialog))
    box.addSpacing(8)
    row = QHBoxLayout()
    row.addStretch(1)
    for made in buttons:
        row.addWidget(made)
    box.addLayout(row)
    return dialog
