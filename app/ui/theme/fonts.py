"""The window's fonts: Inter ships with the program, Japanese comes from the system's own.

Inter: SIL Open Font License 1.1, resources/fonts/COPYRIGHT.txt.
"""

from __future__ import annotations

from PySide6.QtGui import QFont, QFontDatabase

from app.shipped import RESOURCES

FOLDER = RESOURCES / "fonts"
FAMILIES = (
    "Inter",
    "Noto Sans CJK JP",
    "Yu Gothic UI",
    "Hiragino Sans",
    "Meiryo",
    "Noto Sans",
    "Segoe UI",
)


def load_fonts() -> None:
    """Make the bundled fonts known to the program; once, after QApplication was made."""
    for path in sorted(FOLDER.glob("*.otf")):
        QFontDatabase.addApplicationFont(str(path))


def font(size: int, weight: int = 400, *, tabular: bool = False, italic: bool = False) -> QFont:
    """A font of the window: ``size`` px, OpenType ``weight``.

    Args:
        tabular: digits of one width, for numbers that change.
    """
    made = QFont()
    made.setFamilies(FAMILIES)
    made.setPixelSize(size)
    made.setWeight(QFont.Weight(weight))
    made.setItalic(italic)
    if tabular:
        made.setFeature(QFont.Tag("tnum"), 1)
    return made
