"""Board, history and charts in a window of their own, so that it can stand on another screen."""

from __future__ import annotations

import enum

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import (
    QCloseEvent,
    QKeySequence,
    QPainter,
    QPaintEvent,
    QShortcut,
    QWindowStateChangeEvent,
)
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from app.ui.i18n import tr
from app.ui.panels.look import Look
from app.ui.panels.parts import Tabs, small_button
from app.ui.theme.tokens import LIGHT
from app.ui.widgets.focus_order import tab_on
from app.ui.widgets.placing import keep_on_screen

SIZE = QSize(1080, 720)
SMALLEST = QSize(640, 420)


class View(enum.StrEnum):
    BOARD = "board"
    HISTORY = "history"
    CHARTS = "charts"


class ReportsWindow(QWidget):
    """Args:
    views: a page for each, in the order of their tabs.

    Signals:
        shown: the view that is looked at now; an empty text when none is any more.
    """

    shown = Signal(str)

    def __init__(self, look: Look, views: dict[View, QWidget], parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self._look = look
        self.setWindowTitle(tr("Overview"))
        self.resize(SIZE)
        keep_on_screen(self)
        self.setMinimumSize(SMALLEST)
        self.views = views
        words = {View.BOARD: tr("Board"), View.HISTORY: tr("History"), View.CHARTS: tr("Charts")}
        self.tabs = Tabs(look, self)
        self.tabs.setAccessibleName(tr("Overview"))
        self._pages = QStackedWidget(self)
        for view, page in views.items():
            self.tabs.add(words[view])
            self._pages.addWidget(page)
        self.tabs.currentChanged.connect(self._changed)
        self.whole = small_button(tr("Full screen"), look, self)
        self.whole.clicked.connect(self.toggle_whole)
        self._head = QWidget(self)
        head = QHBoxLayout(self._head)
        head.setContentsMargins(LIGHT.spacing.l - Tabs.PAD, 0, LIGHT.spacing.l, 0)
        head.addWidget(self.tabs, 1)
        head.addWidget(self.whole)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._head)
        column.addWidget(self._pages, 1)
        QShortcut(QKeySequence("F11"), self).activated.connect(self.toggle_whole)
        QShortcut(QKeySequence("Esc"), self).activated.connect(self._back)
        self._head.setVisible(len(views) > 1)
        self._offer_whole()

    @property
    def view(self) -> View:
        return list(self.views)[self._pages.currentIndex()]

    @property
    def view_page(self) -> QWidget:
        return self.views[self.view]

    def open(self, view: View) -> None:
        """Show the window with this view, in front."""
        again = not self.isVisible() or (self.looked_at and self.view is view)
        self.tabs.setCurrentIndex(list(self.views).index(view))
        if self.isMinimized():
            self.setWindowState(self.windowState() & ~Qt.WindowState.WindowMinimized)
        self.show()
        self.raise_()
        self.activateWindow()
        if again:  # else a change of tab or of the window has told it
            self.shown.emit(self.view)

    def toggle_whole(self) -> None:
        """The board on the whole screen, for a wall; the tabs give way."""
        if View.BOARD not in self.views:
            return
        if self.isFullScreen():
            self._head.setVisible(len(self.views) > 1)
            self.showNormal()
        else:
            self.tabs.setCurrentIndex(list(self.views).index(View.BOARD))
            self._head.hide()
            self.view_page.setFocus()
            self.showFullScreen()

    def _back(self) -> None:
        if self.isFullScreen():
            self.toggle_whole()
        else:
            self.close()

    def _changed(self, index: int) -> None:
        self._pages.setCurrentIndex(index)
        self._offer_whole()
        if self.looked_at:
            self.shown.emit(self.view)

    def _offer_whole(self) -> None:
        self.whole.setVisible(bool(self.views) and self.view is View.BOARD)

    @property
    def looked_at(self) -> bool:
        return self.isVisible() and not self.isMinimized()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if isinstance(event, QWindowStateChangeEvent):
            minimised = Qt.WindowState.WindowMinimized
            if bool(event.oldState() & minimised) != self.isMinimized():
                self.shown.emit(self.view if self.looked_at else "")

    def focusNextPrevChild(self, forward: bool) -> bool:
        return tab_on(self, forward) or super().focusNextPrevChild(forward)

    def closeEvent(self, event: QCloseEvent) -> None:
        super().closeEvent(event)
        self.shown.emit("")

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._look.colour("surface"))
        if self._head.isVisible():  # the line below the tabs goes on to both edges
            painter.fillRect(0, self.tabs.geometry().bottom(), self.width(), 1, self._look.colour("line"))
