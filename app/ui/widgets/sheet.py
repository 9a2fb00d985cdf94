"""A dialog as high as what it says, and never higher than its screen: then it scrolls, its foot stays."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent, QShowEvent
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QFrame,
    QHBoxLayout,
    QLayout,
    QPushButton,
    QScrollArea,
    QSlider,
    QVBoxLayout,
    QWidget,
)

from app.ui.theme.tokens import LIGHT
from app.ui.widgets.focus_order import tab_on
from app.ui.widgets.placing import FRAME, keep_on_screen, put_inside

BAR_PX = 12
"""px that a scroll bar takes."""


class Sheet(QDialog):
    """What it says goes into ``column``, its buttons into ``foot``. Call :meth:`fit` when that changes.

    Args:
        width: px.
    """

    def __init__(self, width: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setFixedWidth(width)
        keep_on_screen(self)
        self._inside = QWidget(self)
        self.column = QVBoxLayout(self._inside)
        self.column.setContentsMargins(24, 20, 24, 4)
        self._scroll = QScrollArea(self)
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroll.setWidget(self._inside)
        self.foot = QHBoxLayout()
        self.foot.setContentsMargins(24, 8, 24, 20)
        self.foot.setSpacing(LIGHT.spacing.s)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(self._scroll, 1)
        whole.addLayout(self.foot)

    def room(self) -> int:
        """px of height that the screen has for it."""
        return self.screen().availableGeometry().height() - FRAME.height()

    def fit(self, show: QWidget | None = None) -> None:
        """As high as its lines are at its width: Qt asks for the height at the width it would like best, and
        would scroll for that of a narrower one.

        Args:
            show: what has to be seen, where not everything can be.
        """
        if not self.isVisible():
            return
        height, foot = _height(self.column, self.width()), self.foot.sizeHint().height()
        if height + foot > self.room():
            height = _height(self.column, self.width() - BAR_PX)
        self._inside.setMinimumHeight(height)
        self.resize(self.width(), min(height + foot, self.room()))
        put_inside(self)
        if show is not None and show.isVisible():
            self._scroll.ensureWidgetVisible(show)

    def showEvent(self, event: QShowEvent) -> None:
        for turned in (*self.findChildren(QComboBox), *self.findChildren(QSlider)):
            turned.installEventFilter(self)
        super().showEvent(event)
        self.fit()

    def focusNextPrevChild(self, forward: bool) -> bool:
        return tab_on(self, forward) or super().focusNextPrevChild(forward)

    def press_by_enter(self, *buttons: QPushButton) -> None:
        """Only while one has the keyboard: Enter in a field is the field's."""
        for made in buttons:
            made.setAutoDefault(False)
            made.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The wheel scrolls: it changes no choice that it happens to pass over."""
        if event.type() == QEvent.Type.Wheel and isinstance(watched, QWidget) and not watched.hasFocus():
            event.ignore()
            return True
        if isinstance(watched, QPushButton) and isinstance(event, QKeyEvent):
            enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
            if enter and event.type() == QEvent.Type.KeyPress:
                watched.click()
                return True
        return super().eventFilter(watched, event)


def _height(column: QLayout, width: int) -> int:
    """px, with all that was just shown or hidden."""
    column.invalidate()
    column.activate()
    if column.hasHeightForWidth():
        return column.totalHeightForWidth(width)
    return column.totalMinimumSize().height()
