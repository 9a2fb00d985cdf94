"""What can be chosen about the window's look and language, with the words for it."""

from __future__ import annotations

from app.ui.i18n import languages, tr
from app.ui.theme.style import SYSTEM
from app.ui.theme.tokens import THEMES

LANGUAGE_NAMES = {"en": "English", "ja": "日本語"}
"""Each in its own words, so that it is found by whoever needs it."""

Choices = list[tuple[str, str]]
"""What is remembered, and what is shown for it."""


def theme_choices() -> Choices:
    """The looks, "as the system" first."""
    names = {
        SYSTEM: tr("As the system"),
        "light": tr("Light"),
        "dark": tr("Dark"),
        "high_contrast": tr("High contrast"),
    }
    return [(name, names[name]) for name in (SYSTEM, *THEMES)]


def language_choices() -> Choices:
    """The languages, "as the system" ("") first."""
    return [("", tr("As the system")), *((code, LANGUAGE_NAMES.get(code, code)) for code in languages())]
