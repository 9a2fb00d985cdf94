"""Small widgets that all views share. What a person wrote is shown as it is, never as markup:
``label`` and ``tooltip`` are the only ways to make a label and a tooltip.
"""

from app.ui.widgets.action_button import ActionButton
from app.ui.widgets.badge import Badge
from app.ui.widgets.buttons import Kind, button, icon_button
from app.ui.widgets.chip import Chip
from app.ui.widgets.floating import FloatingCard
from app.ui.widgets.flow import FlowLayout
from app.ui.widgets.labels import label, menu_text, tooltip
from app.ui.widgets.notice import EmptyState, Notice, Tone
from app.ui.widgets.sheet import Sheet
from app.ui.widgets.surface import card, line
from app.ui.widgets.switch import Switch

__all__ = [
    "ActionButton",
    "Badge",
    "Chip",
    "EmptyState",
    "FloatingCard",
    "FlowLayout",
    "Kind",
    "Notice",
    "Sheet",
    "Switch",
    "Tone",
    "button",
    "card",
    "icon_button",
    "label",
    "line",
    "menu_text",
    "tooltip",
]
