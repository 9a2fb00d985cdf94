"""How conversations, messages, search results and ``@`` offers look in their lists."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate, pairwise

from PySide6.QtCore import QAbstractItemModel, QEvent, QPoint, QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QMouseEvent, QPainter, QPainterPath, QPen
from PySide6.QtWidgets import QStyleOptionViewItem, QWidget

from app.core.model import AssetId, PersonId
from app.ui.addresses import Link, links_in, shortened
from app.ui.i18n import tr
from app.ui.models.candidates import Candidate
from app.ui.models.conversations import ConversationRow, FoundRow
from app.ui.models.messages import MentionSpan, MessageRow, NewLine, Sending
from app.ui.models.rows import ROW_ROLE, Index
from app.ui.panels.look import Look
from app.ui.panels.rows_view import ACTION_PX, COPY, MARGIN, RowAction, RowDelegate
from app.ui.panels.spans import Laid, Span, laid_out, plain

FACE_PX = 32
TEXT_LEFT = MARGIN + FACE_PX + 12
FIRST_TOP, BESIDE = 30, 4
"""px above a message, with its author and without; px below: room for the ring of the keyboard."""
AGAIN, DISCARD, ESCALATE, TIMELINE = "again", "discard", "escalate", "timeline"
BAR, PAD, TAG = 3, 9, 19
"""px of a priority message's mark: its bar, what is free inside, the line that says so."""
OPEN = "open "
"""With an address after it: open that."""


def paint_who(
    painter: QPainter, look: Look, face: QRectF, person: PersonId | None, name: str, picture: AssetId | None
) -> None:
    """A face, or for several people an icon on a soft disc."""
    if person is not None:
        look.paint_face(painter, face, person, name, picture)
        return
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(look.colour("accent_soft"))
    painter.drawEllipse(face)
    side = round(face.width() * 0.55)
    pixmap = look.pixmap("people", "accent", side)
    painter.drawPixmap(face.center() - QPointF(side / 2, side / 2), pixmap)


def paint_line(
    painter: QPainter, look: Look, room: QRect, text: str, size: int, tone: str, *, bold: bool = False
) -> int:
    """One line, cut to the room; returns the px it takes."""
    painter.setFont(look.font(size, bold=bold))
    painter.setPen(look.colour(tone))
    shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, max(0, room.width()))
    painter.drawText(room, int(Qt.AlignmentFlag.AlignVCenter), shown)
    return painter.fontMetrics().horizontalAdvance(shown)


def paint_right(painter: QPainter, look: Look, room: QRect, text: str, tone: str = "muted") -> int:
    """Small, at the right end of the room; returns the px it takes."""
    painter.setFont(look.font(11))
    painter.setPen(look.colour(tone))
    painter.drawText(room, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight), text)
    return painter.fontMetrics().horizontalAdvance(text)


def paint_count(painter: QPainter, look: Look, room: QRect, count: int) -> int:
    """How many are unread, at the right end of the room; returns the px it takes."""
    text = str(count) if count < 100 else "99+"
    painter.setFont(look.font(11, bold=True))
    width = max(18, painter.fontMetrics().horizontalAdvance(text) + 10)
    pill = QRectF(room.right() - width + 1, room.top(), width, 18)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(look.colour("accent"))
    painter.drawRoundedRect(pill, 9, 9)
    painter.setPen(look.colour("on_accent"))
    painter.drawText(pill, Qt.AlignmentFlag.AlignCenter, text)
    return width


class ConversationsDelegate(RowDelegate):
    """Face, title, newest message, time, unread count."""

    def height(self, row: object, width: int) -> int:
        return 58

    def paint_row(self, painter: QPainter, rect: QRect, row: object, right: int) -> None:
        if not isinstance(row, ConversationRow):
            return
        look, top = self.look, rect.top()
        face = QRectF(rect.left() + MARGIN, top + 13, FACE_PX, FACE_PX)
        paint_who(painter, look, face, row.face, row.title, row.picture)
        if row.here:
            dot = QRectF(face.right() - 9, face.bottom() - 9, 10, 10)
            painter.setPen(QPen(look.colour("surface"), 2))
            painter.setBrush(look.colour("green"))
            painter.drawEllipse(dot)
        left, end = rect.left() + TEXT_LEFT, rect.right() - MARGIN
        first = QRect(left, top + 10, end - left, 19)
        taken = paint_right(painter, look, first, row.when, "accent" if row.unread else "muted")
        paint_line(painter, look, first.adjusted(0, 0, -taken - 8, 0), row.title, 13, "text", bold=True)
        second = QRect(left, top + 30, end - left, 18)
        if row.unread:
            taken = paint_count(painter, look, second, row.unread)
            second.adjust(0, 0, -taken - 8, 0)
        tone = "text" if row.unread else "muted"
        paint_line(painter, look, second, row.preview, 12, tone, bold=bool(row.unread))


