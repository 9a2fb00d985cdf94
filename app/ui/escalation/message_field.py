"""The message of an escalation: a field that counts, refuses what is too long, and offers recent ones."""

from __future__ import annotations

from itertools import takewhile

from PySide6.QtCore import QEvent, Qt, QTextBoundaryFinder, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleAnnouncementEvent,
    QFocusEvent,
    QInputMethodEvent,
    QKeyEvent,
    QMouseEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QLineEdit, QWidget

from app.core.limits import MESSAGE_CHARS
from app.core.text import count
from app.ui.escalation.pick_list import Phrase, PickList
from app.ui.i18n import tr
from app.ui.theme.tokens import LIGHT, Tokens
from app.ui.widgets import label
from app.ui.widgets.labels import set_rank

REASONS = (
    Qt.FocusReason.TabFocusReason,
    Qt.FocusReason.BacktabFocusReason,
    Qt.FocusReason.MouseFocusReason,
)
"""Ways into the field that offer the recent messages; the dialog's own opening covers nothing."""


class MessageField(QLineEdit):
    """Args:
        recents: the list that offers the recent messages; its parent is what it may cover.

    Signals:
        refused: something more was typed than there is room for; what fits was kept.
        fits_again: the text became shorter, or was taken.
    """

    refused = Signal()
    fits_again = Signal()

    def __init__(self, recents: PickList, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._list = recents
        self._phrases: tuple[str, ...] = ()
        self._composed = ""
        self._before = ""
        self._full = False
        self.setPlaceholderText(tr("What do you need? (optional)"))
        self.setAccessibleName(tr("Message"))
        self.counter = label(size="small", rank="muted", tabular=True, parent=self)
        self.counter.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.counter.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setMinimumHeight(40)
        self._count()
        self.textChanged.connect(self._changed)
        recents.picked.connect(self._take)

    def set_recents(self, phrases: tuple[str, ...]) -> None:
        self._phrases = phrases
        if self._list.isVisible():
            self._offer()

    def set_tokens(self, tokens: Tokens) -> None:
        self._list.set_tokens(tokens)

    # Counting

    def _changed(self) -> None:
        if self._composed:
            return  # the input method is at work; what it commits is looked at then
        self._cut()
        self._before = self.text()
        self._count()
        if self.text():
            self._list.hide()
        elif self.hasFocus() and self.isVisible():
            self._offer()

    def _cut(self) -> None:
        """Take back from what was just typed or pasted what does not fit."""
        text = self.text()
        if count(text) <= MESSAGE_CHARS:
            self._be_full(False)
            return
        typed_to = _characters(text, self.cursorPosition())
        typed_from = _same(self._before, text[:typed_to])
        keep = fitting(text[:typed_to], text[typed_to:], typed_from)
        self._before = text[:keep] + text[typed_to:]
        self.setSelection(_units(text[:keep]), _units(text[keep:typed_to]))
        self.del_()
        self._be_full(True)

    def _be_full(self, full: bool) -> None:
        if full != self._full:
            self._full = full
            set_rank(self.counter, "" if full else "muted")
            if not full:
                self.fits_again.emit()
        if full:
            self.refused.emit()
            words = tr("At most {n} characters", n=MESSAGE_CHARS)
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, words))

    def _count(self) -> None:
        used = count(self.text())
        self.counter.setText(f"{used} / {MESSAGE_CHARS}")
        self.setAccessibleDescription(tr("{n} of {limit} characters", n=used, limit=MESSAGE_CHARS))
        self._place_counter()

    def _place_counter(self) -> None:
        room = self.counter.sizeHint().width()
        self.setTextMargins(0, 0, room + LIGHT.spacing.s, 0)
        self.counter.setGeometry(self.width() - room - LIGHT.spacing.m, 0, room, self.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place_counter()

    def inputMethodEvent(self, event: QInputMethodEvent) -> None:
        self._composed = event.preeditString()
        if self._composed:
            self._list.hide()
        super().inputMethodEvent(event)
        if not self._composed and self.text() != self._before:
            self._changed()

    # Recent messages

    def _offer(self, *, choose_first: bool = False) -> None:
        self._list.offer([Phrase(text) for text in self._phrases], self, choose_first=choose_first)

    def _take(self, text: str) -> None:
        self.setText(text)
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if event.reason() in REASONS and not self.text():
            self._offer()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._list.hide()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        super().mousePressEvent(event)
        if not self.text() and not self._composed:
            self._offer()

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyPress:
            if self._list.handle_key(event):
                return True
            empty = not self.text() and not self._composed
            if event.key() == Qt.Key.Key_Down and empty and self._phrases:
                self._offer(choose_first=True)
                return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter belongs to the dialog: a plain one must not call anybody by accident."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Escape):
            event.ignore()
            return
        super().keyPressEvent(event)


def fitting(before: str, after: str, typed_from: int) -> int:
    """How much of ``before`` (the text up to the cursor) can stay so that the message is not too long.

    What stood before ``typed_from`` stays in any case; a character made of several (an emoji with a skin
    tone, a letter with its accent) goes as a whole.
    """
    keep = len(before)
    while keep > typed_from and count(before[:keep] + after) > MESSAGE_CHARS:
        keep -= 1
    finder = QTextBoundaryFinder(QTextBoundaryFinder.BoundaryType.Grapheme, before)
    finder.setPosition(_units(before[:keep]))
    if keep < len(before) and not finder.isAtBoundary():
        finder.toPreviousBoundary()
        keep = max(typed_from, _characters(before, finder.position()))
    return keep


def _same(a: str, b: str) -> int:
    """How many characters both begin with."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(a, b, strict=False)))


def _units(text: str) -> int:
    """Qt counts UTF-16 units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _characters(text: str, units: int) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")[: 2 * units].decode("utf-16-le", "ignore"))
