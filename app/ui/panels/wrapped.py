"""Widgets whose words take as many lines as they need: one height for each width."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.ui.panels.look import Look
from app.ui.panels.spans import Laid, Span, laid_out

if TYPE_CHECKING:
    _Base = QWidget
else:
    _Base = object  # a widget has one Qt class, which is the one named beside this

NARROWEST = 40
"""px."""


class Wrapped(_Base):
    """Stands before the Qt class of a widget, which calls :meth:`_wrap` when it is made.

    Attributes:
        spans: the words.
    """

    spans: tuple[Span, ...]

    def _wrap(self, look: Look, size: int, indent: int = 0) -> None:
        """``size``: px of the letters. ``indent``: px at the left."""
        self.spans = ()
        self._look, self._letters, self._indent = look, size, indent
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        look.changed.connect(self.updateGeometry)

    def set_spans(self, spans: Sequence[Span]) -> None:
        self.spans = tuple(spans)
        self.updateGeometry()
        self.update()

    def laid(self, width: int) -> Laid:
        look = self._look
        return laid_out(self.spans, look.font(self._letters), look.tones, max(20, width - self._indent))

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return round(self.laid(width).size.height())

    def sizeHint(self) -> QSize:
        width = self.width() or 200
        return QSize(width, self.heightForWidth(width))

    def minimumSizeHint(self) -> QSize:
        return QSize(NARROWEST, self.heightForWidth(max(NARROWEST, self.width())))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.updateGeometry()
