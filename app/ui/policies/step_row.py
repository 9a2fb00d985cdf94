"""One step of a policy: its sentence, what is wrong with it, and its fields while it is open."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QTextLayout
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QHBoxLayout,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from app.ui.i18n import tr
from app.ui.policies.step_fields import StepFields
from app.ui.theme.fonts import font
from app.ui.theme.icons import icon_pixmap
from app.ui.theme.tokens import LIGHT, Tokens
from app.ui.widgets import icon_button, label
from app.ui.widgets.buttons import recolour

GRIP, NUMBER, GAP = 20, 24, 10
"""px: the handle, the disc with the step's number, and what is between parts."""
HEAD_PX = 40
"""px: the least height of a sentence, in whose first line its buttons stand."""
LEFT = 8 + GRIP + NUMBER + GAP
"""px at which the sentence begins."""


class StepHead(QAbstractButton):
    """The sentence; a click or Enter opens the step, and it can be dragged.

    Signals:
        key: a key that means something to the list: ``up``, ``down``, ``higher``, ``lower``, ``remove``,
            ``add``.
        dragged: where the pointer is while it is dragged, on the screen; dropped: where it was let go;
            cancelled
    """

    key = Signal(str)
    dragged = Signal(QPoint)
    dropped = Signal()
    cancelled = Signal()

    def __init__(self, tokens: Tokens, parent: QWidget) -> None:
        super().__init__(parent)
        self.tokens = tokens
        self.number, self.sentence = 0, ""
        self.movable = True
        self._pressed_at: QPoint | None = None
        self._dragging = False
        self.setCheckable(True)
        self.setFont(font(LIGHT.type.body))
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def say(self, number: int, total: int, sentence: str, troubles: Sequence[str]) -> None:
        self.number, self.sentence = number, sentence
        spoken = tr("Step {n} of {total}: {sentence}", n=number, total=total, sentence=sentence)
        self.setAccessibleName(spoken)
        self.setAccessibleDescription("\n".join(troubles))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(360, self.heightForWidth(max(self.width(), 240)))

    def minimumSizeHint(self) -> QSize:
        return QSize(200, HEAD_PX)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return max(HEAD_PX, round(self._text(width).boundingRect().height()) + 18)

    def _text(self, width: int) -> QTextLayout:
        """The sentence in lines, as wide as there is room."""
        layout = QTextLayout(self.sentence, self.font())
        layout.beginLayout()
        top = 0.0
        while (line := layout.createLine()).isValid():
            line.setLineWidth(max(60, width - LEFT - GAP))
            line.setPosition(QPointF(0, top))
            top += line.height()
        layout.endLayout()
        return layout

    # Keys and dragging

    def keyPressEvent(self, event: QKeyEvent) -> None:
        code, alt = event.key(), bool(event.modifiers() & Qt.KeyboardModifier.AltModifier)
        keys = {
            Qt.Key.Key_Up: "higher" if alt else "up",
            Qt.Key.Key_Down: "lower" if alt else "down",
            Qt.Key.Key_Delete: "remove",
            Qt.Key.Key_Backspace: "remove",
            Qt.Key.Key_Insert: "add",
        }
        if code == Qt.Key.Key_Escape and self._dragging:
            self._end_drag()
            self.cancelled.emit()
        elif code in keys:
            self.key.emit(keys[Qt.Key(code)])
        elif code in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() is Qt.MouseButton.LeftButton and self.movable:
            self._pressed_at = event.globalPosition().toPoint()
        super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        at = event.globalPosition().toPoint()
        if self._pressed_at is not None and not self._dragging:
            far = (at - self._pressed_at).manhattanLength() >= QApplication.startDragDistance()
            if far:
                self._dragging = True
                self.setDown(False)
                self.setCursor(Qt.CursorShape.ClosedHandCursor)
        if self._dragging:
            self.dragged.emit(at)
        else:
            super().mouseMoveEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._dragging:
            self._end_drag()
            self.dropped.emit()
            return
        self._pressed_at = None
        super().mouseReleaseEvent(event)

    def _end_drag(self) -> None:
        self._dragging, self._pressed_at = False, None
        self.setDown(False)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def paintEvent(self, event: QPaintEvent) -> None:
        colours = self.tokens.colours
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        painter.setPen(QPen(QColor(colours.focus), 2) if self.hasFocus() else Qt.PenStyle.NoPen)
        hovered = self.underMouse() and not self._dragging
        painter.setBrush(QColor(colours.hover) if hovered else Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(box, self.tokens.radii.s, self.tokens.radii.s)
        ratio, middle = self.devicePixelRatioF(), 20
        if self.movable:
            tone = colours.muted if hovered or self.hasFocus() else colours.faint
            painter.drawPixmap(QPointF(6, middle - 9), icon_pixmap("grip", tone, 18, ratio))
        disc = QRectF(8 + GRIP, middle - NUMBER / 2, NUMBER, NUMBER)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colours.accent_soft))
        painter.drawEllipse(disc)
        painter.setPen(QColor(colours.accent_text))
        painter.setFont(font(LIGHT.type.small, LIGHT.type.semibold))
        painter.drawText(disc, Qt.AlignmentFlag.AlignCenter, str(self.number))
        painter.setPen(QColor(colours.text))
        text = self._text(self.width())
        text.draw(painter, QPointF(LEFT, (self.height() - text.boundingRect().height()) / 2))


