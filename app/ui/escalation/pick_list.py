"""A list that opens at a field while the field keeps the keyboard: recent messages, recipients."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QPoint, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleAnnouncementEvent,
    QColor,
    QFontMetrics,
    QKeyEvent,
    QPainter,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from app.core.model import AssetId, PersonId, Status
from app.ui.escalation.choices import Offer
from app.ui.i18n import tr
from app.ui.models.rows import ROW_ROLE, Index, RowModel
from app.ui.theme.fonts import font
from app.ui.theme.icons import icon_pixmap
from app.ui.theme.tokens import LIGHT, Tokens
from app.ui.widgets.floating import FloatingCard

MOST_ROWS = 6
ENOUGH_ROWS = 2
"""Rows below a field that are better than more of them above it."""
PHRASE_PX, OFFER_PX = 36, 44
"""Heights of the rows."""
FACE_PX = 28
PAD = 6
PaintFace = Callable[[QPainter, QRectF, PersonId, str, AssetId | None, Status | None, bool, bool], None]
"""Painter, box, who, name, picture, status (``None``: no ring), automatically away, connection lost."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """One of the recent messages."""

    text: str

    @property
    def key(self) -> str:
        return self.text

    @property
    def spoken(self) -> str:
        return self.text


class PickList(FloatingCard):
    """Args:
        name: what is offered, for screen readers.
        paint_face: see :data:`PaintFace`.
        parent: the widget it may cover; also the limit of its place.

    Signals:
        picked: the key of the chosen row.
    """

    picked = Signal(str)
    rim = "edge"  # it lies on another card

    def __init__(self, name: str, tokens: Tokens, paint_face: PaintFace, parent: QWidget) -> None:
        super().__init__(tokens, parent)
        self._host = parent
        self.corner = tokens.radii.m
        self.model: RowModel[Phrase | Offer] = RowModel(self)
        self.view = QListView(self)
        self.view.setModel(self.model)
        self._delegate = _Rows(tokens, paint_face, self.view)
        self.view.setItemDelegate(self._delegate)
        self.view.setFrameShape(QFrame.Shape.NoFrame)
        self.view.setStyleSheet("QListView, QListView > QWidget { background: transparent; }")
        self.view.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.view.setMouseTracking(True)
        self.view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.view.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.view.setAccessibleName(name)
        self.view.clicked.connect(lambda index: self._pick(index))
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAccessibleName(name)
        box = QVBoxLayout(self)
        box.setContentsMargins(PAD, PAD, PAD, PAD)
        box.addWidget(self.view)
        self.hide()

    def set_tokens(self, tokens: Tokens) -> None:
        super().set_tokens(tokens)
        self._delegate.tokens = tokens
        self.view.viewport().update()

    @property
    def rows(self) -> Sequence[Phrase | Offer]:
        return self.model.rows

    @property
    def current(self) -> Phrase | Offer | None:
        return self.model.row(self.view.currentIndex())

    def offer(self, rows: Sequence[Phrase | Offer], field: QWidget, *, choose_first: bool = False) -> None:
        """Show ``rows`` at ``field``; without any, close."""
        self.model.show(rows)
        if not rows:
            self.hide()
            return
        self.view.setCurrentIndex(self.model.index(0, 0) if choose_first else self.model.index(-1, 0))
        self.view.scrollToTop()
        self._place(field)
        self.show()
        self.raise_()

    def _place(self, field: QWidget) -> None:
        """Below the field, or above it where there is no room below."""
        host = self._host
        at = QRect(field.mapTo(host, QPoint(0, 0)), field.size())
        row = OFFER_PX if isinstance(self.rows[0], Offer) else PHRASE_PX
        wanted = min(len(self.rows), MOST_ROWS) * row + 2 * PAD
        below, above = host.height() - at.bottom() - 8, at.top() - 8
        # What stands above a field was filled in before, and is worth seeing still.
        enough = min(len(self.rows), ENOUGH_ROWS) * row + 2 * PAD
        if enough <= below or below >= above:
            height = min(wanted, below)
            self.setGeometry(at.left(), at.bottom() + 5, at.width(), height)
        else:
            height = min(wanted, above)
            self.setGeometry(at.left(), at.top() - height - 4, at.width(), height)

    def handle_key(self, event: QKeyEvent) -> bool:
        """The field's keys while the list is open: arrows choose, Enter and Tab take, Esc closes."""
        if not self.isVisible():
            return False
        key = event.key()
        if key in (Qt.Key.Key_Down, Qt.Key.Key_Up):
            self.step(1 if key == Qt.Key.Key_Down else -1)
        elif key == Qt.Key.Key_Escape:
            self.hide()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Tab):
            if event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier or self.current is None:
                return False
            self._pick(self.view.currentIndex())
        else:
            return False
        return True

    def step(self, by: int) -> None:
        """Choose the next or the previous row, round the ends."""
        count, now = self.model.rowCount(), self.view.currentIndex().row()
        row = (now + by) % count if now >= 0 else (0 if by > 0 else count - 1)
        self.view.setCurrentIndex(self.model.index(row, 0))
        chosen = self.current
        if chosen is not None:
            words = tr("{what}, {n} of {total}", what=chosen.spoken, n=row + 1, total=count)
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self.view, words))

    def _pick(self, index: Index) -> None:
        row = self.model.row(index)
        if row is not None:
            self.hide()
            self.picked.emit(row.key)


