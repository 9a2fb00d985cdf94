"""The camera's way to somewhere else: quick off, slow to land."""

from __future__ import annotations

from dataclasses import dataclass

LASTS = 0.28
"""s"""


@dataclass(frozen=True, slots=True)
class Flight:
    """From one origin to another; device px, ``began`` s."""

    from_left: int
    from_top: int
    to_left: int
    to_top: int
    began: float

    def at(self, now: float) -> tuple[int, int]:
        share = min(max((now - self.began) / LASTS, 0.0), 1.0)
        eased = 1 - (1 - share) ** 3
        return (
            round(self.from_left + (self.to_left - self.from_left) * eased),
            round(self.from_top + (self.to_top - self.from_top) * eased),
        )

    def over(self, now: float) -> bool:
        return now - self.began >= LASTS
