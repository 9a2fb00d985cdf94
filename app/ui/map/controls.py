"""The small floating buttons: nearer, farther, all of it, where am I."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPaintEvent, QPixmap
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QWidget

from app.ui.i18n import tr
from app.ui.map import glyphs
from app.ui.map.colours import LIGHT, MapColours
from app.ui.widgets import tooltip

SIDE = 36
"""px"""
_RIM = 4
"""px round a button for its shadow and its focus ring."""


class _Button(QAbstractButton):
    """A rounded square with a drawing."""

    def __init__(self, name: str, keys: str, drawing: Callable[[], QPainterPath], parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)  # painted anew when the pointer comes and goes
        self._drawing = drawing
        self._colours = LIGHT
        self._look: tuple[object, ...] = ()
        self._picture = QPixmap()
        self.setAccessibleName(name)
        tooltip(self, f"{name} ({keys})")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setFixedSize(self.sizeHint())

    def sizeHint(self) -> QSize:
        return QSize(SIDE + 2 * _RIM, SIDE + 2 * _RIM)

    def set_colours(self, colours: MapColours) -> None:
        self._colours = colours
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        # Whenever the map below is painted, so are the buttons: from a picture.
        dpr = self.devicePixelRatioF()
        look = (self._colours.surface, self.underMouse(), self.isDown(), self.hasFocus(), dpr)
        if look != self._look:
            self._look, self._picture = look, self._draw(dpr)
        painter = QPainter(self)
        painter.drawPixmap(0, 0, self._picture)
        painter.end()

    def _draw(self, dpr: float) -> QPixmap:
        colours = self._colours
        picture = QPixmap(self.size() * dpr)
        picture.setDevicePixelRatio(dpr)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(_RIM, _RIM, SIDE, SIDE)
        painter.setPen(Qt.PenStyle.NoPen)
        shadow = QColor(colours.office.shadow)
        for spread, alpha in ((2.5, 14), (1.2, 24)):
            shadow.setAlpha(alpha)
            painter.setBrush(shadow)
            soft = box.adjusted(-spread, -spread, spread, spread).translated(0, 1)
            painter.drawRoundedRect(soft, 10 + spread, 10 + spread)
        painter.setBrush(QColor(colours.surface))
        painter.drawRoundedRect(box, 10, 10)
        if self.underMouse() or self.isDown():
            tint = QColor(colours.text)
            tint.setAlpha(34 if self.isDown() else 16)
            painter.setBrush(tint)
            painter.drawRoundedRect(box, 10, 10)
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(glyphs.pen(QColor(colours.accent), 2))
            painter.drawRoundedRect(box.adjusted(-2, -2, 2, 2), 12, 12)
        glyphs.draw(painter, self._drawing(), box.adjusted(9, 9, -9, -9), QColor(colours.text))
        painter.end()
        return picture


class ZoomControls(QWidget):
    """The row of buttons; stands at the lower left of the map.

    Signals: zoom_in, zoom_out, fit, where.
    """

    zoom_in = Signal()
    zoom_out = Signal()
    fit = Signal()
    where = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2)
        self.buttons = [
            _Button(tr("Zoom in"), "+", _plus, self),
            _Button(tr("Zoom out"), "−", _less, self),
            _Button(tr("Show the whole map"), "0", _frame, self),
            _Button(tr("Where am I?"), tr("Home"), _target, self),
        ]
        for button, signal in zip(
            self.buttons, (self.zoom_in, self.zoom_out, self.fit, self.where), strict=True
        ):
            button.clicked.connect(signal)
            row.addWidget(button)
        self.setCursor(Qt.CursorShape.ArrowCursor)
        self.adjustSize()

    def set_colours(self, colours: MapColours) -> None:
        for button in self.buttons:
            button.set_colours(colours)


def _plus() -> QPainterPath:
    return glyphs.strokes(((0.5, 0.12), (0.5, 0.88)), ((0.12, 0.5), (0.88, 0.5)), width=0.13)


def _less() -> QPainterPath:
    return glyphs.strokes(((0.12, 0.5), (0.88, 0.5)), width=0.13)


def _frame() -> QPainterPath:
    """Four corners."""
    return glyphs.strokes(
        ((0.08, 0.32), (0.08, 0.08), (0.32, 0.08)),
        ((0.68, 0.08), (0.92, 0.08), (0.92, 0.32)),
        ((0.92, 0.68), (0.92, 0.92), (0.68, 0.92)),
        ((0.32, 0.92), (0.08, 0.92), (0.08, 0.68)),
        width=0.12,
    )


def _target() -> QPainterPath:
    """A ring with a dot and four marks."""
    marks = glyphs.strokes(
        ((0.5, 0.0), (0.5, 0.14)),
        ((0.5, 0.86), (0.5, 1.0)),
        ((0.0, 0.5), (0.14, 0.5)),
        ((0.86, 0.5), (1.0, 0.5)),
        width=0.12,
    )
    dot = QPainterPath()
    dot.addEllipse(QPointF(0.5, 0.5), 0.12, 0.12)
    return glyphs.ring(0.34, 0.12).united(marks).united(dot)
