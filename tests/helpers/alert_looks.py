"""Colours for the alert's widgets in tests."""

from app.ui.alerts.card_parts import CardLook
from app.ui.alerts.tray_icons import TrayColours
from app.ui.map.colours import LIGHT

CARD_LOOK = CardLook(
    surface="#ffffff",
    line="#d9dde4",
    text="#1b2130",
    muted="#566072",
    good="#17815a",
    red="#d9243b",
    red_pressed="#b81a30",
    on_red="#ffffff",
    button="#eff1f4",
    button_hover="#e3e6eb",
    calm="#f4f6f8",
    faces=LIGHT,
    family="Inter",
)
TRAY_COLOURS = TrayColours("#3462dc", "#ffffff", "#d9243b", "#ffffff", "#5f6878", "#ffffff", "#1b2130")
