"""Sprites of one size in narrow strips, painted many at a time with ``drawPixmapFragments``.

A strip is as wide as one sprite, so that the rows of a sprite lie together in memory. PySide takes no list of
fragments, but it takes the address of an array that looks like one: 10 doubles a fragment, 0.15 µs a sprite
instead of 0.7 µs for a ``drawPixmap`` from Python.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import cast

import numpy as np
import shiboken6
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPixmap

from app.ui.map.crowd import Floats, Ints

X, Y, LEFT, TOP, WIDTH, HEIGHT, SCALE_X, SCALE_Y, ROTATION, OPACITY = range(10)
"""The members of QPainter::PixmapFragment, doubles all of them, in this order."""
MAX_SIDE = 32_000
"""px; Qt's raster images end at 32,767."""
FIRST_ROWS = 32


class Atlas:
    """Sprites by key.

    Args:
        width, height: device px of one sprite; both even, so that sprites centred on whole pixels stay sharp.
        limit: sprites after which unused ones are thrown away (all, and the visible ones drawn again).
    """

    def __init__(self, width: int, height: int, limit: int = 4096) -> None:
        self.width, self.height = width, height
        self.limit = limit
        self.per_page = max(MAX_SIDE // height, 1)
        self._numbers: dict[Hashable, int] = {}
        self._pages: list[QPixmap] = []
        self._widths: Ints = np.zeros(256, np.int32)
        self._fragments: Floats = np.zeros((0, 10))

    def __len__(self) -> int:
        return len(self._numbers)

    def clear(self) -> None:
        self._numbers.clear()
        self._pages.clear()

    def overflows(self, more: int) -> bool:
        """So many more sprites would go over the limit."""
        return len(self._numbers) + more > self.limit

    def sprite(self, key: Hashable, width: int, draw: Callable[[QPainter], None]) -> int:
        """The number of a sprite, which is drawn if it is new.

        Args:
            width: device px that are used of the sprite's width; even.
            draw: paints it into (0, 0, width, height).
        """
        number = self._numbers.get(key)
        if number is None:
            number = self._numbers[key] = len(self._numbers)
            if number >= len(self._widths):
                self._widths = np.concatenate([self._widths, np.zeros_like(self._widths)])
            self._widths[number] = width
            self._draw(number, draw)
        return number

    def paint(self, painter: QPainter, sprites: Ints, xs: Ints, ys: Ints, scale: float = 1.0) -> None:
        """Paint sprites centred on device px, in this order within each strip."""
        for table, strip in self.batches(sprites, xs, ys, scale):
            draw_fragments(painter, table, strip)

    def batches(self, sprites: Ints, xs: Ints, ys: Ints, scale: float = 1.0) -> list[tuple[Floats, QPixmap]]:
        """What :meth:`paint` would draw, for :func:`draw_fragments`; good until the next call."""
        count = len(sprites)
        if not count:
            return []
        if len(self._pages) > 1:
            order = np.argsort(sprites // self.per_page, kind="stable")
            sprites, xs, ys = sprites[order], xs[order], ys[order]
        if count > len(self._fragments):
            self._fragments = np.zeros((count + count // 2, 10))
            self._fragments[:, OPACITY] = 1.0
        table = self._fragments[:count]
        table[:, X] = xs
        table[:, Y] = ys
        table[:, TOP] = (sprites % self.per_page) * self.height
        table[:, WIDTH] = self._widths[sprites]
        table[:, HEIGHT] = self.height
        table[:, SCALE_X : SCALE_Y + 1] = scale
        if len(self._pages) == 1:
            return [(table, self._pages[0])]
        ends = np.searchsorted(sprites // self.per_page, np.arange(len(self._pages)), side="right").tolist()
        parts = zip([0, *ends], ends, self._pages, strict=False)
        return [(table[start:end], strip) for start, end, strip in parts if end > start]

    def _draw(self, number: int, draw: Callable[[QPainter], None]) -> None:
        page, slot = divmod(number, self.per_page)
        if page == len(self._pages):
            self._pages.append(_blank(self.width, min(FIRST_ROWS, self.per_page) * self.height))
        strip = self._pages[page]
        if (slot + 1) * self.height > strip.height():
            strip = self._pages[page] = self._taller(strip)
        painter = QPainter(strip)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        painter.translate(0, slot * self.height)
        painter.setClipRect(QRectF(0, 0, self.width, self.height))
        draw(painter)
        painter.end()

    def _taller(self, strip: QPixmap) -> QPixmap:
        rows = min(strip.height() // self.height * 2, self.per_page)
        taller = _blank(self.width, rows * self.height)
        painter = QPainter(taller)
        painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Source)
        painter.drawPixmap(0, 0, strip)
        painter.end()
        return taller


def draw_fragments(painter: QPainter, table: Floats, pixmap: QPixmap) -> None:
    """Draw the rows of a table, in the order of the constants above, as fragments of a pixmap."""
    first = cast(QPainter.PixmapFragment, shiboken6.wrapInstance(table.ctypes.data, QPainter.PixmapFragment))
    painter.drawPixmapFragments(first, len(table), pixmap)


def _blank(width: int, height: int) -> QPixmap:
    pixmap = QPixmap(width, height)
    pixmap.fill(Qt.GlobalColor.transparent)
    return pixmap
