"""Lists of the side panel: rows painted by hand, with small buttons in the row one points at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QAbstractItemModel, QEvent, QPoint, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QHelpEvent, QKeyEvent, QKeySequence, QMouseEvent, QPainter, QPen, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QListView,
    QMenu,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from app.ui.models.rows import ROW_ROLE, Index
from app.ui.panels.look import Look
from app.ui.widgets import menu_text, tooltip

ACTION_PX = 28
"""px, the side of a row's button."""
HEADING_PX = 34
MARGIN = 16
COPY = "copy"
"""The action that puts a row's text on the clipboard; the keys for copying do it too."""


@dataclass(frozen=True)
class RowAction:
    """Something that can be done with a row.

    Attributes:
        name: told with the row's key when it is done.
        why_not: the reason why it cannot be done now; empty when it can.
    """

    name: str
    icon: str
    words: str
    why_not: str = ""


class RowDelegate(QStyledItemDelegate):
    """Paints what all rows have in common; a subclass paints the rest and names the actions.

    Signals:
        acted: the row's key and the action's name.
    """

    acted = Signal(str, str)

    def __init__(self, look: Look, parent: QWidget) -> None:
        super().__init__(parent)
        self.look = look

    # For subclasses

    def actions(self, row: object) -> Sequence[RowAction]:
        return ()

    def offers(self, row: object) -> Sequence[RowAction]:
        """What the menu of a row offers: its buttons, and perhaps more."""
        return self.actions(row)

    def entered(self, row: object) -> Sequence[RowAction]:
        """What Enter does with a row, besides opening it; of several the menu lets one choose."""
        return ()

    def clickable(self, rect: QRect, row: object, at: QPoint) -> bool:
        """Whether something besides the buttons answers to a click there."""
        return False

    def height(self, row: object, width: int) -> int:
        """px"""
        raise NotImplementedError

    def paint_row(self, painter: QPainter, rect: QRect, row: object, right: int) -> None:
        """``right``: px that the buttons take at the right end."""
        raise NotImplementedError

    # Qt's side

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        row = index.data(ROW_ROLE)
        view = self.parent()
        width = view.viewport().width() if isinstance(view, QListView) else option.rect.width()
        if isinstance(getattr(row, "divides", None), str):
            return QSize(width, HEADING_PX)
        return QSize(width, self.height(row, width))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        row = index.data(ROW_ROLE)
        if row is None:
            return
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        heading = getattr(row, "divides", None)
        if isinstance(heading, str):
            self.paint_heading(painter, option.rect, row, heading)
        else:
            busy = self._background(painter, option)
            right = len(self.actions(row)) * (ACTION_PX + 4) if busy else 0
            self.paint_row(painter, option.rect, row, right)
            if busy:
                self._paint_actions(painter, option.rect, self.actions(row))
        painter.restore()

    def paint_heading(self, painter: QPainter, rect: QRect, row: object, words: str) -> None:
        painter.setFont(self.look.font(11, bold=True))
        painter.setPen(self.look.colour("muted"))
        painter.drawText(
            rect.adjusted(MARGIN, 8, -MARGIN, 0), int(Qt.AlignmentFlag.AlignVCenter), words.upper()
        )

    def _background(self, painter: QPainter, option: QStyleOptionViewItem) -> bool:
        """Hover, choice and focus; ``True`` when the row shows its buttons."""
        state = option.state
        hovered = bool(state & QStyle.StateFlag.State_MouseOver)
        view = self.parent()
        passive = isinstance(view, QWidget) and view.focusPolicy() is Qt.FocusPolicy.NoFocus
        chosen = passive and bool(state & QStyle.StateFlag.State_Selected)
        focused = (
            bool(state & QStyle.StateFlag.State_HasFocus) and isinstance(view, QWidget) and view.hasFocus()
        )
        area = QRectF(option.rect).adjusted(6, 1, -6, -1)
        if hovered or focused or chosen:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self.look.colour("accent_soft" if chosen else "hover"))
            painter.drawRoundedRect(area, 8, 8)
        if focused:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(self.look.colour("accent"), 2))
            painter.drawRoundedRect(area.adjusted(1, 1, -1, -1), 7, 7)
        return hovered or focused

    def _paint_actions(self, painter: QPainter, rect: QRect, actions: Sequence[RowAction]) -> None:
        view = self.parent()
        at = view.mapFromGlobal(view.cursor().pos()) if isinstance(view, QWidget) else QPoint(-1, -1)
        for action, zone in zip(actions, self._zones(rect, len(actions)), strict=True):
            can = not action.why_not
            if can and zone.contains(at):
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(self.look.colour("pressed"))
                painter.drawRoundedRect(QRectF(zone), 6, 6)
            tone = "text" if can else "faint"
            pixmap = self.look.pixmap(action.icon, tone, 18)
            painter.drawPixmap(QPointF(zone.center()) - QPointF(8.5, 8.5), pixmap)

    def _zones(self, rect: QRect, count: int) -> list[QRect]:
        top = rect.top() + (rect.height() - ACTION_PX) // 2
        left = rect.right() - 12 - count * (ACTION_PX + 4) + 4
        return [QRect(left + i * (ACTION_PX + 4), top, ACTION_PX, ACTION_PX) for i in range(count)]

    def _action_at(self, rect: QRect, row: object, at: QPoint) -> RowAction | None:
        actions = self.actions(row)
        zones = self._zones(rect, len(actions))
        return next((a for a, zone in zip(actions, zones, strict=True) if zone.contains(at)), None)

    def editorEvent(
        self, event: QEvent, model: QAbstractItemModel, option: QStyleOptionViewItem, index: Index
    ) -> bool:
        if isinstance(event, QMouseEvent) and event.button() is Qt.MouseButton.LeftButton:
            row = index.data(ROW_ROLE)
            action = self._action_at(option.rect, row, event.position().toPoint())
            if action is not None:
                if event.type() is QEvent.Type.MouseButtonRelease and not action.why_not:
                    self.acted.emit(row.key, action.name)
                return True
        return super().editorEvent(event, model, option, index)

    def helpEvent(
        self, event: QHelpEvent, view: QAbstractItemView, option: QStyleOptionViewItem, index: Index
    ) -> bool:
        action = self._action_at(option.rect, index.data(ROW_ROLE), event.pos())
        tooltip(view.viewport(), "" if action is None else action.why_not or action.words)
        return super().helpEvent(event, view, option, index)


