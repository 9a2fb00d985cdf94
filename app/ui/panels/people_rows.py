"""How a person looks in a list: face with status, name and role, what they do and where."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QPainter

from app.core.model import Level, Role
from app.ui.i18n import tr
from app.ui.models.people import PersonRow
from app.ui.panels.rows_view import MARGIN, RowAction, RowDelegate
from app.ui.words import in_a_row, role_words

ROW_PX = 52
FACE_PX = 32
CHAT, APPROACH, LOCATE = "chat", "approach", "locate"


class PeopleDelegate(RowDelegate):
    """Attributes:
    in_room: the person at this screen is in a meeting room, so cannot approach.
    """

    in_room = False

    def actions(self, row: object) -> Sequence[RowAction]:
        if not isinstance(row, PersonRow) or row.me:
            return ()
        chat = RowAction(CHAT, "chat", tr("Chat"))
        if not row.here:
            return (chat,)
        why_not = tr("Leave the meeting room first.") if self.in_room else ""
        return (
            chat,
            RowAction(APPROACH, "walk", tr("Approach"), why_not),
            RowAction(LOCATE, "locate", tr("Show on map")),
        )

    def height(self, row: object, width: int) -> int:
        return ROW_PX

    def paint_row(self, painter: QPainter, rect: QRect, row: object, right: int) -> None:
        if not isinstance(row, PersonRow):
            return
        look = self.look
        face = QRectF(rect.left() + MARGIN, rect.top() + (ROW_PX - FACE_PX) / 2, FACE_PX, FACE_PX)
        if not row.here:
            painter.setOpacity(0.55)
        look.paint_face(painter, face, row.id, row.name, row.picture, row.status, row.auto_away, row.lost)
        painter.setOpacity(1.0)
        left = int(face.right()) + 14
        end = rect.right() - MARGIN - right
        if row.hand is not None and not right:
            badge = QRectF(end - 24, rect.top() + (ROW_PX - 24) / 2, 24, 24)
            look.paint_hand(painter, badge, row.hand is Level.RED)
            end -= 32
        name = tr("{name} (you)", name=row.name) if row.me else row.name
        self._name(painter, QRect(left, rect.top() + 8, end - left, 19), row, name)
        painter.setFont(look.font(12))
        painter.setPen(look.colour("muted"))
        line = in_a_row((row.doing, row.where, row.lost_channels), " · ") if row.here else f"@{row.handle}"
        room = QRect(left, rect.top() + 27, end - left, 17)
        text = painter.fontMetrics().elidedText(line, Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(room, int(Qt.AlignmentFlag.AlignVCenter), text)

    def _name(self, painter: QPainter, room: QRect, row: PersonRow, name: str) -> None:
        look = self.look
        mark = "" if row.role is Role.AGENT else role_words(row.role)
        painter.setFont(look.font(11, bold=True))
        mark_width = painter.fontMetrics().horizontalAdvance(mark) + 12 if mark else 0
        if mark_width > room.width() // 2:
            mark, mark_width = "", 0
        painter.setFont(look.font(13, bold=True))
        metrics = painter.fontMetrics()
        text = metrics.elidedText(name, Qt.TextElideMode.ElideRight, room.width() - mark_width - 6)
        painter.setPen(look.colour("text" if row.here else "muted"))
        painter.drawText(room, int(Qt.AlignmentFlag.AlignVCenter), text)
        if not mark:
            return
        pill = QRectF(room.left() + metrics.horizontalAdvance(text) + 6, room.top() + 1.5, mark_width, 16)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(look.colour("accent_soft"))
        painter.drawRoundedRect(pill, 5, 5)
        painter.setFont(look.font(11, bold=True))
        painter.setPen(look.colour("accent"))
        painter.drawText(pill, Qt.AlignmentFlag.AlignCenter, mark)
