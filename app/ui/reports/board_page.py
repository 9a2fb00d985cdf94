"""The board: today's figures, raised hands in order, what else waits. On a wall it grows with the screen."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QHideEvent, QPainter, QPaintEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QBoxLayout, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from app.core.errors import Code
from app.core.inbox import Inbox
from app.core.report_questions import Board
from app.ui.i18n import N_, tr, tr_template, trn
from app.ui.models.hands import HandRow
from app.ui.models.rows import RowModel
from app.ui.models.ticker import Ticker
from app.ui.panels.look import Look
from app.ui.panels.parts import EmptyOr
from app.ui.panels.rows_view import RowsView
from app.ui.reports.board_rows import BoardDelegate, BoardRow, Heading, hand_board, other_board
from app.ui.reports.record_words import span_words
from app.ui.theme.fonts import font
from app.ui.theme.tokens import LIGHT
from app.ui.widgets import Notice, Tone, label
from app.ui.words import clock_time

DESK = QSize(860, 480)
"""px that a board of the size of a desk has at least; a wall's letters grow from there."""
LARGEST = 4.0
HOUR_S = 3_600.0
LIMIT_WORDS = {
    Code.CAP_TARGET: N_("The limit for one phone number was reached."),
    Code.CAP_PERSON: N_("The limit for one person was reached."),
    Code.CAP_SERVER: N_("The limit of the whole server was reached."),
}
NARROW, SQUEEZED = 760, 1_000
"""px below which what else waits stands below the hands, and below which the figures take two rows."""


