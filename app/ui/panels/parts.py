"""The shared small widgets as the side panel uses them, following the theme by themselves."""

from __future__ import annotations

from PySide6.QtCore import QAbstractItemModel, QObject, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QAction, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import (
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QStackedLayout,
    QTabBar,
    QWidget,
)

from app.ui.panels.look import Look
from app.ui.theme.fonts import font
from app.ui.theme.icons import icon
from app.ui.widgets import EmptyState, button, icon_button
from app.ui.widgets.buttons import recolour
from app.ui.widgets.fields import clearable

Words = tuple[str, str, str]
"""Icon, title, teaching."""
COMPACT = "padding: 0 9px; min-height: 28px; max-height: 28px;"


class _Follow(QObject):
    """Keeps a button's or a field's icon in the theme's colours as long as it lives."""

    def __init__(self, widget: QPushButton | EmptyState, look: Look) -> None:
        super().__init__(widget)
        self._widget, self._look = widget, look
        look.changed.connect(self.follow)

    def follow(self) -> None:
        tokens = self._look.theme.tokens
        if isinstance(self._widget, EmptyState):
            self._widget.set_tokens(tokens)
        else:
            recolour(self._widget, tokens)


def follow_theme(widget: QPushButton | EmptyState, look: Look) -> None:
    """Keep its icon in the theme's colours as long as it lives."""
    _Follow(widget, look)


def picture_button(icon_name: str, words: str, look: Look, parent: QWidget) -> QPushButton:
    """A small square button with an icon; ``words`` is its tooltip and name."""
    made = icon_button(icon_name, words, tokens=look.theme.tokens, size=30, parent=parent)
    _Follow(made, look)
    return made


def small_button(words: str, look: Look, parent: QWidget, *, primary: bool = False) -> QPushButton:
    """A button that fits into a row."""
    made = button(words, kind="primary" if primary else "quiet", tokens=look.theme.tokens, parent=parent)
    made.setStyleSheet(COMPACT)
    made.setFont(font(12, 600))
    return made


class _SearchField(QLineEdit):
    """A field with a magnifier, in the theme's colours as long as it lives."""

    def __init__(self, words: str, look: Look, parent: QWidget) -> None:
        super().__init__(parent)
        self._look = look
        self.setPlaceholderText(words)
        self.setAccessibleName(words)
        self.setProperty("soft", "true")
        self._sign = QAction(words, self)
        self.addAction(self._sign, QLineEdit.ActionPosition.LeadingPosition)
        self._follow()
        look.changed.connect(self._follow)

    def _follow(self) -> None:
        tokens = self._look.theme.tokens
        self._sign.setIcon(icon("search", tokens.colours.muted))
        clearable(self, tokens)


def search_field(words: str, look: Look, parent: QWidget) -> QLineEdit:
    return _SearchField(words, look, parent)


def text_area(parent: QWidget) -> QPlainTextEdit:
    made = QPlainTextEdit(parent)
    made.setFont(font(13))
    made.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
    made.setStyleSheet("min-height: 0;")
    return made


class EmptyOr(QWidget):
    """Shows ``view`` while its model has rows, else the words."""

    def __init__(
        self,
        view: QWidget,
        model: QAbstractItemModel,
        look: Look,
        words: tuple[str, str, str],
        parent: QWidget,
    ) -> None:
        """``words``: icon, title, teaching."""
        super().__init__(parent)
        self._model = model
        self._pages = QStackedLayout(self)
        self.empty = empty_state(words, look, self)
        self._pages.addWidget(view)
        self._pages.addWidget(self.empty)
        model.rowsInserted.connect(self._choose)
        model.rowsRemoved.connect(self._choose)
        model.modelReset.connect(self._choose)
        self._choose()

    def _choose(self) -> None:
        self._pages.setCurrentIndex(0 if self._model.rowCount() else 1)


def empty_state(words: Words, look: Look, parent: QWidget) -> EmptyState:
    made = EmptyState(*words, look.theme.tokens, parent)
    _Follow(made, look)
    return made