class RowsView(QListView):
    """A list of rows; Enter opens the current one, the menu key offers what can be done with it.

    Signals:
        opened: the key of a row that was clicked or entered.
        acted: a row's key and the name of an action, from a button or the menu.
    """

    opened = Signal(str)
    acted = Signal(str, str)

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.look = look
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setMouseTracking(True)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.viewport().setAutoFillBackground(False)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._menu)
        look.changed.connect(self._looks_different)

    def use(self, delegate: RowDelegate) -> None:
        self.setItemDelegate(delegate)
        delegate.acted.connect(self.acted)

    def current_key(self) -> str | None:
        row = self.currentIndex().data(ROW_ROLE)
        return str(row.key) if row is not None else None

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._enter()
            return
        if event.matches(QKeySequence.StandardKey.Copy):
            row, delegate = self.currentIndex().data(ROW_ROLE), self.itemDelegate()
            if isinstance(delegate, RowDelegate) and any(a.name == COPY for a in delegate.offers(row)):
                self.acted.emit(row.key, COPY)
            return
        super().keyPressEvent(event)

    def _enter(self) -> None:
        index, delegate = self.currentIndex(), self.itemDelegate()
        row = index.data(ROW_ROLE)
        if row is None:
            return
        actions = delegate.entered(row) if isinstance(delegate, RowDelegate) else ()
        if len(actions) == 1:
            self.acted.emit(row.key, actions[0].name)
        elif actions:
            self._offer(row, actions, self.visualRect(index).center())
        else:
            self.opened.emit(row.key)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Rows are as high as their lines are; Qt lays a list out anew for another height alone."""
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.scheduleDelayedItemsLayout()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        index = self.indexAt(event.position().toPoint())
        row = index.data(ROW_ROLE)
        delegate = self.itemDelegate()
        on_button = (
            isinstance(delegate, RowDelegate)
            and row is not None
            and bool(delegate._action_at(self.visualRect(index), row, event.position().toPoint()))
        )
        super().mouseReleaseEvent(event)
        left = event.button() is Qt.MouseButton.LeftButton
        if left and not on_button and row is not None and not hasattr(row, "divides"):
            self.opened.emit(row.key)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        at = event.position().toPoint()
        index, delegate = self.indexAt(at), self.itemDelegate()
        self.update(index)
        row = index.data(ROW_ROLE)
        if row is not None and isinstance(delegate, RowDelegate):
            link = delegate.clickable(self.visualRect(index), row, at)
            self.viewport().setCursor(
                Qt.CursorShape.PointingHandCursor if link else Qt.CursorShape.ArrowCursor
            )

    def _menu(self, at: QPoint) -> None:
        index = self.indexAt(at)
        if not index.isValid():
            index = self.currentIndex()
            at = self.visualRect(index).center()
        row, delegate = index.data(ROW_ROLE), self.itemDelegate()
        if row is not None and isinstance(delegate, RowDelegate) and delegate.offers(row):
            self._offer(row, delegate.offers(row), at)

    def _offer(self, row: Any, actions: Sequence[RowAction], at: QPoint) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for action in actions:
            entry = menu.addAction(self.look.icon(action.icon), menu_text(action.words))
            entry.setEnabled(not action.why_not)
            entry.triggered.connect(lambda _=False, a=action: self.acted.emit(row.key, a.name))
        menu.popup(self.viewport().mapToGlobal(at))

    def _looks_different(self) -> None:
        self.scheduleDelayedItemsLayout()
        self.viewport().update()
