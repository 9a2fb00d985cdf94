"""What a screen reader finds in a window: the accessibility tree, and the way of the Tab key through it."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QAccessibleInterface
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractSpinBox, QComboBox, QWidget

R = QAccessible.Role
USED = {
    R.PushButton,
    R.ButtonMenu,
    R.ButtonDropDown,
    R.CheckBox,
    R.RadioButton,
    R.ComboBox,
    R.EditableText,
    R.SpinBox,
    R.Slider,
    R.Link,
    R.List,
    R.Table,
    R.Tree,
    R.PageTab,
    R.PageTabList,
    R.ListItem,
    R.Cell,
    R.ColumnHeader,
}
"""Roles of what is used, or read piece by piece."""
STAYS = 100
"""Times that Tab may stay within one part: a map with many people."""
PIECES = 40
"""Children of one list or table that are looked at: the others are made alike."""


def nameless(window: QWidget) -> list[str]:
    """Everything in it that is used and has no name: role, class, and where it stands."""
    return [
        f"{interface.role().name} {_kind(interface)} in {path}"
        for interface, path in _all(QAccessible.queryAccessibleInterface(window), "")
        if interface.role() in USED and not _named(interface)
    ]


def _named(interface: QAccessibleInterface) -> bool:
    if interface.role() is R.Cell:
        return True  # an empty cell is empty
    # On Linux the name of such a box is what was chosen there; what is chosen is its description.
    what = QAccessible.Text.Description if interface.role() is R.ComboBox else QAccessible.Text.Name
    return bool(interface.text(what).strip())


def _kind(interface: QAccessibleInterface) -> str:
    part: object = interface.object()
    return type(part).__name__ if part is not None else "item"


def _all(interface: QAccessibleInterface, path: str) -> Iterator[tuple[QAccessibleInterface, str]]:
    if interface.state().invisible:
        return
    yield interface, path
    part = interface.object()
    if isinstance(part, QComboBox | QAbstractSpinBox):
        return  # what they are made of is named by them
    path = f"{path}/{_kind(interface)}"
    for number in range(min(interface.childCount(), PIECES)):
        child = interface.child(number)
        known: object = child
        if known is not None and child.isValid():
            yield from _all(child, path)


def headers(table: QWidget) -> list[str]:
    """What the columns of a table are called."""
    every = _all(QAccessible.queryAccessibleInterface(table), "")
    return [one.text(QAccessible.Text.Name) for one, _ in every if one.role() is R.ColumnHeader]


def tab_order(window: QWidget) -> list[QWidget]:
    """What the Tab key goes through, in its order, once round."""
    found: list[QWidget] = []
    at, stays = window, 0
    if (before := _focus(window)) is not None:
        before.clearFocus()
    while stays < STAYS:
        QTest.keyClick(at, Qt.Key.Key_Tab)
        now = _focus(window)
        if now is None or now in found[:-1]:
            break
        stays = stays + 1 if now is at else 0  # a date has parts
        if not stays:
            found.append(now)
        at = now
    return found


def _focus(window: QWidget) -> QWidget | None:
    return window.focusWidget()


def spoken_names(parts: list[QWidget]) -> list[str]:
    """What they are for; of a box, not what is chosen there."""
    found = []
    for part in parts:
        kind = QAccessible.Text.Description if isinstance(part, QComboBox) else QAccessible.Text.Name
        found.append(QAccessible.queryAccessibleInterface(part).text(kind))
    return found
