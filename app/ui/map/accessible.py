"""The map as assistive technology sees it: a list, and everybody on it an item.

Qt asks the installed factory for an interface of each widget; ours answers for the map. Items are made when
they are asked for. Python references to all interfaces are kept as long as Qt may use them; of an interface
that Qt has deleted, Shiboken never lets the Python object go, so none of them holds the map.
"""

from __future__ import annotations

from functools import cache, partial
from typing import TYPE_CHECKING, cast
from weakref import ref

from PySide6.QtCore import QObject, QRect
from PySide6.QtGui import (
    QAccessible,
    QAccessibleEvent,
    QAccessibleInterface,
    QColor,
    QWindow,
)
from PySide6.QtWidgets import QAccessibleWidget

from app.core.model import Level, PersonId
from app.ui.i18n import tr, trn
from app.ui.map.colours import ROLE_MARKS
from app.ui.map.model import Avatar
from app.ui.words import elapsed, in_a_row, role_words, status_words

if TYPE_CHECKING:
    from app.ui.map.view import MapView


class PersonItem(QAccessibleInterface):
    """One avatar as a list item."""

    def __init__(self, view: MapView, person: PersonId) -> None:
        super().__init__()
        self._view = ref(view)
        self.person = person
        self.gone = False

    @property
    def _shown_on(self) -> MapView | None:
        """The map, while it shows them."""
        view = None if self.gone else self._view()
        return view if view is not None and self.person in view.scene.crowd.row else None

    def isValid(self) -> bool:
        return self._shown_on is not None

    def object(self) -> QObject:
        return cast(QObject, None)  # an avatar is no QObject; Qt expects a null pointer here

    def window(self) -> QWindow:
        view = self._shown_on
        return cast(QWindow, view.window().windowHandle() if view is not None else None)

    def parent(self) -> QAccessibleInterface:
        view = self._shown_on
        found = QAccessible.queryAccessibleInterface(view) if view is not None else None
        return cast(QAccessibleInterface, found)

    def child(self, index: int) -> QAccessibleInterface:
        return cast(QAccessibleInterface, None)

    def childAt(self, x: int, y: int) -> QAccessibleInterface:
        return cast(QAccessibleInterface, None)

    def childCount(self) -> int:
        return 0

    def indexOfChild(self, child: QAccessibleInterface) -> int:
        return -1

    def rect(self) -> QRect:
        view = self._shown_on
        if view is None:
            return QRect()
        face = view.anchor(self.person).toAlignedRect()
        return QRect(view.mapToGlobal(face.topLeft()), face.size())

    def role(self) -> QAccessible.Role:
        return QAccessible.Role.ListItem

    def state(self) -> QAccessible.State:
        state, view = QAccessible.State(), self._shown_on
        if view is None:
            _set(state, "invalid")
            return state
        _set(state, "focusable")
        if view.focused_person == self.person and view.hasFocus():
            _set(state, "focused")
        if not view.rect().intersects(view.anchor(self.person).toAlignedRect()):
            _set(state, "offscreen")
        return state

    def text(self, kind: QAccessible.Text) -> str:
        view = self._shown_on
        if view is None:
            return ""
        if kind == QAccessible.Text.Name:
            return describe(view, view.scene.avatars[self.person])
        if kind == QAccessible.Text.Help:
            return tr("Enter opens, A approaches, C chats")
        return ""

    def setText(self, kind: QAccessible.Text, text: str) -> None:
        """Nothing here can be written."""

    def foregroundColor(self) -> QColor:
        return QColor()

    def backgroundColor(self) -> QColor:
        return QColor()


