"""What the keyboard does on the map.

Arrows walk, + − 0 zoom, Home shows where one is. Tab goes from person to person, raised hands first, and
leaves the map after the last (or at once after Escape); Ctrl with an arrow goes to the nearest person that
way. Enter opens, A approaches, C chats.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent

from app.core.model import PersonId

if TYPE_CHECKING:
    from app.ui.map.view import MapView

_ARROWS = {
    Qt.Key.Key_Left.value: (-1, 0),
    Qt.Key.Key_Right.value: (1, 0),
    Qt.Key.Key_Up.value: (0, -1),
    Qt.Key.Key_Down.value: (0, 1),
}
_ZOOM_IN = {Qt.Key.Key_Plus.value, Qt.Key.Key_Equal.value}
_ZOOM_OUT = {Qt.Key.Key_Minus.value, Qt.Key.Key_Underscore.value}
_ENTER = {Qt.Key.Key_Return.value, Qt.Key.Key_Enter.value, Qt.Key.Key_Space.value}
STEP = 1.25
NONE = Qt.KeyboardModifier.NoModifier.value
SHIFT = Qt.KeyboardModifier.ShiftModifier.value
CONTROL = Qt.KeyboardModifier.ControlModifier.value
KEYPAD = Qt.KeyboardModifier.KeypadModifier.value


class Keys:
    """Turns key events into what the view can do."""

    def __init__(self, view: MapView) -> None:
        self._view = view
        self._held: list[int] = []
        self._leaving = False

    def press(self, event: QKeyEvent) -> bool:
        """``False``: not for the map."""
        key, modifiers = event.key(), event.modifiers().value & ~KEYPAD
        if key in _ARROWS and modifiers == CONTROL:
            self._go(*_ARROWS[key])
            return True
        if modifiers not in (NONE, SHIFT):
            return False
        if key in _ARROWS:
            if not event.isAutoRepeat() and key not in self._held:
                self._held.append(key)
                self._steer()
            return True
        return self._look(key) or self._act(key)

    def release(self, event: QKeyEvent) -> bool:
        key = event.key()
        if key not in self._held:
            return False
        if not event.isAutoRepeat():
            self._held.remove(key)
            self._steer()
        return True

    def tab(self, forward: bool) -> bool:
        """Go to the next person; ``False`` where there is none any more."""
        view = self._view
        people = view.people_in_order()
        if self._leaving or not people:
            self._leaving = False
            return False
        current = view.focused_person
        index = people.index(current) if current in people else -1 if forward else len(people)
        index += 1 if forward else -1
        if not 0 <= index < len(people):
            view.focus_person(None)
            return False
        view.focus_person(people[index])
        return True

    def focus_in(self, reason: Qt.FocusReason) -> None:
        self._leaving = False
        if reason in (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason):
            people = self._view.people_in_order()
            if people:
                self._view.focus_person(people[0])

    def focus_out(self) -> None:
        self._held.clear()
        self._steer()
        self._view.focus_person(None)

    def _look(self, key: int) -> bool:
        view = self._view
        if key in _ZOOM_IN:
            view.zoom_by(STEP)
        elif key in _ZOOM_OUT:
            view.zoom_by(1 / STEP)
        elif key == Qt.Key.Key_0.value:
            view.fit()
        elif key == Qt.Key.Key_Home.value:
            view.centre_on_self()
        else:
            return False
        return True

    def _act(self, key: int) -> bool:
        view, person = self._view, self._view.focused_person
        if person is None:
            return False
        other = person != view.self_id
        if key in _ENTER:
            view.activate(person, hand=view.scene.avatars[person].hand is not None)
        elif key == Qt.Key.Key_A.value and other:
            view.approach_requested.emit(person)
        elif key == Qt.Key.Key_C.value and other:
            view.chat_requested.emit(person)
        elif key == Qt.Key.Key_Escape.value:
            view.focus_person(None)
            self._leaving = True
        else:
            return False
        return True

    def _steer(self) -> None:
        dx = sum(_ARROWS[key][0] for key in self._held)
        dy = sum(_ARROWS[key][1] for key in self._held)
        if (dx, dy) != (0, 0) or self._view.walker.steered:
            self._view.steer(dx, dy)

    def _go(self, dx: int, dy: int) -> None:
        """The nearest person in a direction: within 45° of it, what is off the axis counts double."""
        view = self._view
        start = view.focused_person or view.self_id
        here = view.scene.place_of(start) if start is not None else None
        if here is None:
            here = view.camera.to_map(view.camera.width / 2, view.camera.height / 2)
        crowd = view.scene.crowd
        n = len(crowd)
        x, y = crowd.x[:n] - here[0], crowd.y[:n] - here[1]
        ahead, aside = x * dx + y * dy, np.abs(x * dy) + np.abs(y * dx)
        rows = np.flatnonzero((ahead > 0) & (aside <= ahead))
        if len(rows):
            nearest = int(rows[np.argmin(ahead[rows] + 2 * aside[rows])])
            found: PersonId = crowd.ids[nearest]
            view.focus_person(found)