class Tabs(QTabBar):
    """The side panel's tabs, each with a count; the count of hands is red or yellow as they are."""

    HEIGHT = 43
    PAD, LEAST_PAD = 12, 4
    """px on both sides of a tab, and where the panel is narrow."""

    def __init__(self, look: Look, parent: QWidget) -> None:
        super().__init__(parent)
        self._look = look
        self._counts: dict[int, tuple[int, str]] = {}
        self._pad = self.PAD
        self.setDrawBase(False)
        self.setExpanding(False)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setElideMode(Qt.TextElideMode.ElideNone)
        self.setUsesScrollButtons(False)
        self.setFont(font(13, 600))
        look.changed.connect(self.update)

    def add(self, words: str) -> int:
        return self.addTab(words)

    def set_count(self, index: int, count: int, colour: str, spoken: str) -> None:
        """``colour``: a token; ``spoken``: what the count means, for a screen reader."""
        if self._counts.get(index) != (count, colour):
            self._counts[index] = (count, colour)
            name = f"{self.tabText(index)}, {spoken}" if count else self.tabText(index)
            self.setAccessibleTabName(index, name)
            self.setTabText(index, self.tabText(index))  # lays the bar out anew
            self.updateGeometry()
            self.update()

    def count_of(self, index: int) -> int:
        return self._counts.get(index, (0, ""))[0]

    def tabSizeHint(self, index: int) -> QSize:
        return QSize(self._words_width(index) + 2 * self._pad, self.HEIGHT)

    def _words_width(self, index: int) -> int:
        badge = self._badge_width(index)
        return self.fontMetrics().horizontalAdvance(self.tabText(index)) + (badge + 6 if badge else 0)

    def tabLayoutChange(self) -> None:
        """All of them are in view, closer together where there is little room."""
        super().tabLayoutChange()
        self._make_room()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._make_room()

    def _make_room(self) -> None:
        shown = [index for index in range(self.count()) if self.isTabVisible(index)]
        spare = self.width() - sum(self._words_width(index) for index in shown)
        pad = max(self.LEAST_PAD, min(self.PAD, spare // (2 * len(shown)))) if shown else self.PAD
        if pad != self._pad:
            self._pad = pad
            self.setTabText(0, self.tabText(0))  # lays the bar out anew
            self.updateGeometry()

    def minimumTabSizeHint(self, index: int) -> QSize:
        return self.tabSizeHint(index)

    def _badge_text(self, index: int) -> str:
        count = self.count_of(index)
        return "" if not count else "99+" if count > 99 else str(count)

    def _badge_width(self, index: int) -> int:
        text = self._badge_text(index)
        return max(18, self.fontMetrics().horizontalAdvance(text) + 9) if text else 0

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self._look.colour("line"), 1))
        painter.drawLine(0, self.height() - 1, self.width(), self.height() - 1)
        for index in range(self.count()):
            self._paint_tab(painter, index)

    def _paint_tab(self, painter: QPainter, index: int) -> None:
        look, rect, current = self._look, self.tabRect(index), index == self.currentIndex()
        painter.setFont(self.font())
        painter.setPen(look.colour("text" if current else "muted"))
        text = rect.adjusted(self._pad, 0, 0, 0)
        painter.drawText(text, int(Qt.AlignmentFlag.AlignVCenter), self.tabText(index))
        badge = self._badge_width(index)
        if badge:
            left = text.left() + self.fontMetrics().horizontalAdvance(self.tabText(index)) + 6
            self._paint_badge(painter, QRect(left, rect.center().y() - 8, badge, 18), index)
        if current:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(look.colour("accent"))
            painter.drawRect(QRect(rect.left(), rect.bottom() - 1, rect.width(), 2))
        if current and self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(look.colour("focus"), 2))
            painter.drawRoundedRect(QRectF(rect).adjusted(3, 7, -3, -7), 6, 6)

    def _paint_badge(self, painter: QPainter, room: QRect, index: int) -> None:
        colour = self._counts[index][1]
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._look.colour(colour))
        painter.drawRoundedRect(QRectF(room), 9, 9)
        painter.setPen(self._look.colour(f"on_{colour}"))
        painter.setFont(font(11, 700))
        painter.drawText(room, Qt.AlignmentFlag.AlignCenter, self._badge_text(index))
