"""The sheet of all keys, for F1 and the question mark: what can be done without the mouse, and where."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QDialog, QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from app.ui.i18n import tr
from app.ui.theme.tokens import LIGHT, Tokens
from app.ui.widgets import button, label
from app.ui.widgets.placing import keep_on_screen

PRIORITY_KEYS = "Ctrl+Shift+P"
Group = tuple[str, list[tuple[str, str]]]
"""A heading, and below it keys (apart by spaces, each as QKeySequence reads it) and what they do."""


class ShortcutsSheet(QDialog):
    """Shown with ``open()``; the keys that opened it close it too."""

    def __init__(self, tokens: Tokens, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(tr("Keyboard shortcuts"))
        keep_on_screen(self)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 20)
        column.setSpacing(LIGHT.spacing.l)
        column.addWidget(label(tr("Keyboard shortcuts"), size="title", weight=LIGHT.type.bold, parent=self))
        beside = QHBoxLayout()
        beside.setSpacing(LIGHT.spacing.xl)
        for groups in columns():
            beside.addLayout(self._column(groups))
        column.addLayout(beside)
        self.done_button = button(tr("Done"), kind="primary", tokens=tokens, parent=self)
        self.done_button.clicked.connect(self.accept)
        column.addWidget(self.done_button, 0, Qt.AlignmentFlag.AlignRight)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_F1, Qt.Key.Key_Question):
            self.accept()
        else:
            super().keyPressEvent(event)

    def _column(self, groups: list[Group]) -> QVBoxLayout:
        made = QVBoxLayout()
        made.setSpacing(LIGHT.spacing.l)
        for title, lines in groups:
            grid = QGridLayout()
            grid.setVerticalSpacing(LIGHT.spacing.xs)
            grid.setHorizontalSpacing(LIGHT.spacing.m)
            grid.setColumnStretch(0, 1)
            heading = label(title, size="small", weight=LIGHT.type.bold, rank="muted", parent=self)
            grid.addWidget(heading, 0, 0, 1, 2)
            for row, (keys, words) in enumerate(lines, start=1):
                caps = QHBoxLayout()
                caps.setSpacing(LIGHT.spacing.xs)
                caps.addStretch(1)
                shown = [native(one) for one in keys.split()]
                for one in shown:
                    caps.addWidget(self._cap(one))
                said = label(words, parent=self)
                said.setAccessibleName(f"{words}: {', '.join(shown)}")
                grid.addWidget(said, row, 0)
                grid.addLayout(caps, row, 1)
            made.addLayout(grid)
        made.addStretch(1)
        return made

    def _cap(self, text: str) -> QLabel:
        made = label(text, size="small", weight=LIGHT.type.semibold, rank="muted", parent=self)
        made.setProperty("kind", "key")
        made.setAlignment(Qt.AlignmentFlag.AlignCenter)
        return made


def columns() -> tuple[list[Group], list[Group]]:
    """Everything the keyboard can do, by the place where it can."""
    everywhere = [
        ("Ctrl+Shift+E", tr("Raise your hand, or lower it")),
        ("Ctrl+K", tr("Search people and messages")),
        ("Ctrl+1 Ctrl+2 Ctrl+3", tr("Raised hands, chat, people")),
        ("Ctrl+4", tr("Customers’ texts")),
        ("Ctrl+B", tr("Fold the side panel away")),
        ("Ctrl+H Ctrl+Shift+B", tr("History, board")),
        ("F6 Shift+F6", tr("Next region, previous region")),
        ("Esc", tr("Close, or back to the map")),
        ("? F1", tr("This sheet")),
        ("Ctrl+Q", tr("Quit Handraise")),
    ]
    hand = [
        ("↑ ↓", tr("Previous, next")),
        ("A Enter", tr("Approach")),
        ("C", tr("Chat")),
        ("N", tr("Can’t now")),
        ("M", tr("Show on map")),
        ("T", tr("Timeline")),
        ("R", tr("Raise it now")),
        ("Del", tr("Lower your own hand")),
    ]
    walking = [
        ("← ↑ → ↓", tr("Walk")),
        ("+ - 0", tr("Nearer, farther, the whole map")),
        ("Home", tr("Where am I?")),
        ("Tab", tr("From person to person, hands first")),
        ("Ctrl+← ↑ → ↓", tr("To the nearest person that way")),
        ("Enter A C", tr("Open, Approach, Chat")),
    ]
    writing = [
        ("Enter", tr("Send")),
        ("Shift+Enter", tr("New line")),
        (PRIORITY_KEYS, tr("Make it a priority message")),
        ("@", tr("Mention somebody")),
        ("Ctrl+Enter", tr("In the escalation: Execute")),
    ]
    redo = QKeySequence(QKeySequence.StandardKey.Redo).toString()
    policies = [
        ("↑ ↓", tr("Previous step, next step")),
        ("Enter", tr("Open the step, or close it")),
        ("Alt+↑ ↓", tr("Move the step")),
        ("Ins Del", tr("Add a step below, remove it")),
        (f"Ctrl+Z {redo}", tr("Undo, redo")),
        ("Ctrl+S Ctrl+N", tr("Save, new policy")),
    ]
    return (
        [(tr("Everywhere"), everywhere), (tr("On a raised hand"), hand)],
        [(tr("On the map"), walking), (tr("While writing"), writing), (tr("In the policy editor"), policies)],
    )


def native(keys: str) -> str:
    """Keys as this system names them."""
    modifiers, plus, last = keys.rpartition("+")
    if last in ("←", "↑", "→", "↓"):
        before = QKeySequence(f"{modifiers}+A").toString(QKeySequence.SequenceFormat.NativeText)[:-1]
        return (before if plus else "") + last
    return QKeySequence(keys).toString(QKeySequence.SequenceFormat.NativeText)
