"""Small widgets that all views share. What a person wrote is shown as it is, never as markup:
``label`` and ``tooltip`` are the only ways to make a label and a tooltip.
"""

from app.ui.widgets.badge import Badge
from app.ui.widgets.buttons import Kind, button, icon_button
from app.ui.widgets.labels import Elapsed, label, tooltip
from app.ui.widgets.notice import EmptyState, Notice, Tone
from app.ui.widgets.surface import card, line

__all__ = [
    "Badge",
    "Elapsed",
    "EmptyState",
    "Kind",
    "Notice",
    "Tone",
    "button",
    "card",
    "icon_button",
    "label",
    "line",
    "tooltip",
]
