"""The window before the window: the sign-in page, alone."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.ui.signin import SignInPage
from app.ui.theme import Theme
from app.ui.widgets.placing import keep_on_screen


class Entrance(QWidget):
    """Signals:
    closed: the person closed it, which before signing in means quitting.
    """

    closed = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setWindowTitle("Handraise")
        self.page = SignInPage(theme, self)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.addWidget(self.page)
        self.resize(900, 720)
        keep_on_screen(self)
        self._over = False

    def open(self) -> None:
        """Bring it to the front."""
        self.show()
        self.raise_()
        self.activateWindow()

    def close_for_good(self) -> None:
        self._over = True
        self.close()
        self.deleteLater()

    def closeEvent(self, event: QCloseEvent) -> None:
        super().closeEvent(event)
        if not self._over:
            self.closed.emit()
