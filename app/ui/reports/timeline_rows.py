"""A timeline as rows: when, a sign on a line that runs through, and what happened."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from PySide6.QtCore import QPoint, QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPen

from app.core.case_questions import Timeline
from app.core.cases import Mark
from app.ui.i18n import tr
from app.ui.panels.rows_view import RowDelegate
from app.ui.panels.spans import Laid, Span, laid_out
from app.ui.reports.note_words import SIGNS, TONES, NoteWords
from app.ui.words import elapsed

TIME_PX = 64
SIGN_PX = 24
MARGIN = 16
GAP = 12
PAD = 8
"""px above and below the words."""


@dataclass(frozen=True)
class TimelineRow:
    """Attributes:
    time: as it stands at the left.
    ahead: it has not happened yet.
    first, last: the line through the signs begins or ends here.
    """

    key: str
    time: str
    words: str
    sign: str
    tone: str = "muted"
    strong: bool = False
    ahead: bool = False
    first: bool = False
    last: bool = False

    @property
    def spoken(self) -> str:
        return f"{self.time}  {self.words}"


def timeline_rows(told: Timeline, now: float) -> list[TimelineRow]:
    """``now``: server time, s."""
    words = NoteWords(told)
    rows = [
        TimelineRow(
            key=f"{number}",
            time=datetime.fromtimestamp(note.at).strftime("%H:%M:%S"),
            words=words.of(note),
            sign=SIGNS[note.mark],
            tone=TONES.get(note.mark, "muted"),
            strong=note.mark in (Mark.ANSWERED, Mark.NOBODY, Mark.OPENED),
            first=number == 0,
            last=number == len(told.notes) - 1 and not told.ahead,
        )
        for number, note in enumerate(told.notes)
    ]
    for number, ahead in enumerate(told.ahead):
        when = tr("in {time}", time=elapsed(ahead.at - now)) if ahead.at > now else tr("now")
        last = number == len(told.ahead) - 1
        doing = tr("If nobody answers: {step}", step=words.ahead(ahead))
        rows.append(TimelineRow(f"ahead-{number}", when, doing, "clock", ahead=True, last=last))
    return rows


class TimelineDelegate(RowDelegate):
    """Paints one row; what is still ahead has a dashed line and an open ring."""

    def height(self, row: object, width: int) -> int:
        return round(self._laid(row, width).size.height()) + 2 * PAD if isinstance(row, TimelineRow) else 0

    def paint_row(self, painter: QPainter, rect: QRect, row: object, right: int) -> None:
        if not isinstance(row, TimelineRow):
            return
        look = self.look
        painter.setFont(look.font(12, tabular=True))
        painter.setPen(look.colour("muted"))
        room = QRect(rect.left() + MARGIN, rect.top() + PAD, TIME_PX, 19)
        painter.drawText(room, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft), row.time)
        centre = QPointF(rect.left() + MARGIN + TIME_PX + GAP + SIGN_PX / 2, rect.top() + PAD + 9.5)
        self._rail(painter, rect, row, centre)
        lower = (19 - QFontMetrics(look.font(13)).height()) / 2  # in line with the time
        at = QPointF(centre.x() + SIGN_PX / 2 + GAP, rect.top() + PAD + lower)
        self._laid(row, rect.width()).paint(painter, at, look.colour("text"))

    def _rail(self, painter: QPainter, rect: QRect, row: TimelineRow, centre: QPointF) -> None:
        look = self.look
        style = Qt.PenStyle.DashLine if row.ahead else Qt.PenStyle.SolidLine
        painter.setPen(QPen(look.colour("edge" if row.ahead else "line"), 1.5, style))
        half = SIGN_PX / 2
        if not row.first:
            painter.drawLine(QPointF(centre.x(), rect.top()), centre - QPointF(0, half))
        if not row.last:
            painter.drawLine(centre + QPointF(0, half), QPointF(centre.x(), rect.bottom() + 1))
        disc = QRectF(centre.x() - half, centre.y() - half, SIGN_PX, SIGN_PX).adjusted(1, 1, -1, -1)
        painter.setBrush(look.colour("surface" if row.ahead else "sunken"))
        painter.setPen(QPen(look.colour("edge"), 1, style) if row.ahead else Qt.PenStyle.NoPen)
        painter.drawEllipse(disc)
        corner = QPoint(round(centre.x() - 7), round(centre.y() - 7))
        painter.drawPixmap(corner, look.pixmap(row.sign, row.tone, 14))

    def _laid(self, row: TimelineRow, width: int) -> Laid:
        room = width - 2 * MARGIN - TIME_PX - SIGN_PX - 2 * GAP
        tone = row.tone if row.strong and row.tone != "muted" else "muted" if row.ahead else "text"
        return laid_out([Span(row.words, tone, bold=row.strong)], self.look.font(13), self.look.tones, room)
