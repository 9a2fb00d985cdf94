"""Sees to it that no alert is forgotten (promise P8): every open one has a valid next look, and the engine
follows. What is not so is set right, and said.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass

from app.core.cases import CaseId
from app.server.clock import Clock
from app.server.engine import LATE
from app.server.store.base import StoreError
from app.server.store.cases import CaseStore, Health

log = logging.getLogger(__name__)

EVERY = 10.0
"""s between two looks."""
PAGE = 1_000
"""Open cases whose next look is worked out anew at each look: going through all of them takes some."""
UNWELL_AFTER = 30.0
"""s that a step may be late, or the auditor silent, before an outside monitor is to be told."""


@dataclass(frozen=True)
class Report:
    """What the auditor saw last.

    Attributes:
        at: when, s.
        mended: cases that it has set right since the server started.
    """

    at: float
    health: Health
    mended: int


class Auditor:
    """Attributes:
    report: the last one; ``None`` before the first.
    """

    def __init__(self, cases: CaseStore, clock: Clock) -> None:
        self._cases, self._clock = cases, clock
        self.report: Report | None = None
        self._seen_at: float | None = None  # monotonic s
        self._after = CaseId("")
        self._mended = 0

    async def run(self, every: float = EVERY) -> None:
        """Until it is cancelled."""
        while True:
            try:
                await self.look()
            except StoreError as error:
                log.error("no audit of open alerts: %s", error.reason)
            await asyncio.sleep(every)

    async def look(self) -> Report:
        """Raises StoreError."""
        now = self._clock.now()
        forgotten, self._after = await self._cases.forgotten(self._after, now, PAGE)
        if forgotten:
            log.error("%d open alerts had no valid next look: %s", len(forgotten), ", ".join(forgotten))
            await self._cases.mend(forgotten, now)
            self._mended += len(forgotten)
        health = await self._cases.health(now, LATE)
        if health.late:
            log.warning(
                "%d alerts wait for a step that is due, the longest for %.0f s", health.late, health.latest
            )
        self.report = Report(now, health, self._mended)
        self._seen_at = self._clock.monotonic()
        return self.report

    @property
    def well(self) -> bool:
        """Whether somebody outside may be told that alerts are looked after."""
        if self.report is None or self._seen_at is None:
            return False
        silent = self._clock.monotonic() - self._seen_at
        return silent < UNWELL_AFTER and self.report.health.latest < UNWELL_AFTER
