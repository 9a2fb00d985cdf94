"""What assistive technology reads from the map."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QAccessibleEvent, QAccessibleInterface
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.core.model import Level, Role, Status
from app.ui.map import accessible
from tests.helpers.map_people import ROOM, Map, drawn_office, hand


@pytest.fixture
def view(qtbot: QtBot) -> Iterator[Map]:
    made = Map()
    qtbot.addWidget(made)
    made.resize(800, 600)
    made.set_map(drawn_office(), {})
    made.show()
    QAccessible.setActive(True)
    yield made
    QAccessible.setActive(False)


def root(view: Map) -> QAccessibleInterface:
    found = QAccessible.queryAccessibleInterface(view)
    assert found is not None
    return found


def names(view: Map) -> list[str]:
    """The names of the list's items, in its order."""
    listing = root(view)
    items = [listing.child(i) for i in range(listing.childCount())]
    return [i.text(QAccessible.Text.Name) for i in items if i.role() == QAccessible.Role.ListItem]


def test_the_map_is_a_list_of_people_with_hands_first(view: Map) -> None:
    view.add("Ann", 200, 300)
    view.add("Bob", 400, 300, hand=hand("Bob", at=960))
    view.add("Cem", 600, 300, hand=hand("Cem", Level.RED, "Customer wants a manager", at=990, coming=2))
    assert root(view).role() == QAccessible.Role.List
    assert names(view) == [
        "Cem, calls for help, 0:10, Customer wants a manager, 2 people are on the way, Available",
        "Bob, hand raised, 0:40, Available",
        "Ann, Available",
    ]


def test_an_item_says_status_role_place_and_a_lost_connection(view: Map) -> None:
    ann = view.add("Ann", 1000, 150)
    avatar = replace(view.scene.avatars[ann], status=Status.ON_CALL, role=Role.SUPERVISOR, zone=ROOM)
    view.put_avatar(avatar)
    assert names(view) == ["Ann, On a call, Supervisor, Meeting room Kita"]
    view.put_avatar(replace(avatar, lost=True))
    assert names(view) == ["Ann, Connection lost, Supervisor, Meeting room Kita"]


def test_an_item_lies_where_the_face_is(view: Map) -> None:
    ann = view.add("Ann", 400, 300)
    item = root(view).child(0)
    middle = view.mapToGlobal(view.face(ann))
    assert item.rect().contains(middle)
    assert item.parent() is not None
    found = root(view).childAt(middle.x(), middle.y())
    assert found.text(QAccessible.Text.Name).startswith("Ann")
    assert root(view).indexOfChild(item) == 0


def test_the_buttons_follow_the_people(view: Map) -> None:
    view.add("Ann", 400, 300)
    listing = root(view)
    assert listing.childCount() > 1
    seen = {child.text(QAccessible.Text.Name) for child in everything_in(listing)}
    assert {"Zoom in", "Zoom out", "Show the whole map", "Where am I?"} <= seen


def everything_in(interface: QAccessibleInterface) -> Iterator[QAccessibleInterface]:
    for i in range(interface.childCount()):
        child = interface.child(i)
        if child is not None:
            yield child
            yield from everything_in(child)


def test_keyboard_focus_and_changes_are_told(
    view: Map, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[tuple[QAccessible.Event, str]] = []

    def record(event: QAccessibleEvent) -> None:
        told.append((event.type(), event.accessibleInterface().text(QAccessible.Text.Name)))

    monkeypatch.setattr(accessible, "tell", record)
    ann = view.add("Ann", 400, 300)
    view.setFocus(Qt.FocusReason.OtherFocusReason)
    QTest.keyClick(view, Qt.Key.Key_Tab)
    assert view.focused_person == ann
    assert (QAccessible.Event.Focus, "Ann, Available") in told
    view.put_avatar(replace(view.scene.avatars[ann], status=Status.BUSY))
    assert (QAccessible.Event.NameChanged, "Ann, Busy") in told


def test_items_of_people_who_left_are_invalid_and_nothing_crashes(view: Map) -> None:
    people = [view.add(f"P{i}", 100 + 40 * i, 300) for i in range(10)]
    items = [root(view).child(i) for i in range(10)]
    assert all(item.isValid() for item in items)
    view.focus_person(people[3])
    for person in people[:5]:
        view.remove_avatar(person)
    gc.collect()
    assert len(names(view)) == 5
    again = view.add("P0", 100, 100)
    assert names(view)[0] == "P0, Available"
    view.remove_avatar(again)
    gc.collect()
    assert len(names(view)) == 5
