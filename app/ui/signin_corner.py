"""The corner of the sign-in page: language, look, and the other settings."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPoint, QRectF, Qt, Signal
from PySide6.QtGui import QAction, QActionGroup, QColor, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QBoxLayout, QMenu, QPushButton, QWidget

from app.ui.choices import Choices, language_choices, theme_choices
from app.ui.i18n import tr
from app.ui.theme import Theme
from app.ui.theme.tokens import LIGHT
from app.ui.widgets import icon_button, tooltip
from app.ui.widgets.buttons import recolour


class Corner(QWidget):
    """Signals:
    language_chosen: a code, "" for the system's. theme_chosen: ``system`` or a name in ``THEMES``.
    settings_pressed: everything else.
    """

    language_chosen = Signal(str)
    theme_chosen = Signal(str)
    settings_pressed = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._code = ""
        tokens = theme.tokens
        self.language = icon_button("globe", tr("Language"), tokens=tokens, parent=self)
        self.look = icon_button("sun", tr("Look"), tokens=tokens, parent=self)
        self.settings = icon_button("settings", tr("Settings"), tokens=tokens, parent=self)
        self.language.clicked.connect(self._choose_language)
        self.look.clicked.connect(self._choose_theme)
        self.settings.clicked.connect(self.settings_pressed)
        self._row = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._row.setContentsMargins(*([LIGHT.spacing.xs] * 4))
        self._row.setSpacing(LIGHT.spacing.xs)
        for made in self.buttons:
            self._row.addWidget(made)
        self.follow_theme()

    @property
    def buttons(self) -> tuple[QPushButton, QPushButton, QPushButton]:
        """In the order of the keyboard."""
        return self.language, self.look, self.settings

    def set_language(self, code: str) -> None:
        """Which one the menu marks."""
        self._code = code

    def set_upright(self, upright: bool) -> None:
        """One below the other, where there is no room beside the card."""
        way = QBoxLayout.Direction.TopToBottom if upright else QBoxLayout.Direction.LeftToRight
        self._row.setDirection(way)
        self.adjustSize()

    def retranslate(self) -> None:
        words = (tr("Language"), tr("Look"), tr("Settings"))
        for made, name in zip(self.buttons, words, strict=True):
            made.setAccessibleName(name)
            tooltip(made, name)

    def follow_theme(self) -> None:
        tokens = self._theme.tokens
        self.look.setProperty("icon_name", "moon" if tokens.dark else "sun")
        for made in self.buttons:
            recolour(made, tokens)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """A ground of its own, whatever is drawn below."""
        tokens = self._theme.tokens
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QColor(tokens.colours.line))
        painter.setBrush(QColor(tokens.colours.raised))
        box = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.drawRoundedRect(box, tokens.radii.m, tokens.radii.m)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter presses the button that has the keyboard."""
        focused = next((made for made in self.buttons if made.hasFocus()), None)
        if focused is not None and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            focused.click()
        else:
            super().keyPressEvent(event)

    def _choose_language(self) -> None:
        _menu(self.language, language_choices(), self._code, self.language_chosen.emit)

    def _choose_theme(self) -> None:
        _menu(self.look, theme_choices(), self._theme.choice, self.theme_chosen.emit)


def _menu(under: QPushButton, choices: Choices, present: str, chosen: Callable[[str], None]) -> None:
    menu = QMenu(under)
    menu.aboutToHide.connect(menu.deleteLater)
    group = QActionGroup(menu)
    for key, words in choices:
        action = QAction(words, menu)
        action.setCheckable(True)
        action.setChecked(key == present)
        action.triggered.connect(lambda _=False, to=key: chosen(to))
        group.addAction(action)
        menu.addAction(action)
    corner = under.mapToGlobal(QPoint(under.width(), under.height() + 4))
    menu.popup(corner - QPoint(menu.sizeHint().width(), 0))
