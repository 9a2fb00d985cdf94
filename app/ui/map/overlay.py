"""What lies over the map: rings round single avatars (keyboard focus, "here you are"), edge pointers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPoint, QPointF, QRect, Qt
from PySide6.QtGui import QColor, QPainter, QPixmap

from app.core.model import PersonId
from app.ui.map import glyphs
from app.ui.map.camera import Camera
from app.ui.map.edges import Pointer, arrange_pointers
from app.ui.map.model import Hand
from app.ui.map.style import Style

PULSE = 1.2
"""s, two waves."""
PULSE_REACH = 46
"""px a wave grows beyond the face."""


@dataclass(frozen=True, slots=True)
class Ring:
    """Device px; ``alpha`` 0..255."""

    person: PersonId
    radius: int
    width: float
    alpha: int
    colour: str

    def box(self, at: QPoint) -> QRect:
        half = self.radius + round(self.width) + 2
        return QRect(at.x() - half, at.y() - half, 2 * half, 2 * half)


class Overlay:
    """Attributes:
    focus: who has the keyboard's attention.
    pointers: at the view's edge, to hands outside of it.
    """

    def __init__(self) -> None:
        self.focus: PersonId | None = None
        self.pointers: list[Pointer] = []
        self._rings: list[tuple[Ring, QPoint]] = []
        self._painted: list[QRect] = []
        self._pulsing: PersonId | None = None
        self._began = 0.0
        self._kept: dict[tuple[int, float, int, str], QPixmap] = {}

    def pulse(self, person: PersonId, now: float) -> None:
        self._pulsing, self._began = person, now

    def forget(self, person: PersonId) -> None:
        self.focus = None if self.focus == person else self.focus
        self._pulsing = None if self._pulsing == person else self._pulsing

    def pointer_of(self, person: PersonId) -> Pointer | None:
        return next((pointer for pointer in self.pointers if pointer.person == person), None)

    @property
    def ringed(self) -> set[PersonId]:
        return {person for person in (self.focus, self._pulsing) if person is not None}

    @property
    def pulsing(self) -> bool:
        return self._pulsing is not None

    def expire(self, now: float) -> None:
        if self._pulsing is not None and now - self._began >= PULSE:
            self._pulsing = None

    def arrange(
        self,
        hands: Sequence[tuple[PersonId, Hand, QPoint, QPoint]],
        style: Style,
        camera: Camera,
        safe: QRect,
        radius: int,
        now: float,
        places: Mapping[PersonId, QPoint],
    ) -> list[QRect]:
        """Work everything out again for the present camera.

        Args:
            hands: see ``arrange_pointers``; places: device px of the view of who is ringed.
            safe: device px of the view that nothing floats over.

        Returns:
            What to paint again, device px of the zoomed map.
        """
        self.pointers = arrange_pointers(hands, safe, style.pointer_painter.side)
        rings = self._wanted(now, radius, camera.dpr, style.colours.accent)
        self._rings = [(ring, places[ring.person]) for ring in rings if ring.person in places]
        boxes = [pointer.box for pointer in self.pointers]
        boxes += [ring.box(at) for ring, at in self._rings]
        before = self._painted
        self._painted = [box.translated(camera.left, camera.top) for box in boxes]
        if self._pulsing is None and before == self._painted:
            return []
        return before + self._painted

    def paint(self, painter: QPainter, style: Style, clip: QRect) -> None:
        for ring, at in self._rings:
            if ring.box(at).intersects(clip):
                painter.drawPixmap(ring.box(at).topLeft(), self._pixmap(ring))
        for pointer in self.pointers:
            if pointer.box.intersects(clip):
                pixmap = style.pointer_painter.pixmap(pointer.hand.level, pointer.turn)
                painter.drawPixmap(pointer.box.topLeft(), pixmap)

    def _wanted(self, now: float, radius: int, dpr: float, accent: str) -> list[Ring]:
        rings: list[Ring] = []
        if self._pulsing is not None:
            share = min(max((now - self._began) / PULSE, 0.0), 0.999) * 2 % 1.0
            grown = radius + round(PULSE_REACH * dpr * (1 - (1 - share) ** 2))
            rings.append(Ring(self._pulsing, grown, 3 * dpr, int(14 * (1 - share)) * 16, accent))
        if self.focus is not None:
            rings.append(Ring(self.focus, radius + round(3.5 * dpr), 2.5 * dpr, 255, accent))
        return rings

    def _pixmap(self, ring: Ring) -> QPixmap:
        key = (ring.radius, ring.width, ring.alpha, ring.colour)
        if key not in self._kept:
            if len(self._kept) > 32:
                self._kept.clear()
            box = ring.box(QPoint(0, 0))
            pixmap = QPixmap(box.size())
            pixmap.fill(Qt.GlobalColor.transparent)
            painter = QPainter(pixmap)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            colour = QColor(ring.colour)
            colour.setAlpha(ring.alpha)
            painter.setPen(glyphs.pen(colour, ring.width))
            middle = QPointF(box.width() / 2, box.height() / 2)
            painter.drawEllipse(middle, ring.radius, ring.radius)
            painter.end()
            self._kept[key] = pixmap
        return self._kept[key]