class FoundDelegate(RowDelegate):
    """A message that a search found: where, who, what."""

    def height(self, row: object, width: int) -> int:
        return 58

    def paint_row(self, painter: QPainter, rect: QRect, row: object, right: int) -> None:
        if not isinstance(row, FoundRow):
            return
        look, top = self.look, rect.top()
        face = QRectF(rect.left() + MARGIN, top + 13, FACE_PX, FACE_PX)
        paint_who(painter, look, face, row.author, row.full_name, row.picture)
        left, end = rect.left() + TEXT_LEFT, rect.right() - MARGIN
        first = QRect(left, top + 10, end - left, 19)
        taken = paint_right(painter, look, first, row.when)
        first.adjust(0, 0, -taken - 8, 0)
        used = paint_line(painter, look, first, row.name, 13, "text", bold=True)
        paint_line(painter, look, first.adjusted(used + 6, 0, 0, 0), f"→ {row.title}", 12, "muted")
        paint_line(painter, look, QRect(left, top + 30, end - left, 18), row.text, 12, "text")


class CandidatesDelegate(RowDelegate):
    """Somebody that ``@`` may mean; the current one is marked without having the keyboard."""

    def height(self, row: object, width: int) -> int:
        return 36

    def paint_row(self, painter: QPainter, rect: QRect, row: object, right: int) -> None:
        if not isinstance(row, Candidate):
            return
        look = self.look
        face = QRectF(rect.left() + 12, rect.top() + 6, 24, 24)
        paint_who(painter, look, face, row.person, row.title, None)
        room = QRect(rect.left() + 44, rect.top(), rect.width() - 56, rect.height())
        taken = paint_right(painter, look, room, row.detail)
        room.adjust(0, 0, -taken - 8, 0)
        used = paint_line(painter, look, room, row.title, 13, "text", bold=True)
        paint_line(painter, look, room.adjusted(used + 6, 0, 0, 0), f"@{row.handle}", 12, "muted")


