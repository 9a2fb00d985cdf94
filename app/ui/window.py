"""The main window: top bar, map with the control toolbar floating over it, side panel.

It lays out what it is given and knows the keys; what they do is told by signals.
"""

from __future__ import annotations

from PySide6.QtCore import QByteArray, QEvent, QMargins, QObject, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QKeyEvent, QKeySequence, QResizeEvent, QShortcut, QShowEvent
from PySide6.QtWidgets import QFrame, QSplitter, QVBoxLayout, QWidget

from app.ui.map import MapView
from app.ui.panels.side_panel import WIDTH, SidePanel, Tab
from app.ui.toolbar import Toolbar
from app.ui.widgets.focus_order import tab_on
from app.ui.widgets.placing import FRAME, put_inside

SMALLEST = (800, 520)
GAP = 16
TOOLBAR_MARGIN = 20
"""px between the toolbar and the map's lower edge."""


class MapArea(QWidget):
    """The map, and what floats over it: the toolbar at the bottom in the middle."""

    def __init__(self, view: MapView, toolbar: Toolbar, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._view, self._toolbar = view, toolbar
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.addWidget(view)
        toolbar.setParent(self)
        toolbar.installEventFilter(self)
        toolbar.raise_()
        self.setMinimumWidth(360)
        self._place()

    def _place(self) -> None:
        """The toolbar in the middle, right of the zoom buttons; where both have no room, below them."""
        controls = self._view.controls
        beside = controls.geometry().right() + GAP
        room = self.width() - beside - GAP
        stacked = self._toolbar.least_width > room
        # Once: two answers in turn would be two layouts in turn, for ever.
        self._toolbar.set_compact(self.width() - 2 * GAP if stacked else room)
        wanted = self._toolbar.sizeHint()
        left = max((self.width() - wanted.width()) // 2, GAP if stacked else beside)
        top = self.height() - wanted.height() - TOOLBAR_MARGIN
        self._toolbar.setGeometry(left, top, wanted.width(), wanted.height())
        self._toolbar.raise_()
        lowest = top if stacked else self.height() - GAP
        controls.move(controls.x(), lowest - controls.height())
        self._view.set_insets(QMargins(0, 0, 0, self.height() - min(top, lowest) + 8))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The toolbar grows and shrinks with its words and the running time."""
        if watched is self._toolbar and event.type() is QEvent.Type.LayoutRequest:
            QTimer.singleShot(0, self, self._place)
        return super().eventFilter(watched, event)


class Window(QWidget):
    """Args:
        top_bar: the strip at the top, with the search.

    Signals:
        escalation_wanted: the Escalation key.
        search_wanted: the search key.
        quit_wanted: the quit key.
        keys_wanted: the keys for the sheet of all keys.
        board_wanted, history_wanted: the keys for the supervisors' board, and for what was.
        close_wanted: the window was closed; answer with :meth:`put_away`.
        activated: the window has the person's attention.
    """

    escalation_wanted = Signal()
    search_wanted = Signal()
    quit_wanted = Signal()
    keys_wanted = Signal()
    board_wanted = Signal()
    history_wanted = Signal()
    close_wanted = Signal()
    activated = Signal()

    def __init__(
        self,
        top_bar: QWidget,
        view: MapView,
        toolbar: Toolbar,
        side: SidePanel,
    ) -> None:
        super().__init__()
        self._present = True
        self.setWindowTitle("Handraise")
        self.setMinimumSize(*SMALLEST)
        room = self.screen().availableSize() - FRAME
        self.resize(QSize(1280, 800).boundedTo(room).expandedTo(QSize(*SMALLEST)))
        self.map, self.side = view, side
        self.top_bar, self.toolbar = top_bar, toolbar
        self.area = MapArea(view, toolbar, self)
        self._split = QSplitter(Qt.Orientation.Horizontal, self)
        self._split.setFrameShape(QFrame.Shape.NoFrame)
        self._split.setHandleWidth(1)
        self._split.addWidget(self.area)
        self._split.addWidget(side)
        self._split.setStretchFactor(0, 1)
        self._split.setStretchFactor(1, 0)
        self._split.setCollapsible(0, False)
        self._split.setSizes([1280 - WIDTH, WIDTH])
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        box.addWidget(top_bar)
        box.addWidget(self._split, 1)
        self._shortcuts()

    def _shortcuts(self) -> None:
        for keys, act in (
            ("Ctrl+Shift+E", self.escalation_wanted.emit),
            ("Ctrl+K", self.search_wanted.emit),
            ("Ctrl+Q", self.quit_wanted.emit),
            ("F1", self.keys_wanted.emit),
            ("?", self.keys_wanted.emit),
            ("Ctrl+1", lambda: self.show_tab(Tab.HANDS)),
            ("Ctrl+2", lambda: self.show_tab(Tab.CHAT)),
            ("Ctrl+3", lambda: self.show_tab(Tab.PEOPLE)),
            ("Ctrl+4", lambda: self.show_tab(Tab.INBOX)),
            ("Ctrl+B", self.toggle_side),
            ("Ctrl+H", self.history_wanted.emit),
            ("Ctrl+Shift+B", self.board_wanted.emit),
            ("F6", lambda: self.next_region(1)),
            ("Shift+F6", lambda: self.next_region(-1)),
        ):
            QShortcut(QKeySequence(keys), self).activated.connect(act)

    # The side panel

    @property
    def side_shown(self) -> bool:
        return self.side.isVisibleTo(self) and self._split.sizes()[1] > 0

    def toggle_side(self) -> None:
        self.set_side(not self.side_shown)

    def set_side(self, shown: bool) -> None:
        """Show or fold away the side panel."""
        if shown and not self.side_shown:
            self.side.show()
            whole = sum(self._split.sizes())
            self._split.setSizes([max(whole - WIDTH, 1), WIDTH])
        elif not shown:
            self.side.hide()
            self.map.setFocus(Qt.FocusReason.OtherFocusReason)

    def show_tab(self, tab: Tab, *, focus: bool = True) -> None:
        self.set_side(True)
        self.side.show_tab(tab, focus=focus)

    # The keyboard

    def next_region(self, step: int) -> None:
        """The keyboard goes round: top bar, map, toolbar, side panel."""
        regions: list[QWidget] = [self.top_bar, self.map, self.toolbar]
        if self.side_shown:
            regions.append(self.side)
        focused = self.focusWidget()
        at = next((i for i, region in enumerate(regions) if _within(focused, region)), 0 if step < 0 else -1)
        target = regions[(at + step) % len(regions)]
        if target is self.side:
            self.side.focus()
        elif target is self.map:
            self.map.setFocus(Qt.FocusReason.TabFocusReason)
        else:
            _first_stop(target).setFocus(Qt.FocusReason.TabFocusReason)

    def focusNextPrevChild(self, forward: bool) -> bool:
        return tab_on(self, forward) or super().focusNextPrevChild(forward)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.map.setFocus(Qt.FocusReason.OtherFocusReason)
            return
        super().keyPressEvent(event)

    # Opening and closing

    def open(self) -> None:
        """Bring the window to the front."""
        if self.isMinimized():
            self.showNormal()
        self.show()
        self.raise_()
        self.activateWindow()

    def attended(self) -> bool:
        """The person has it before them."""
        return self._present and self.isVisible() and self.isActiveWindow()

    def set_present(self, present: bool) -> None:
        """Whether somebody is at the machine: not while it is locked, or was left alone for long."""
        came, self._present = present and not self._present, present
        if came and self.attended():
            self.activated.emit()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Closing is not quitting: somebody may call."""
        event.ignore()
        self.close_wanted.emit()

    def put_away(self, in_tray: bool) -> None:
        """Out of sight; without a tray it stays in the taskbar, or nobody would find it again."""
        if in_tray:
            self.hide()
        else:
            self.showMinimized()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self.isActiveWindow():  # some desktops never took that from it while it was hidden
            self.activated.emit()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.ActivationChange and self.isActiveWindow():
            self.activated.emit()

    # What is remembered

    def geometry_text(self) -> str:
        """Where the window is, as text to keep."""
        return bytes(self.saveGeometry().toBase64().data()).decode("ascii")

    @property
    def panel_width(self) -> int:
        """px; 0 while it is folded away."""
        return self._split.sizes()[1] if self.side_shown else 0

    def restore_layout(self, geometry: str, panel_width: int) -> None:
        """As it was the last time; an empty or damaged ``geometry`` changes nothing."""
        if geometry:
            self.restoreGeometry(QByteArray.fromBase64(geometry.encode("ascii", "ignore")))
            put_inside(self)  # it may be of a screen that is gone
        self.set_side(panel_width > 0)
        whole = self.width()
        self._split.setSizes([max(whole - panel_width, 1), panel_width])


def _within(widget: QWidget | None, region: QWidget) -> bool:
    return widget is not None and (widget is region or region.isAncestorOf(widget))


def _first_stop(region: QWidget) -> QWidget:
    """The first widget of a region that the Tab key would stop at."""
    for child in region.findChildren(QWidget):
        if child.focusPolicy() & Qt.FocusPolicy.TabFocus and child.isVisible() and child.isEnabled():
            return child
    return region
