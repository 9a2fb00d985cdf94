"""Two people changed the same policy: both are shown, and one decides."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QVBoxLayout, QWidget

from app.ui.i18n import tr
from app.ui.theme.tokens import LIGHT, Tokens
from app.ui.widgets import button, label

BESIDE = 560
"""px of width from which the two stand beside each other."""


class Version(QWidget):
    """One of the two: a heading and its sentences; those that the other one has not stand out."""

    def __init__(self, tokens: Tokens, parent: QWidget) -> None:
        super().__init__(parent)
        self._tokens = tokens
        self.title = label(weight=LIGHT.type.semibold, wrap=True, parent=self)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(14, 12, 14, 12)
        self._column.setSpacing(LIGHT.spacing.s)
        self._column.addWidget(self.title)
        self._lines: list[QWidget] = []
        self._column.addStretch(1)

    def say(self, title: str, sentences: Sequence[str], other: Collection[str]) -> None:
        self.title.setText(title)
        for made in self._lines:
            self._column.removeWidget(made)
            made.deleteLater()
        self._lines = []
        for sentence in sentences:
            differs = sentence not in other
            weight = LIGHT.type.semibold if differs else LIGHT.type.regular
            made = label(sentence, weight=weight, rank="" if differs else "muted", wrap=True, parent=self)
            if differs:
                made.setAccessibleName(tr("Differs: {sentence}", sentence=sentence))
            self._column.insertWidget(self._column.count() - 1, made)
            self._lines.append(made)

    def set_tokens(self, tokens: Tokens) -> None:
        self._tokens = tokens
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        colours = self._tokens.colours
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QColor(colours.line))
        painter.setBrush(QColor(colours.sunken))
        corner = self._tokens.radii.m
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), corner, corner)


class ConflictView(QWidget):
    """Signals:
    take_theirs: what was written here is dropped.
    save_mine: over theirs; as a new one where they deleted it.
    go_on: go on editing what was written here.
    """

    take_theirs = Signal()
    save_mine = Signal()
    go_on = Signal()

    def __init__(self, tokens: Tokens, parent: QWidget) -> None:
        super().__init__(parent)
        self.title = label(size="large", weight=LIGHT.type.semibold, wrap=True, parent=self)
        self.told = label(rank="muted", wrap=True, parent=self)
        self.theirs, self.mine = Version(tokens, self), Version(tokens, self)
        self._both = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._both.setSpacing(LIGHT.spacing.m)
        self._both.addWidget(self.theirs, 1)
        self._both.addWidget(self.mine, 1)
        self.take = button("", tokens=tokens, parent=self)
        self.keep = button(tr("Go on editing mine"), kind="bare", tokens=tokens, parent=self)
        self.save = button("", kind="primary", tokens=tokens, parent=self)
        row = QHBoxLayout()
        row.setSpacing(LIGHT.spacing.s)
        row.addWidget(self.keep)
        row.addStretch(1)
        row.addWidget(self.take)
        row.addWidget(self.save)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(LIGHT.spacing.m)
        column.addWidget(self.title)
        column.addWidget(self.told)
        column.addLayout(self._both)
        column.addLayout(row)
        column.addStretch(1)
        self.take.clicked.connect(self.take_theirs)
        self.keep.clicked.connect(self.go_on)
        self.save.clicked.connect(self.save_mine)

    def show_conflict(self, who: str, when: str, theirs: Sequence[str] | None, mine: Sequence[str]) -> None:
        """Args:
        who, when: who changed it and at what time; empty if that is not known.
        theirs: the sentences of their policy; ``None``: they deleted it.
        """
        deleted = theirs is None
        if deleted:
            self.title.setText(tr("This policy was deleted while you were editing it."))
            self.told.setText(tr("What you wrote is not saved yet."))
        else:
            self.title.setText(
                tr("{name} changed this policy at {time}, while you were editing it.", name=who, time=when)
            )
            self.told.setText(tr("Nothing of yours is saved yet. What differs stands out."))
        self.theirs.setVisible(not deleted)
        self.theirs.say(tr("As it is now"), theirs or (), mine)
        self.mine.say(tr("As you wrote it"), mine, theirs or ())
        self.take.setText(tr("Drop mine") if deleted else tr("Take theirs"))
        self.save.setText(tr("Save mine as a new one") if deleted else tr("Save mine instead"))
        self.take.setFocus(Qt.FocusReason.OtherFocusReason)

    def set_tokens(self, tokens: Tokens) -> None:
        self.theirs.set_tokens(tokens)
        self.mine.set_tokens(tokens)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        ways = QBoxLayout.Direction
        self._both.setDirection(ways.LeftToRight if self.width() >= BESIDE else ways.TopToBottom)
