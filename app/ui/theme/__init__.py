"""The design language: tokens, the style made from them, icons and fonts.

``Theme`` belongs to the application and is passed to whoever paints; ``Theme.changed`` says that light has
become dark, or the like.
"""

from app.ui.theme.icons import icon, icon_pixmap
from app.ui.theme.style import Theme
from app.ui.theme.tokens import DARK, HIGH_CONTRAST, LIGHT, THEMES, Tokens

__all__ = ["DARK", "HIGH_CONTRAST", "LIGHT", "THEMES", "Theme", "Tokens", "icon", "icon_pixmap"]
