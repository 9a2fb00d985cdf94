"""A switch: on or off, at once."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import QEasingCurve, QPoint, QPointF, QRectF, QSize, Qt, QVariantAnimation
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QCheckBox, QWidget

from app.ui.theme.tokens import Tokens

WIDTH, HEIGHT, RIM = 40, 24, 3
"""px of the track, and round it for the focus ring."""
SLIDE_MS = 140
Tone = Literal["accent", "red"]


class Switch(QCheckBox):
    """A check box that looks like a switch; Space toggles it, and a mark tells on from off without colour.

    Args:
        name: what it switches, for screen readers.
        tone: its colour when on; ``red`` only where it makes an escalation red.
        reduced_motion: the knob jumps instead of sliding.
    """

    def __init__(
        self,
        name: str,
        tokens: Tokens,
        *,
        tone: Tone = "accent",
        reduced_motion: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._tokens, self._tone = tokens, tone
        self._slide = QVariantAnimation(self)
        self._slide.setEasingCurve(QEasingCurve.Type.OutCubic)
        self._slide.valueChanged.connect(self._moved)
        self._at = 0.0
        self.set_reduced_motion(reduced_motion)
        self.setAccessibleName(name)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setFixedSize(self.sizeHint())
        self.toggled.connect(self._toggled)

    @property
    def position(self) -> float:
        """Where the knob is: 0 off to 1 on."""
        return self._at

    def set_reduced_motion(self, reduced: bool) -> None:
        self._slide.setDuration(0 if reduced else SLIDE_MS)

    def set_tokens(self, tokens: Tokens) -> None:
        self._tokens = tokens
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(WIDTH + 2 * RIM, HEIGHT + 2 * RIM)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def hitButton(self, pos: QPoint) -> bool:
        return self.rect().contains(pos)

    def _toggled(self, on: bool) -> None:
        self._slide.stop()
        if self._slide.duration() == 0 or not self.isVisible():
            self._moved(1.0 if on else 0.0)
            return
        self._slide.setStartValue(self._at)
        self._slide.setEndValue(1.0 if on else 0.0)
        self._slide.start()

    def _moved(self, value: float) -> None:
        self._at = float(value)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        colours = self._tokens.colours
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        track = QRectF(RIM, RIM, WIDTH, HEIGHT)
        if self.hasFocus():
            painter.setPen(QPen(QColor(colours.focus), 2))
            painter.drawRoundedRect(track.adjusted(-2, -2, 2, 2), HEIGHT / 2 + 2, HEIGHT / 2 + 2)
        on = QColor(colours.red if self._tone == "red" else colours.accent)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(
            _between(QColor(colours.edge), on, self._at) if self.isEnabled() else colours.pressed
        )
        painter.drawRoundedRect(track, HEIGHT / 2, HEIGHT / 2)
        knob = QPointF(RIM + HEIGHT / 2 + self._at * (WIDTH - HEIGHT), RIM + HEIGHT / 2)
        written = colours.on_red if self._tone == "red" else colours.on_accent
        painter.setBrush(QColor(written if self.isChecked() else colours.surface))
        painter.drawEllipse(knob, HEIGHT / 2 - 3, HEIGHT / 2 - 3)
        if self.isChecked():
            pen = QPen(on, 2, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)
            painter.setPen(pen)
            painter.drawPolyline([knob + QPointF(x, y) for x, y in ((-3.5, 0.2), (-1.0, 2.8), (3.5, -2.4))])


def _between(start: QColor, end: QColor, part: float) -> QColor:
    mixed = (
        round(a + (b - a) * part)
        for a, b in zip(start.getRgb()[:3], end.getRgb()[:3], strict=True)  # type: ignore[index] # stub: object
    )
    return QColor(*mixed)
