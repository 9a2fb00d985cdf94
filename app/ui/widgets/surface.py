"""Cards and lines: what lies on what."""

from __future__ import annotations

from PySide6.QtGui import QColor
from PySide6.QtWidgets import QFrame, QGraphicsDropShadowEffect, QWidget

from app.ui.theme.tokens import Tokens


def card(tokens: Tokens, parent: QWidget | None = None, *, floating: bool = True) -> QFrame:
    """A rounded card; a floating one has the one shadow."""
    made = QFrame(parent)
    made.setProperty("kind", "card")
    if floating:
        shade(made, tokens)
    return made


def shade(widget: QWidget, tokens: Tokens) -> None:
    """Give ``widget`` the one shadow of what floats."""
    effect = QGraphicsDropShadowEffect(widget)
    effect.setBlurRadius(tokens.shadow.blur)
    effect.setOffset(0, tokens.shadow.offset_y)
    colour = QColor(tokens.colours.shadow)
    colour.setAlpha(tokens.shadow.alpha)
    effect.setColor(colour)
    widget.setGraphicsEffect(effect)


def line(parent: QWidget | None = None) -> QFrame:
    """A separator, 1 px high."""
    made = QFrame(parent)
    made.setProperty("kind", "line")
    made.setFixedHeight(1)
    return made
