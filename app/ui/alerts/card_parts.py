"""The pieces of a pop-up card: its look, labels, buttons and the raiser's face."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPainterPath, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QAbstractButton, QLabel, QSizePolicy, QWidget

from app.ui.alerts.state import Raiser
from app.ui.i18n import tr
from app.ui.map import glyphs
from app.ui.map.colours import DARK, LIGHT, MapColours
from app.ui.map.faces import FacePainter, FaceSize
from app.ui.map.model import Avatar
from app.ui.theme.tokens import Tokens


@dataclass(frozen=True)
class CardLook:
    """Colours (``#rrggbb``) and the font of a card."""

    surface: str
    line: str
    text: str
    muted: str
    good: str
    red: str
    red_pressed: str
    on_red: str
    button: str
    button_hover: str
    calm: str
    faces: MapColours
    family: str

    @classmethod
    def of(cls, tokens: Tokens, family: str) -> CardLook:
        """The look in a theme; ``family`` is the window's font."""
        c = tokens.colours
        return cls(
            surface=c.raised,
            line=c.edge if tokens.high_contrast else c.line,
            text=c.text,
            muted=c.muted,
            good=c.green_text,
            red=c.red,
            red_pressed=QColor(c.red).darker(118).name(),
            on_red=c.on_red,
            button=c.hover,
            button_hover=c.pressed,
            calm=c.sunken,
            faces=DARK if tokens.dark else LIGHT,
            family=family,
        )


class Tone(enum.Enum):
    """How a line of text speaks."""

    HEADER = enum.auto()
    STRONG = enum.auto()
    MUTED = enum.auto()
    MESSAGE = enum.auto()
    GOOD = enum.auto()
    NOTE = enum.auto()


SIZES = {
    Tone.HEADER: (13, QFont.Weight.Bold),
    Tone.STRONG: (13, QFont.Weight.Bold),
    Tone.MUTED: (12, QFont.Weight.Normal),
    Tone.MESSAGE: (18, QFont.Weight.Bold),
    Tone.GOOD: (13, QFont.Weight.DemiBold),
    Tone.NOTE: (12, QFont.Weight.DemiBold),
}
"""px and weight."""


class TextLine(QLabel):
    """A plain-text label in one tone; wraps, except in the header."""

    def __init__(self, look: CardLook, tone: Tone) -> None:
        super().__init__()
        self._look = look
        self._tone = tone
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(tone is not Tone.HEADER)
        size, weight = SIZES[tone]
        font = QFont(look.family)
        font.setPixelSize(size)
        font.setWeight(weight)
        font.setFeature(QFont.Tag("tnum"), 1)
        self.setFont(font)
        self.set_calm(False)

    def set_calm(self, calm: bool) -> None:
        look = self._look
        colour = {
            Tone.HEADER: look.text if calm else look.on_red,
            Tone.MUTED: look.muted,
            Tone.GOOD: look.good,
        }.get(self._tone, look.text)
        palette = self.palette()
        palette.setColor(QPalette.ColorRole.WindowText, QColor(colour))
        self.setPalette(palette)


def text_label(look: CardLook, tone: Tone) -> TextLine:
    return TextLine(look, tone)


class AnswerButton(QAbstractButton):
    """One answer: red for the first one, quiet for the others. By mouse and assistive technology only."""

    def __init__(self, look: CardLook, words: str, *, primary: bool = False) -> None:
        super().__init__()
        self._look = look
        self._words = words
        self._primary = primary
        self.setText(words)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        font = QFont(look.family)
        font.setPixelSize(13)
        font.setWeight(QFont.Weight.Bold)
        self.setFont(font)

    def set_busy(self, busy: bool) -> None:
        """Say that the answer is on its way."""
        self.setText(tr("Sending…") if busy else self._words)

    def sizeHint(self) -> QSize:
        return QSize(max(88, self.fontMetrics().horizontalAdvance(self.text()) + 24), 40)

    def paintEvent(self, event: QPaintEvent) -> None:
        look = self._look
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        touched = self.isEnabled() and (self.underMouse() or self.isDown())
        if self._primary and self.isEnabled():
            fill, ink = (look.red_pressed if touched else look.red), look.on_red
        else:
            fill = look.button_hover if touched else look.button
            ink = look.text if self.isEnabled() else look.muted
        painter.setBrush(QColor(fill))
        painter.drawRoundedRect(QRectF(self.rect()), 10, 10)
        painter.setPen(QColor(ink))
        words = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, self.width() - 12)
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, words)
        painter.end()


class CloseButton(QAbstractButton):
    """A small cross that puts a calm card away."""

    def __init__(self, look: CardLook) -> None:
        super().__init__()
        self._look = look
        self.setAccessibleName(tr("Close"))
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setFixedSize(28, 28)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.underMouse():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(self._look.button_hover))
            painter.drawRoundedRect(QRectF(self.rect()), 6, 6)
        painter.setPen(glyphs.pen(QColor(self._look.muted), 1.8))
        painter.drawLine(QPointF(9.5, 9.5), QPointF(18.5, 18.5))
        painter.drawLine(QPointF(18.5, 9.5), QPointF(9.5, 18.5))
        painter.end()


class Face(QWidget):
    """The raiser as on the map: disc, status ring, status glyph."""

    def __init__(self, side: int, look: CardLook) -> None:
        super().__init__()
        self._look = look
        self._raiser: Raiser | None = None
        self.setFixedSize(side, side)

    def set_raiser(self, raiser: Raiser) -> None:
        self._raiser = raiser
        self.setAccessibleName(raiser.name)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._raiser is None:
            return
        dpr = self.devicePixelRatioF()
        size = FaceSize.at(48 / 40, dpr)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.scale(1 / dpr, 1 / dpr)
        r = self._raiser
        avatar = Avatar(r.id, r.name, auto_away=r.auto_away, lost=r.status is None)
        if r.status is not None:
            avatar = Avatar(r.id, r.name, r.status, r.auto_away)
        FacePainter(size, self._look.faces, self._look.family).draw(painter, avatar)
        painter.end()


def paint_card(
    painter: QPainter, box: QRectF, look: CardLook, radius: int, header: int, padding: int, *, calm: bool
) -> None:
    """The card's ground: surface, header (red unless calm) with the hand, and an edge (px)."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    shape = QPainterPath()
    shape.addRoundedRect(box, radius, radius)
    painter.fillPath(shape, QColor(look.surface))
    if header:
        top = QPainterPath()
        top.addRect(QRectF(box.x(), box.y(), box.width(), header))
        painter.fillPath(shape.intersected(top), QColor(look.calm if calm else look.red))
        hand = QRectF(box.x() + padding - 1, box.y() + (header - 19) / 2, 19, 19)
        glyphs.draw(painter, glyphs.hand(), hand, QColor(look.good if calm else look.on_red))
    pen = QPen(QColor(look.line if calm or not header else look.red), 1.0)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), radius, radius)
