"""Lines of text whose parts look different, without markup: what others wrote can never become any.

A :class:`Span` is a piece of plain text and a tone; :func:`laid_out` breaks spans into lines with
QTextLayout, and both widgets and delegates paint the result.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from PySide6.QtCore import QPointF, QSizeF
from PySide6.QtGui import QColor, QFont, QPainter, QTextCharFormat, QTextLayout, QTextLine, QTextOption

from app.core.characters import isolated

MARK = "\x1a"
"""Stands for a field in a translated sentence until the field's spans take its place."""


@dataclass(frozen=True)
class Span:
    """Plain text in one tone (a key of the colours given to :func:`laid_out`)."""

    text: str
    tone: str = "muted"
    bold: bool = False
    italic: bool = False
    underlined: bool = False


Spans = Sequence[Span]


def woven(sentence: str, *fields: Span, tone: str = "muted") -> tuple[Span, ...]:
    """A translated sentence with a span where each ``MARK`` stands, in order.

    The sentence was made with ``tr("… {name} …", name=MARK)``, so each language puts it where it belongs.
    """
    pieces = sentence.split(MARK)
    spans: list[Span] = []
    for i, piece in enumerate(pieces):
        if piece:
            spans.append(Span(piece, tone))
        if i < len(fields) and i < len(pieces) - 1:
            spans.append(replace(fields[i], text=isolated(fields[i].text)))
    return tuple(spans)


def plain(spans: Spans) -> str:
    return "".join(span.text for span in spans)


class Laid:
    """Spans broken into lines of a width; paint it anywhere.

    Attributes:
        size: px.
    """

    def __init__(self, layout: QTextLayout, size: QSizeF, lines: int) -> None:
        self._layout = layout
        self.size = size
        self.lines = lines

    def shown(self, text: str) -> int:
        """How many characters of ``text`` the lines hold."""
        if self.lines == 0:
            return 0
        last = self._layout.lineAt(self.lines - 1)
        units = last.textStart() + last.textLength()
        # Qt counts UTF-16 units, Python code points.
        return len(text.encode("utf-16-le")[: 2 * units].decode("utf-16-le", "ignore"))

    def index_at(self, text: str, at: QPointF) -> int | None:
        """Which character of ``text`` stands at a point (px from the upper left corner)."""
        for i in range(self.lines):
            line = self._layout.lineAt(i)
            if line.rect().top() <= at.y() < line.rect().bottom():
                if not 0 <= at.x() <= line.naturalTextWidth():
                    return None
                units = line.xToCursor(at.x(), QTextLine.CursorPosition.CursorOnCharacter)
                return len(text.encode("utf-16-le")[: 2 * int(units)].decode("utf-16-le", "ignore"))
        return None

    def paint(self, painter: QPainter, at: QPointF, default: QColor) -> None:
        painter.setPen(default)
        self._layout.draw(painter, at)


def laid_out(
    spans: Spans, font: QFont, colours: Mapping[str, QColor], width: float, most_lines: int = 0
) -> Laid:
    """Break ``spans`` into lines of ``width`` px; at most ``most_lines`` when that is not 0.

    What does not fit into the last line is cut with an ellipsis.
    """
    text = plain(spans).replace("\n", "\u2028")
    laid = _lines(text, spans, font, colours, width, most_lines)
    end = laid.shown(text)
    while most_lines and end < len(text):
        # Cut a little more each time until the ellipsis fits too.
        cut = text[:end].rstrip() + "…"
        laid = _lines(cut, spans, font, colours, width, most_lines)
        if end == 0 or laid.shown(cut) >= len(cut):
            break
        end -= 1
    return laid


def _lines(
    text: str, spans: Spans, font: QFont, colours: Mapping[str, QColor], width: float, most_lines: int
) -> Laid:
    layout = QTextLayout(text, font)
    option = QTextOption()
    option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
    layout.setTextOption(option)
    layout.setFormats(_formats(spans, font, colours))
    layout.setCacheEnabled(True)
    layout.beginLayout()
    height, widest, lines = 0.0, 0.0, 0
    while not most_lines or lines < most_lines:
        line = layout.createLine()
        if not line.isValid():
            break
        line.setLineWidth(max(1.0, width))
        line.setPosition(QPointF(0, height))
        height += max(line.height(), font_height(font))
        widest = max(widest, line.naturalTextWidth())
        lines += 1
    layout.endLayout()
    return Laid(layout, QSizeF(widest, height), lines)


def font_height(font: QFont) -> float:
    """px of one line: a little more than the font needs, so that lines are easy to follow."""
    return float(round(font.pixelSize() * 1.4)) if font.pixelSize() > 0 else font.pointSizeF() * 1.9


def _formats(spans: Spans, font: QFont, colours: Mapping[str, QColor]) -> list[QTextLayout.FormatRange]:
    ranges = []
    start = 0
    for span in spans:
        looks = QTextCharFormat()
        looks.setForeground(colours[span.tone])
        if span.underlined:
            looks.setFontUnderline(True)
        if span.bold:
            looks.setFontWeight(QFont.Weight.DemiBold)
        if span.italic:
            looks.setFontItalic(True)
        piece = QTextLayout.FormatRange()
        piece.start, piece.length = start, len(span.text.encode("utf-16-le")) // 2
        piece.format = looks
        start += piece.length
        ranges.append(piece)
    return ranges
