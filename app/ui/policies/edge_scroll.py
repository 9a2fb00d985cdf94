"""Scrolls the area that something stands in while a thing is dragged near its upper or lower edge."""

from __future__ import annotations

from PySide6.QtCore import QObject, QPoint, QTimer, Signal
from PySide6.QtWidgets import QScrollArea, QWidget

EDGE_PX = 36
"""px from the edge at which it begins to scroll, the faster the nearer."""
MOST_PX = 18
"""px at a time."""
EVERY_MS = 16


class EdgeScroll(QObject):
    """Args:
    inside: what is in a scroll area, at whatever depth.

    Signals:
        scrolled: below the pointer is something else now.
    """

    scrolled = Signal()

    def __init__(self, inside: QWidget) -> None:
        super().__init__(inside)
        self._inside, self._where = inside, QPoint()
        self._timer = QTimer(self, interval=EVERY_MS)
        self._timer.timeout.connect(self._scroll)

    def follow(self, where: QPoint) -> None:
        """The pointer is here on the screen, dragging."""
        self._where = where
        if self._by() and not self._timer.isActive():
            self._timer.start()

    def stop(self) -> None:
        self._timer.stop()

    def _area(self) -> QScrollArea | None:
        parent = self._inside.parentWidget()
        while parent is not None and not isinstance(parent, QScrollArea):
            parent = parent.parentWidget()
        return parent

    def _by(self) -> int:
        """px to scroll now, less than 0 upwards: never further than ``inside`` goes."""
        area = self._area()
        if area is None:
            return 0
        view, inside = area.viewport(), self._inside
        y, height = view.mapFromGlobal(self._where).y(), view.height()
        above = inside.mapTo(view, QPoint()).y()
        below = above + inside.height() - height
        if y < EDGE_PX and above < 0:
            return max(above, -MOST_PX, (y - EDGE_PX) // 2)
        if y > height - EDGE_PX and below > 0:
            return min(below, MOST_PX, (y - height + EDGE_PX + 1) // 2)
        return 0

    def _scroll(self) -> None:
        area, by = self._area(), self._by()
        if area is None or not by:
            self._timer.stop()
            return
        bar = area.verticalScrollBar()
        before = bar.value()
        bar.setValue(before + by)
        if bar.value() != before:
            self.scrolled.emit()
