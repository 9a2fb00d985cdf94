"""The painted pieces of a pop-up card: its ground with the header, and the raiser's face."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QLabel, QPushButton, QWidget

from app.core.model import AssetId, Status
from app.ui.alerts.views import Phase, Raiser
from app.ui.map.colours import map_colours
from app.ui.map.faces import FacePainter, FaceSize
from app.ui.map.model import Avatar
from app.ui.theme.icons import icon_pixmap
from app.ui.theme.tokens import Tokens
from app.ui.widgets import Kind, button

Pictures = Callable[[AssetId | None], QImage | None]
"""The picture of an asset, ``None`` while it is not here (it may be soon)."""

FACE = 56
FACE_ZOOM = 1.2
BUTTON_HEIGHT = 40
HAND = 20


class Face(QWidget):
    """The raiser as on the map: picture or initials, status ring, status glyph."""

    def __init__(self, tokens: Tokens, pictures: Pictures) -> None:
        super().__init__()
        self._colours = map_colours(tokens)
        self._pictures = pictures
        self._raiser: Raiser | None = None
        self.setFixedSize(FACE, FACE)

    def set_raiser(self, raiser: Raiser) -> None:
        if raiser != self._raiser:
            self._raiser = raiser
            self.setAccessibleName(raiser.name)
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        raiser = self._raiser
        if raiser is None:
            return
        dpr = self.devicePixelRatioF()
        size = FaceSize.at(FACE_ZOOM, dpr)
        avatar = Avatar(
            raiser.id,
            raiser.name,
            raiser.status or Status.AVAILABLE,
            raiser.auto_away,
            picture=self._pictures(raiser.picture),
            lost=raiser.status is None,
        )
        painter = QPainter(self)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        painter.translate((self.width() - size.side / dpr) / 2, (self.height() - size.side / dpr) / 2)
        painter.scale(1 / dpr, 1 / dpr)
        FacePainter(size, self._colours).draw(painter, avatar)
        painter.end()


def answer_button(words: str, tokens: Tokens, kind: Kind) -> QPushButton:
    """For the mouse and assistive technology; the keyboard never comes into this window."""
    made = button(words, kind=kind, tokens=tokens)
    made.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    made.setFixedHeight(BUTTON_HEIGHT)
    return made


def set_ink(label: QLabel, colour: str) -> None:
    """Write a label on a ground of another colour than the theme's surfaces."""
    label.setStyleSheet(f"color: {colour};")


def paint_card(
    painter: QPainter, box: QRectF, tokens: Tokens, radius: int, header: int, padding: int, phase: Phase
) -> None:
    """The card's ground (px): surface, header in the colour of what it is about, and an edge."""
    c = tokens.colours
    loud, name, ink = {
        Phase.CALM: (c.sunken, "check", c.green_text),
        Phase.CALLING: (c.priority, "bell", c.on_priority),
    }.get(phase, (c.red, "hand-solid", c.on_red))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    shape = QPainterPath()
    shape.addRoundedRect(box, radius, radius)
    painter.fillPath(shape, QColor(c.raised))
    if header:
        top = QPainterPath()
        top.addRect(QRectF(box.x(), box.y(), box.width(), header))
        painter.fillPath(shape.intersected(top), QColor(loud))
        dpr = painter.device().devicePixelRatioF()
        painter.drawPixmap(
            round(box.x() + padding - 1),
            round(box.y() + (header - HAND) / 2),
            icon_pixmap(name, ink, HAND, dpr),
        )
    quiet = c.edge if tokens.high_contrast else c.line
    painter.setPen(QPen(QColor(quiet if phase is Phase.CALM or not header else loud), 1.0))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), radius, radius)
