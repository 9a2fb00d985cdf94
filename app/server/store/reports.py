"""What history, board and charts ask of the store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from app.core.case_questions import AlertRecord
from app.core.cases import CaseId, Note
from app.core.model import PersonId


class ReportStore(Protocol):
    """Every method may raise :class:`app.server.store.base.StoreError`."""

    async def record(self, alert: CaseId) -> AlertRecord | None: ...

    async def hand_notes(self, alert: CaseId) -> Sequence[Note]:
        """The timeline of a hand that runs no policy, from what was written of it."""
        ...

    async def names(self, people: frozenset[PersonId]) -> Mapping[PersonId, str]:
        """Also of those who may no longer sign in."""
        ...
