"""How far one's own alert has come: a line for each recipient, which opens to one for each machine."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QVBoxLayout, QWidget

from app.ui.i18n import tr, trn
from app.ui.panels.hands_words import LadderWords
from app.ui.panels.look import Look
from app.ui.panels.spans import Span
from app.ui.panels.wrapped import Wrapped
from app.ui.theme.icons import icon_pixmap
from app.ui.widgets import tooltip

AT_FIRST = 8
"""Lines shown before one asks for all."""
INDENT, SIGN, TEXT = 18, 12, 12
"""px: where words begin, side of the arrow, height of the letters."""


class _Opening(Wrapped, QAbstractButton):
    """Words with an arrow that says whether there is more to see; a click, Space or Enter opens it."""

    def __init__(self, look: Look, parent: QWidget) -> None:
        super().__init__(parent)
        self._wrap(look, TEXT, INDENT)
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def say(self, spans: Sequence[Span], more: bool = True) -> None:
        """``more``: there is something to open."""
        self.setEnabled(more)
        self.set_spans(spans)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        look = self._look
        self.laid(self.width()).paint(painter, QPointF(INDENT, 0), look.colour("muted"))
        if self.isEnabled():
            name = "chevron-down" if self.isChecked() else "chevron-right"
            colour = look.theme.tokens.colours.muted
            painter.drawPixmap(QPoint(1, 3), icon_pixmap(name, colour, SIGN, self.devicePixelRatioF()))
        if self.hasFocus():
            painter.setPen(QPen(look.colour("focus"), 1.5))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.75, 0.75, -0.75, -0.75), 4, 4)


class LadderLine(_Opening):
    """One recipient. Hovering tells of the machines too."""

    def __init__(self, look: Look, parent: QWidget) -> None:
        super().__init__(look, parent)
        self.words: LadderWords | None = None
        self.toggled.connect(self._open)

    def show_words(self, words: LadderWords, *, opened: bool) -> None:
        if words != self.words or opened is not self.isChecked():
            self.words = words
            self.setChecked(opened)
            self._open()

    def _open(self) -> None:
        words = self.words
        if words is None:
            return
        spans = [Span(f"{words.name}  ", "text"), Span(words.words, words.tone)]
        if words.lost:
            spans.append(Span(f" · {words.lost}", "text"))
        machines = [f"{name}: {rung}" for name, rung in words.machines]
        if self.isChecked():
            spans += [Span(f"\n{machine}") for machine in machines]
        self.setAccessibleName(words.spoken)
        self.setAccessibleDescription("\n".join(machines))
        tooltip(self, "\n".join(machines))
        self.say(spans, bool(machines))


class HandLadder(QWidget):
    """All recipients of one hand; those who need care come first, most of many are folded away."""

    def __init__(self, look: Look, parent: QWidget) -> None:
        super().__init__(parent)
        self._look = look
        self.lines: list[LadderLine] = []
        self._words: tuple[LadderWords, ...] = ()
        self._open: set[str] = set()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 2, 0, 0)
        self._column.setSpacing(2)
        self.more = _Opening(look, self)
        self.more.toggled.connect(self._arrange)
        self._column.addWidget(self.more)
        self._arrange()

    def show_words(self, words: Sequence[LadderWords]) -> None:
        if tuple(words) != self._words:
            self._words = tuple(words)
            self._arrange()

    def _arrange(self) -> None:
        hidden = len(self._words) - AT_FIRST
        shown = self._words if self.more.isChecked() or hidden <= 0 else self._words[:AT_FIRST]
        while len(self.lines) < len(shown):
            self._add_line()
        while len(self.lines) > len(shown):
            gone = self.lines.pop()
            self._column.removeWidget(gone)
            gone.deleteLater()
        for line, words in zip(self.lines, shown, strict=True):
            self._show(line, words)
        self.more.setVisible(hidden > 0)
        fold = tr("Show fewer") if self.more.isChecked() else trn("and {n} more", "and {n} more", hidden)
        self.more.say([Span(fold)])
        self.more.setAccessibleName(fold)
        self.setVisible(bool(self._words))

    def _add_line(self) -> None:
        line = LadderLine(self._look, self)
        line.toggled.connect(lambda opened: self._opened(line, opened))
        self._column.insertWidget(len(self.lines), line)
        self.lines.append(line)

    def _show(self, line: LadderLine, words: LadderWords) -> None:
        """Lines change places as people answer: who was opened stays open."""
        line.show_words(words, opened=words.person in self._open)

    def _opened(self, line: LadderLine, opened: bool) -> None:
        """By a click, a key, or a screen reader, which only switches it over."""
        if line.words is not None:
            (self._open.add if opened else self._open.discard)(line.words.person)
