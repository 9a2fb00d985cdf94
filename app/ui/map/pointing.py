"""What mouse, touchpad and fingers do on the map."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPoint, QPointF, Qt, QTimer
from PySide6.QtGui import (
    QContextMenuEvent,
    QInputDevice,
    QMouseEvent,
    QNativeGestureEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QGestureEvent, QPinchGesture

from app.core.model import PersonId, Place
from app.ui.map.model import Hit

if TYPE_CHECKING:
    from app.ui.map.view import MapView

GESTURES = frozenset({QEvent.Type.NativeGesture, QEvent.Type.Gesture})
DRAG = 5
"""px after which a press is a drag and no click."""
NOTCH = 120.0
"""Units of one notch of a wheel."""
STEP = 1.2
"""What one notch multiplies the zoom with."""
HOVER_DELAY = 220
"""ms over a face until its card comes; over a hand it comes at once."""


class Pointing:
    """Turns pointer events into what the view can do."""

    def __init__(self, view: MapView) -> None:
        self._view = view
        self._pressed: QPoint | None = None
        self._last = QPointF()
        self._dragging = False
        self._over: PersonId | None = None
        self._hover = QTimer(view)
        self._hover.setSingleShot(True)
        self._hover.timeout.connect(self._show_card)

    def press(self, event: QMouseEvent) -> None:
        self._view.stop_flight()
        if event.button() in (Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton):
            self._pressed = event.position().toPoint()
            self._last = event.position()
            # The middle button only ever drags.
            self._dragging = event.button() == Qt.MouseButton.MiddleButton

    def move(self, event: QMouseEvent) -> None:
        at = event.position()
        if self._pressed is None:
            self._hovering(at.toPoint())
            return
        if not self._dragging and (at.toPoint() - self._pressed).manhattanLength() > DRAG:
            self._dragging = True
            self._view.card.dismiss()
            self._view.setCursor(Qt.CursorShape.ClosedHandCursor)
        if self._dragging:
            self._view.pan(at.x() - self._last.x(), at.y() - self._last.y())
            self._last = at

    def release(self, event: QMouseEvent) -> None:
        pressed, self._pressed = self._pressed, None
        was_drag, self._dragging = self._dragging, False
        if was_drag:
            self._view.unsetCursor()
        elif pressed is not None and event.button() == Qt.MouseButton.LeftButton:
            self._click(event.position().toPoint())

    def double_click(self, event: QMouseEvent) -> None:
        hit = self._hit(event.position().toPoint())
        if hit is not None and event.button() == Qt.MouseButton.LeftButton:
            self._hover.stop()
            self._view.card.dismiss()
            if hit.person != self._view.self_id:
                self._view.approach_requested.emit(hit.person)
        else:
            self.press(event)

    def context_menu(self, event: QContextMenuEvent) -> None:
        view = self._view
        if event.reason() == QContextMenuEvent.Reason.Mouse:
            hit = self._hit(event.pos())
            if hit is not None:
                view.person_menu_requested.emit(hit.person, event.globalPos())
        elif view.focused_person is not None:
            at = view.mapToGlobal(view.anchor(view.focused_person).center().toPoint())
            view.person_menu_requested.emit(view.focused_person, at)

    def leave(self) -> None:
        self._over = None
        self._hover.stop()
        self._view.card.dismiss_soon()

    def wheel(self, event: QWheelEvent) -> None:
        """A wheel zooms; two fingers on a touchpad pan, with Ctrl they zoom; Shift pans sideways."""
        view, modifiers = self._view, event.modifiers()
        zooming = bool(modifiers & Qt.KeyboardModifier.ControlModifier)
        touchpad = event.device().type() == QInputDevice.DeviceType.TouchPad
        turned = event.angleDelta()
        if not zooming and (touchpad or modifiers & Qt.KeyboardModifier.ShiftModifier):
            moved = event.pixelDelta() if touchpad and not event.pixelDelta().isNull() else turned / 2
            if modifiers & Qt.KeyboardModifier.ShiftModifier and not moved.x():
                moved = QPoint(moved.y(), 0)
            view.pan(moved.x(), moved.y())
        elif modifiers & Qt.KeyboardModifier.AltModifier:
            view.pan(0, (turned.y() or turned.x()) / 2)  # Alt turns the wheel sideways on some systems
        elif turned.y():
            view.zoom_by(STEP ** (turned.y() / NOTCH), event.position().toPoint())
        event.accept()

    def gesture(self, event: QEvent) -> bool:
        """Pinching, on a touchpad or a touch screen."""
        if isinstance(event, QNativeGestureEvent):
            if event.gestureType() == Qt.NativeGestureType.ZoomNativeGesture:
                self._view.zoom_by(1 + event.value(), event.position().toPoint())
                return True
        elif isinstance(event, QGestureEvent):
            pinch = event.gesture(Qt.GestureType.PinchGesture)
            if isinstance(pinch, QPinchGesture):
                self._pressed = None
                self._dragging = False
                at = pinch.centerPoint().toPoint()
                self._view.zoom_by(pinch.scaleFactor(), self._view.mapFromGlobal(at))
                return True
        return False

    def _click(self, at: QPoint) -> None:
        view = self._view
        hit = self._hit(at)
        if hit is not None:
            view.activate(hit.person, hand=hit.hand)
            return
        view.focus_person(None)
        dpr = view.camera.dpr
        x, y = view.camera.to_map(at.x() * dpr, at.y() * dpr)
        view.walk_to(Place(round(x), round(y)))

    def _hovering(self, at: QPoint) -> None:
        hit = self._hit(at)
        person = hit.person if hit is not None else None
        if person == self._over:
            return
        self._over = person
        view = self._view
        view.setCursor(Qt.CursorShape.PointingHandCursor if person else Qt.CursorShape.ArrowCursor)
        if hit is None:
            self._hover.stop()
            view.card.dismiss_soon()
        else:
            self._hover.start(0 if hit.hand else HOVER_DELAY)

    def _show_card(self) -> None:
        if self._over is not None and self._over in self._view.scene.crowd.row:
            self._view.card.show_for(self._over)

    def _hit(self, at: QPoint) -> Hit | None:
        dpr = self._view.camera.dpr
        return self._view.scene.hit(round(at.x() * dpr), round(at.y() * dpr))
