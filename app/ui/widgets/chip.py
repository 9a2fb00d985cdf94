"""A chosen person or group, as a chip that can be removed."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QKeySequence, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QWidget

from app.ui.theme.fonts import font
from app.ui.theme.icons import icon_pixmap
from app.ui.theme.tokens import LIGHT, Tokens
from app.ui.widgets.labels import tooltip

HEIGHT = 28
FACE = 20
REMOVE = 22
"""px: the chip, the face on it, and the room of its ×."""
WIDEST = 220
PaintFace = Callable[[QPainter, QRectF], None]


class Chip(QAbstractButton):
    """Backspace, Delete or a click on the × removes it, the arrow keys go to its neighbours.

    Args:
        key: told with the signals.
        spoken: the accessible name, and the tooltip.
        icon_name: drawn where there is no ``face``.
        face: paints a face into the box it is given.
        faded: nobody can be reached through it now; also said by ``spoken``.

    Signals:
        removed: the key.
        step: the key, and -1 or 1 for the neighbour to go to.
    """

    removed = Signal(str)
    step = Signal(str, int)

    def __init__(
        self,
        key: str,
        text: str,
        tokens: Tokens,
        *,
        spoken: str = "",
        icon_name: str = "user",
        face: PaintFace | None = None,
        faded: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.key = key
        self._tokens, self._face, self._icon_name, self._faded = tokens, face, icon_name, faded
        self._write(text)
        self.setFont(font(LIGHT.type.body, LIGHT.type.semibold))
        self.setAccessibleName(spoken or text)
        tooltip(self, spoken or text)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)

    def set_tokens(self, tokens: Tokens) -> None:
        self._tokens = tokens
        self.update()

    def set_state(self, text: str, spoken: str, faded: bool, face: PaintFace | None) -> None:
        """The person or group looks different now."""
        self._write(text)
        self.setAccessibleName(spoken)
        tooltip(self, spoken)
        self._faded, self._face = faded, face
        self.updateGeometry()
        self.update()

    def _write(self, text: str) -> None:
        self.setText(text)
        self.setShortcut(QKeySequence())  # the ampersand of "R&D" is no key

    def sizeHint(self) -> QSize:
        text = self.fontMetrics().horizontalAdvance(self.text()) + 2  # advances are rounded
        return QSize(min(4 + FACE + 6 + text + REMOVE, WIDEST), HEIGHT)

    def minimumSizeHint(self) -> QSize:
        return QSize(4 + FACE + 6 + 24 + REMOVE, HEIGHT)

    def _remove_box(self) -> QRectF:
        return QRectF(self.width() - REMOVE, 0, REMOVE, self.height())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if key in (Qt.Key.Key_Backspace, Qt.Key.Key_Delete):
            self.removed.emit(self.key)
        elif key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            self.step.emit(self.key, -1 if key == Qt.Key.Key_Left else 1)
        else:
            event.ignore()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        if event.button() is Qt.MouseButton.LeftButton and self._remove_box().contains(event.position()):
            self.removed.emit(self.key)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        colours = self._tokens.colours
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        pen = QPen(QColor(colours.focus if self.hasFocus() else colours.line), 2 if self.hasFocus() else 1)
        if self._faded and not self.hasFocus():
            pen = QPen(QColor(colours.edge), 1, Qt.PenStyle.DashLine)
        painter.setPen(pen)
        painter.setBrush(QColor(colours.accent_soft if self.hasFocus() else colours.sunken))
        painter.drawRoundedRect(box, box.height() / 2, box.height() / 2)
        self._paint_face(painter, QRectF(4, (self.height() - FACE) / 2, FACE, FACE))
        painter.setFont(self.font())
        painter.setPen(QColor(colours.muted if self._faded else colours.text))
        text = self.rect().adjusted(4 + FACE + 6, 0, -REMOVE, 0)
        shown = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, text.width())
        painter.drawText(text, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft), shown)
        self._paint_remove(painter)

    def _paint_face(self, painter: QPainter, box: QRectF) -> None:
        painter.save()
        painter.setOpacity(0.55 if self._faded else 1.0)
        if self._face is not None:
            self._face(painter, box)
        else:
            colours = self._tokens.colours
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(colours.accent_soft))
            painter.drawEllipse(box)
            sign = icon_pixmap(self._icon_name, colours.accent_text, 14, self.devicePixelRatioF())
            painter.drawPixmap(box.topLeft() + QPointF(3, 3), sign)
        painter.restore()

    def _paint_remove(self, painter: QPainter) -> None:
        box, colours = self._remove_box(), self._tokens.colours
        over = self.underMouse() and box.contains(QPointF(self.mapFromGlobal(self.cursor().pos())))
        if over:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(colours.pressed))
            painter.drawEllipse(box.center() - QPointF(2, 0), 9, 9)
        sign = icon_pixmap("close", colours.text if over else colours.muted, 12, self.devicePixelRatioF())
        painter.drawPixmap(box.center() - QPointF(8, 6), sign)
