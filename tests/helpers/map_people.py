"""A small drawn office and people on it, for tests and benchmarks of the map widget."""

from __future__ import annotations

import random
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QImage, QMouseEvent, QPainter
from PySide6.QtWidgets import QApplication

from app.core.maps import Shape, ShapeKind, SpaceMap, Zone, ZoneKind
from app.core.model import EscalationId, Level, MapId, PersonId, Place, Role, Status, ZoneId
from app.ui.map import Avatar, Hand, MapView, painting

CELL = 32
FIRST, LAST = ("Aiko", "Ben", "Carla", "田中", "Zoe"), ("Ito", "Okafor", "愛")
ROOM = ZoneId("kita")


def drawn_office(columns: int = 40, rows: int = 25, *, plan: bool = True) -> SpaceMap:
    """A walled hall with a meeting room in its upper right corner, a door to it, and a row of desks."""
    blocked = bytearray(columns * rows)
    for x in range(columns):
        blocked[x] = blocked[(rows - 1) * columns + x] = 1
    for y in range(rows):
        blocked[y * columns] = blocked[y * columns + columns - 1] = 1
    wall = columns - 11
    for y in range(8):
        blocked[y * columns + wall] = 0 if y == 4 else 1
    for x in range(wall, columns):
        blocked[8 * columns + x] = 1
    left, right, bottom = (wall + 1) * CELL, (columns - 1) * CELL, 8 * CELL
    corners = (Place(left, CELL), Place(right, CELL), Place(right, bottom), Place(left, bottom))
    shapes = [
        Shape(ShapeKind.FLOOR, 0, 0, columns * CELL, rows * CELL, 8),
        Shape(ShapeKind.WALL, 0, 0, columns * CELL, CELL, 4),
        Shape(ShapeKind.RUG, 300, 500, 240, 120, 16),
        *(Shape(ShapeKind.DESK, 100 + 300 * i, 360, 220, 44, 8) for i in range(3)),
        *(Shape(ShapeKind.CHAIR, 120 + 300 * i, 410, 30, 26) for i in range(3)),
        Shape(ShapeKind.PLANT, 60, 60, 40, 40),
    ]
    return SpaceMap(
        id=MapId("drawn"),
        name="Drawn office",
        columns=columns,
        rows=rows,
        tile_width=CELL,
        tile_height=CELL,
        blocked=bytes(blocked),
        zones=(
            Zone(ROOM, "Meeting room Kita", ZoneKind.MEETING_ROOM, corners),
            Zone(
                ZoneId("quiet"),
                "Quiet corner",
                ZoneKind.QUIET,
                (Place(40, 40), Place(240, 40), Place(240, 200), Place(40, 200)),
            ),
        ),
        start=(Place(80, 500),),
        style="plan" if plan else "tiles",
        shapes=tuple(shapes) if plan else (),
    )


@dataclass
class Clock:
    """Time that tests move by hand, s."""

    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


class Map(MapView):
    """A map whose time stands still until a test moves it."""

    def __init__(self) -> None:
        self.test_clock = Clock()
        super().__init__(None, clock=self.test_clock, wall=self.test_clock)

    def run(self, seconds: float, step: float = 0.016) -> int:
        """Let time pass as the ticker does; how many steps until nothing moved any more."""
        end, steps = self.test_clock.now + seconds, 0
        while self.test_clock.now < end and self.ticking:
            self.test_clock.now += step
            self.tick()
            steps += 1
        self.test_clock.now = max(self.test_clock.now, end)
        return steps

    def add(self, name: str, x: int, y: int, *, me: bool = False, hand: Hand | None = None) -> PersonId:
        """Somebody stands at (x, y) map px; the id is the name."""
        person = PersonId(name)
        self.put_avatar(Avatar(person, name, is_self=me, hand=hand))
        self.place_avatar(person, Place(x, y))
        return person

    def face(self, person: PersonId) -> QPoint:
        """px of the view of the middle of somebody's face."""
        return self.anchor(person).center().toPoint()

    def drag(self, start: QPoint, end: QPoint) -> None:
        left, none = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton
        for kind, at, button, held in (
            (QEvent.Type.MouseButtonPress, start, left, left),
            (QEvent.Type.MouseMove, (start + end) / 2, none, left),
            (QEvent.Type.MouseMove, end, none, left),
            (QEvent.Type.MouseButtonRelease, end, left, none),
        ):
            position = QPointF(at)
            event = QMouseEvent(
                kind,
                position,
                QPointF(self.mapToGlobal(at)),
                button,
                held,
                Qt.KeyboardModifier.NoModifier,
            )
            QApplication.sendEvent(self, event)


def hand(
    name: str, level: Level = Level.YELLOW, message: str = "", at: float = 900.0, coming: int = 0
) -> Hand:
    return Hand(EscalationId(f"hand-{name}"), level, at, message, coming)


def crowd(
    view: MapView, count: int, *, seed: int = 7, margin: int = 60, hands: bool = True
) -> list[PersonId]:
    """Put so many different people anywhere on the map; some have their hands up."""
    rnd = random.Random(seed)
    assert view.space_map is not None
    width, height = view.space_map.width - 2 * margin, view.space_map.height - 2 * margin
    people: list[PersonId] = []
    for i in range(count):
        person = PersonId(f"p{i}")
        raised = None
        if hands and i % 97 == 5:
            level = Level.RED if i % 2 else Level.YELLOW
            raised = hand(str(i), level, "A customer wants to cancel" if i % 3 else "", at=i)
        view.put_avatar(
            Avatar(
                person,
                f"{rnd.choice(FIRST)} {rnd.choice(LAST)} {i}",
                status=list(Status)[i % 4],
                auto_away=i % 11 == 0,
                role=Role.SUPERVISOR if i % 13 == 0 else Role.AGENT,
                lost=i % 29 == 3,
                is_self=i == 0,
                hand=raised,
            )
        )
        view.place_avatar(person, Place(margin + rnd.randrange(width), margin + rnd.randrange(height)))
        people.append(person)
    return people


def screenshot(view: MapView) -> QImage:
    """What incremental painting has made of the window: the picture the window system was given."""
    store = view.backingStore().paintDevice()
    assert isinstance(store, QImage)
    return store.convertToFormat(QImage.Format.Format_RGB32)


def painted_anew(view: MapView) -> QImage:
    """The same painted in one go, without anything that is kept from earlier painting."""
    picture = QImage(view.camera.width, view.camera.height, QImage.Format.Format_RGB32)
    painter = QPainter(picture)
    painting.paint(view.scene, painter, picture.rect())
    painter.end()
    return picture
