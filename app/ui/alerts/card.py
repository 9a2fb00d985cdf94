"""One raised hand, or priority message, in the pop-up: who, where, since when, what, and three answers.

A hand is red while it rings, neutral when somebody is there. Names and messages are other people's text:
plain.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from PySide6.QtCore import QObject, QRectF, Qt, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleAnnouncementEvent,
    QAccessibleEvent,
    QAccessibleInterface,
    QMouseEvent,
    QPainter,
    QPaintEvent,
)
from PySide6.QtWidgets import (
    QAccessibleWidget,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.core.model import AnswerKind
from app.ui.alerts import sentences
from app.ui.alerts.call_state import CallAnswer
from app.ui.alerts.card_parts import Face, Pictures, answer_button, paint_card, set_ink
from app.ui.alerts.views import AlertView, Phase
from app.ui.i18n import tr, trn
from app.ui.theme.tokens import Tokens
from app.ui.widgets import Kind, icon_button, label
from app.ui.words import elapsed

RADIUS = 14
HEADER = 40
PADDING = 16


class AlertCard(QWidget):
    """Shows one :class:`AlertView`.

    Signals:
        answered: (escalation id, AnswerKind), or (message id, CallAnswer).
        put_away: (escalation id), from the calm card's close button.
    """

    answered = Signal(str, object)
    put_away = Signal(str)

    def __init__(self, tokens: Tokens, pictures: Pictures, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.view: AlertView | None = None
        self._tokens = tokens
        self._face = Face(tokens, pictures)
        bold, semibold = tokens.type.bold, tokens.type.semibold
        self._headline = label(weight=bold)
        self._since = label(weight=bold, tabular=True)
        self._close = icon_button("close", tr("Close"), tokens=tokens)
        self._close.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._close.setAccessibleDescription(tr("Put this message away"))
        self._close.clicked.connect(self._put_away)
        self._name = label(weight=bold, wrap=True)
        self._place = label(size="small", rank="muted", wrap=True)
        self._message = label(size="title", weight=bold, wrap=True)
        self._helpers = label(weight=semibold, rank="good", wrap=True)
        self._others = label(size="small", rank="muted", wrap=True)
        self._note = label(size="small", weight=semibold, wrap=True)
        self._words: dict[AnswerKind | CallAnswer, str] = {
            AnswerKind.APPROACH: tr("Approach"),
            AnswerKind.CHAT: tr("Chat"),
            AnswerKind.DECLINE: tr("Can’t now"),
            CallAnswer.OPEN: tr("Open chat"),
            CallAnswer.READ: tr("Mark as read"),
            CallAnswer.LATER: tr("Later"),
        }
        plain: Kind = "" if tokens.high_contrast else "quiet"
        first: dict[AnswerKind | CallAnswer, Kind] = {
            AnswerKind.APPROACH: "red",
            CallAnswer.OPEN: "priority",
        }
        self._buttons = {
            kind: answer_button(words, tokens, first.get(kind, plain)) for kind, words in self._words.items()
        }
        for kind, button in self._buttons.items():
            button.clicked.connect(self._answer_with(kind))
        self._button_row = QWidget()
        self._lay_out()
        self.accessible: QAccessibleInterface | None = None
        install_accessibility()

    def _lay_out(self) -> None:
        header = QHBoxLayout()
        header.setContentsMargins(PADDING + 26, 0, PADDING - 4, 0)
        header.addWidget(self._headline, 1)
        header.addWidget(self._since)
        header.addWidget(self._close)
        head = QWidget()
        head.setFixedHeight(HEADER)
        head.setLayout(header)

        body = QGridLayout()
        body.setContentsMargins(PADDING, 14, PADDING, PADDING)
        body.setHorizontalSpacing(12)
        body.setVerticalSpacing(3)
        body.setColumnStretch(1, 1)
        body.addWidget(self._face, 0, 0, 3, 1, Qt.AlignmentFlag.AlignTop)
        lines = (self._name, self._place, self._message, self._helpers, self._others, self._note)
        for row, line in enumerate(lines):
            body.addWidget(line, row, 1)
        row_layout = QHBoxLayout(self._button_row)
        row_layout.setContentsMargins(0, 10, 0, 0)
        row_layout.setSpacing(8)
        for button in self._buttons.values():
            row_layout.addWidget(button, 1)
        body.addWidget(self._button_row, len(lines), 0, 1, 2)

        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(head)
        column.addLayout(body)

    # -- what it shows ---------------------------------------------------------------------------

    def set_view(self, view: AlertView, can_approach: bool, now: float) -> None:
        """``now``: s since the epoch, for the running time."""
        before, self.view = self.view, view
        calm = view.phase is Phase.CALM
        self._face.set_raiser(view.raiser)
        self._headline.setText(sentences.headline(view))
        self._name.setText(view.raiser.name)
        _show(self._place, sentences.place(view))
        self._message.setText(sentences.message(view))
        _show(self._helpers, sentences.helpers(view))
        _show(self._others, sentences.others(view))
        _show(self._note, "" if calm else self._note_for(view, can_approach))
        self._button_row.setVisible(not calm)
        self._since.setVisible(not calm)
        self._close.setVisible(calm)
        colours = self._tokens.colours
        ink = colours.on_priority if view.priority else colours.on_red
        set_ink(self._headline, colours.text if calm else ink)
        set_ink(self._since, ink)
        self._set_buttons(view, can_approach)
        self.tick(now)
        self.setAccessibleName(sentences.calling(view))
        self.setAccessibleDescription(sentences.body(view))
        if before is None or (before.phase, before.call) != (view.phase, view.call):
            self._announce(view)
        self.updateGeometry()
        self.update()

    def tick(self, now: float) -> None:
        """Show the time since the hand was raised."""
        if self.view is not None and self.view.phase is not Phase.CALM:
            seconds = now - self.view.raised_at
            self._since.setText(elapsed(seconds))
            self._since.setAccessibleName(tr("Waiting for {time}", time=elapsed(seconds)))

    def _note_for(self, view: AlertView, can_approach: bool) -> str:
        if view.refusal:
            return view.refusal
        if view.test:
            return tr("Any button ends the test. Nobody else sees it.")
        if view.priority:
            return ""
        return "" if can_approach else tr("Leave the meeting room first to approach.")

    def _set_buttons(self, view: AlertView, can_approach: bool) -> None:
        for kind, button in self._buttons.items():
            button.setVisible(isinstance(kind, CallAnswer) is view.priority)
            button.setText(tr("Sending…") if view.pending is kind else self._words[kind])
            possible = can_approach or view.test or kind is not AnswerKind.APPROACH
            button.setEnabled(possible and view.pending is None)
        approach = self._buttons[AnswerKind.APPROACH]
        approach.setAccessibleDescription("" if can_approach else tr("Leave the meeting room first"))

    def _announce(self, view: AlertView) -> None:
        """Tell assistive technology, which hears of windows without the focus in no other way."""
        if not QAccessible.isActive():
            return
        if view.priority:
            text, politeness = sentences.announcement(view), QAccessible.AnnouncementPoliteness.Polite
        elif view.phase is Phase.CALM:
            text, politeness = sentences.helpers(view), QAccessible.AnnouncementPoliteness.Polite
        else:
            text, politeness = sentences.announcement(view), QAccessible.AnnouncementPoliteness.Assertive
            QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.Alert))
        event = QAccessibleAnnouncementEvent(self, text)
        event.setPoliteness(politeness)
        QAccessible.updateAccessibility(event)

    # -- what the person does --------------------------------------------------------------------

    def button(self, kind: AnswerKind | CallAnswer) -> QPushButton:
        return self._buttons[kind]

    def _answer_with(self, kind: AnswerKind | CallAnswer) -> Callable[[], None]:
        def answer() -> None:
            if self.view is not None:
                self.answered.emit(self.view.id, kind)

        return answer

    def _put_away(self) -> None:
        if self.view is not None:
            self.put_away.emit(self.view.id)

    # -- painting --------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        phase = self.view.phase if self.view is not None else Phase.RINGING
        painter = QPainter(self)
        paint_card(painter, QRectF(self.rect()), self._tokens, RADIUS, HEADER, PADDING, phase)
        painter.end()


class MoreCard(QWidget):
    """The last line of a column that does not fit: how many more hands are raised.

    Signals:
        clicked: show them all, please.
    """

    clicked = Signal()

    def __init__(self, tokens: Tokens, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tokens = tokens
        self._label = label(weight=tokens.type.semibold, wrap=True)
        self._label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(PADDING, 10, PADDING, 10)
        layout.addWidget(self._label)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def set_count(self, count: int) -> None:
        words = (
            trn("{n} more alert. Open Handraise", "{n} more alerts. Open Handraise", count) if count else ""
        )
        self._label.setText(words)
        self.setAccessibleName(words)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self.clicked.emit()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        paint_card(painter, QRectF(self.rect()), self._tokens, RADIUS, 0, PADDING, Phase.CALM)
        painter.end()


def _accessible_card(_key: str, target: QObject) -> QAccessibleInterface | None:
    if not isinstance(target, AlertCard):
        return None
    target.accessible = QAccessibleWidget(target, QAccessible.Role.AlertMessage)  # the reference keeps it
    return target.accessible


@cache
def install_accessibility() -> None:
    """Let Qt ask us about cards; once in a process."""
    QAccessible.installFactory(_accessible_card)


def _show(line: QLabel, text: str) -> None:
    line.setText(text)
    line.setVisible(bool(text))
