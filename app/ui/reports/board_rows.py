"""What waits, as rows of the board: raised hands, priority messages, lines; in any size."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QStyleOptionViewItem, QWidget

from app.core.inbox import Inbox
from app.core.policy import CaseKind
from app.core.report_questions import Board
from app.ui.i18n import tr, trn
from app.ui.models.hands import HandRow
from app.ui.models.rows import ROW_ROLE, Index
from app.ui.panels.hands_words import alone_words, hand_spans, tried_words
from app.ui.panels.look import Look
from app.ui.panels.rows_view import RowDelegate
from app.ui.panels.spans import Span, laid_out
from app.ui.reports.record_words import name_in
from app.ui.words import elapsed, in_a_row

ROW_PX, HEADING_PX, SIGN_PX, PAD = 74, 40, 36, 12
"""px at the size of a desk."""


@dataclass(frozen=True)
class BoardRow:
    """Attributes:
    sign: ``red`` or ``yellow`` for a hand, else an icon's name.
    since: from when on it waits, s; ``None``: nothing runs.
    state: who is on the way, what was tried.
    case: what a timeline can be asked for; empty for a line.
    """

    key: str
    sign: str
    title: str
    words: str = ""
    state: tuple[Span, ...] = ()
    since: float | None = None
    case: str = ""

    @property
    def spoken(self) -> str:
        return in_a_row((self.title, self.words, "".join(span.text for span in self.state)))


@dataclass(frozen=True)
class Heading:
    key: str
    divides: str

    @property
    def spoken(self) -> str:
        return self.divides


def hand_board(hands: Sequence[HandRow]) -> list[BoardRow]:
    """Those that found nobody first, then in the order in which they were raised."""
    ordered = sorted(hands, key=lambda row: (not row.alone, row.raised_at, row.id))
    return [_hand(row) for row in ordered]


def _hand(row: HandRow) -> BoardRow:
    state = hand_spans(row)
    if row.alone:
        alone = Span(alone_words(row) if not row.mine else tr("Nobody available"), "red", bold=True)
        state = [alone, Span(" · "), *state]
    tried = tried_words(row)
    if tried:
        state = [*state, Span(f" · {' · '.join(tried)}")]
    words = row.message or tr("no message")
    sign = "red" if row.red else "yellow"
    return BoardRow(row.id, sign, row.name, words, tuple(state), row.raised_at, row.id)


def other_board(board: Board | None, inbox: Inbox) -> list[BoardRow | Heading]:
    """Priority messages that nobody has answered, and the lines with what waits on them."""
    rows: list[BoardRow | Heading] = []
    messages = [record for record in board.open if record.kind is CaseKind.PRIORITY] if board else []
    names = dict(board.names) if board else {}
    if messages:
        rows.append(Heading("messages", tr("Priority messages")))
    for record in messages:
        alone = record.nobody_at is not None
        said = tr("Nobody available") if alone else tr("nobody has answered yet")
        title = name_in(names, record.asked_by)
        state = (Span(said, "text" if alone else "muted", bold=alone),)
        rows.append(BoardRow(record.id, "chat", title, "", state, record.opened_at, record.id))
    return [*rows, *_lines(inbox)]


def _lines(inbox: Inbox) -> Iterable[BoardRow | Heading]:
    lines = sorted(inbox.lines.values(), key=lambda line: (line.name.casefold(), line.id))
    if lines:
        yield Heading("lines", tr("Lines"))
    for line in lines:
        waits = [talk for talk in inbox.talks.values() if talk.line == line.id and talk.waiting_since]
        since = min((talk.waiting_since for talk in waits if talk.waiting_since), default=None)
        count = trn("{n} unanswered", "{n} unanswered", len(waits)) if waits else tr("nothing waits")
        span = Span(count, "text" if waits else "muted", bold=bool(waits))
        yield BoardRow(f"line-{line.id}", "phone", line.name, "", (span,), since)


class BoardDelegate(RowDelegate):
    """Attributes:
    scale: 1 at a desk, more on a wall.
    now: server time, s.
    """

    def __init__(self, look: Look, parent: QWidget) -> None:
        super().__init__(look, parent)
        self.scale, self.now = 1.0, 0.0

    def px(self, size: float) -> int:
        return round(size * self.scale)

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        hint = super().sizeHint(option, index)
        if isinstance(index.data(ROW_ROLE), Heading):
            hint.setHeight(self.px(HEADING_PX))
        return hint

    def height(self, row: object, width: int) -> int:
        return self.px(ROW_PX if isinstance(row, BoardRow) and row.words else ROW_PX - 18)

    def paint_heading(self, painter: QPainter, rect: QRect, row: object, words: str) -> None:
        painter.setFont(self.look.font(self.px(12), bold=True))
        painter.setPen(self.look.colour("muted"))
        room = rect.adjusted(self.px(PAD), self.px(8), -self.px(PAD), 0)
        painter.drawText(room, int(Qt.AlignmentFlag.AlignVCenter), words)

    def paint_row(self, painter: QPainter, rect: QRect, row: object, right: int) -> None:
        if not isinstance(row, BoardRow):
            return
        look, pad, side = self.look, self.px(PAD), self.px(SIGN_PX)
        self._sign(painter, QRectF(rect.left() + pad, rect.top() + pad, side, side), row)
        left, end, top = rect.left() + 2 * pad + side, rect.right() - pad, rect.top() + self.px(9)
        width = self._time(painter, rect, row, end)
        self._line(painter, QRect(left, top, end - width - pad - left, self.px(22)), row.title, 15, bold=True)
        top += self.px(22)
        if row.words:
            self._line(painter, QRect(left, top, end - left, self.px(19)), row.words, 13)
            top += self.px(19)
        laid = laid_out(row.state, look.font(self.px(12)), look.tones, end - left, 1)
        laid.paint(painter, QPointF(left, top), look.colour("muted"))
        painter.fillRect(rect.left() + pad, rect.bottom(), rect.width() - 2 * pad, 1, look.colour("line"))

    def _time(self, painter: QPainter, rect: QRect, row: BoardRow, end: int) -> int:
        """How long it waits, at the right; returns its px."""
        time = "" if row.since is None else elapsed(self.now - row.since)
        painter.setFont(self.look.font(self.px(20), bold=True, tabular=True))
        painter.setPen(self.look.colour("text"))
        width = painter.fontMetrics().horizontalAdvance(time)
        room = QRect(end - width, rect.top() + self.px(8), width, self.px(28))
        painter.drawText(room, int(Qt.AlignmentFlag.AlignVCenter), time)
        return width

    def _sign(self, painter: QPainter, room: QRectF, row: BoardRow) -> None:
        if row.sign in ("red", "yellow"):
            self.look.paint_hand(painter, room.adjusted(1, 1, -1, -1), row.sign == "red")
            return
        painter.setPen(self.look.colour("line"))
        painter.setBrush(self.look.colour("sunken"))
        painter.drawRoundedRect(room.adjusted(0.5, 0.5, -0.5, -0.5), self.px(8), self.px(8))
        side = self.px(20)
        corner = (room.center() - QPointF(side / 2, side / 2)).toPoint()
        painter.drawPixmap(corner, self.look.pixmap(row.sign, "text", side))

    def _line(self, painter: QPainter, room: QRect, words: str, size: int, *, bold: bool = False) -> None:
        painter.setFont(self.look.font(self.px(size), bold=bold))
        painter.setPen(self.look.colour("text"))
        shown = painter.fontMetrics().elidedText(words, Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(room, int(Qt.AlignmentFlag.AlignVCenter), shown)
