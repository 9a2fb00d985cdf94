"""What floats over the map: a rounded card with the one shadow, made once instead of by an effect.

A graphics effect would blur anew each time something below the card or on it is repainted. The shadow is a
widget of its own below the card: the card's size is what one sees of it, and clicks beside it go to the map.
"""

from __future__ import annotations

from functools import cache, lru_cache

from PySide6.QtCore import QEvent, QObject, QRect, QRectF, QSize, Qt
from PySide6.QtGui import (
    QAccessible,
    QAccessibleInterface,
    QColor,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
)
from PySide6.QtWidgets import QAccessibleWidget, QWidget

from app.ui.theme.tokens import Tokens

REACH = 24
"""px round a card that its shadow takes."""
_STEPS = 18


class FloatingCard(QWidget):
    """A rounded card over its siblings. Fill it with a layout; a click on it does not reach what is below.

    Attributes:
        role: what it is to a screen reader, which calls it by its accessible name.
        ground, rim: names of the colours of the card and of the line round it.
        corner: px
    """

    role = QAccessible.Role.Grouping
    ground = "raised"
    rim = "line"

    def __init__(self, tokens: Tokens, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.tokens = tokens
        self.corner = tokens.radii.l
        self.setAttribute(Qt.WidgetAttribute.WA_NoMousePropagation)
        _install()
        self._spoken: QAccessibleWidget | None = None
        self._shadow = _Shadow(self, parent)
        self._follow()

    def accessible(self) -> QAccessibleInterface:
        """What Qt is given when it asks; the reference keeps it as long as it may be used."""
        self._spoken = QAccessibleWidget(self, self.role, self.accessibleName())
        return self._spoken

    def set_tokens(self, tokens: Tokens) -> None:
        self.tokens = tokens
        self._shadow.update()
        self.update()

    def event(self, event: QEvent) -> bool:
        handled = super().event(event)
        kind = event.type()
        if kind is QEvent.Type.ParentChange:
            self._shadow.setParent(self.parentWidget())
            self._follow()
        elif kind in (
            QEvent.Type.Move,
            QEvent.Type.Resize,
            QEvent.Type.ShowToParent,
            QEvent.Type.HideToParent,
            QEvent.Type.ZOrderChange,
        ):
            self._follow()
        return handled

    def _follow(self) -> None:
        """The shadow lies right below the card, wherever it goes."""
        shadow = self._shadow
        shadow.setGeometry(self.geometry().adjusted(-REACH, -REACH, REACH, REACH))
        shadow.setVisible(not self.isHidden() and self.parentWidget() is not None)
        shadow.stackUnder(self)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colours = self.tokens.colours
        painter.setPen(QPen(QColor(getattr(colours, self.rim)), 1))
        painter.setBrush(QColor(getattr(colours, self.ground)))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), self.corner, self.corner)


class _Shadow(QWidget):
    """Nobody can click it or hear of it."""

    def __init__(self, card: FloatingCard, parent: QWidget | None) -> None:
        super().__init__(parent)
        self._card = card
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setVisible(False)

    def paintEvent(self, event: QPaintEvent) -> None:
        card = self._card
        pixmap = _shadow_pixmap(self.size(), card.tokens, card.corner, self.devicePixelRatioF())
        QPainter(self).drawPixmap(0, 0, pixmap)


@cache
def _install() -> None:
    """Let Qt ask us about cards; once in a process."""
    QAccessible.installFactory(_factory)


def _factory(name: str, thing: QObject | None) -> QAccessibleInterface | None:
    return thing.accessible() if isinstance(thing, FloatingCard) else None


@lru_cache(maxsize=16)
def _shadow_pixmap(size: QSize, tokens: Tokens, corner: int, ratio: float) -> QPixmap:
    """Rings that add up to a soft fall from the card's edge to nothing."""
    pixmap = QPixmap(round(size.width() * ratio), round(size.height() * ratio))
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    colour, shadow = QColor(tokens.colours.shadow), tokens.shadow
    box = QRectF(QRect(0, 0, size.width(), size.height()).adjusted(REACH, REACH, -REACH, -REACH))
    whole = _STEPS * (_STEPS + 1) / 2
    for step in range(1, _STEPS + 1):
        spread = (REACH - shadow.offset_y) * (1 - step / _STEPS)
        colour.setAlphaF(shadow.alpha / 255 * 0.6 * step / whole)
        painter.setBrush(colour)
        ring = box.adjusted(-spread, -spread, spread, spread).translated(0, shadow.offset_y)
        painter.drawRoundedRect(ring, corner + spread, corner + spread)
    painter.end()
    return pixmap
