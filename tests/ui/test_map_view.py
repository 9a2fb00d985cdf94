"""Mouse, wheel and keyboard on the map; walking; the card."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from PySide6.QtCore import QMargins, QPoint, QPointF, QRect, Qt
from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QPointingDevice, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.core.model import Level, PersonId, Place
from app.ui.map.canvas import FIT_MARGIN
from app.ui.map.walking import REPORT_EVERY, SPEED
from tests.helpers.map_people import CELL, Map, drawn_office, hand

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def view(qtbot: QtBot) -> Map:
    made = Map()
    qtbot.addWidget(made)
    made.resize(1000, 640)
    made.set_map(drawn_office(), {})
    made.show()
    made.run(1)
    return made


def at(view: Map, x: int, y: int) -> QPoint:
    """px of the view of a place on the map."""
    px, py = view.camera.to_view(x, y)
    return QPoint(round(px / view.camera.dpr), round(py / view.camera.dpr))


def turn(view: Map, where: QPoint, notches: int, modifiers: Qt.KeyboardModifier) -> None:
    event = QWheelEvent(
        QPointF(where),
        QPointF(view.mapToGlobal(where)),
        QPoint(),
        QPoint(0, 120 * notches),
        Qt.MouseButton.NoButton,
        modifiers,
        Qt.ScrollPhase.NoScrollPhase,
        False,
        Qt.MouseEventSource.MouseEventNotSynthesized,
        QPointingDevice.primaryPointingDevice(),
    )
    QApplication.sendEvent(view, event)


def hold(view: Map, key: Qt.Key, *, down: bool) -> None:
    kind = QKeyEvent.Type.KeyPress if down else QKeyEvent.Type.KeyRelease
    QApplication.sendEvent(view, QKeyEvent(kind, key, Qt.KeyboardModifier.NoModifier))


# People under the pointer


def test_the_one_painted_last_is_hit(view: Map) -> None:
    view.add("Ann", 300, 300)
    bob = view.add("Bob", 310, 300)
    dpr = view.camera.dpr
    middle = view.face(bob) * dpr
    hit = view.scene.hit(middle.x(), middle.y())
    assert hit is not None
    assert hit.person == "Bob"
    assert view.scene.hit(middle.x() + round(60 * dpr), middle.y()) is None


def test_oneself_is_painted_and_hit_over_others(view: Map) -> None:
    me = view.add("Me", 300, 300, me=True)
    view.add("Bob", 306, 300)
    hit = view.scene.hit(view.face(me).x(), view.face(me).y())
    assert hit is not None
    assert hit.person == me


def test_a_click_on_somebody_activates_them_and_on_their_bubble_the_hand(view: Map, qtbot: QtBot) -> None:
    ann = view.add("Ann", 400, 400, hand=hand("Ann", Level.RED, "Please come"))
    view.run(1)
    people: list[str] = []
    hands: list[tuple[str, str]] = []
    view.person_activated.connect(lambda person, _: people.append(person))
    view.hand_activated.connect(lambda escalation, person, _: hands.append((escalation, person)))
    QTest.mouseClick(view, LEFT, pos=view.face(ann))
    assert (people, hands) == (["Ann"], [])
    body = view.scene.hands.bubbles[ann].body.center() - QPoint(view.camera.left, view.camera.top)
    QTest.mouseClick(view, LEFT, pos=body)
    assert (people, hands) == (["Ann"], [("hand-Ann", "Ann")])


def test_a_double_click_asks_to_approach_others_but_not_oneself(view: Map, qtbot: QtBot) -> None:
    ann, me = view.add("Ann", 400, 400), view.add("Me", 600, 400, me=True)
    asked: list[str] = []
    view.approach_requested.connect(asked.append)
    QTest.mouseDClick(view, LEFT, pos=view.face(ann))
    QTest.mouseDClick(view, LEFT, pos=view.face(me))
    assert asked == ["Ann"]


def test_a_double_click_takes_the_card_away(view: Map, qtbot: QtBot) -> None:
    ann = view.add("Ann", 400, 400)
    QTest.mouseMove(view, view.face(ann))
    qtbot.waitUntil(lambda: view.card.person == ann)
    QTest.mouseDClick(view, LEFT, pos=view.face(ann))
    assert view.card.isHidden()


def test_the_menu_comes_by_right_click_and_by_key(view: Map, qtbot: QtBot) -> None:
    ann, bob = view.add("Ann", 400, 400), view.add("Bob", 600, 400)
    asked: list[str] = []
    view.person_menu_requested.connect(lambda person, _: asked.append(person))
    reason = QContextMenuEvent.Reason
    QApplication.sendEvent(view, QContextMenuEvent(reason.Mouse, view.face(ann), QPoint()))
    QApplication.sendEvent(view, QContextMenuEvent(reason.Keyboard, QPoint(), QPoint()))
    view.focus_person(bob)
    QApplication.sendEvent(view, QContextMenuEvent(reason.Keyboard, QPoint(), QPoint()))
    assert asked == ["Ann", "Bob"]


def test_hovering_a_hand_shows_the_whole_message_and_offers_chat(view: Map, qtbot: QtBot) -> None:
    text = "A customer wants to cancel contract number 4471-22"
    ann = view.add("Ann", 400, 400, hand=hand("Ann", Level.YELLOW, text))
    view.run(1)
    body = view.scene.hands.bubbles[ann].body.center() - QPoint(view.camera.left, view.camera.top)
    QTest.mouseMove(view, QPoint(5, 5))
    QTest.mouseMove(view, body)
    qtbot.waitUntil(lambda: view.card.isVisible())
    assert view.card.person == ann
    assert view.rect().contains(view.card.geometry())
    wide = view.card.height()
    view.put_avatar(replace(view.scene.avatars[ann], hand=None))
    assert view.card.height() < wide
    asked: list[str] = []
    view.chat_requested.connect(asked.append)
    view.card.chat_button.click()
    assert asked == ["Ann"]
    view.remove_avatar(ann)
    assert not view.card.isVisible()


# Walking


def test_a_click_on_the_floor_walks_there_at_once_and_tells_it(view: Map, qtbot: QtBot) -> None:
    view.add("Me", 100, 300, me=True)
    told: list[Place] = []
    view.self_moved.connect(told.append)
    QTest.mouseClick(view, LEFT, pos=at(view, 500, 300))
    view.run(0.1)
    assert view.scene.place_of(PersonId("Me")) != (100.0, 300.0)
    view.run(9)
    x, y = view.scene.place_of(PersonId("Me")) or (0, 0)
    assert abs(x - 500) <= 2
    assert abs(y - 300) <= 2
    assert told[-1] == Place(round(x), round(y))
    seconds = 400 / SPEED
    assert len(told) <= seconds / REPORT_EVERY + 2
    assert not view.ticking


def test_the_way_leads_round_walls_into_the_meeting_room(view: Map) -> None:
    inside = Place(32 * CELL + 16, 6 * CELL + 16)
    outside = Place(27 * CELL, 6 * CELL + 16)
    view.add("Me", outside.x, outside.y, me=True)
    view.walk_to(inside)
    walk_map = view.walker.walk_map
    assert walk_map is not None
    places: list[tuple[float, float]] = []
    for _ in range(200):
        view.run(0.05)
        places.append(view.scene.place_of(PersonId("Me")) or (0, 0))
    assert [round(part) for part in places[-1]] == [inside.x, inside.y]
    assert all(walk_map.walkable(Place(round(x), round(y))) for x, y in places)


def test_the_dotted_way_is_shown_until_one_arrives(view: Map) -> None:
    me = view.add("Me", 100, 500, me=True)
    view.walk_self([Place(700, 500)])
    before = len(view.scene.trails.boxes(me, view.camera))
    view.run(1)
    half = len(view.scene.trails.boxes(me, view.camera))
    assert 0 < half < before
    view.run(9)
    assert view.scene.trails.people == []


def test_the_way_of_somebody_who_approaches_goes_as_they_walk_it(view: Map) -> None:
    bob = view.add("Bob", 100, 500)
    view.show_approach(bob, [Place(400, 500)])
    shown: list[int] = []
    for x in range(120, 401, 20):
        view.move_avatar(bob, Place(x, 500))
        view.run(0.1)
        shown.append(len(view.scene.trails.boxes(bob, view.camera)))
    assert shown == sorted(shown, reverse=True)
    assert shown[0] > 10
    assert view.scene.trails.people == []


def test_arrow_keys_walk_while_held_and_never_into_a_wall(view: Map) -> None:
    me = view.add("Me", 100, 300, me=True)
    told: list[Place] = []
    view.self_moved.connect(told.append)
    view.setFocus()
    hold(view, Qt.Key.Key_Right, down=True)
    view.run(1)
    x, _ = view.scene.place_of(me) or (0, 0)
    assert x == pytest.approx(100 + SPEED, abs=8)
    hold(view, Qt.Key.Key_Right, down=False)
    hold(view, Qt.Key.Key_Left, down=True)
    hold(view, Qt.Key.Key_Up, down=True)
    view.run(6)
    x, y = view.scene.place_of(me) or (0, 0)
    assert CELL <= round(x) < CELL + 6
    assert CELL <= round(y) < CELL + 6
    hold(view, Qt.Key.Key_Left, down=False)
    hold(view, Qt.Key.Key_Up, down=False)
    view.run(2)
    assert told[-1] == Place(round(x), round(y))
    assert not view.ticking


def test_steps_of_others_are_smooth_and_do_not_fall_behind(view: Map) -> None:
    bob = view.add("Bob", 100, 300)
    seen: list[float] = []
    for step in range(1, 21):
        view.move_avatar(bob, Place(100 + 16 * step, 300))
        for _ in range(6):
            view.run(1 / 60, step=1 / 60)
            seen.append((view.scene.place_of(bob) or (0, 0))[0])
    steps = [b - a for a, b in pairwise(seen[12:])]
    assert max(steps) < 6  # 16 px in 6 frames
    assert min(steps) >= 0
    assert 100 + 16 * 20 - seen[-1] < 20
    view.run(1)
    assert view.scene.place_of(bob) == (420.0, 300.0)


def test_what_the_server_says_of_oneself_is_ignored_while_one_walks(view: Map) -> None:
    me = view.add("Me", 100, 300, me=True)
    view.walk_self([Place(500, 300)])
    view.run(0.5)
    here = view.scene.place_of(me)
    view.move_avatar(me, Place(110, 300))
    assert view.scene.place_of(me) == here
    view.place_avatar(me, Place(200, 200))
    view.run(3)
    assert view.scene.place_of(me) == (200.0, 200.0)


def test_reduced_motion_goes_there_without_a_walk(view: Map) -> None:
    view.set_reduced_motion(True)
    me, bob = view.add("Me", 100, 300, me=True), view.add("Bob", 100, 400)
    told: list[Place] = []
    view.self_moved.connect(told.append)
    view.walk_self([Place(300, 300), Place(300, 500)])
    view.move_avatar(bob, Place(140, 400))
    assert view.scene.place_of(bob) == (140.0, 400.0)
    view.run(0.3)
    assert view.scene.place_of(me) == (300.0, 500.0)
    assert told == [Place(300, 500)]


# Looking


def test_the_wheel_zooms_round_the_pointer_and_shift_pans(view: Map) -> None:
    where = QPoint(300, 200)
    before, zoom = view.camera.to_map(300, 200), view.camera.zoom
    turn(view, where, 2, Qt.KeyboardModifier.NoModifier)
    assert view.camera.zoom > zoom * 1.3
    after = view.camera.to_map(300, 200)
    assert abs(after[0] - before[0]) + abs(after[1] - before[1]) < 2
    turn(view, where, -2, Qt.KeyboardModifier.ControlModifier)
    assert view.camera.zoom == pytest.approx(zoom)
    left: int = view.camera.left
    turn(view, where, 1, Qt.KeyboardModifier.ShiftModifier)
    assert view.camera.left == left - 60
    assert view.camera.zoom == pytest.approx(zoom)


def test_dragging_pans_and_does_not_walk(view: Map) -> None:
    me = view.add("Me", 100, 300, me=True)
    left, top = view.camera.left, view.camera.top
    view.drag(QPoint(500, 300), QPoint(450, 340))
    assert (view.camera.left, view.camera.top) == (left + 50, top - 40)
    view.run(1)
    assert view.scene.place_of(me) == (100.0, 300.0)


def test_zoom_keys_fit_and_where_am_i(view: Map, qtbot: QtBot) -> None:
    me = view.add("Me", 100, 300, me=True)
    zoom = view.camera.zoom
    QTest.keyClick(view, Qt.Key.Key_Plus)
    QTest.keyClick(view, Qt.Key.Key_Plus)
    assert view.camera.zoom == pytest.approx(zoom * 1.25**2)
    QTest.keyClick(view, Qt.Key.Key_Minus)
    assert view.camera.zoom == pytest.approx(zoom * 1.25)
    QTest.keyClick(view, Qt.Key.Key_Home)
    view.run(2)
    assert (view.face(me) - view.rect().center()).manhattanLength() < 8
    QTest.keyClick(view, Qt.Key.Key_0)
    assert view.camera.zoom == pytest.approx(zoom)


def test_fit_keeps_clear_of_what_floats_over_the_edges(view: Map) -> None:
    view.set_insets(QMargins(0, 0, 0, 200))
    view.fit()
    assert view.space_map is not None
    bottom = at(view, 0, view.space_map.height)
    assert bottom.y() <= view.height() - 200


def test_who_sees_the_whole_map_still_does_in_a_smaller_window(view: Map) -> None:
    assert view.space_map is not None
    for size in ((640, 420), (1200, 760)):
        view.resize(*size)
        view.run(1)
        whole = QRect(at(view, 0, 0), at(view, view.space_map.width, view.space_map.height))
        free = view.rect().adjusted(FIT_MARGIN, FIT_MARGIN, -FIT_MARGIN, -FIT_MARGIN)
        assert free.adjusted(-2, -2, 2, 2).contains(whole)
        assert max(whole.width() / free.width(), whole.height() / free.height()) > 0.98
        assert view.scene.sharp


@pytest.mark.parametrize("look_elsewhere", ["zoom", "pan"])
def test_a_window_of_another_size_leaves_a_view_that_was_chosen(view: Map, look_elsewhere: str) -> None:
    if look_elsewhere == "zoom":
        view.zoom_by(1.5)
    else:
        view.pan(-40, 10)
    view.run(1)
    zoom = view.camera.zoom
    middle = view.camera.to_map(view.camera.width / 2, view.camera.height / 2)
    view.resize(640, 420)
    view.run(1)
    assert view.camera.zoom == zoom
    assert view.camera.to_map(view.camera.width / 2, view.camera.height / 2) == pytest.approx(middle, abs=2)
    view.fit()
    view.resize(600, 400)
    view.run(1)
    assert view.camera.zoom < zoom


def test_one_cannot_get_lost_beside_the_map_or_far_above_it(view: Map) -> None:
    fit = view.camera.zoom
    view.pan(-99_999, 50_000)
    assert view.space_map is not None
    x, y = view.camera.to_map(view.camera.width / 2, view.camera.height / 2)
    assert 0 <= x <= view.space_map.width + 1
    assert -1 <= y <= view.space_map.height
    for _ in range(30):
        view.zoom_by(0.5)
    assert view.camera.zoom == pytest.approx(fit * 0.6)


# Keyboard


def test_tab_goes_through_people_hands_first_and_out_at_the_end(view: Map, qtbot: QtBot) -> None:
    view.add("Ann", 200, 300)
    view.add("Bob", 400, 300, hand=hand("Bob"))
    view.add("Cem", 600, 300, hand=hand("Cem", Level.RED))
    view.setFocus(Qt.FocusReason.TabFocusReason)
    seen = [view.focused_person]
    for _ in range(2):
        assert view.focusNextPrevChild(True)
        seen.append(view.focused_person)
    assert seen == ["Cem", "Bob", "Ann"]
    assert view.card.isVisible()
    view.focusNextPrevChild(True)
    assert view.focused_person is None
    assert not view.card.isVisible()


def test_escape_lets_tab_leave_the_map_at_once(view: Map, qtbot: QtBot) -> None:
    for i in range(20):
        view.add(f"P{i}", 100 + 30 * i, 300)
    view.setFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClick(view, Qt.Key.Key_Escape)
    view.focusNextPrevChild(True)
    assert view.focused_person is None
    assert not view.hasFocus()


def test_ctrl_arrows_go_to_the_nearest_person_that_way(view: Map, qtbot: QtBot) -> None:
    view.add("Middle", 500, 400, me=True)
    view.add("Right", 700, 410)
    view.add("Far", 900, 400)
    view.add("Below", 510, 600)
    control = Qt.KeyboardModifier.ControlModifier
    QTest.keyClick(view, Qt.Key.Key_Right, control)
    assert view.focused_person == "Right"
    QTest.keyClick(view, Qt.Key.Key_Right, control)
    assert view.focused_person == "Far"
    view.focus_person(PersonId("Middle"))
    QTest.keyClick(view, Qt.Key.Key_Down, control)
    assert view.focused_person == "Below"


def test_keys_act_on_who_has_the_focus(view: Map, qtbot: QtBot) -> None:
    view.add("Ann", 300, 300, hand=hand("Ann"))
    said: list[str] = []
    view.hand_activated.connect(lambda escalation, *_: said.append(escalation))
    view.approach_requested.connect(lambda person: said.append(f"approach {person}"))
    view.chat_requested.connect(lambda person: said.append(f"chat {person}"))
    QTest.keyClick(view, Qt.Key.Key_A)
    view.focus_person(PersonId("Ann"))
    for key in (Qt.Key.Key_Return, Qt.Key.Key_A, Qt.Key.Key_C):
        QTest.keyClick(view, key)
    assert said == ["hand-Ann", "approach Ann", "chat Ann"]


def test_focusing_somebody_outside_the_view_brings_them_into_it(view: Map) -> None:
    ann = view.add("Ann", 1200, 700)
    view.zoom_by(3)
    view.pan(900, 900)
    assert not view.rect().contains(view.face(ann))
    view.focus_person(ann)
    assert view.rect().contains(view.face(ann))


def test_the_buttons_say_what_they_do(view: Map, qtbot: QtBot) -> None:
    zoom = view.camera.zoom
    names = [button.accessibleName() for button in view.controls.buttons]
    assert names == ["Zoom in", "Zoom out", "Show the whole map", "Where am I?"]
    QTest.mouseClick(view.controls.buttons[0], LEFT)
    assert view.camera.zoom > zoom
    QTest.mouseClick(view.controls.buttons[2], LEFT)
    assert view.camera.zoom == pytest.approx(zoom)
