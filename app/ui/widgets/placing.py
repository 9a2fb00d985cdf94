"""Windows open within their screen, with the title bar in reach and no larger than there is room.

Qt places a dialog before it knows the frame that it will be given, and other windows not at all.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QMargins, QObject, QRect, QSize, Qt
from PySide6.QtWidgets import QWidget

GUESS = QMargins(4, 36, 4, 4)
"""px that a window manager's frame and title take at most; used until they are known."""
FRAME = QSize(GUESS.left() + GUESS.right(), GUESS.top() + GUESS.bottom())
"""px: the same as a size."""


def within(window: QRect, area: QRect, frame: QMargins, smallest: QSize) -> QRect:
    """The nearest place for a window, without its frame, at which all of it is inside ``area``.

    Args:
        smallest: the window cannot be smaller; where even that is too large, its title stays inside.
    """
    room = area.marginsRemoved(frame)
    size = window.size().boundedTo(room.size()).expandedTo(smallest)
    left = max(room.left(), min(window.left(), room.left() + room.width() - size.width()))
    top = max(room.top(), min(window.top(), room.top() + room.height() - size.height()))
    return QRect(left, top, size.width(), size.height())


def put_inside(window: QWidget) -> None:
    """Move it, and make it smaller, as far as its screen demands."""
    _put(window, window.geometry(), window.screen().availableGeometry())


def keep_on_screen(window: QWidget) -> None:
    """Whenever it is shown from now on it opens inside; where a person drags it is theirs."""
    window.installEventFilter(_Keeper(window))


def _open(window: QWidget) -> None:
    """Over the middle of the window that it belongs to, unless it has a place already."""
    above = window.parentWidget()
    if above is None or window.testAttribute(Qt.WidgetAttribute.WA_Moved):
        put_inside(window)
        return
    place = window.geometry()
    place.moveCenter(above.window().frameGeometry().center())
    _put(window, place, above.screen().availableGeometry())


def _put(window: QWidget, place: QRect, area: QRect) -> None:
    if window.isMaximized() or window.isFullScreen() or window.isMinimized():
        return
    inner, outer = window.geometry(), window.frameGeometry()
    frame = QMargins(
        inner.left() - outer.left(),
        inner.top() - outer.top(),
        outer.right() - inner.right(),
        outer.bottom() - inner.bottom(),
    )
    smallest = window.minimumSizeHint() if window.minimumSize().isEmpty() else window.minimumSize()
    wanted = within(place, area, GUESS if frame.isNull() else frame, smallest)
    if wanted != inner:
        window.setGeometry(wanted)


class _Keeper(QObject):
    opened: QSize | None = None

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if not isinstance(watched, QWidget):
            return False
        if event.type() is QEvent.Type.Show and not event.spontaneous():
            _open(watched)
            self.opened = watched.size()
        elif self.opened is not None and event.type() is QEvent.Type.WindowActivate:
            if watched.size() == self.opened:  # now its frame is known
                put_inside(watched)
            self.opened = None
        return False
