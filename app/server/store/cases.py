"""What the engine and the auditor ask of the store about cases.

A case changes in two ways: with events that are appended (somebody answered, the hand went down; see
:mod:`app.server.store.sqlite.case_events`), and by a :class:`app.core.cases.Move` of the engine that is
appended together with the events that tell of it. Each change has a version; whoever decided from an older
one has to decide anew, so nothing is done after an answer was stored.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from app.core.audit import Deed
from app.core.cases import Case, CaseAnswer, CaseId, Note


@dataclass(frozen=True)
class Claimed:
    """A case that is due, for whoever claimed it to look at until the lease ends.

    Attributes:
        due_at: s; behind it lies how late it is.
    """

    case: Case
    version: int
    due_at: float


@dataclass(frozen=True)
class Health:
    """What an auditor and metrics tell of the engine; tests of policies are in none of it.

    Attributes:
        open: cases that are open, by kind.
        waiting: those of them that nobody has answered.
        oldest_waiting: when the oldest of those was opened, s.
        late: cases whose next look is overdue by more than the auditor allows.
        latest: how long the most overdue one is, s.
        sends: by state.
    """

    open: Mapping[str, int]
    waiting: int
    oldest_waiting: float | None
    late: int
    latest: float
    sends: Mapping[str, int]


class CaseStore(Protocol):
    """Every method may raise :class:`app.server.store.base.StoreError`; nothing of it has happened then."""

    # The engine

    async def claim(self, owner: str, now: float, lease: float, limit: int) -> Sequence[Claimed]:
        """Cases that are due, the longest overdue first; nobody else gets them within ``lease`` s."""
        ...

    async def next_look(self) -> float | None:
        """When the next case is due, s."""
        ...

    async def case(self, case: CaseId) -> Case | None: ...

    async def timeline(self, case: CaseId) -> Sequence[Note]:
        """Oldest first."""
        ...

    # Tests of policies, which no event tells of

    async def open(self, case: Case, deed: Deed) -> None:
        """A test begins; ``deed`` is written down with it."""
        ...

    async def end(self, case: CaseId, at: float) -> None:
        """It is over; nothing is done where it was."""
        ...

    # Answers that come in another way than as an event

    async def answered(self, case: CaseId, answer: CaseAnswer) -> Case | None:
        """What it is now; ``None`` where there is none like that."""
        ...

    async def declined(self, case: CaseId, answer: CaseAnswer) -> Case | None:
        """The same; ``answer.way`` is how it was said."""
        ...

    # The auditor

    async def health(self, now: float, late: float) -> Health:
        """``late``: s that a case may be overdue."""
        ...

    async def forgotten(self, after: CaseId, now: float, limit: int) -> tuple[Sequence[CaseId], CaseId]:
        """Open cases without a valid next look: all that have none, and of the others as many as ``limit``
        are worked out anew.

        Args:
            after: the case that the last look ended with; "" to begin.

        Returns:
            Those, and where the next look goes on.
        """
        ...

    async def mend(self, cases: Sequence[CaseId], now: float) -> None:
        """Give these a valid next look."""
        ...
