"""How conversations with customers and their messages look in the lists of the inbox."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QPainter

from app.core.lines import Handling, TextKind
from app.ui.i18n import tr
from app.ui.models.inbox import CUSTOMER, TalkRow, TextRow
from app.ui.models.messages import MessageRow, Sending
from app.ui.panels.chat_rows import (
    AGAIN,
    DISCARD,
    FACE_PX,
    TEXT_LEFT,
    MessagesDelegate,
    paint_count,
    paint_line,
    paint_right,
)
from app.ui.panels.rows_view import MARGIN, RowAction, RowDelegate

SMALL_FACE_PX = 18
RESOLVE, REOPEN = "resolve", "reopen"


class TalksDelegate(RowDelegate):
    """State, customer, how long it waits, newest message, what is new, who looks after it."""

    def actions(self, row: object) -> Sequence[RowAction]:
        if not isinstance(row, TalkRow):
            return ()
        if row.state is Handling.RESOLVED:
            return (RowAction(REOPEN, "retry", tr("Reopen")),)
        return (RowAction(RESOLVE, "check", tr("Resolve")),)

    def height(self, row: object, width: int) -> int:
        return 58

    def paint_row(self, painter: QPainter, rect: QRect, row: object, right: int) -> None:
        if not isinstance(row, TalkRow):
            return
        look, top = self.look, rect.top()
        self._sign(painter, QRectF(rect.left() + MARGIN, top + 13, FACE_PX, FACE_PX), row)
        left, end = rect.left() + TEXT_LEFT, rect.right() - MARGIN - right
        first = QRect(left, top + 10, end - left, 19)
        taken = paint_right(painter, look, first, row.when, "accent_text" if row.waits else "muted")
        first.adjust(0, 0, -taken - 8, 0)
        used = paint_line(painter, look, first, row.title, 13, "text", bold=True)
        paint_line(painter, look, first.adjusted(used + 6, 0, 0, 0), row.line, 12, "muted")
        second = QRect(left, top + 30, end - left, 18)
        if row.unread:
            second.adjust(0, 0, -paint_count(painter, look, second, row.unread) - 6, 0)
        if row.assignee is not None:
            box = QRectF(second.right() - SMALL_FACE_PX + 1, second.top(), SMALL_FACE_PX, SMALL_FACE_PX)
            look.paint_face(painter, box, row.assignee, row.assignee_name, row.picture)
            second.adjust(0, 0, -SMALL_FACE_PX - 6, 0)
        new = bool(row.unread) or row.handed
        tone = "accent_text" if row.live else "text" if new else "muted"
        paint_line(painter, look, second, row.preview, 12, tone, bold=new and not row.live)

    def _sign(self, painter: QPainter, box: QRectF, row: TalkRow) -> None:
        """A disc with a picture of how far it is: told apart by its form, too."""
        name, ground, tone = "chat", "accent_soft", "accent_text"
        if row.state is Handling.RESOLVED:
            name, ground, tone = "check", "sunken", "muted"
        elif row.forwarded:
            name = "phone"
        elif not row.waits:
            ground, tone = "sunken", "muted"
        paint_disc(self, painter, box, name, ground, tone)


def paint_disc(
    delegate: RowDelegate, painter: QPainter, box: QRectF, name: str, ground: str, tone: str
) -> None:
    """An icon on a disc, where a person would have a face."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(delegate.look.colour(ground))
    painter.drawEllipse(box)
    side = round(box.width() * 0.55)
    pixmap = delegate.look.pixmap(name, tone, side)
    painter.drawPixmap(round(box.center().x() - side / 2), round(box.center().y() - side / 2), pixmap)


class TextsDelegate(MessagesDelegate):
    """Messages of a customer, replies with what became of them, and notes on a soft ground."""

    def actions(self, row: object) -> Sequence[RowAction]:
        if not isinstance(row, TextRow) or row.sending is not Sending.FAILED:
            return ()
        again = RowAction(AGAIN, "retry", tr("Write it again"))
        return (again, RowAction(DISCARD, "close", tr("Delete"))) if row.local else (again,)

    def traceable(self, row: MessageRow) -> bool:
        return isinstance(row, TextRow) and row.traceable

    def paint_row(self, painter: QPainter, rect: QRect, row: object, right: int) -> None:
        if isinstance(row, TextRow) and row.kind in (TextKind.NOTE, TextKind.PHONE):
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self.look.colour("accent_soft"))
            top = 4 if row.first else 0
            painter.drawRoundedRect(QRectF(rect).adjusted(8, top, -8, -1), 8, 8)
        super().paint_row(painter, rect, row, right)

    def paint_author(self, painter: QPainter, face: QRectF, row: MessageRow) -> None:
        if row.author != CUSTOMER:
            super().paint_author(painter, face, row)
        elif isinstance(row, TextRow) and row.kind is TextKind.PHONE:
            paint_disc(self, painter, face, "phone", "surface", "accent_text")
        else:
            paint_disc(self, painter, face, "user", "sunken", "muted")
