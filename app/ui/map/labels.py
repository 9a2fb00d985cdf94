"""Names under the avatars: drawn once each, and moved or shortened where people stand close.

Names are painted below all faces, so that none ever covers one; the layout sees to it that names do not cover
each other either, and that a face does not stand on a name. It looks at map places only, never at the view:
panning changes nothing.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter

from app.ui.map.colours import ROLE_MARKS, MapColours
from app.ui.map.crowd import Bools, Crowd, Indices
from app.ui.map.model import Avatar
from app.ui.theme.fonts import font

WIDEST = 132
"""px; a longer name is cut with an ellipsis (the card shows all of it)."""
NARROWEST = 34
"""px; with less room than that a name is not shown: a letter or two tell nobody who it is."""
STEP = 8
"""px by which names are shortened, so that few variants of each are drawn."""
ALL_FROM = 0.5
"""Zoom from which each name has a chance; further away only those that stand far enough apart."""
APART = 64
"""px between the middles of two names in a row, far away: room for a first name."""


@dataclass(frozen=True, slots=True)
class LabelSize:
    """Device px of a name's plate and its parts."""

    height: int
    width: int
    pad: float
    gap: int
    text: int
    dpr: float

    @classmethod
    def at(cls, zoom: float, dpr: float) -> LabelSize:
        text = 11 if zoom < 1.35 else 13
        return cls(
            height=round((text + 7) * dpr / 2) * 2,
            width=round((WIDEST if text == 11 else WIDEST + 24) * dpr / 2) * 2,
            pad=6 * dpr,
            gap=round(3 * dpr),
            text=max(round(text * dpr), 6),
            dpr=dpr,
        )


class LabelPainter:
    """Measures and draws names of one size in one set of colours."""

    def __init__(self, size: LabelSize, colours: MapColours) -> None:
        self.size = size
        self._colours = colours
        self._font = font(size.text, 600)
        self._mark_font = font(max(round(size.text * 0.84), 5), 700)
        self._metrics = QFontMetricsF(self._font)

    def key(self, avatar: Avatar, room: int) -> Hashable:
        return (avatar.name, ROLE_MARKS[avatar.role], avatar.is_self, avatar.lost, room)

    def width(self, avatar: Avatar) -> int:
        """Device px that the whole name wants; even."""
        wanted = self._metrics.horizontalAdvance(avatar.name) + 2 * self.size.pad + self._mark(avatar)
        return min(int(wanted / 2 + 1) * 2, self.size.width)

    def draw(self, painter: QPainter, avatar: Avatar, room: int) -> None:
        """Paint into (0, 0, room, height)."""
        size, colours = self.size, self._colours
        plate, ink = QColor(colours.surface), QColor(colours.text)
        if avatar.is_self:
            plate, ink = QColor(colours.accent), QColor(colours.on_accent)
        if avatar.lost:
            ink = QColor(colours.muted)
        box = QRectF(0, 0, room, size.height)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(plate)
        painter.drawRoundedRect(box, 6 * size.dpr, 6 * size.dpr)
        text, mark = self.shown(avatar, room)
        inner = box.adjusted(size.pad, 0, -size.pad - mark, 0)
        painter.setPen(ink)
        painter.setFont(self._font)
        flags = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignHCenter | Qt.TextFlag.TextSingleLine
        painter.drawText(inner.adjusted(-size.pad / 2, 0, size.pad / 2, 0), flags, text)
        if mark:
            self._draw_mark(painter, avatar, QRectF(inner.right(), 0, mark + size.pad, size.height))

    def shown(self, avatar: Avatar, room: int) -> tuple[str, float]:
        """What stands on a plate of ``room`` device px, and what the role mark takes of it.

        The name; where there is no room its first word (what people call each other), then that without
        the mark; cut at last.
        """
        name, mark = avatar.name, self._mark(avatar)
        first = name.split(maxsplit=1)[0] if name.strip() else name
        inner = room - 2 * self.size.pad + 0.5
        for text, beside in ((name, mark), (first, mark), (first, 0.0)):
            if self._metrics.horizontalAdvance(text) <= inner - beside:
                return text, beside
        return self._metrics.elidedText(first, Qt.TextElideMode.ElideRight, inner), 0.0

    def _draw_mark(self, painter: QPainter, avatar: Avatar, room: QRectF) -> None:
        size, colours = self.size, self._colours
        side = size.height - 6 * size.dpr
        chip = QRectF(room.right() - side - 3 * size.dpr, 3 * size.dpr, side, side)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colours.on_accent if avatar.is_self else colours.accent))
        painter.drawRoundedRect(chip, 3.5 * size.dpr, 3.5 * size.dpr)
        painter.setPen(QColor(colours.accent if avatar.is_self else colours.on_accent))
        painter.setFont(self._mark_font)
        painter.drawText(chip, Qt.AlignmentFlag.AlignCenter, ROLE_MARKS[avatar.role])

    def _mark(self, avatar: Avatar) -> float:
        """Device px that the role mark adds."""
        return self.size.height - 5 * self.size.dpr if ROLE_MARKS[avatar.role] else 0.0


