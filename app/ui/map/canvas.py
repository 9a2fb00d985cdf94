"""The painting half of the map widget: what it shows, where it looks, and the one ticker of all movement."""

from __future__ import annotations

import math
from collections.abc import Callable

from PySide6.QtCore import QEvent, QMargins, QPoint, QRect, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QRegion, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QWidget

from app import stages
from app.core.maps import SpaceMap
from app.core.model import EscalationId, PersonId
from app.ui.map import painting
from app.ui.map.camera import Camera
from app.ui.map.colours import LIGHT
from app.ui.map.dirty import in_view, merged
from app.ui.map.flight import Flight
from app.ui.map.layer import Layer
from app.ui.map.scene import Scene
from app.ui.map.stage import MANY

FRAME = 16
"""ms between two pictures while something moves."""
SETTLE = 0.14
"""s after the last change of the zoom until everything is drawn anew for it."""
FARTHEST = 0.6
"""Share of the zoom that shows the whole map to which one can go away."""
FIT_MARGIN = 24
"""px round the map when all of it is shown."""


class MapCanvas(QWidget):
    """Paints a scene through a camera, and moves both in time.

    Args:
        clock: s of a monotonic clock, for movement.

    Signals:
        looked: the camera moved or zoomed.
    """

    looked = Signal()

    def __init__(self, parent: QWidget | None, *, clock: Callable[[], float]) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setMinimumSize(160, 120)
        self.clock = clock
        self.camera = Camera(dpr=self.devicePixelRatioF())
        self.scene = Scene(self.camera, LIGHT)
        self.space_map: SpaceMap | None = None
        self._layer = Layer()
        self._flight: Flight | None = None
        self._settle_at: float | None = None
        self._whole = True
        self._fitted = False
        self._pending: list[QRect] = []
        self._noted: set[EscalationId] = set()
        self._insets = QMargins()
        self._ticker = QTimer(self)
        self._ticker.setTimerType(Qt.TimerType.PreciseTimer)
        self._ticker.setInterval(FRAME)
        self._ticker.timeout.connect(self.tick)

    def set_reduced_motion(self, reduced: bool) -> None:
        """Nothing pops, flies or pulses; people jump from place to place."""
        self.scene.reduced_motion = reduced

    def set_insets(self, insets: QMargins) -> None:
        """What floats over the view's edges (a toolbar), px; pointers, fit and buttons stay clear of it."""
        if insets != self._insets:
            self._insets = insets
            self._lay_out()

    # Where the view looks

    def fit(self) -> None:
        """Show the whole map, also when the view's size changes, until somebody looks elsewhere."""
        self.stop_flight()
        self._whole = True
        camera, middle = self.camera, self.safe_rect(FIT_MARGIN).center()
        camera.zoom_to(self._fit_zoom(), 0, 0)
        camera.left = camera.snap(camera.map_width / 2) - round(middle.x() * camera.dpr)
        camera.top = camera.snap(camera.map_height / 2) - round(middle.y() * camera.dpr)
        self._camera_zoomed()

    def zoom_by(self, factor: float, at: QPoint | None = None) -> None:
        """Zoom round a px of the view, or its middle."""
        self.stop_flight()
        self._whole = False
        middle = self.rect().center() if at is None else at
        dpr = self.camera.dpr
        # Much smaller than the view a map is of no use.
        least = min(self._fit_zoom() * FARTHEST, self.camera.zoom)
        zoom = max(self.camera.zoom * factor, least)
        self.camera.zoom_to(zoom, middle.x() * dpr, middle.y() * dpr)
        self._camera_zoomed()

    def _fit_zoom(self) -> float:
        free, camera = self.safe_rect(FIT_MARGIN), self.camera
        return min(max(free.width(), 1) / camera.map_width, max(free.height(), 1) / camera.map_height)

    def pan(self, dx: float, dy: float) -> None:
        """Move the map by so many px, as a hand on paper does."""
        camera = self.camera
        old = (camera.left, camera.top)
        camera.left -= round(dx * camera.dpr)
        camera.top -= round(dy * camera.dpr)
        camera.clamp()
        self._panned(old)

    def centre_on(self, person: PersonId) -> None:
        """Bring somebody to the middle of the view and show where they are with a pulse."""
        at = self.scene.place_of(person)
        if at is None:
            return
        middle = self.safe_rect(0).center()
        dpr = self.camera.dpr
        goal = Camera(**{name: getattr(self.camera, name) for name in Camera.__slots__})
        goal.centre_on(*at)
        goal.left += goal.width // 2 - round(middle.x() * dpr)
        goal.top += goal.height // 2 - round(middle.y() * dpr)
        goal.clamp()
        self.scene.now = self.clock()
        if self.scene.reduced_motion:
            old = (self.camera.left, self.camera.top)
            self.camera.left, self.camera.top = goal.left, goal.top
            self._panned(old)
        else:
            self._flight = Flight(self.camera.left, self.camera.top, goal.left, goal.top, self.clock())
            self.scene.pulse(person)
        self.wake()

    def stop_flight(self) -> None:
        self._flight = None

    def safe_rect(self, margin: int) -> QRect:
        """px of the view that nothing floats over."""
        return self.rect().marginsRemoved(self._insets).adjusted(margin, margin, -margin, -margin)

    def anchor(self, person: PersonId) -> QRectF:
        """px of the view that somebody's face takes."""
        at, dpr = self.scene.view_at(person), self.camera.dpr
        radius = self.scene.radius / dpr
        return QRectF(at.x() / dpr - radius, at.y() / dpr - radius, 2 * radius, 2 * radius)

    def bring_into_view(self, person: PersonId) -> None:
        """Pan just so far that somebody can be seen."""
        box, room = self.anchor(person).toRect(), self.safe_rect(48)
        dx = max(room.left() - box.left(), 0) - max(box.right() - room.right(), 0)
        dy = max(room.top() - box.top(), 0) - max(box.bottom() - room.bottom(), 0)
        if dx or dy:
            self.pan(dx, dy)

    # Time

    @property
    def ticking(self) -> bool:
        """Something moves."""
        return self._ticker.isActive()

    def tick(self) -> None:
        """One step of everything that moves; the ticker stops when nothing does."""
        now = self.clock()
        busy = self.step(now)
        busy = self.scene.tick(now) or busy
        if self._flight is not None:
            old = (self.camera.left, self.camera.top)
            self.camera.left, self.camera.top = self._flight.at(now)
            if self._flight.over(now):
                self._flight = None
            self._panned(old)
            busy = True
        if self._settle_at is not None:
            if now >= self._settle_at:
                self._settle_at = None
                self.scene.sharpen()
            busy = True
        self._flush()
        if not busy:
            self._ticker.stop()

    def step(self, now: float) -> bool:
        """Move what the scene does not move by itself; ``False`` when there is nothing more."""
        return False

    @property
    def painted(self) -> bool:
        """Nothing that is known to have changed still waits to be painted."""
        return not (self._pending or self.scene.dirty or self.scene.all_dirty)

    def wake(self) -> None:
        """Something may have changed: a step soon, and more while anything moves."""
        if not self._ticker.isActive():
            self._ticker.start()

    # Painting

    def _flush(self) -> None:
        """Ask Qt to paint what the scene says is dirty."""
        scene = self.scene
        if scene.all_dirty or len(scene.dirty) > 4 * MANY:
            self._pending = [self.rect()]
            self.update()
        elif scene.dirty:
            boxes = in_view(scene.dirty, self.camera, self.rect())
            if boxes:
                self._pending = merged([*self._pending, *boxes])
                region = QRegion()
                for box in self._pending:
                    region = region.united(box)
                self.update(region)
        scene.dirty.clear()
        scene.all_dirty = False

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        dpr = self.camera.dpr
        # From here on in device px: no sprite is ever scaled by the painter.
        painter.scale(1 / dpr, 1 / dpr)
        asked = event.region()
        boxes, self._pending = self._pending, []
        rest = asked
        for box in boxes:
            rest = rest.subtracted(box)
        if not rest.isEmpty():
            boxes = [asked.boundingRect()]
        sharp = self.scene.sharp
        stretched = not sharp and self._layer.can_stretch(self.scene)
        if sharp:
            self._layer.refresh(self.scene)
        if sharp or stretched:
            people = painting.walkers(self.scene, self._device_rect(asked.boundingRect()))
        # One rectangle at a time: a clip of several leaves Qt's fast way.
        for box in boxes:
            clip = self._device_rect(box)
            painter.setClipRect(clip)
            if sharp:
                painter.drawPixmap(clip.topLeft(), self._layer.pixmap, clip)
                painting.paint_lively(self.scene, painter, clip, people)
            elif stretched:
                self._layer.paint_stretched(self.scene, painter, clip)
                painting.paint_lively(self.scene, painter, clip, people)
            else:
                painting.paint(self.scene, painter, clip)
        painter.end()
        self._note_painted()

    def _device_rect(self, box: QRect) -> QRect:
        """The device px that a rectangle of the view touches."""
        dpr = self.camera.dpr
        return QRectF(box.x() * dpr, box.y() * dpr, box.width() * dpr, box.height() * dpr).toAlignedRect()

    def _note_painted(self) -> None:
        for bubble in self.scene.hands.bubbles.values():
            if bubble.hand.escalation not in self._noted:
                self._noted.add(bubble.hand.escalation)
                stages.note(stages.PAINTED, bubble.hand.escalation)

    def _camera_zoomed(self) -> None:
        ratio = self.scene.stretch
        self.scene.camera_zoomed()
        if not 0.5 < ratio < 2.0:
            self.scene.sharpen()  # what there is would be scaled too far
        self._settle_at = self.clock() + SETTLE
        self.looked.emit()
        self.wake()
        self._flush()

    def _panned(self, old: tuple[int, int]) -> None:
        """The camera moved: scroll what is painted where Qt can, paint the rest."""
        camera = self.camera
        if (camera.left, camera.top) == old:
            return
        self._whole = False
        self.scene.clear_hands()
        self.scene.all_dirty = True
        self.looked.emit()
        self.wake()
        self._flush()

    def _lay_out(self) -> None:
        dpr = self.devicePixelRatioF()
        self.camera.resize(math.ceil(self.width() * dpr), math.ceil(self.height() * dpr), dpr)
        safe = self.safe_rect(6)
        self.scene.safe = QRect(
            round(safe.x() * dpr),
            round(safe.y() * dpr),
            round(safe.width() * dpr),
            round(safe.height() * dpr),
        )
        self._fit_again()
        self.scene.clear_hands()
        self.scene.all_dirty = self.scene.all_stale = True
        self.wake()

    def _fit_again(self) -> None:
        """Whoever saw the whole map still does; a new map is shown whole, as soon as the view has a size."""
        shown = self.space_map is not None and self.isVisible()
        if self._whole and shown:
            self.fit()
        if not self._fitted or self.scene.style.dpr != self.camera.dpr:
            self.scene.sharpen()
        self._fitted = self._fitted or shown

    # Events

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.DevicePixelRatioChange:
            self._lay_out()
        return super().event(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._lay_out()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._lay_out()
