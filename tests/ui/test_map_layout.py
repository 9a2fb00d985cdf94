"""Names, bubbles and pointers find their places; colours are stable and can be read."""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QRect
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from app.core.maps import ShapeKind
from app.core.model import Level, PersonId, Place, Role, Status
from app.ui.map import FACES, face_colour, initials, map_colours
from app.ui.map.bubbles import Shifted
from app.ui.theme import THEMES
from tests.helpers.map_people import ROOM, Map, crowd, drawn_office, hand

UPRIGHT = Shifted()


@pytest.fixture
def view(qtbot: QtBot) -> Map:
    made = Map()
    qtbot.addWidget(made)
    made.resize(1000, 640)
    made.set_map(drawn_office(), {})
    made.show()
    made.zoom_by(1 / made.camera.zoom)
    made.run(1)
    return made


def label_box(view: Map, person: PersonId) -> QRect | None:
    """Device px of the zoomed map that somebody's name takes."""
    c, row = view.scene.crowd, view.scene.crowd.row[person]
    if not c.labelled[row]:
        return None
    width, height = int(c.label_room[row]), view.scene.style.labels.height
    return QRect(int(c.px[row]) - width // 2, int(c.py[row]) + int(c.label_top[row]), width, height)


def face_box(view: Map, person: PersonId) -> QRect:
    c, row, radius = view.scene.crowd, view.scene.crowd.row[person], view.scene.radius
    return QRect(int(c.px[row]) - radius, int(c.py[row]) - radius, 2 * radius, 2 * radius)


# Names


def test_a_name_stands_below_its_face_and_never_on_it(view: Map) -> None:
    ann = view.add("Ann Mori", 300, 300)
    view.run(1)
    box = label_box(view, ann)
    assert box is not None
    assert box.top() > face_box(view, ann).bottom()
    assert box.center().x() == pytest.approx(face_box(view, ann).center().x(), abs=1)


def test_names_side_by_side_share_the_room(view: Map) -> None:
    people = [view.add(f"Maximiliana Featherstone {i}", 200 + 70 * i, 300) for i in range(3)]
    short = view.add("Jo", 130, 300)
    view.run(1)
    boxes = [label_box(view, person) for person in (*people, short)]
    assert None not in boxes
    found = [box for box in boxes if box is not None]
    assert not any(a.intersects(b) for i, a in enumerate(found) for b in found[:i])
    assert [box.width() for box in found[:3]] == [64, 64, 64]
    view.remove_avatar(people[1])
    view.run(1)
    alone = label_box(view, people[0])
    assert alone is not None
    assert alone.width() > 100  # the short neighbour leaves it most of the room


def test_a_name_steps_aside_for_a_face_below_it(view: Map) -> None:
    upper, lower = view.add("Upper", 300, 300), view.add("Lower", 304, 345)
    view.run(1)
    box = label_box(view, upper)
    assert box is not None
    assert box.bottom() < face_box(view, upper).top()
    below = label_box(view, lower)
    assert below is not None
    assert below.top() > face_box(view, lower).bottom()


def test_in_a_crowd_no_name_lies_on_a_face_or_another_name_of_its_row(view: Map) -> None:
    rnd = random.Random(5)
    names = ("Ann", "Ben", "Cem", "田中愛子", "Maximilian")
    people = [
        view.add(f"{names[i % 5]} {i}", 60 + rnd.randrange(900), 120 + rnd.randrange(500)) for i in range(60)
    ]
    view.run(1)
    faces = [face_box(view, person) for person in people]
    boxes = [(label_box(view, person), face_box(view, person)) for person in people]
    below = [name for name, face in boxes if name is not None and name.top() > face.top()]
    core = [box.adjusted(4, 2, -4, -2) for box in below]
    assert sum(box.intersects(face.adjusted(3, 3, -3, -3)) for box in core for face in faces) == 0
    assert len(below) > 20


def test_names_above_do_not_lie_on_names_below(view: Map) -> None:
    """Ann's name stands above her face because Bob stands below; up there is Cem's."""
    cem, ann = view.add("Cem", 300, 300), view.add("Ann", 300, 375)
    view.add("Bob", 302, 420)
    view.run(1)
    upper, name = label_box(view, cem), label_box(view, ann)
    assert upper is not None
    assert name is None or not name.intersects(upper)


def test_who_stands_a_row_further_down_takes_no_name_away(view: Map) -> None:
    """Desks back to back: 86 px between two rows are enough for a name."""
    people = [view.add(f"Ann {x} {y}", x, y) for x in (300, 400) for y in (200, 286, 372)]
    view.run(1)
    boxes = [label_box(view, person) for person in people]
    assert all(
        box is not None and box.top() > face_box(view, p).bottom()
        for box, p in zip(boxes, people, strict=True)
    )


def test_a_name_goes_before_its_role_mark(view: Map) -> None:
    ann = view.add("Quentin Roy", 400, 400)
    avatar = replace(view.scene.avatars[ann], role=Role.SUPERVISOR)
    painter = view.scene.style.label_painter
    whole = painter.width(avatar)
    room = painter.width(replace(avatar, name="Quentin", role=Role.AGENT))
    assert painter.shown(avatar, whole)[0] == "Quentin Roy"
    assert painter.shown(avatar, whole)[1] > 0
    assert painter.shown(avatar, room) == ("Quentin", 0.0)
    assert painter.shown(avatar, room - 20)[0].endswith("…")


def test_a_walker_disturbs_nobodys_name(view: Map) -> None:
    ann, bob = view.add("Annabel", 300, 300), view.add("Bob", 500, 300)
    view.run(1)
    before = label_box(view, ann)
    for x in range(480, 300, -20):
        view.move_avatar(bob, Place(x, 300))
        view.run(0.1)
        assert label_box(view, ann) == before
    view.run(2)
    assert label_box(view, ann) != before


def test_far_away_as_many_names_stay_as_there_is_room_for(view: Map) -> None:
    me, bob = view.add("Me", 300, 300, me=True), view.add("Bob", 300, 600, hand=hand("Bob"))
    people = [view.add(f"Person {i}", 620 + 60 * (i % 6), 300 + 130 * (i // 6)) for i in range(18)]
    view.zoom_by(0.4)
    view.run(1)
    shown = [box for person in people if (box := label_box(view, person)) is not None]
    assert 5 <= len(shown) <= 6
    assert not any(a.intersects(b) for i, a in enumerate(shown) for b in shown[:i])
    faces = [face_box(view, person) for person in (*people, me, bob)]
    assert not any(box.intersects(face) for box in shown for face in faces)
    assert label_box(view, me) is not None
    assert label_box(view, bob) is not None
    hidden = next(person for person in people if label_box(view, person) is None)
    view.focus_person(hidden)
    view.run(1)
    assert label_box(view, hidden) is not None


def test_far_away_a_walker_is_named_and_takes_no_name_away(view: Map) -> None:
    ann, eve = view.add("Ann", 300, 300), view.add("Eve", 900, 600)
    view.add("Cem", 120, 100)
    dan = view.add("Dan", 140, 110)
    view.zoom_by(0.4)
    view.run(1)
    assert label_box(view, dan) is None
    view.move_avatar(dan, Place(290, 300))
    view.run(0.2)
    assert label_box(view, dan) is not None
    assert label_box(view, ann) is not None
    assert label_box(view, eve) is not None


def test_the_layout_is_the_same_wherever_the_view_looks(view: Map) -> None:
    people = crowd(view, 80)
    view.run(1)
    before = [label_box(view, person) for person in people]
    view.pan(-300, 120)
    view.scene._arrange_labels()
    assert [label_box(view, person) for person in people] == before


# Hands


def test_bubbles_do_not_hide_each_other(view: Map) -> None:
    for i in range(8):
        level = Level.RED if i % 2 else Level.YELLOW
        raised = hand(str(i), level, "Please help me", at=i)
        view.add(f"P{i}", 300 + 45 * (i % 4), 400 + 60 * (i // 4), hand=raised)
    view.run(1)
    bodies = [bubble.body for bubble in view.scene.hands.bubbles.values()]
    assert len(bodies) == 8
    assert not any(a.intersects(b) for i, a in enumerate(bodies) for b in bodies[:i])


def test_a_bubble_points_at_its_avatar_at_every_zoom(view: Map) -> None:
    ann = view.add("Ann", 500, 400, hand=hand("Ann", Level.RED, "Customer asks for a manager"))
    sizes = set()
    for zoom in (0.35, 0.7, 1.0, 2.0):
        view.zoom_by(zoom / view.camera.zoom)
        view.run(1)
        bubble = view.scene.hands.bubbles[ann]
        face = face_box(view, ann)
        assert abs(bubble.tip.x() - face.center().x()) <= 1
        assert 0 <= face.top() - bubble.tip.y() <= 3
        sizes.add(bubble.body.size().toTuple())
    assert len(sizes) == 1  # hands stay full size


def test_a_bubble_stands_over_the_name_of_who_raised_it(view: Map) -> None:
    ann = view.add("Ann", 500, 400, hand=hand("Ann", Level.RED, "Customer asks for a manager"))
    view.add("Bob", 504, 445)
    view.run(2)
    name, bubble = label_box(view, ann), view.scene.hands.bubbles[ann]
    assert name is not None
    assert name.bottom() < face_box(view, ann).top()  # Bob stands where it would be
    assert not bubble.body.intersects(name)
    assert abs(bubble.tip.y() - name.top()) <= 2


def test_a_bubble_makes_room_for_who_comes_to_help(view: Map) -> None:
    ann = view.add("Ann", 500, 400, hand=hand("Ann", Level.RED, "Customer asks for a manager"))
    bob = view.add("Bob", 700, 300)
    view.run(1)
    for x in range(680, 480, -40):
        view.move_avatar(bob, Place(x, 370))
        view.run(0.1)
    view.move_avatar(bob, Place(500, 362))
    view.run(3)
    assert not view.scene.hands.bubbles[ann].body.intersects(face_box(view, bob))


def test_a_bubble_does_not_fly_away_from_a_crowd(view: Map) -> None:
    ann = view.add("Ann", 500, 500, hand=hand("Ann", Level.RED, "Customer asks for a manager"))
    for x in range(340, 700, 50):
        for y in (250, 310, 370, 430):
            view.add(f"P{x} {y}", x, y)
    view.run(1)
    bubble = view.scene.hands.bubbles[ann]
    assert bubble.tip.y() - bubble.body.bottom() < 3 * bubble.body.height()


@pytest.mark.parametrize("x", [30, 60, 500, 940, 975])
def test_a_bubble_is_not_cut_by_the_edge_of_the_view(view: Map, x: int) -> None:
    """``x``: px of the raiser from the left edge of the view, reached by panning."""
    camera = view.camera
    ann = view.add("Ann", 600, 400, hand=hand("Ann", Level.RED, "Customer asks for a manager, line 3"))
    view.run(1)
    view.pan(x - (face_box(view, ann).center().x() - camera.left), 0)
    bubble = view.scene.hands.bubbles[ann]
    assert face_box(view, ann).center().x() - camera.left == pytest.approx(x, abs=1)
    assert bubble.body.left() >= camera.left
    assert bubble.body.right() <= camera.left + camera.width
    assert abs(bubble.tip.x() - face_box(view, ann).center().x()) <= 1


def test_a_long_message_is_cut_and_a_count_of_helpers_is_added(view: Map) -> None:
    painter = view.scene.style.bubble_painter
    short, long = hand("a", message="Help"), hand("b", message="W" * 50)
    assert painter.body_width(short) < painter.body_width(long) < 300
    assert painter.body_width(replace(short, coming=2)) > painter.body_width(short)
    lines, line = replace(long, message="one\ntwo"), replace(long, message="one two")
    assert painter.body_width(lines) == painter.body_width(line)


def test_red_and_yellow_differ_in_shape_too(view: Map) -> None:
    painter = view.scene.style.bubble_painter
    yellow, red = hand("a"), hand("a", Level.RED)
    assert painter.body_width(red) > painter.body_width(yellow)  # the exclamation mark
    corners = []
    for one in (yellow, red):
        box, body = painter.place(one, 0, 0, UPRIGHT)
        image = painter.pixmap(one, UPRIGHT).toImage()
        corner = body.topLeft() - box.topLeft() + QPoint(3, 3)
        corners.append(image.pixelColor(corner).alpha())
    assert corners[0] < 200 < corners[1]  # a pill has no corner there, the angular one has


def test_a_hand_outside_the_view_is_pointed_at_from_its_edge(view: Map) -> None:
    ann = view.add("Ann", 1200, 700, hand=hand("Ann", Level.RED))
    view.run(1)
    view.zoom_by(3, QPoint(0, 0))
    view.pan(2000, 2000)
    view.run(1)
    (pointer,) = view.scene.overlay.pointers
    assert pointer.person == ann
    safe = view.scene.safe
    assert safe.contains(pointer.box.center())
    assert min(safe.right() - pointer.box.right(), safe.bottom() - pointer.box.bottom()) < 4
    assert 0 < pointer.turn < 6  # down to the right
    hit = view.scene.hit(pointer.box.center().x(), pointer.box.center().y())
    assert hit is not None
    assert hit.person == ann
    assert hit.hand
    view.centre_on(ann)
    view.run(2)
    assert view.scene.overlay.pointers == []


def test_pointers_do_not_hide_each_other(view: Map) -> None:
    for i in range(5):
        view.add(f"P{i}", 1200, 640 + 12 * i, hand=hand(str(i), at=i))
    view.zoom_by(3, QPoint(0, 0))
    view.pan(2000, 2000)
    view.run(1)
    boxes = [pointer.box.adjusted(8, 8, -8, -8) for pointer in view.scene.overlay.pointers]
    assert len(boxes) == 5
    assert not any(a.intersects(b) for i, a in enumerate(boxes) for b in boxes[:i])


# Zones, looks


def test_a_meeting_room_shows_how_many_are_in_it(view: Map) -> None:
    ann = view.add("Ann", 1000, 150)
    empty = view.scene.signs.signs[ROOM]
    view.put_avatar(replace(view.scene.avatars[ann], zone=ROOM))
    view.run(1)
    one = view.scene.signs.signs[ROOM]
    assert one.pixmap.cacheKey() != empty.pixmap.cacheKey()
    view.remove_avatar(ann)
    view.run(1)
    assert view.scene.signs.signs[ROOM].pixmap.cacheKey() == empty.pixmap.cacheKey()


def test_each_status_has_its_own_look_without_colour(view: Map) -> None:
    """In grey values alone the faces of all states differ."""
    ann = view.add("Ann", 500, 400)
    avatar = view.scene.avatars[ann]
    looks = [
        *(replace(avatar, status=status) for status in Status),
        replace(avatar, auto_away=True),
        replace(avatar, status=Status.AWAY, auto_away=True, lost=True),
    ]
    view.zoom_by(2)
    pictures = []
    for look in looks:
        view.put_avatar(look)
        view.run(1)
        face = view.anchor(ann).toAlignedRect().adjusted(-6, -6, 6, 6)
        grey = view.grab(face).toImage().convertToFormat(QImage.Format.Format_Grayscale8)
        pictures.append(np.frombuffer(grey.constBits(), np.uint8).copy())
    for i, one in enumerate(pictures):
        for other in pictures[:i]:
            assert np.count_nonzero(np.abs(one.astype(int) - other) > 60) > 40


def test_faces_have_stable_colours_and_readable_initials() -> None:
    assert [face_colour(PersonId(name)) for name in ("ann", "bob", "chie")] == [3, 8, 8]
    assert len({face_colour(PersonId(f"p{i}")) for i in range(200)}) == len(FACES)
    assert min(contrast(face, "#ffffff") for face in FACES) >= 4.5


@pytest.mark.parametrize("name", THEMES)
def test_rings_glyphs_and_texts_of_the_map_can_be_seen(name: str) -> None:
    colours = map_colours(THEMES[name])
    floors = [colours.office.shapes[ShapeKind.FLOOR], colours.office.room]
    for floor in floors:
        assert contrast(colours.office.zone_text, floor) >= 4.5
        for status in Status:
            assert contrast(colours.status[status], floor) >= 3, (status, floor)
    for status in Status:
        assert contrast(colours.status[status], colours.halo) >= 3  # the glyph in its badge
    assert contrast(colours.text, colours.surface) >= 4.5
    assert contrast(colours.muted, colours.surface) >= 4.5
    assert contrast(colours.on_accent, colours.accent) >= 4.5
    assert contrast(colours.on_red, colours.red) >= 4.5
    assert contrast(colours.on_yellow, colours.yellow) >= 4.5
    assert set(colours.office.shapes) == set(ShapeKind)


def contrast(one: str, other: str) -> float:
    """The ratio of WCAG 2.1, 1..21."""

    def light(colour: str) -> float:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    brighter, darker = sorted((light(one), light(other)), reverse=True)
    return (brighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("Ann Mori", "AM"),
        ("Ann", "An"),
        ("田中 愛子", "田"),
        ("Jean-Luc de la Tour", "JT"),
        ("  ", "?"),
        ("(Bob) Ray", "RA"),
        ("😀", "😀"),
    ],
)
def test_initials(name: str, short: str) -> None:
    assert initials(name).upper() == short.upper()


def test_a_role_is_marked_in_the_name_plate(view: Map) -> None:
    ann = view.add("Ann", 400, 400)
    row = view.scene.crowd.row[ann]
    plain = int(view.scene.crowd.label_width[row])
    view.put_avatar(replace(view.scene.avatars[ann], role=Role.SUPERVISOR))
    assert view.scene.crowd.label_width[row] > plain + 8