def arrange(crowd: Crowd, size: LabelSize, radius: int, wanted: Bools, *, declutter: bool = True) -> None:
    """Work out ``label_room``, ``label_top`` and ``labelled`` of everybody.

    In this order: a name stands below its face; two names in a row share the room between them; a name below
    which somebody stands goes above its own face; where that is taken too, it is not shown.

    Args:
        radius: device px of a face.
        wanted: whose names are to be shown at all. Who walks keeps the usual place and disturbs nobody.
        declutter: ``False`` leaves every name below its face, as long as it is.
    """
    n = len(crowd)
    below = radius + size.gap
    crowd.labelled[:n] = wanted
    crowd.label_room[:n] = crowd.label_width[:n]
    crowd.label_top[:n] = below
    rows = np.flatnonzero(~crowd.lively[:n])
    if not declutter or len(rows) < 2 or not wanted.any():
        return
    reach = 2 * (radius + size.gap + size.height)  # a name above its face may meet one below another
    one, other = _pairs(crowd, rows, wanted, reach, size.width + 2 * radius)
    _share(crowd, size, one, other)
    _step_aside(crowd, size, radius, one, other)
    crowd.label_room[:n] &= ~1


def spread(crowd: Crowd, size: LabelSize, first: Bools) -> Bools:
    """Whose names are wanted far away: as many as stand apart, always the same ones of the same people.

    Any two of them are ``APART`` px from each other across, or a name's height and a little down.

    Args:
        first: whose names are wanted whatever is beside them; the others' keep clear of these. (Who walks
            disturbs nobody, here either: names would come and go along the way.)
    """
    n = len(crowd)
    still = ~crowd.lively[:n]
    rows = np.concatenate([np.flatnonzero(first & still), np.flatnonzero(~first & still)])
    across, down = round(APART * size.dpr), size.height + 2 * size.gap
    column, line = crowd.px[rows] // across, crowd.py[rows] // down
    # One of each cell is enough to look at; 10,000 people far away stand in a few hundred.
    ones = np.sort(np.unique(column.astype(np.int64) << 32 | line, return_index=True)[1])
    kept: dict[tuple[int, int], tuple[int, int]] = {}
    wanted = first.copy()
    places = (array[ones].tolist() for array in (rows, column, line, crowd.px[rows], crowd.py[rows]))
    for row, i, j, x, y in zip(*places, strict=True):
        beside = (kept.get((i + di, j + dj)) for di in (-1, 0, 1) for dj in (-1, 0, 1))
        if not any(at and abs(at[0] - x) < across and abs(at[1] - y) < down for at in beside):
            kept[i, j] = x, y
            wanted[row] = True
    return wanted