class _Rows(QStyledItemDelegate):
    def __init__(self, tokens: Tokens, paint_face: PaintFace, parent: QWidget) -> None:
        super().__init__(parent)
        self.tokens = tokens
        self._paint_face = paint_face
        self._name = font(LIGHT.type.body, LIGHT.type.semibold)
        self._plain = font(LIGHT.type.body)
        self._small = font(LIGHT.type.small)

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        row = index.data(ROW_ROLE)
        return QSize(option.rect.width(), OFFER_PX if isinstance(row, Offer) else PHRASE_PX)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        row: Any = index.data(ROW_ROLE)
        rect: QRect = option.rect
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        if chosen or option.state & QStyle.StateFlag.State_MouseOver:
            painter.setPen(Qt.PenStyle.NoPen)
            colours = self.tokens.colours
            painter.setBrush(QColor(colours.accent_soft if chosen else colours.hover))
            painter.drawRoundedRect(QRectF(rect), self.tokens.radii.s, self.tokens.radii.s)
        if isinstance(row, Offer):
            self._paint_offer(painter, rect, row)
        elif isinstance(row, Phrase):
            self._paint_phrase(painter, rect, row)
        painter.restore()

    def _paint_phrase(self, painter: QPainter, rect: QRect, phrase: Phrase) -> None:
        ratio = painter.device().devicePixelRatioF()
        sign = icon_pixmap("clock", self.tokens.colours.muted, 16, ratio)
        painter.drawPixmap(QPointF(rect.left() + 10, rect.center().y() - 7), sign)
        self._write(painter, rect.adjusted(36, 0, -8, 0), phrase.text, "text")

    def _paint_offer(self, painter: QPainter, rect: QRect, offer: Offer) -> None:
        face = QRectF(rect.left() + 8, rect.center().y() - FACE_PX / 2 + 0.5, FACE_PX, FACE_PX)
        self._paint_sign(painter, face, offer)
        painter.setFont(self._small)
        room = QFontMetrics(self._small).horizontalAdvance(offer.detail) + 4
        inner = rect.adjusted(8 + FACE_PX + 10, 0, -10, 0)
        right = QRect(inner.right() - room, inner.top(), room, inner.height())
        painter.setPen(QColor(self.tokens.colours.muted))
        painter.drawText(
            right, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight), offer.detail
        )
        inner.setRight(right.left() - 12)
        painter.setFont(self._name)
        used = self._write(painter, inner, offer.name, "text")
        inner.setLeft(inner.left() + used + 8)
        if inner.width() > 24:
            painter.setFont(self._small)
            self._write(painter, inner, offer.at_handle, "muted")

    def _write(self, painter: QPainter, rect: QRect, text: str, tone: str) -> int:
        """One line, cut where it must be; returns its width in px."""
        metrics = painter.fontMetrics()
        shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, rect.width())
        painter.setPen(QColor(getattr(self.tokens.colours, tone)))
        painter.drawText(rect, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft), shown)
        return metrics.horizontalAdvance(shown)

    def _paint_sign(self, painter: QPainter, box: QRectF, offer: Offer) -> None:
        if offer.person is not None:
            paint_person(painter, box, offer, self._paint_face, ring=True)
            return
        colours = self.tokens.colours
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colours.accent_soft))
        painter.drawEllipse(box)
        sign = icon_pixmap(offer.icon, colours.accent_text, 18, painter.device().devicePixelRatioF())
        painter.drawPixmap(box.center() - QPointF(9, 9), sign)


def paint_person(painter: QPainter, box: QRectF, offer: Offer, paint_face: PaintFace, *, ring: bool) -> None:
    """The face of an offer's person; without a ring on small chips, and where the person is not here."""
    person, occupant = offer.person, offer.occupant
    if person is None:
        return
    status = occupant.status if occupant is not None and ring else None
    away = occupant.auto_away if occupant is not None else False
    lost = occupant is not None and not occupant.connected
    painter.save()
    painter.setOpacity(painter.opacity() * (1.0 if offer.reachable else 0.6))
    paint_face(painter, box, person.id, person.name, person.picture, status, away, lost)
    painter.restore()
