"""The charts themselves, drawn by pyqtgraph; imported when a chart is opened, since it weighs 30 MB.

What is told apart by colour is told apart by shape, too: half of the answers is a full bar, nine of ten its
outline; what nobody was available for is hatched.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtGui import QBrush, QFontMetrics, QPen
from PySide6.QtWidgets import QWidget

from app.core.report_questions import Speed
from app.ui.panels.look import Look
from app.ui.words import elapsed

HEIGHT = 220
BAR = 0.62
LABEL_GAP_PX = 12
"""px between two names below bars."""


SECONDS = (5, 10, 15, 30, 60, 120, 300, 600, 1_800, 3_600, 7_200, 21_600, 86_400)
"""Steps of an axis of times, s."""
STEPS = 5
"""Lines that an axis has at most."""
SLOTS, NAMED_SLOTS = 10, 6
"""Bars that a chart has room for at least: one alone is no wall; those with long names have more room."""


class Plot(pg.PlotWidget):  # type: ignore[misc]  # the library has no types
    """Bars over a row of names. Nothing moves: a chart is read, not played with.

    Args:
        name: for screen readers.
    """

    def __init__(self, look: Look, name: str, parent: QWidget) -> None:
        self._bottom, self._left = pg.AxisItem("bottom"), pg.AxisItem("left")
        super().__init__(parent, axisItems={"bottom": self._bottom, "left": self._left})
        self._look = look
        self._draw: Callable[[], None] = lambda: None
        self._names: Sequence[str] = ()
        self._every = False
        self.setFixedHeight(HEIGHT)
        self.setMenuEnabled(False)
        self.setMouseEnabled(False, False)
        self.hideButtons()
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        look.changed.connect(self.redraw)

    def speeds(self, names: Sequence[str], speeds: Sequence[Speed], *, every: bool = False) -> None:
        """For each name how fast the first answer came; ``every``: none of the names is left out."""
        self._every = every

        def draw() -> None:
            colours = self._look.colours
            p90 = [speed.p90 or 0.0 for speed in speeds]
            median = [speed.median or 0.0 for speed in speeds]
            outline = QPen(colours["muted"], 1.5)
            outline.setCosmetic(True)
            self._bars(p90, pen=outline, brush=QBrush(Qt.BrushStyle.NoBrush))
            self._bars(median, pen=QPen(Qt.PenStyle.NoPen), brush=QBrush(colours["accent"]))
            top = max([*p90, *median, 1.0])
            step = next((step for step in SECONDS if step * STEPS >= top), SECONDS[-1])
            self._frame(names, top, [(at, elapsed(at)) for at in _lines(top, step)])

        self._draw = draw
        self.redraw()

    def counts(self, names: Sequence[str], unanswered: Sequence[int], nobody: Sequence[int]) -> None:
        """For each name how many ended without an answer; of these, for how many nobody was available."""

        def draw() -> None:
            colours = self._look.colours
            edge = QPen(colours["text"], 1)
            edge.setCosmetic(True)
            self._bars(unanswered, pen=edge, brush=QBrush(colours["accent"]))
            ground = QBrush(colours["surface"])
            self._bars(nobody, pen=edge, brush=ground)
            self._bars(nobody, pen=edge, brush=QBrush(colours["text"], Qt.BrushStyle.BDiagPattern))
            top = max([*unanswered, 1])
            self._frame(names, top, [(at, f"{at}") for at in _lines(top, -(-top // STEPS))])

        self._draw = draw
        self.redraw()

    def redraw(self) -> None:
        """Anew, in the colours of now."""
        look = self._look
        self.clear()
        self.setBackground(look.colour("surface"))
        for axis in (self._bottom, self._left):
            axis.setPen(pg.mkPen(look.colour("edge"), width=1))
            axis.setTextPen(look.colour("muted"))
            axis.setStyle(tickFont=look.font(11, tabular=True), tickLength=-4)
        self._left.setGrid(40)
        self._draw()

    def _bars(self, heights: Sequence[float], pen: QPen, brush: QBrush) -> None:
        there = [(at, height) for at, height in enumerate(heights) if height]
        if there:
            places, high = zip(*there, strict=True)
            self.addItem(pg.BarGraphItem(x=places, height=high, width=BAR, pen=pen, brush=brush))

    def _frame(self, names: Sequence[str], top: float, lines: list[tuple[int, str]]) -> None:
        self._names = names
        self.setXRange(-0.6, self._slots - 0.4, padding=0)
        self.setYRange(0, top * 1.08, padding=0)
        self._left.setTicks([lines])
        self._label()

    @property
    def _slots(self) -> int:
        return max(NAMED_SLOTS if self._every else SLOTS, len(self._names))

    def _label(self) -> None:
        """As many names as have room, or each cut to the room that it has."""
        room = max(1, (self.width() - 60) // self._slots)
        metrics = QFontMetrics(self._look.font(11, tabular=True))
        if self._every:
            cut = [metrics.elidedText(name, Qt.TextElideMode.ElideRight, room - 4) for name in self._names]
            self._bottom.setTicks([list(enumerate(cut))])
            return
        widest = max((metrics.horizontalAdvance(name) for name in self._names), default=0) + LABEL_GAP_PX
        every = -(-widest // room)
        ticks = [(at, name) for at, name in enumerate(self._names) if at % every == 0]
        self._bottom.setTicks([ticks])

    def close(self) -> None:
        """Put away: what is left of it is not to follow the theme."""
        self._look.changed.disconnect(self.redraw)
        super().close()

    def resizeEvent(self, event: object) -> None:
        super().resizeEvent(event)
        if hasattr(self, "_names"):  # the base class resizes while it is made
            self._label()


def _lines(top: float, step: int) -> range:
    return range(0, int(top) + 1, step)
