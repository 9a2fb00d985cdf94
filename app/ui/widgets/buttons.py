"""Buttons in their few kinds."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QPushButton, QWidget

from app.ui.theme.fonts import font
from app.ui.theme.icons import icon
from app.ui.theme.tokens import LIGHT, Tokens
from app.ui.widgets.labels import tooltip

Kind = Literal["", "quiet", "bare", "primary", "priority", "red", "yellow"]
"""``red`` only for red escalations, ``yellow`` only for the Escalation button and yellow escalations,
``priority`` only for priority messages."""


def colour_on(kind: Kind, tokens: Tokens) -> str:
    """What is written (and drawn) on a button of this kind."""
    colours = tokens.colours
    named = {
        "primary": colours.on_accent,
        "priority": colours.on_priority,
        "red": colours.on_red,
        "yellow": colours.on_yellow,
        "bare": colours.accent_text,
    }
    return named.get(kind, colours.text)


def button(
    text: str,
    *,
    kind: Kind = "",
    icon_name: str = "",
    tokens: Tokens = LIGHT,
    hint: str = "",
    parent: QWidget | None = None,
) -> QPushButton:
    """A push button; Space and Enter press it.

    Args:
        icon_name: one of resources/icons; call :func:`recolour` when the theme changes.
        hint: tooltip, and the accessible description.
    """
    made = QPushButton(text, parent)
    made.setFont(font(LIGHT.type.body, LIGHT.type.semibold))
    made.setProperty("kind", kind)
    made.setProperty("icon_name", icon_name)
    made.setAutoDefault(True)
    made.setCursor(Qt.CursorShape.PointingHandCursor)
    if hint:
        tooltip(made, hint)
        made.setAccessibleDescription(hint)
    recolour(made, tokens)
    return made


def icon_button(
    icon_name: str,
    name: str,
    *,
    kind: Kind = "bare",
    tokens: Tokens = LIGHT,
    size: int = 32,
    parent: QWidget | None = None,
) -> QPushButton:
    """A square button with an icon alone; ``name`` is its tooltip and accessible name."""
    made = button("", kind=kind, icon_name=icon_name, tokens=tokens, parent=parent)
    made.setProperty("icon_only", "true")
    made.setFixedSize(size, size)
    made.setAccessibleName(name)
    tooltip(made, name)
    recolour(made, tokens)
    return made


def recolour(made: QPushButton, tokens: Tokens) -> None:
    """Draw the button's icon in the colours of another theme."""
    name, kind = made.property("icon_name"), made.property("kind")
    if name:
        colour = tokens.colours.muted if made.property("icon_only") and kind == "bare" else None
        made.setIcon(icon(name, colour or colour_on(kind, tokens), tokens.colours.faint))
        made.setIconSize(QSize(18, 18))


def set_kind(made: QPushButton, kind: Kind, tokens: Tokens) -> None:
    """Turn the button into another kind, as the Escalation button does when a hand is up."""
    made.setProperty("kind", kind)
    made.style().unpolish(made)
    made.style().polish(made)
    recolour(made, tokens)