class MessagesDelegate(RowDelegate):
    """Messages one below the other, without bubbles. Text is painted as it is, never as markup.

    Attributes:
        marked: the key of a message that was looked for; empty for none.
    """

    def __init__(self, look: Look, parent: QWidget) -> None:
        super().__init__(look, parent)
        self.marked = ""
        self._laid: dict[tuple[MessageRow, int], Laid] = {}
        look.changed.connect(self._laid.clear)

    def actions(self, row: object) -> Sequence[RowAction]:
        if not isinstance(row, MessageRow) or row.sending is not Sending.FAILED:
            return ()
        return (
            RowAction(AGAIN, "retry", tr("Try again")),
            RowAction(DISCARD, "close", tr("Delete")),
        )

    def offers(self, row: object) -> Sequence[RowAction]:
        if not isinstance(row, MessageRow):
            return ()
        timeline = (RowAction(TIMELINE, "clock", tr("Timeline")),) if self.traceable(row) else ()
        copy = RowAction(COPY, "copy", tr("Copy text"))
        return (*self.actions(row), *self.entered(row), *timeline, copy)

    def traceable(self, row: MessageRow) -> bool:
        """Whether the person may see what became of it, moment by moment."""
        return bool(row.state)

    def entered(self, row: object) -> Sequence[RowAction]:
        """Enter escalates an unanswered message, or opens an address in it; of several it lets one choose."""
        if not isinstance(row, MessageRow):
            return ()
        escalate = [RowAction(ESCALATE, "phone", escalate_words())] if row.waiting else []
        addresses = dict.fromkeys(link.address for _, link in message_pieces(row, "text") if link)
        return escalate + [
            RowAction(OPEN + a, "link", tr("Open {address}", address=shortened(a))) for a in addresses
        ]

    def clickable(self, rect: QRect, row: object, at: QPoint) -> bool:
        return self.link_at(rect, row, at) is not None or bool(self.state_at(rect, row, at))

    def state_at(self, rect: QRect, row: object, at: QPoint) -> str:
        """What a click on the state of one's own priority message does: its timeline opens, or, at the end of
        one that waits, it is escalated. Empty where no state stands at this point of the view."""
        if not isinstance(row, MessageRow) or (not row.state and not row.waiting):
            return ""
        spans = state_spans(row)
        state = self._state(row, rect.width())
        index = state.index_at(plain(spans), QPointF(at) - self._state_at(rect, row))
        if index is None:
            return ""
        return ESCALATE if row.waiting and index >= len(plain(spans[:-1])) else TIMELINE

    def link_at(self, rect: QRect, row: object, at: QPoint) -> Link | None:
        """The address under a point of the view."""
        if not isinstance(row, MessageRow):
            return None
        pieces = message_pieces(row, "text")
        if not any(link for _, link in pieces):
            return None
        above = self._text_at(rect, row)
        shown = plain([span for span, _ in pieces])
        index = self._lay_out(row, rect.width()).index_at(shown, QPointF(at) - above)
        if index is None:
            return None
        ends = accumulate(len(span.text) for span, _ in pieces)
        return next((link for (_, link), end in zip(pieces, ends, strict=True) if index < end), None)

    def editorEvent(
        self, event: QEvent, model: QAbstractItemModel, option: QStyleOptionViewItem, index: Index
    ) -> bool:
        if isinstance(event, QMouseEvent) and event.type() is QEvent.Type.MouseButtonRelease:
            row = index.data(ROW_ROLE)
            at = event.position().toPoint()
            state = self.state_at(option.rect, row, at)
            if event.button() is Qt.MouseButton.LeftButton and state:
                self.acted.emit(row.key, state)
                return True
            link = self.link_at(option.rect, row, at)
            if link is not None and event.button() is Qt.MouseButton.LeftButton:
                self.acted.emit(row.key, OPEN + link.address)
                return True
        return super().editorEvent(event, model, option, index)

    def height(self, row: object, width: int) -> int:
        if not isinstance(row, MessageRow):
            return 0
        top = FIRST_TOP if row.first else BESIDE
        return round(top + self._body(row, width) + BESIDE + self._note(row, width))

    def _body(self, row: MessageRow, width: int) -> float:
        """px of the text, with the mark and the state of a priority message."""
        text = self._lay_out(row, width).size.height()
        if not row.tag:
            return text
        state = self._state(row, width).size.height() + 5 if row.state or row.waiting else 0
        return PAD + TAG + text + state + PAD

    def _text_at(self, rect: QRect, row: MessageRow) -> QPointF:
        """Where the text begins in the view, px."""
        top = rect.top() + (FIRST_TOP if row.first else BESIDE)
        if row.tag:
            return QPointF(rect.left() + TEXT_LEFT + BAR + PAD, top + PAD + TAG)
        return QPointF(rect.left() + TEXT_LEFT, top)

    def _state_at(self, rect: QRect, row: MessageRow) -> QPointF:
        return self._text_at(rect, row) + QPointF(0, self._lay_out(row, rect.width()).size.height() + 5)

    def _state(self, row: MessageRow, width: int) -> Laid:
        room = width - TEXT_LEFT - MARGIN - BAR - 2 * PAD
        return laid_out(state_spans(row), self.look.font(12), self.look.tones, room)

    def _note(self, row: MessageRow, width: int) -> float:
        """px of the lines that say why it was not sent."""
        return self._why(row, width).size.height() + 2 if row.sending is Sending.FAILED else 0

    def _why(self, row: MessageRow, width: int) -> Laid:
        spans = [Span(tr("Not sent."), "text", bold=True), Span(f" {row.reason}", "muted")]
        room = width - TEXT_LEFT - MARGIN - 20 - 2 * (ACTION_PX + 4)
        return laid_out(spans, self.look.font(12), self.look.tones, room)

    def _lay_out(self, row: MessageRow, width: int) -> Laid:
        key = (row, width)
        laid = self._laid.get(key)
        if laid is None:
            if len(self._laid) > 1_000:
                self._laid.clear()
            tone = "muted" if row.sending is Sending.UNDER_WAY else "text"
            room = width - TEXT_LEFT - MARGIN - (BAR + 2 * PAD if row.tag else 0)
            laid = laid_out(message_spans(row, tone), self.look.font(13), self.look.tones, room)
            self._laid[key] = laid
        return laid

    def paint_row(self, painter: QPainter, rect: QRect, row: object, right: int) -> None:
        if not isinstance(row, MessageRow):
            return
        look, left, top = self.look, rect.left() + TEXT_LEFT, rect.top()
        laid = self._lay_out(row, rect.width())
        if row.key == self.marked:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(look.colour("accent_soft"))
            painter.drawRoundedRect(QRectF(rect).adjusted(6, 1, -6, -1), 8, 8)
        if row.first:
            face = QRectF(rect.left() + MARGIN, top + 11, FACE_PX, FACE_PX)
            self.paint_author(painter, face, row)
            line = QRect(left, top + 9, rect.width() - TEXT_LEFT - MARGIN - 46, 19)
            used = paint_line(painter, look, line, row.name, 13, "text", bold=True)
            when = QRect(left + used + 6, top + 9, rect.right() - MARGIN - left - used - 6, 19)
            paint_line(painter, look, when, row.time, 12, "muted")
            top += FIRST_TOP
        else:
            top += BESIDE
        if row.tag:
            self._paint_priority(painter, rect, row, top)
        laid.paint(painter, self._text_at(rect, row), look.colour("text"))
        if row.sending is Sending.FAILED:
            below = top + round(self._body(row, rect.width())) + 1
            painter.drawPixmap(left, below + 1, look.pixmap("warning", "text", 14))
            self._why(row, rect.width()).paint(painter, QPointF(left + 20, below), look.colour("text"))

    def paint_author(self, painter: QPainter, face: QRectF, row: MessageRow) -> None:
        self.look.paint_face(painter, face, row.author, row.name, row.picture)

    def _paint_priority(self, painter: QPainter, rect: QRect, row: MessageRow, top: int) -> None:
        """The ground, the bar and the word that mark it, and below the text what became of it."""
        look, left = self.look, rect.left() + TEXT_LEFT
        box = QRectF(left, top, rect.width() - TEXT_LEFT - MARGIN, self._body(row, rect.width()))
        shape = QPainterPath()
        shape.addRoundedRect(box, 8, 8)
        painter.fillPath(shape, look.colour("priority_soft"))
        painter.save()
        painter.setClipPath(shape)
        painter.fillRect(QRectF(box.left(), box.top(), BAR, box.height()), look.colour("priority"))
        painter.restore()
        inside = round(box.left()) + BAR + PAD
        painter.drawPixmap(inside, top + PAD - 1, look.pixmap("bell", "priority_text", 14))
        tag = QRect(inside + 19, top + PAD - 3, round(box.right()) - PAD - inside - 19, 18)
        paint_line(painter, look, tag, row.tag, 12, "priority_text", bold=True)
        if row.state or row.waiting:
            self._state(row, rect.width()).paint(painter, self._state_at(rect, row), look.colour("text"))

    def paint_heading(self, painter: QPainter, rect: QRect, row: object, words: str) -> None:
        look = self.look
        tone = "accent" if isinstance(row, NewLine) else "muted"
        painter.setFont(look.font(11, bold=True))
        width = painter.fontMetrics().horizontalAdvance(words) + 16
        middle = rect.center().y() + 1
        text = QRect(rect.center().x() - width // 2, rect.top(), width, rect.height())
        painter.setPen(look.colour("accent" if tone == "accent" else "line"))
        painter.drawLine(rect.left() + MARGIN, middle, text.left(), middle)
        painter.drawLine(text.right(), middle, rect.right() - MARGIN, middle)
        painter.setPen(look.colour(tone))
        painter.drawText(text, Qt.AlignmentFlag.AlignCenter, words)


def escalate_words() -> str:
    return tr("Escalate…")


def state_spans(row: MessageRow) -> list[Span]:
    """How far a priority message has come, and at the end, while it waits, what one can do."""
    spans: list[Span] = []
    for words, tone in row.state:
        spans += [Span("\n"), Span(words, tone)] if spans else [Span(words, tone)]
    if row.waiting:
        spans += [Span("\n" if spans else ""), Span(escalate_words(), "accent", bold=True)]
    return spans


def message_spans(row: MessageRow, tone: str) -> list[Span]:
    """The text with mentions and addresses in colour."""
    return [span for span, _ in message_pieces(row, tone)]


def message_pieces(row: MessageRow, tone: str) -> list[tuple[Span, Link | None]]:
    """The text in pieces of one look; those of an address with what it opens.

    A mention inside an address keeps its colour (whom it names is told), as long as the address is shown as
    it was written.
    """
    links = links_in(row.text)
    rewritten = [link for link in links if link.address != row.text[link.start : link.end]]
    marks = [m for m in row.mentions if not any(_overlap(m, link) for link in rewritten)]
    parts = [(part.start, part.end) for part in links] + [(part.start, part.end) for part in marks]
    cuts = {0, len(row.text), *(at for part in parts for at in part)}
    pieces: list[tuple[Span, Link | None]] = []
    for start, end in pairwise(sorted(cuts)):
        link = next((k for k in links if k.start <= start and end <= k.end), None)
        if link is not None and link in rewritten:
            pieces.append((Span(link.address, "accent", underlined=True), link))
        elif any(m.start <= start and end <= m.end for m in marks):
            pieces.append((Span(row.text[start:end], "accent", bold=True), link))
        elif link is not None:
            pieces.append((Span(row.text[start:end], "accent", underlined=True), link))
        else:
            pieces.append((Span(row.text[start:end], tone), None))
    for words, address in row.files:
        pieces.append((Span("\n" if plain([span for span, _ in pieces]) else "", tone), None))
        pieces.append((Span(words, "accent", underlined=True), Link(0, 0, address)))
    return pieces


def _overlap(mention: MentionSpan, link: Link) -> bool:
    return mention.start < link.end and link.start < mention.end
