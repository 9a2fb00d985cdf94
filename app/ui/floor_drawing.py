"""The drawing behind the sign-in card: an office at work, where one hand is up and somebody comes.

Drawn with the map's own painters, so that it looks like what one is about to enter.
"""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath, QPixmap

from app.core.maps import Shape, ShapeKind, SpaceMap, Zone, ZoneKind
from app.core.model import EscalationId, Level, MapId, PersonId, Place, Status, ZoneId
from app.ui.map.bubbles import BubblePainter, Shifted
from app.ui.map.colours import FACES, INITIALS, MapColours, face_colour, map_colours
from app.ui.map.faces import FacePainter, FaceSize
from app.ui.map.model import Avatar, Hand
from app.ui.map.plan import PlanPainter
from app.ui.theme.tokens import Tokens

WIDTH, HEIGHT = 1280, 800
"""px of window that the drawing is composed for; larger windows scale it up. Its middle is (0, 0)."""
LEFT, TOP, RIGHT, BOTTOM = -604, -368, 604, 368
"""px; the outer walls."""
WALL = 9
DESK_WIDTH, DESK_DEPTH = 68, 21
"""px; desks stand in blocks of three by two."""
VEIL = 0.5
"""How much of the window's ground lies over the office, so that the card comes first."""
PICTURE = 96
RAISER, HELPER = Place(270, -203), Place(462, 62)
WAY = ((462, 30), (462, -236), (316, -236), (304, -222))
"""px; the way of who comes."""
SEATED = (
    (-406, 6, Status.ON_CALL),
    (-338, 77, Status.AVAILABLE),
    (-270, 6, Status.ON_CALL),
    (-406, 247, Status.ON_CALL),
    (-338, 176, Status.BUSY),
    (-270, 247, Status.AVAILABLE),
    (-515, -307, Status.BUSY),
    (-455, -187, Status.BUSY),
    (406, -132, Status.ON_CALL),
    (338, -33, Status.AVAILABLE),
    (270, 38, Status.ON_CALL),
    (556, 214, Status.AVAILABLE),
)


class FloorDrawing:
    """Paints the office for one theme; the picture of the last size is kept."""

    def __init__(self, tokens: Tokens) -> None:
        self._tokens = tokens
        self._colours = map_colours(tokens)
        self._picture = QPixmap()

    def paint(self, painter: QPainter, size: QSize) -> None:
        """Fill ``size`` px from the corner. High contrast stays plain: nothing there is to be read."""
        if self._tokens.high_contrast:
            painter.fillRect(0, 0, size.width(), size.height(), QColor(self._tokens.colours.window))
            return
        ratio = painter.device().devicePixelRatioF()
        if self._picture.size() != size * ratio or self._picture.devicePixelRatio() != ratio:
            self._picture = self._draw(size, ratio)
        painter.drawPixmap(0, 0, self._picture)

    def _draw(self, size: QSize, ratio: float) -> QPixmap:
        picture = QPixmap(size * ratio)
        picture.setDevicePixelRatio(ratio)
        scale = max(1.0, min(size.width() / WIDTH, size.height() / HEIGHT))
        ground = QColor(self._tokens.colours.window)
        picture.fill(ground)
        painter = QPainter(picture)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.translate(size.width() / 2, size.height() / 2)
        painter.scale(scale, scale)
        everything = QRectF(LEFT, TOP, RIGHT - LEFT, BOTTOM - TOP).adjusted(-20, -20, 20, 20)
        PlanPainter(_office(), self._colours.office).paint(painter, everything)
        people = _People(painter, self._colours, ratio * scale)
        for number, (x, y, status) in enumerate(SEATED):
            people.face(f"seated {number}", QPointF(x, y), status)
        ground.setAlphaF(VEIL)
        painter.fillRect(everything, ground)
        self._way(painter)
        people.face("helper", QPointF(HELPER.x, HELPER.y), Status.AVAILABLE)
        people.face("raiser", QPointF(RAISER.x, RAISER.y), Status.ON_CALL)
        people.hand(QPointF(RAISER.x, RAISER.y - 21))
        painter.end()
        return picture

    def _way(self, painter: QPainter) -> None:
        """Dots, as on the map."""
        way = QPainterPath(QPointF(*WAY[0]))
        for corner in WAY[1:]:
            way.lineTo(QPointF(*corner))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self._colours.accent))
        count = int(way.length() / 10)
        for number in range(count + 1):
            painter.drawEllipse(way.pointAtPercent(number / count), 2.1, 2.1)


class _People:
    """Faces and the hand, drawn in device px for a painter that is scaled."""

    def __init__(self, painter: QPainter, colours: MapColours, ratio: float) -> None:
        self._painter, self._ratio = painter, ratio
        self._size = FaceSize.at(1.0, ratio)
        self._faces, self._bubbles = FacePainter(self._size, colours), BubblePainter(ratio, colours)

    def face(self, name: str, middle: QPointF, status: Status) -> None:
        pixmap = QPixmap(self._size.side, self._size.side)
        pixmap.fill(Qt.GlobalColor.transparent)
        drawn = QPainter(pixmap)
        drawn.setRenderHint(QPainter.RenderHint.Antialiasing)
        avatar = Avatar(PersonId(name), "", status, picture=_silhouette(PersonId(name)))
        self._faces.draw(drawn, avatar)
        drawn.end()
        self._stamp(pixmap, middle)

    def hand(self, tip: QPointF) -> None:
        raised = Hand(EscalationId("hand"), Level.YELLOW, 0.0)
        pixmap = self._bubbles.pixmap(raised, Shifted())
        box, _body = self._bubbles.place(raised, 0, 0, Shifted())
        self._stamp(pixmap, tip + QPointF(box.center()) / self._ratio)

    def _stamp(self, pixmap: QPixmap, middle: QPointF) -> None:
        side = QPointF(pixmap.width(), pixmap.height()) / self._ratio
        target = QRectF(middle - side / 2, middle + side / 2)
        self._painter.drawPixmap(target, pixmap, QRectF(pixmap.rect()))


