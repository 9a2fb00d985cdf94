"""Labels and tooltips: always plain text, in the sizes of the design language."""

from __future__ import annotations

import html
import math
from typing import Literal

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QTextLayout
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from app.ui.theme.fonts import font
from app.ui.theme.tokens import LIGHT

Size = Literal["tiny", "small", "body", "large", "title"]
Rank = Literal["", "muted", "error", "good", "accent"]


class _Elided(QLabel):
    """One line that ends in an ellipsis where it does not fit; the whole text stays its accessible name."""

    def minimumSizeHint(self) -> QSize:
        return QSize(self.fontMetrics().horizontalAdvance("…") * 3, super().minimumSizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setPen(self.palette().windowText().color())
        painter.setFont(self.font())
        shown = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, self.width())
        painter.drawText(self.rect(), int(self.alignment() | Qt.AlignmentFlag.AlignVCenter), shown)


class _Wrapped(QLabel):
    """As many lines as it needs, as high as they are: QLabel counts a fallback font's lines too low."""

    def heightForWidth(self, width: int) -> int:
        layout = QTextLayout(self.text().replace("\n", "\u2028"), self.font())
        layout.beginLayout()
        height = 0.0
        while (line := layout.createLine()).isValid():
            line.setLineWidth(max(1, width))
            height += line.height()
        layout.endLayout()
        return max(super().heightForWidth(width), math.ceil(height))


def label(
    text: str = "",
    *,
    size: Size = "body",
    weight: int = LIGHT.type.regular,
    rank: Rank = "",
    wrap: bool = False,
    elide: bool = False,
    selectable: bool = False,
    tabular: bool = False,
    parent: QWidget | None = None,
) -> QLabel:
    """A label that shows ``text`` literally.

    Args:
        rank: which of the text colours (``muted``, ``error``, ``good``, ``accent``).
        wrap: break into lines; elide: one line, cut with an ellipsis.
        tabular: digits of one width.
    """
    made = _Elided(parent) if elide else _Wrapped(parent) if wrap else QLabel(parent)
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setText(text)
    made.setFont(font(getattr(LIGHT.type, size), weight, tabular=tabular))
    if rank:
        made.setProperty("rank", rank)
    if wrap:
        made.setWordWrap(True)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)  # a new policy forgets what setWordWrap has set
        made.setSizePolicy(policy)
    if selectable:
        made.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return made


def set_rank(widget: QLabel, rank: Rank) -> None:
    """Give a label another of the text colours."""
    widget.setProperty("rank", rank)
    widget.style().unpolish(widget)
    widget.style().polish(widget)


def tooltip(widget: QWidget, text: str) -> None:
    """Show ``text`` literally when the pointer rests on ``widget``; it wraps when it is long.

    It is what a screen reader describes the widget with too, unless the widget has a description of its own
    (Qt would read the tooltip's markup).
    """
    if widget.accessibleDescription() in ("", widget.property("hint")):
        widget.setAccessibleDescription(text)
    widget.setProperty("hint", text)
    widget.setToolTip(plain_tooltip(text))


def plain_tooltip(text: str) -> str:
    """What to hand to Qt's tooltips so that ``text`` appears as it was written."""
    return f"<span>{html.escape(text)}</span>" if text else ""


def menu_text(words: str) -> str:
    """Text as a menu shows it: an ampersand is an ampersand, one line, not endless."""
    one_line = " ".join(words.split())
    short = one_line if len(one_line) <= 80 else one_line[:79] + "…"
    return short.replace("&", "&&")