class Figure(QWidget):
    """One number with what it counts."""

    def __init__(self, words: str, look: Look, parent: QWidget) -> None:
        super().__init__(parent)
        self._words, self._look = words, look
        self.value, self._scale = "–", 1.0
        self.setMinimumWidth(72)
        look.changed.connect(self.update)
        self.grow(1.0)

    def show_value(self, value: str) -> None:
        self.value = value
        self.setAccessibleName(f"{self._words}: {value}")
        self.update()

    def grow(self, scale: float) -> None:
        self._scale = scale
        self.setFixedHeight(round(70 * scale))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, look, scale = QPainter(self), self._look, self._scale
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(look.colour("line"))
        painter.setBrush(look.colour("sunken"))
        edge = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.drawRoundedRect(edge, LIGHT.radii.m, LIGHT.radii.m)
        pad = round(12 * scale)
        room = self.rect().adjusted(pad, round(8 * scale), -pad, -round(8 * scale))
        painter.setFont(look.font(round(26 * scale), bold=True, tabular=True))
        painter.setPen(look.colour("text"))
        painter.drawText(room, int(Qt.AlignmentFlag.AlignTop), self.value)
        painter.setFont(look.font(round(12 * scale)))
        painter.setPen(look.colour("muted"))
        words = painter.fontMetrics().elidedText(self._words, Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(room, int(Qt.AlignmentFlag.AlignBottom), words)


class BoardPage(QWidget):
    """Args:
    now: server time, s.

    Signals:
        opened: the id of an alert whose timeline is wanted.
    """

    opened = Signal(str)

    def __init__(
        self, look: Look, ticker: Ticker, now: Callable[[], float], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._look, self._ticker, self._now = look, ticker, now
        self._board: Board | None = None
        self.space = label(weight=LIGHT.type.bold, elide=True, parent=self)
        self.stale = label(weight=LIGHT.type.bold, rank="error", parent=self)
        self.clock = label(rank="muted", tabular=True, parent=self)
        self.notice = Notice(look.theme.tokens, self)
        self.figures = {
            name: Figure(words, look, self)
            for name, words in (
                ("raised", tr("Raised today")),
                ("answered", tr("Answered")),
                ("median", tr("Half answered within")),
                ("p90", tr("9 of 10 answered within")),
                ("unanswered", tr("Ended unanswered")),
                ("nobody", tr("Nobody available")),
            )
        }
        self.hands: RowModel[BoardRow] = RowModel(self)
        self.others: RowModel[BoardRow | Heading] = RowModel(self)
        self.hands_view = self._list(self.hands, tr("Raised hands"))
        self.others_view = self._list(self.others, tr("Priority messages and lines"))
        self._delegates: list[BoardDelegate] = [
            delegate
            for view in (self.hands_view, self.others_view)
            if isinstance(delegate := view.itemDelegate(), BoardDelegate)
        ]
        self._lay_out()
        ticker.ticked.connect(self._tick)
        self.show_connection(True)

    def _list(self, model: RowModel[BoardRow] | RowModel[BoardRow | Heading], name: str) -> RowsView:
        view = RowsView(self._look, self)
        view.setModel(model)
        view.use(BoardDelegate(self._look, view))
        view.setAccessibleName(name)
        view.opened.connect(self._open)
        return view

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(LIGHT.spacing.m)
        head.addWidget(self.space)
        head.addWidget(self.stale)
        head.addStretch(1)
        head.addWidget(self.clock)
        self._tiles = QGridLayout()
        self._tiles.setSpacing(LIGHT.spacing.s)
        quiet = ("hand", tr("All quiet."), tr("No hand is raised."))
        hands = EmptyOr(self.hands_view, self.hands, self._look, quiet, self)
        none = ("chat", tr("Nothing else waits."), tr("Priority messages and lines stand here."))
        others = EmptyOr(self.others_view, self.others, self._look, none, self)
        self._lists = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._lists.setSpacing(LIGHT.spacing.m)
        self._lists.addWidget(hands, 3)
        self._lists.addWidget(others, 2)
        column = QVBoxLayout(self)
        column.setContentsMargins(LIGHT.spacing.l, LIGHT.spacing.m, LIGHT.spacing.l, LIGHT.spacing.s)
        column.setSpacing(LIGHT.spacing.m)
        column.addLayout(head)
        column.addWidget(self.notice)
        column.addLayout(self._tiles)
        column.addLayout(self._lists, 1)

    # What is shown

    def show_hands(self, name: str, hands: Sequence[HandRow], inbox: Inbox) -> None:
        """``name``: of the space."""
        self.space.setText(name)
        self.hands.show(hand_board(hands))
        self.others.show(other_board(self._board, inbox))
        self._tick()

    def show_board(self, board: Board, inbox: Inbox) -> None:
        self._board = board
        today = board.today
        for name, value in (
            ("raised", str(board.raised)),
            ("answered", str(today.answered)),
            ("median", span_words(today.median)),
            ("p90", span_words(today.p90)),
            ("unanswered", str(today.unanswered)),
            ("nobody", str(board.nobody)),
        ):
            self.figures[name].show_value(value)
        self.others.show(other_board(board, inbox))
        self._tick()

    def show_connection(self, protected: bool) -> None:
        """What stands on a wall and is old must say so."""
        self.stale.setText("" if protected else tr("NOT PROTECTED: this may be out of date"))
        self.stale.setVisible(not protected)

    def _warn(self, now: float) -> None:
        """That texts and calls are held back: somebody counts on them."""
        capped = self._board.capped if self._board is not None else None
        if capped is None or now - capped.at > HOUR_S:
            words = ""
        else:
            words = trn(
                "{n} text or call was not sent in the last hour. {why}",
                "{n} texts and calls were not sent in the last hour. {why}",
                capped.count,
                why=tr_template(LIMIT_WORDS[capped.limit], {}),
            )
        if words != self.notice.text:
            self.notice.say(words, Tone.PROBLEM)

    def _open(self, key: str) -> None:
        rows: list[BoardRow | Heading] = [*self.hands.rows, *self.others.rows]
        case = next((row.case for row in rows if isinstance(row, BoardRow) and row.key == key), "")
        if case:
            self.opened.emit(case)

    # Time and size

    def _tick(self) -> None:
        if not self.isVisible():
            return
        now = self._now()
        self.clock.setText(clock_time(time.time()))
        self._warn(now)
        for delegate in self._delegates:
            delegate.now = now
        for view in (self.hands_view, self.others_view):
            view.viewport().update()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._ticker.need(self, True)
        self._tick()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._ticker.need(self, False)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.fit()

    def fit(self) -> None:
        """As large as the screen allows where the window fills it, else as at a desk."""
        whole = self.window().isFullScreen()
        most = min(self.width() / DESK.width(), self.height() / DESK.height())
        scale = max(1.0, min(most, LARGEST)) if whole else 1.0
        narrow = self.width() < NARROW
        way = QBoxLayout.Direction.TopToBottom if narrow else QBoxLayout.Direction.LeftToRight
        self._lists.setDirection(way)
        per_row = len(self.figures) // 2 if self.width() < SQUEEZED * scale else len(self.figures)
        for number, figure in enumerate(self.figures.values()):
            self._tiles.addWidget(figure, number // per_row, number % per_row)
        for part, size in ((self.space, LIGHT.type.title), (self.stale, LIGHT.type.body), (self.clock, 18)):
            part.setFont(font(round(size * scale), part.font().weight(), tabular=part is self.clock))
        for figure in self.figures.values():
            figure.grow(scale)
        for delegate, view in zip(self._delegates, (self.hands_view, self.others_view), strict=True):
            if delegate.scale != scale:
                delegate.scale = scale
                view.scheduleDelayedItemsLayout()