def _silhouette(person: PersonId) -> QImage:
    """Somebody, nobody in particular."""
    image = QImage(PICTURE, PICTURE, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(QColor(FACES[face_colour(person)]))
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(INITIALS))
    painter.drawEllipse(QPointF(PICTURE / 2, PICTURE * 0.38), PICTURE * 0.16, PICTURE * 0.16)
    painter.drawEllipse(QPointF(PICTURE / 2, PICTURE * 0.88), PICTURE * 0.30, PICTURE * 0.28)
    painter.end()
    return image


# --- the office ---------------------------------------------------------------------------------------------


def _office() -> SpaceMap:
    room = tuple(Place(x, y) for x, y in ((LEFT, TOP), (-360, TOP), (-360, -116), (LEFT, -116)))
    shapes = (
        Shape(ShapeKind.FLOOR, LEFT, TOP, RIGHT - LEFT, BOTTOM - TOP),
        Shape(ShapeKind.RUG, -74, 304, 148, 60, 8),
        Shape(ShapeKind.RUG, 256, 120, 330, 200, 14),
        *_walls(),
        *_meeting_room(),
        *_block(-440, 20),
        *_block(-440, 190),
        *_block(236, -190),
        *_block(236, -19),
        *_lounge(),
        *(_plant(x, y) for x, y in ((-330, -340), (330, -345), (-110, 330), (80, 330), (560, -345))),
        *(_plant(x, y) for x, y in ((-580, 330), (-580, -90), (560, -20))),
        Shape(ShapeKind.SCREEN, -64, TOP + WALL, 128, 5),
    )
    return SpaceMap(
        id=MapId("sign-in"),
        name="",
        columns=1,
        rows=1,
        tile_width=1,
        tile_height=1,
        blocked=b"\0",
        start=(Place(0, 0),),
        zones=(Zone(id=ZoneId("room"), name="", kind=ZoneKind.MEETING_ROOM, outline=room),),
        style="plan",
        shapes=shapes,
    )


def _walls() -> tuple[Shape, ...]:
    width, height = RIGHT - LEFT, BOTTOM - TOP
    return (
        Shape(ShapeKind.WALL, LEFT, TOP, width, WALL),
        Shape(ShapeKind.WALL, LEFT, BOTTOM - WALL, width, WALL),
        Shape(ShapeKind.WALL, LEFT, TOP, WALL, height),
        Shape(ShapeKind.WALL, RIGHT - WALL, TOP, WALL, height),
        Shape(ShapeKind.WALL, -364, TOP, 8, 256),
        Shape(ShapeKind.GLASS, LEFT + WALL, -118, 136, 5),
        Shape(ShapeKind.GLASS, -420, -118, 56, 5),
    )


def _meeting_room() -> tuple[Shape, ...]:
    across = tuple(_chair(x, y) for y in (-307, -187) for x in (-515, -455))
    return (
        Shape(ShapeKind.TABLE, -545, -279, 120, 64, 32),
        *across,
        _chair(-566, -247),
        _chair(-404, -247),
        Shape(ShapeKind.SCREEN, -545, TOP + WALL, 120, 5),
    )


def _block(x: int, y: int) -> tuple[Shape, ...]:
    """Six desks, back to back, each with a screen and a chair."""
    shapes: list[Shape] = []
    for column in range(3):
        left, middle = x + column * DESK_WIDTH, x + column * DESK_WIDTH + DESK_WIDTH // 2
        for row in range(2):
            top = y + row * (DESK_DEPTH + 1)
            shapes.append(Shape(ShapeKind.DESK, left, top, DESK_WIDTH - 1, DESK_DEPTH, 5))
            shapes.append(Shape(ShapeKind.SCREEN, middle - 11, top + 8, 22, 4, 2))
        shapes += (_chair(middle, y - 14), _chair(middle, y + 2 * DESK_DEPTH + 15))
    return tuple(shapes)


def _lounge() -> tuple[Shape, ...]:
    return (
        Shape(ShapeKind.SOFA, 276, 272, 150, 34, 9),
        Shape(ShapeKind.SOFA, 540, 160, 32, 110, 9),
        Shape(ShapeKind.TABLE, 310, 200, 84, 36, 18),
        _plant(470, 275),
    )


def _chair(x: int, y: int) -> Shape:
    return Shape(ShapeKind.CHAIR, x - 9, y - 9, 18, 18)


def _plant(x: int, y: int) -> Shape:
    return Shape(ShapeKind.PLANT, x - 13, y - 13, 26, 26)
