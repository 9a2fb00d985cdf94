"""Tab goes through a window as one reads it.

Qt goes through it as it was made: a row that is added, or a card that comes, would be last.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QAbstractSpinBox,
    QComboBox,
    QGridLayout,
    QLayout,
    QLineEdit,
    QScrollArea,
    QWidget,
)

WHOLE = (QComboBox, QAbstractSpinBox, QLineEdit, QAbstractItemView)
"""Their parts take no part in it."""


def in_order(window: QWidget) -> list[QWidget]:
    """What takes Tab in ``window`` now, as its layouts have it: from the top down, line by line."""
    return list(_walk(window, window))


def tab_on(window: QWidget, forward: bool) -> bool:
    """What a window's ``focusNextPrevChild`` does; False if there is nothing to go to."""
    order, here = in_order(window), window.focusWidget()
    if not order:
        return False
    before = order.index(here) if here in order else -1 if forward else 0
    at = (before + (1 if forward else -1)) % len(order)
    reason = Qt.FocusReason.TabFocusReason if forward else Qt.FocusReason.BacktabFocusReason
    order[at].setFocus(reason)
    _show(order[at])
    return True


def _show(part: QWidget) -> None:
    above = part.parentWidget()
    while above is not None:
        if isinstance(above, QScrollArea):
            above.ensureWidgetVisible(part)
        above = above.parentWidget()


def _walk(widget: QWidget, window: QWidget) -> Iterator[QWidget]:
    for child in _children(widget):
        if child.isWindow() or not child.isVisibleTo(window):
            continue
        if _takes_tab(child):
            yield child
        if not isinstance(child, WHOLE):
            yield from _walk(child, window)


def _takes_tab(part: QWidget) -> bool:
    by_tab = part.focusPolicy() & Qt.FocusPolicy.TabFocus == Qt.FocusPolicy.TabFocus
    return by_tab and part.isEnabled() and part.focusProxy() is None


def _children(widget: QWidget) -> list[QWidget]:
    """Those in its layout in their order, then those that float, from the top down."""
    layout = widget.layout()
    placed = list(_placed(layout)) if layout is not None else []
    children = [child for child in widget.children() if isinstance(child, QWidget)]
    floating = [child for child in children if child not in placed]
    return placed + sorted(floating, key=lambda child: (child.y(), child.x()))


def _placed(layout: QLayout) -> Iterator[QWidget]:
    order = list(range(layout.count()))
    if isinstance(layout, QGridLayout):  # line by line, whatever was added first
        order.sort(key=lambda at: cast(tuple[int, ...], layout.getItemPosition(at))[:2])
    for at in order:
        item = layout.itemAt(at)
        if item is None:
            continue
        inner, widget = item if isinstance(item, QLayout) else item.layout(), item.widget()
        if inner is not None:
            yield from _placed(inner)
        elif widget is not None:
            yield widget
