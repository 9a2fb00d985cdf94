"""A theme, applied: palette, style sheet and font made from the tokens, following the system if wished."""

from __future__ import annotations

from string import Template

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QGuiApplication, QIcon, QPalette
from PySide6.QtWidgets import QApplication

from app.shipped import RESOURCES
from app.ui.theme.fonts import font, load_fonts
from app.ui.theme.icons import FOLDER
from app.ui.theme.tokens import DARK, LIGHT, THEMES, Tokens

SHEET = RESOURCES / "styles" / "app.qss"
SYSTEM = "system"


class Theme(QObject):
    """The application's look.

    Attributes:
        app: what is dressed.

    Signals:
        changed: ``tokens`` are others now; whatever paints with them paints anew.
    """

    changed = Signal()

    def __init__(self, app: QApplication, choice: str = SYSTEM) -> None:
        """Load fonts and the windows' icon, and apply ``choice`` (``system`` or a name in ``THEMES``)."""
        super().__init__(app)
        self.app = app
        self._choice = choice
        load_fonts()
        app.setStyle("Fusion")
        app.setFont(font(LIGHT.type.body))
        app.setWindowIcon(QIcon(str(FOLDER / "app.svg")))
        self.tokens = self._wanted()
        self._apply()
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._follow_system)

    @property
    def choice(self) -> str:
        return self._choice

    def choose(self, choice: str) -> None:
        """Use ``system``, ``light``, ``dark`` or ``high_contrast`` from now on."""
        self._choice = choice
        self._follow_system()

    def _follow_system(self) -> None:
        wanted = self._wanted()
        if wanted is not self.tokens:
            self.tokens = wanted
            self._apply()
            self.changed.emit()

    def _wanted(self) -> Tokens:
        if self._choice in THEMES:
            return THEMES[self._choice]
        dark = QGuiApplication.styleHints().colorScheme() is Qt.ColorScheme.Dark
        return DARK if dark else LIGHT

    def _apply(self) -> None:
        self.app.setPalette(palette(self.tokens))
        self.app.setStyleSheet(sheet(self.tokens))


def palette(tokens: Tokens) -> QPalette:
    """What Qt's own painting uses where the style sheet says nothing."""
    colours, role = tokens.colours, QPalette.ColorRole
    made = QPalette()
    for which, value in (
        (role.Window, colours.window),
        (role.WindowText, colours.text),
        (role.Base, colours.surface),
        (role.AlternateBase, colours.sunken),
        (role.Text, colours.text),
        (role.Button, colours.surface),
        (role.ButtonText, colours.text),
        (role.ToolTipBase, colours.raised),
        (role.ToolTipText, colours.text),
        (role.PlaceholderText, colours.muted),
        (role.Highlight, colours.accent),
        (role.HighlightedText, colours.on_accent),
        (role.Link, colours.accent_text),
        (role.Accent, colours.accent),
    ):
        made.setColor(which, QColor(value))
    for which in (role.Text, role.WindowText, role.ButtonText):
        made.setColor(QPalette.ColorGroup.Disabled, which, QColor(colours.faint))
    return made


def sheet(tokens: Tokens) -> str:
    """The style sheet, with the tokens' names filled in."""
    names: dict[str, object] = {n: getattr(tokens.colours, n) for n in tokens.colours.__slots__}
    names |= {f"space_{n}": f"{getattr(tokens.spacing, n)}px" for n in tokens.spacing.__slots__}
    names |= {f"radius_{n}": f"{getattr(tokens.radii, n)}px" for n in tokens.radii.__slots__}
    names |= {
        f"size_{n}": f"{getattr(tokens.type, n)}px" for n in ("tiny", "small", "body", "large", "title")
    }
    names["chevron"] = (SHEET.parent / f"chevron-{'dark' if tokens.dark else 'light'}.svg").as_posix()
    names["check"] = (SHEET.parent / f"check-{'dark' if tokens.dark else 'light'}.svg").as_posix()
    # Where grounds do not differ, an outline tells a quiet button from text.
    names["quiet_edge"] = tokens.colours.line if tokens.high_contrast else "transparent"
    return Template(SHEET.read_text(encoding="utf-8")).substitute(names)
