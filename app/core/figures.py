"""Figures from alerts: how fast the first answer came, and how often none did.

An alert without an answer has no time, so it is counted beside the times and never left out of the count.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from app.core.case_questions import AlertOutcome
from app.core.local_time import LocalTime
from app.core.report_questions import Day, Speed

K = TypeVar("K", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Fact:
    """What figures need of an alert. ``waited``: s until the first answer; ``None``: nobody answered."""

    opened_at: float
    waited: float | None
    outcome: AlertOutcome


def median(ordered: Sequence[float]) -> float:
    """Of at least one value, in rising order."""
    half = len(ordered) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2


def percentile(ordered: Sequence[float], part: float) -> float:
    """The smallest of the values (in rising order, at least one) that ``part`` of them do not exceed."""
    return ordered[max(0, math.ceil(part * len(ordered)) - 1)]


def speed(waits: Iterable[float | None]) -> Speed:
    """``waits``: s, ``None`` for each alert that nobody answered."""
    every = list(waits)
    ordered = sorted(wait for wait in every if wait is not None)
    missing = len(every) - len(ordered)
    if not ordered:
        return Speed(0, missing)
    return Speed(len(ordered), missing, median(ordered), percentile(ordered, 0.9))


def speeds(waits: Iterable[tuple[K, float | None]]) -> dict[K, Speed]:
    """The same for each key."""
    by_key: dict[K, list[float | None]] = {}
    for key, wait in waits:
        by_key.setdefault(key, []).append(wait)
    return {key: speed(some) for key, some in by_key.items()}


def by_hour(facts: Iterable[Fact], local: LocalTime) -> tuple[Speed, ...]:
    """24, by the hour of the local day in which the alert began."""
    found = speeds((local.hour(fact.opened_at), fact.waited) for fact in facts)
    return tuple(found.get(hour, Speed()) for hour in range(24))


def by_day(facts: Iterable[Fact], local: LocalTime) -> tuple[Day, ...]:
    counts: dict[int, list[int]] = {}
    for fact in facts:
        count = counts.setdefault(local.day(fact.opened_at), [0, 0, 0])
        count[0] += 1
        count[1] += fact.outcome in (AlertOutcome.NOBODY, AlertOutcome.WITHDRAWN)
        count[2] += fact.outcome is AlertOutcome.NOBODY
    return tuple(Day(number, *count) for number, count in sorted(counts.items()))