def _pairs(crowd: Crowd, rows: Indices, wanted: Bools, reach: int, across: int) -> tuple[Indices, Indices]:
    """Each pair of rows less than ``reach`` px apart in y and ``across`` px in x once, the upper one first.

    At least one of the two has a name that is wanted. The map is cut into upright strips ``across`` px wide:
    partners stand in the same strip or in one of those beside it.
    """
    y = crowd.py[rows].astype(np.int64)
    span = int(y.max() - y.min()) + 3 * reach  # so that no range reaches into a further strip
    key = crowd.px[rows].astype(np.int64) // across * span + (y - y.min())
    order = np.argsort(key, kind="stable")
    rows, key = rows[order], key[order]
    named = wanted[rows]
    start = np.flatnonzero(named)
    ones, others = [], []
    for beside in (-span, 0, span):
        middle = key[start] + beside
        low, high = np.searchsorted(key, middle - reach, "right"), np.searchsorted(key, middle + reach)
        counts = high - low
        ones.append(np.repeat(start, counts))
        others.append(np.repeat(low - np.cumsum(counts) + counts, counts) + np.arange(counts.sum()))
    one, other = np.concatenate(ones), np.concatenate(others)
    once = (other > one) | ~(named[other] | (other == one))
    one, other = rows[one[once]], rows[other[once]]
    near = np.abs(crowd.px[one] - crowd.px[other]) < across
    one, other = one[near], other[near]
    lower = crowd.py[one] > crowd.py[other]
    return np.where(lower, other, one), np.where(lower, one, other)


def _share(crowd: Crowd, size: LabelSize, one: Indices, other: Indices) -> None:
    """Names side by side: each gets half of the room, or what a shorter neighbour leaves."""
    both = crowd.labelled[one] & crowd.labelled[other]
    row = both & (np.abs(crowd.py[one] - crowd.py[other]) < size.height)
    a, b = one[row], other[row]
    free = np.abs(crowd.px[a] - crowd.px[b]) - round(3 * size.dpr)
    wide_a, wide_b = crowd.label_width[a], crowd.label_width[b]
    tight = (wide_a + wide_b) // 2 > free
    a, b, free = a[tight], b[tight], free[tight]
    wide_a, wide_b = wide_a[tight], wide_b[tight]
    step = round(STEP * size.dpr)
    for rows, own, others in ((a, wide_a, wide_b), (b, wide_b, wide_a)):
        left = np.maximum(free, 2 * free - others)
        np.minimum.at(crowd.label_room, rows, np.where(left < own, left // step * step, own).astype(np.int32))


def _step_aside(crowd: Crowd, size: LabelSize, radius: int, one: Indices, other: Indices) -> None:
    """A face below a name: the name goes above its own face, unless that is taken too."""
    n = len(crowd)
    across = np.abs(crowd.px[one] - crowd.px[other])
    down = crowd.py[other] - crowd.py[one]
    room = crowd.label_room
    # The upper one's name reaches into the lower one's face; a name that is too wide may just shorten.
    over = (down > radius - size.gap) & (down < 2 * radius + size.gap + size.height)
    touches = over & (across < room[one] // 2 + radius) & crowd.labelled[one]
    slim = round(NARROWEST * size.dpr)
    fits = touches & (across - radius >= slim)
    step = round(STEP * size.dpr)
    shorter = 2 * (across - radius) // step * step
    np.minimum.at(room, one[fits], shorter[fits].astype(np.int32))
    blocked = np.zeros(n, np.bool_)
    blocked[one[touches & ~fits]] = True
    # Above is taken by a face over it, or by the name of somebody up there who keeps it below.
    name_or_face = (room[other] // 2 + np.maximum(room[one] // 2, radius)) > across
    taken = np.zeros(n, np.bool_)
    taken[other[(down > 0) & name_or_face & (down < 2 * (radius + size.gap) + 2 * size.height)]] = True
    aside = blocked & ~taken
    crowd.label_top[:n][aside] = -radius - size.gap - size.height
    hidden = (blocked & taken) | (room[:n] < np.minimum(slim, crowd.label_width[:n]))
    crowd.labelled[:n] &= ~hidden
