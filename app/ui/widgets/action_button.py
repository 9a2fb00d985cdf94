"""A button that matters: icon, word, and perhaps a key, a running time, a count or an arrow."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QPushButton, QSizePolicy, QWidget

from app.ui.theme.fonts import font
from app.ui.theme.icons import icon_pixmap
from app.ui.theme.tokens import LIGHT, Tokens
from app.ui.widgets.buttons import Kind

HEIGHT = 40
ICON = 20
PAD = 12
GAP = 8
BADGE = 18
"""px"""


class ActionButton(QPushButton):
    """Painted from the tokens alone; Space and Enter press it.

    Args:
        trailing: an icon after the word.
    """

    def __init__(
        self,
        tokens: Tokens,
        icon_name: str,
        *,
        kind: Kind = "quiet",
        trailing: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)  # painted anew when the pointer comes and goes
        self._tokens, self._icon_name, self._kind, self._trailing = tokens, icon_name, kind, trailing
        self._ink = ""
        self._words = self._hint = self._time = ""
        self._badge = 0
        self._active = False
        self._with_text = self._with_hint = True
        self._font = font(LIGHT.type.body, LIGHT.type.semibold)
        self._numbers = font(LIGHT.type.body, LIGHT.type.bold, tabular=True)
        self._small = font(LIGHT.type.tiny, LIGHT.type.semibold)
        self._count = font(LIGHT.type.tiny, LIGHT.type.bold, tabular=True)
        self.setAutoDefault(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    # What it says

    @property
    def words(self) -> str:
        return self._words

    @property
    def trailing_text(self) -> str:
        """The running time, or the key."""
        return self._time if self._active else self._hint

    @property
    def kind(self) -> Kind:
        return self._kind

    @property
    def badge(self) -> int:
        return self._badge

    @property
    def active(self) -> bool:
        return self._active

    @property
    def shows_words(self) -> bool:
        return bool(self._words) and self._with_text

    def set_text(self, words: str) -> None:
        self._words = words
        self._changed()

    def set_icon(self, name: str, ink: str = "") -> None:
        """``ink``: its own colour; else that of the word."""
        self._icon_name, self._ink = name, ink
        self._changed()

    def set_hint(self, words: str) -> None:
        """A small outlined word at the end: the key that does the same."""
        self._hint = words
        self._changed()

    def set_trailing_text(self, words: str) -> None:
        """A running time at the end, in digits of one width; the button grows only with more digits."""
        wider = len(words) != len(self._time)
        self._time = words
        if wider:
            self._changed()
        self.update()

    def set_badge(self, count: int) -> None:
        self._badge = count
        self._changed()

    def set_kind(self, kind: Kind) -> None:
        self._kind = kind
        self.update()

    def set_active(self, active: bool) -> None:
        """It stands for something that goes on: shown with a ring and its time."""
        self._active = active
        self._changed()

    def set_dense(self, *, hint: bool, text: bool) -> None:
        """What there is room for."""
        if (self._with_hint, self._with_text) != (hint, text):
            self._with_hint, self._with_text = hint, text
            self._changed()

    def width_with(self, *, hint: bool, text: bool) -> int:
        """px it would take, were it so dense."""
        present = self._with_hint, self._with_text
        self._with_hint, self._with_text = hint, text
        width = self.sizeHint().width()
        self._with_hint, self._with_text = present
        return width

    def set_tokens(self, tokens: Tokens) -> None:
        self._tokens = tokens
        self.update()

    def _changed(self) -> None:
        self.updateGeometry()
        self.update()

    # Its size

    def sizeHint(self) -> QSize:
        width = PAD + ICON + sum(GAP + part for part in self._parts() if part) + PAD
        return QSize(max(width, HEIGHT), HEIGHT)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def _parts(self) -> tuple[int, int, int]:
        """Widths of the word, of what stands at the end, and of the count; 0 for none. px"""
        words = _width(self._font, self._words) if self.shows_words else 0
        return words, self._end_width(), self._badge_width()

    def _end_width(self) -> int:
        if self._active:
            return _width(self._numbers, "0" * len(self._time.replace(":", ""))) + 4 * self._time.count(":")
        if self._hint:
            return _width(self._small, self._hint) + 12 if self._with_hint and self._with_text else 0
        return 14 if self._trailing else 0

    def _badge_width(self) -> int:
        return max(BADGE, _width(self._count, self._badge_text()) + 10) if self._badge else 0

    def _badge_text(self) -> str:
        return "99+" if self._badge > 99 else str(self._badge)

    # Its looks

    def _colours(self) -> tuple[str, str]:
        """Ground and what is written on it."""
        colours = self._tokens.colours
        if not self.isEnabled():
            return colours.sunken, colours.faint
        if self._kind == "red":
            return colours.red, colours.on_red
        if self._kind == "yellow":
            return colours.yellow, colours.on_yellow
        ground = colours.pressed if self.isDown() else colours.line if self.underMouse() else colours.hover
        return ground, colours.text

    def paintEvent(self, event: QPaintEvent) -> None:
        ground, ink = self._colours()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_ground(painter, QColor(ground), QColor(ink))
        spare = self.width() - self.sizeHint().width()
        left = (PAD if self.width() > HEIGHT else (self.width() - ICON) / 2) + max(0, spare) / 2
        sign = icon_pixmap(self._icon_name, self._ink or ink, ICON, self.devicePixelRatioF())
        painter.drawPixmap(QPointF(left, (self.height() - ICON) / 2), sign)
        left += ICON
        if self.shows_words:
            left += GAP
            left += _write(painter, self._font, ink, left, self.height(), self._words)
        self._paint_end(painter, ink, left + GAP)
        self._paint_badge(painter)

    def _paint_ground(self, painter: QPainter, ground: QColor, ink: QColor) -> None:
        strong = self._kind in ("red", "yellow") and self.isEnabled()
        box, corner = QRectF(self.rect()), self._tokens.radii.m - 1
        outlined = self._tokens.high_contrast and not strong
        painter.setPen(QPen(QColor(self._tokens.colours.line), 1) if outlined else Qt.PenStyle.NoPen)
        painter.setBrush(ground)
        painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5) if outlined else box, corner, corner)
        painter.setPen(Qt.PenStyle.NoPen)
        if strong and (self.underMouse() or self.isDown()):
            ink.setAlpha(44 if self.isDown() else 20)
            painter.setBrush(ink)
            painter.drawRoundedRect(box, corner, corner)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if self._active:
            painter.setPen(QPen(QColor(self._colours()[1]), 1.5))
            painter.setOpacity(0.55)
            painter.drawRoundedRect(box.adjusted(3, 3, -3, -3), corner - 3, corner - 3)
            painter.setOpacity(1)
        if self.hasFocus():
            colours = self._tokens.colours
            painter.setPen(QPen(QColor(colours.text if strong else colours.focus), 2))
            painter.drawRoundedRect(box.adjusted(1, 1, -1, -1), corner - 1, corner - 1)

    def _paint_end(self, painter: QPainter, ink: str, left: float) -> None:
        width, middle = self._end_width(), self.height() / 2
        if not width:
            return
        if self._active:
            _write(painter, self._numbers, ink, left, self.height(), self._time)
        elif self._hint:
            box = QRectF(left, middle - 10, width, 20)
            painter.setOpacity(0.75)
            painter.setPen(QPen(QColor(ink), 1))
            painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 5, 5)
            painter.setOpacity(1)
            painter.setFont(self._small)
            painter.setPen(QColor(ink))
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, self._hint)
        else:
            sign = icon_pixmap(self._trailing, self._tokens.colours.muted, 14, self.devicePixelRatioF())
            painter.drawPixmap(QPointF(left, middle - 7), sign)

    def _paint_badge(self, painter: QPainter) -> None:
        width, colours = self._badge_width(), self._tokens.colours
        if not width:
            return
        box = QRectF(self.sizeHint().width() - PAD - width, (self.height() - BADGE) / 2, width, BADGE)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colours.accent))
        painter.drawRoundedRect(box, BADGE / 2, BADGE / 2)
        painter.setFont(self._count)
        painter.setPen(QColor(colours.on_accent))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, self._badge_text())


def _width(written: QFont, text: str) -> int:
    return QFontMetrics(written).horizontalAdvance(text)


def _write(painter: QPainter, written: QFont, ink: str, left: float, height: int, text: str) -> int:
    """Draw ``text`` in the vertical middle; returns its width in px."""
    width = _width(written, text)
    painter.setFont(written)
    painter.setPen(QColor(ink))
    painter.drawText(QRectF(left, 0, width + 2, height), int(Qt.AlignmentFlag.AlignVCenter), text)
    return width