class MapAccessible(QAccessibleWidget):
    """The list: everybody in reading order, then the map's own buttons."""

    def __init__(self, view: MapView) -> None:
        super().__init__(view, QAccessible.Role.List, tr("Map of the space"))
        self._map = ref(view)
        self.items: dict[PersonId, PersonItem] = {}
        view.destroyed.connect(partial(_forget, self.items))

    @property
    def _view(self) -> MapView:
        """Qt deletes this with the map, so it is there whenever this is asked."""
        view = self._map()
        assert view is not None
        return view

    def item(self, person: PersonId) -> PersonItem:
        if person not in self.items:
            self.items[person] = PersonItem(self._view, person)
            QAccessible.registerAccessibleInterface(self.items[person])
        return self.items[person]

    def childCount(self) -> int:
        return len(self._view.scene.crowd) + super().childCount()

    def child(self, index: int) -> QAccessibleInterface:
        people = self._view.people_in_order()
        if 0 <= index < len(people):
            return self.item(people[index])
        return super().child(index - len(people))

    def indexOfChild(self, child: QAccessibleInterface) -> int:
        people = self._view.people_in_order()
        if isinstance(child, PersonItem):
            return people.index(child.person) if child.person in people else -1
        index = super().indexOfChild(child)
        return index + len(people) if index >= 0 else -1

    def childAt(self, x: int, y: int) -> QAccessibleInterface:
        person = self._view.person_at_global(x, y)
        return self.item(person) if person is not None else super().childAt(x, y)

    def focusChild(self) -> QAccessibleInterface:
        focused = self._view.focused_person
        if focused is not None and self._view.hasFocus():
            return self.item(focused)
        return super().focusChild()

    def drop(self, person: PersonId) -> None:
        item = self.items.pop(person, None)
        if item is not None:
            tell(QAccessibleEvent(item, QAccessible.Event.ObjectDestroyed))
            _delete(item)


def _delete(item: PersonItem) -> None:
    item.gone = True
    QAccessible.deleteAccessibleInterface(QAccessible.uniqueId(item))


def _forget(items: dict[PersonId, PersonItem]) -> None:
    """The map is gone; Qt deletes by itself only what belongs to a widget."""
    while items:
        _delete(items.popitem()[1])


def describe(view: MapView, avatar: Avatar) -> str:
    """One sentence about somebody: name, hand, state, role, place."""
    parts = [avatar.name]
    hand = avatar.hand
    if hand is not None:
        since = elapsed(view.wall() - hand.raised_at)
        red = hand.level is Level.RED
        parts.append(
            tr("calls for help, {time}", time=since) if red else tr("hand raised, {time}", time=since)
        )
        if hand.message:
            parts.append(hand.message)
        if hand.coming:
            parts.append(trn("{n} person is on the way", "{n} people are on the way", hand.coming))
    parts.append(tr("Connection lost") if avatar.lost else status_words(avatar.status, avatar.auto_away))
    if avatar.lost_channels:
        parts.append(avatar.lost_channels)
    if ROLE_MARKS[avatar.role]:
        parts.append(role_words(avatar.role))
    if avatar.is_self:
        parts.append(tr("You"))
    place = view.zone_name(avatar.zone)
    if place:
        parts.append(place)
    return in_a_row(parts)


@cache
def install() -> None:
    """Let Qt ask us about maps; once in a process."""
    QAccessible.installFactory(_factory)


def tell(event: QAccessibleEvent) -> None:
    QAccessible.updateAccessibility(event)


def arrived(view: MapView, person: PersonId) -> None:
    """Somebody came onto the map."""
    if QAccessible.isActive():
        item = view.accessible_map().item(person)
        tell(QAccessibleEvent(item, QAccessible.Event.ObjectCreated))


def leaving(view: MapView, person: PersonId) -> None:
    """Somebody is about to leave the map."""
    if QAccessible.isActive():
        view.accessible_map().drop(person)


def changed(view: MapView, person: PersonId) -> None:
    """Status, hand, message or place of somebody changed."""
    if QAccessible.isActive() and person in view.scene.crowd.row:
        item = view.accessible_map().item(person)
        tell(QAccessibleEvent(item, QAccessible.Event.NameChanged))


def focused(view: MapView, person: PersonId) -> None:
    """Somebody got the keyboard's attention."""
    if QAccessible.isActive():
        item = view.accessible_map().item(person)
        tell(QAccessibleEvent(item, QAccessible.Event.Focus))


def _factory(name: str, thing: QObject | None) -> QAccessibleInterface | None:
    maker = getattr(thing, "accessible_map", None)
    return cast(QAccessibleInterface, maker()) if maker is not None else None


def _set(state: QAccessible.State, *names: str) -> None:
    """Set bits of a state; the stubs know them as numbers only."""
    for name in names:
        setattr(state, name, 1)
