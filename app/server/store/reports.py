"""What history, board and charts ask of the store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from app.core.case_questions import AlertRecord
from app.core.cases import CaseId, Note
from app.core.model import PersonId, SpaceId
from app.core.report_questions import AlertFilter, Board, Charts, Cursor, GetBoard, GetCharts


@dataclass(frozen=True)
class Found:
    """Alerts, newest first.

    Attributes:
        total: how many there are in all, or ``COUNTED`` and one; known with the first page.
        more: where the next page begins.
    """

    records: Sequence[AlertRecord]
    total: int | None = None
    more: Cursor | None = None


class ReportStore(Protocol):
    """Every method may raise :class:`app.server.store.base.StoreError`."""

    async def record(self, alert: CaseId) -> AlertRecord | None: ...

    async def hand_notes(self, alert: CaseId) -> Sequence[Note]:
        """The timeline of a hand that runs no policy, from what was written of it."""
        ...

    async def names(self, people: frozenset[PersonId]) -> Mapping[PersonId, str]:
        """Also of those who may no longer sign in."""
        ...

    async def page(
        self, space: SpaceId, only: AlertFilter, of: PersonId | None, after: Cursor | None, limit: int
    ) -> Found:
        """``of``: alerts that this person asked for alone."""
        ...

    async def charts(self, asked: GetCharts) -> Charts: ...

    async def board(self, asked: GetBoard, now: float) -> Board:
        """Without names."""
        ...