class StepRow(QWidget):
    """Signals:
    opened: the step is to be open, or no longer.
    removed
    """

    opened = Signal(bool)
    removed = Signal()

    def __init__(self, tokens: Tokens, parent: QWidget) -> None:
        super().__init__(parent)
        self._tokens = tokens
        self._wrong = self._lifted = False
        self.head = StepHead(tokens, self)
        self.head.clicked.connect(self.opened)
        self.remove_button = icon_button(
            "trash", tr("Remove this step"), tokens=tokens, size=HEAD_PX, parent=self
        )
        self.remove_button.clicked.connect(self.removed)
        self.troubles = label(size="small", wrap=True, parent=self)
        self._sign = label(parent=self)
        top = QHBoxLayout()
        top.setSpacing(LIGHT.spacing.xs)
        top.addWidget(self.head, 1)
        top.addWidget(self.remove_button, 0, Qt.AlignmentFlag.AlignTop)
        self._told = QWidget(self)
        told = QHBoxLayout(self._told)
        told.setContentsMargins(LEFT - 2, 0, GAP, 6)
        told.setSpacing(6)
        told.addWidget(self._sign, 0, Qt.AlignmentFlag.AlignTop)
        told.addWidget(self.troubles, 1)
        self._slot = QWidget(self)
        self._layout = QVBoxLayout(self._slot)
        self._layout.setContentsMargins(LEFT, 0, GAP, 8)
        self._slot.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(4, 3, 4, 3)
        column.setSpacing(2)
        column.addLayout(top)
        column.addWidget(self._told)
        column.addWidget(self._slot)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)

    def say(self, number: int, total: int, sentence: str, wrong: Sequence[str], odd: Sequence[str]) -> None:
        """The sentence, and below it what is wrong or odd."""
        troubles = (*wrong, *odd)
        self.head.say(number, total, sentence, troubles)
        self.remove_button.setAccessibleName(tr("Remove step {n}", n=number))
        self._wrong = bool(wrong)
        self.troubles.setText("\n".join(troubles))
        self._told.setVisible(bool(troubles))
        weight = LIGHT.type.semibold if wrong else LIGHT.type.regular
        self.troubles.setFont(font(LIGHT.type.small, weight))
        self._draw_sign()
        self.update()

    def _draw_sign(self) -> None:
        name = "warning" if self._wrong else "info"
        ink = self._tokens.colours.text if self._wrong else self._tokens.colours.muted
        self._sign.setPixmap(icon_pixmap(name, ink, 16, self.devicePixelRatioF()))

    def set_editable(self, editable: bool) -> None:
        self.head.setEnabled(editable)
        self.head.movable = editable
        self.remove_button.setVisible(editable)

    def take_fields(self, fields: StepFields) -> None:
        """The step is open: its fields stand below the sentence."""
        self._layout.addWidget(fields)
        fields.show()
        self._slot.show()
        self.head.setChecked(True)
        self.update()

    def lift(self, lifted: bool) -> None:
        """It is on its way to another place, or has arrived."""
        if lifted != self._lifted:
            self._lifted = lifted
            self.update()

    def give_back(self, fields: StepFields) -> None:
        self._layout.removeWidget(fields)
        self._slot.hide()
        self.head.setChecked(False)
        self.update()

    def set_tokens(self, tokens: Tokens) -> None:
        self._tokens = self.head.tokens = tokens
        recolour(self.remove_button, tokens)
        self._draw_sign()
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.head.isChecked():
            self.head.setFocus(Qt.FocusReason.OtherFocusReason)
            self.opened.emit(False)
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.HoverEnter, QEvent.Type.HoverLeave):
            self.update()
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        colours, is_open = self._tokens.colours, self.head.isChecked()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        edge = colours.text if self._wrong else colours.accent if is_open or self._lifted else colours.line
        painter.setPen(QPen(QColor(edge), 1))
        painter.setBrush(QColor(colours.accent_soft if self._lifted else colours.surface))
        corner = self._tokens.radii.m
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), corner, corner)
