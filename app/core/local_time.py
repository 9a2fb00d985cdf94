"""Local time without a clock or a table of zones: whoever asks for hours and days says what is valid when."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from typing import Annotated

import msgspec

DAY = 86_400
HOUR = 3_600

Offset = tuple[float, Annotated[int, msgspec.Meta(ge=-DAY, le=DAY)]]
"""From when on (s since the epoch) local time is so many s ahead of UTC."""
Offsets = Annotated[tuple[Offset, ...], msgspec.Meta(min_length=1, max_length=64)]


def offsets_of(offset_at: Callable[[float], int], since: float, until: float) -> Offsets:
    """The offsets from ``since`` to ``until``, each from its first second on.

    Args:
        offset_at: s that local time is ahead of UTC at a moment (s since the epoch).
    """
    found: list[Offset] = [(since, offset_at(since))]
    at = since
    while at < until:
        later = min(at + DAY, until)
        if offset_at(later) != found[-1][1]:
            found.append((_change(offset_at, at, later), offset_at(later)))
        at = later
    return tuple(found)


def _change(offset_at: Callable[[float], int], before: float, after: float) -> float:
    """The first whole second of the offset at ``after``, which is not yet valid at ``before``."""
    wanted, low, high = offset_at(after), int(before), int(after)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if offset_at(middle) == wanted else (middle, high)
    return float(high)


class LocalTime:
    """Tells hours and days. ``offsets``: in any order."""

    def __init__(self, offsets: Offsets) -> None:
        ordered = sorted(offsets)
        self._from = [start for start, _ in ordered]
        self._offsets = [offset for _, offset in ordered]

    def _local(self, at: float) -> float:
        return at + self._offsets[max(0, bisect_right(self._from, at) - 1)]

    def hour(self, at: float) -> int:
        """0 to 23"""
        return int(self._local(at) % DAY // HOUR)

    def day(self, at: float) -> int:
        """Days since 1970-01-01."""
        return int(self._local(at) // DAY)
