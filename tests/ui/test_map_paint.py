"""Painting only what changed gives the pixels that painting everything gives; and painting ends."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QRect
from PySide6.QtGui import QColor, QImage
from pytestqt.qtbot import QtBot

from app.core.maps import ShapeKind
from app.core.model import Level, Place, Status
from app.ui.map import painting
from app.ui.map.camera import Camera
from app.ui.map.dirty import in_view, merged
from app.ui.theme import DARK
from tests.helpers.map_people import ROOM, Map, crowd, drawn_office, hand, painted_anew, screenshot


@pytest.fixture
def view(qtbot: QtBot) -> Map:
    made = Map()
    qtbot.addWidget(made)
    made.resize(900, 620)
    made.set_map(drawn_office(), {})
    with qtbot.waitExposed(made):
        made.show()
    made.controls.hide()  # a widget over the map: not the map's painting
    made.run(1)
    return made


def differing(one: QImage, other: QImage) -> int:
    """How many pixels of two pictures are not the same."""
    assert one.size() == other.size()
    arrays = [
        np.frombuffer(image.constBits(), np.uint32).reshape(image.height(), image.bytesPerLine() // 4)
        for image in (one, other)
    ]
    return int(np.count_nonzero((arrays[0] ^ arrays[1]) & 0xFFFFFF))


def settled(qtbot: QtBot, view: Map) -> QImage:
    """What is on the screen after the pending painting."""
    view.tick()
    qtbot.waitUntil(lambda: view.painted)
    return screenshot(view)


def test_incremental_painting_equals_painting_everything(view: Map, qtbot: QtBot) -> None:
    people = crowd(view, 60)
    view.run(1)
    settled(qtbot, view)
    rnd = random.Random(3)
    for step in range(24):
        for person in rnd.sample(people, 4):
            at = view.scene.place_of(person)
            assert at is not None
            place = Place(round(at[0]) + rnd.randrange(-30, 30), round(at[1]) + rnd.randrange(-30, 30))
            view.move_avatar(person, place)
        someone = view.scene.avatars[rnd.choice(people)]
        changes = (
            {"status": rnd.choice(list(Status))},
            {"hand": hand(f"new{step}", Level.RED, "Please come") if someone.hand is None else None},
            {"lost": not someone.lost},
            {"zone": ROOM if someone.zone is None else None},
            {"name": someone.name + "!"},
        )
        view.put_avatar(replace(someone, **changes[step % 5]))
        for _ in range(3):
            view.test_clock.now += 0.02
            assert differing(settled(qtbot, view), painted_anew(view)) == 0, f"step {step}"


def test_a_crowd_is_scaled_as_one_picture_until_the_zoom_settles(view: Map, qtbot: QtBot) -> None:
    people = crowd(view, 400)
    view.run(1)
    settled(qtbot, view)
    for factor in (1.2, 0.7):
        view.zoom_by(factor)
        picture, exact = settled(qtbot, view), painted_anew(view)
        apart = differing(picture, exact) / (picture.width() * picture.height())
        assert 0 < apart < 0.4, "about the same, by another way"
    someone = next(p for p in people if view.rect().contains(view.face(p)))
    view.put_avatar(replace(view.scene.avatars[someone], hand=None, lost=True, name="Somebody else"))
    view.zoom_by(1.05)
    assert differing(settled(qtbot, view), painted_anew(view)) == 0, "who changed is not shown as before"
    view.run(1)
    assert differing(settled(qtbot, view), painted_anew(view)) == 0


def test_after_panning_zooming_and_walking_nothing_is_left_behind(view: Map, qtbot: QtBot) -> None:
    people = crowd(view, 40)
    view.run(1)
    view.walk_self([Place(600, 300), Place(200, 500)])
    view.show_approach(people[7], [Place(300, 300)])
    view.focus_person(people[5])
    view.card.dismiss()
    for step in range(12):
        view.pan(37 - 7 * step, 11)
        if step % 4 == 1:
            view.zoom_by(1.3 if step % 8 == 1 else 0.8, QPoint(200, 300))
        view.test_clock.now += 0.05
        assert differing(settled(qtbot, view), painted_anew(view)) == 0, f"step {step}"
    view.run(5)
    assert differing(settled(qtbot, view), painted_anew(view)) == 0


def test_what_does_not_change_is_not_painted(
    view: Map, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = crowd(view, 30)
    view.run(1)
    settled(qtbot, view)
    painted: list[QRect] = []
    for name in ("paint_still", "paint_lively"):
        monkeypatch.setattr(painting, name, lambda scene, painter, clip, *_: painted.append(QRect(clip)))
    at = view.scene.place_of(people[3])
    assert at is not None
    view.move_avatar(people[3], Place(round(at[0]) + 20, round(at[1])))
    view.test_clock.now += 0.05
    settled(qtbot, view)
    area = sum(box.width() * box.height() for box in painted)
    assert painted
    assert area < 0.1 * view.width() * view.height()


def test_ten_thousand_people_are_all_painted(qtbot: QtBot) -> None:
    view = Map()
    qtbot.addWidget(view)
    view.resize(1280, 800)
    view.set_map(drawn_office(400, 250), {})
    view.show()
    crowd(view, 10_000)
    view.run(1)
    picture = painted_anew(view)
    crowd_ = view.scene.crowd
    assert len(crowd_) == 10_000
    floor = QColor(view.scene.style.colours.office.shapes[ShapeKind.FLOOR])
    dpr = view.camera.dpr
    assert not [p for p in view.scene.avatars if picture.pixelColor(view.face(p) * dpr) == floor]
    everybody = set(view.scene.avatars)
    found = {view.scene.crowd.ids[row] for row in crowd_.within(-10, -10, 10**6, 10**6)}
    assert found == everybody


def test_the_ticker_stops_when_nothing_moves(view: Map, qtbot: QtBot) -> None:
    people = crowd(view, 20)
    view.run(2)
    steps: list[int] = []
    changes: tuple[Callable[[], None], ...] = (
        lambda: view.move_avatar(people[2], Place(400, 400)),
        lambda: view.put_avatar(replace(view.scene.avatars[people[4]], hand=hand("x", Level.RED))),
        view.centre_on_self,
        lambda: view.walk_self([Place(500, 400)]),
        lambda: view.zoom_by(1.5),
    )
    for change in changes:
        change()
        assert view.ticking
        steps.append(view.run(9))
    assert not view.ticking
    assert all(1 < count < 500 for count in steps), steps


def test_a_hand_pops_in_and_at_once_with_reduced_motion(view: Map) -> None:
    person = view.add("Ann", 300, 300)
    view.run(1)
    view.put_avatar(replace(view.scene.avatars[person], hand=hand("Ann", Level.RED)))
    view.test_clock.now += 0.05
    view.tick()
    assert 0.2 < view.scene.hands.bubbles[person].grown < 0.6
    view.run(0.2)
    assert view.scene.hands.bubbles[person].grown == 1.0
    view.set_reduced_motion(True)
    other = view.add("Bob", 500, 300, hand=hand("Bob"))
    view.tick()
    assert view.scene.hands.bubbles[other].grown == 1.0


def test_both_themes_paint_and_differ(view: Map, qtbot: QtBot) -> None:
    crowd(view, 10)
    view.run(1)
    light = painted_anew(view)
    view.set_tokens(DARK)
    view.run(1)
    shown = settled(qtbot, view)
    dark = painted_anew(view)
    assert differing(light, dark) > 0.9 * light.width() * light.height()
    assert dark.pixelColor(450, 600).lightness() < 80 < light.pixelColor(450, 600).lightness()
    assert differing(shown, dark) == 0


def test_rectangles_are_merged_until_none_overlap() -> None:
    rnd = random.Random(1)
    boxes = [QRect(rnd.randrange(300), rnd.randrange(300), 40, 40) for _ in range(20)]
    done = merged(boxes)
    assert all(any(other.contains(box) for other in done) for box in boxes)
    assert not any(a.intersects(b) for i, a in enumerate(done) for b in done[:i])


def test_dirty_rectangles_cover_their_device_pixels_at_every_scale() -> None:
    for dpr in (1.0, 1.25, 1.5, 1.75, 2.0):
        camera = Camera(dpr=dpr, left=13, top=7, width=1500, height=1500)
        box = QRect(101, 53, 17, 9)
        (found,) = in_view([box], camera, QRect(0, 0, 1000, 1000))
        assert found.left() * dpr <= box.left() - camera.left
        assert found.top() * dpr <= box.top() - camera.top
        assert (found.right() + 1) * dpr >= box.right() + 1 - camera.left
        assert (found.bottom() + 1) * dpr >= box.bottom() + 1 - camera.top


def test_incremental_painting_is_exact_at_one_and_a_half_device_pixels() -> None:
    """The scale belongs to the whole process, so this repeats the tests above in one of its own."""
    here = os.path.relpath(__file__)
    names = [
        "test_incremental_painting_equals_painting_everything",
        "test_after_panning_zooming_and_walking_nothing_is_left_behind",
    ]
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *(f"{here}::{name}" for name in names)],
        env={**os.environ, "QT_SCALE_FACTOR": "1.5", "QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert run.returncode == 0, run.stdout


def test_what_is_said_to_be_everywhere_is_the_theme(view: Map) -> None:
    """Outside of the building the ground of the theme is seen."""
    view.zoom_by(0.5)
    view.run(1)
    assert painted_anew(view).pixelColor(2, 2) == QColor(view.scene.style.colours.office.ground)
