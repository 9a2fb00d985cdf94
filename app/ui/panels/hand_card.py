"""One raised hand in the queue: who, how long, what, who comes, and what one can do about it."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QFocusEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from app.core.model import AnswerKind
from app.ui.i18n import tr
from app.ui.models.hands import HandRow
from app.ui.models.waiting import Hold
from app.ui.panels.hand_ladder import HandLadder
from app.ui.panels.hands_words import alone_words, hand_spans, ladder, tried_words
from app.ui.panels.look import Look
from app.ui.panels.parts import picture_button, small_button
from app.ui.panels.spans import Span, Spans, plain
from app.ui.panels.wrapped import Wrapped
from app.ui.shortcuts import native
from app.ui.widgets import label, tooltip
from app.ui.words import elapsed

APPROACH, CHAT, DECLINE, LOCATE, LOWER = "approach", "chat", "decline", "locate", "lower"
TIMELINE, AGAIN = "timeline", "again"
FAINT = 0.45
"""Of a hand that is not up."""
SMALLEST = "min-width: 18px; max-width: 20px; min-height: 18px; max-height: 20px;"
"""For the one button that stands in a line of text."""


class SpanText(Wrapped, QWidget):
    """Spans on as many lines as they need."""

    def __init__(self, look: Look, size: int, parent: QWidget) -> None:
        super().__init__(parent)
        self._wrap(look, size)

    def show_spans(self, spans: Spans) -> None:
        if tuple(spans) != self.spans:
            self.setAccessibleName(plain(spans))
            self.set_spans(spans)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        at = self.rect().topLeft().toPointF()
        self.laid(self.width()).paint(painter, at, self._look.colour("muted"))


class HandIcon(QWidget):
    """Red is a square with a strong edge, yellow a disc: told apart without colour too."""

    def __init__(self, look: Look, parent: QWidget) -> None:
        super().__init__(parent)
        self._look = look
        self.red = self.faint = False
        self.setFixedSize(32, 32)
        look.changed.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setOpacity(FAINT if self.faint else 1.0)
        self._look.paint_hand(painter, QRectF(self.rect()).adjusted(1, 1, -1, -1), self.red)


class HandCard(QFrame):
    """Signals:
    acted: the hand's id and one of the actions above.
    """

    acted = Signal(str, str)

    def __init__(self, row: HandRow, look: Look, parent: QWidget) -> None:
        super().__init__(parent)
        self.row = row
        self._look = look
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.icon = HandIcon(look, self)
        self.name = label(weight=600, elide=True, parent=self)
        self.time = label(rank="muted", tabular=True, parent=self)
        self.where = label(size="small", rank="muted", elide=True, parent=self)
        self.message = SpanText(look, 13, self)
        self.alone = SpanText(look, 13, self)
        self.who = SpanText(look, 12, self)
        self.tried = SpanText(look, 12, self)
        self.ladder = HandLadder(look, self)
        self.approach = small_button(tr("Approach"), look, self, primary=True)
        self.chat = small_button(tr("Chat"), look, self)
        self.decline = small_button(tr("Can’t now"), look, self)
        self.again = small_button(tr("Raise it now"), look, self, primary=True)
        self.lower_hand = small_button(tr("Lower hand"), look, self)
        self.locate = picture_button("locate", tr("Show on map"), look, self)
        self.timeline = picture_button("clock", tr("Timeline"), look, self)
        self._connect()
        self._arrange()
        look.changed.connect(self.update)
        self.show_row(row)

    def _connect(self) -> None:
        for button, action in (
            (self.approach, APPROACH),
            (self.chat, CHAT),
            (self.decline, DECLINE),
            (self.again, AGAIN),
            (self.lower_hand, LOWER),
            (self.locate, LOCATE),
            (self.timeline, TIMELINE),
        ):
            button.clicked.connect(lambda _=False, a=action: self.acted.emit(self.row.id, a))
        for button, key in ((self.chat, "C"), (self.decline, "N"), (self.lower_hand, native("Del"))):
            tooltip(button, tr("Key: {key}", key=key))
        tooltip(self.locate, f"{tr('Show on map')} (M)")
        tooltip(self.timeline, f"{tr('Timeline')} (T)")

    def _arrange(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(6)
        head.addWidget(self.name)
        head.addWidget(self.time)
        head.addStretch(1)
        head.addWidget(self.where)
        head.addWidget(self.timeline)
        head.addWidget(self.locate)
        buttons = QHBoxLayout()
        buttons.setSpacing(6)
        for button in (self.approach, self.chat, self.decline, self.again, self.lower_hand):
            buttons.addWidget(button)
        buttons.addStretch(1)
        text = QVBoxLayout()
        text.setSpacing(2)
        for picture in (self.locate, self.timeline):
            picture.setStyleSheet(SMALLEST)
            picture.setFixedSize(22, 22)
        text.addLayout(head)
        text.addWidget(self.message)
        text.addWidget(self.alone)
        text.addWidget(self.who)
        text.addWidget(self.tried)
        text.addWidget(self.ladder)
        text.addSpacing(6)
        text.addLayout(buttons)
        box = QHBoxLayout(self)
        box.setContentsMargins(16, 12, 12, 12)
        box.setSpacing(12)
        box.addWidget(self.icon, 0, Qt.AlignmentFlag.AlignTop)
        box.addLayout(text, 1)

    # What it shows

    def show_row(self, row: HandRow) -> None:
        self.row = row
        self.icon.red, self.icon.faint = row.red, row.hold is not None
        self.icon.update()
        self.name.setText(tr("Your hand") if row.mine else row.name)
        self.where.setText(row.where)
        nothing = Span(tr("no message"), "muted", italic=True)
        self.message.show_spans([Span(row.message, "text")] if row.message else [nothing])
        self.who.show_spans(hand_spans(row))
        alone, tried = alone_words(row), tried_words(row)
        self.alone.show_spans([Span(alone, "red", bold=True)])
        self.alone.setVisible(bool(alone))
        self.tried.show_spans([Span(" · ".join(tried))])
        self.tried.setVisible(bool(tried))
        self.ladder.show_words(ladder(row))
        self._show_buttons(row)
        self.setAccessibleName(row.spoken)
        self.setAccessibleDescription("\n".join(filter(None, (alone, plain(hand_spans(row)), *tried))))
        self.update()

    def show_time(self, now: float) -> None:
        """``now``: server time, s."""
        self.time.setText(elapsed(now - self.row.raised_at))

    def _show_buttons(self, row: HandRow) -> None:
        coming = row.my_answer is AnswerKind.APPROACH
        self.approach.setVisible(not row.mine)
        self.approach.setEnabled(not row.in_room)
        self.approach.setText(tr("Walk again") if coming else tr("Approach"))
        keys = tr("Key: {key}", key="A")
        tooltip(self.approach, tr("Leave the meeting room first.") if row.in_room else keys)
        self.chat.setVisible(not row.mine)
        self.decline.setVisible(row.asked or coming)
        self.again.setVisible(row.hold is Hold.ASKED)
        self.again.setEnabled(row.possible)
        keys = tr("Key: {key}", key="R")
        tooltip(self.again, keys if row.possible else tr("There is no connection to the server."))
        self.lower_hand.setVisible(row.mine)
        self.lower_hand.setText(_down_words(row.hold))
        self.locate.setVisible(not row.mine)
        self.timeline.setVisible(row.traceable)

    # Focus and painting

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.update()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.acted.emit(self.row.id, LOCATE)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        look = self._look
        if self.row.mine:
            painter.fillRect(self.rect(), look.colour("accent_soft"))
        if self.row.alone:
            painter.fillRect(0, 0, 4, self.height(), look.colour("red"))
        painter.setPen(QPen(look.colour("line"), 1))
        painter.drawLine(0, self.height() - 1, self.width(), self.height() - 1)
        if self.hasFocus():
            painter.setPen(QPen(look.colour("accent"), 2))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(4, 3, -4, -4), 8, 8)


def _down_words(hold: Hold | None) -> str:
    """What ends one's own hand, or takes it back before it is up."""
    if hold is None:
        return tr("Lower hand")
    return tr("Drop it") if hold is Hold.ASKED else tr("Take it back")
