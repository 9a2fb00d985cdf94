"""The audit log: who changed which setting, and who read or exported what.

Whoever changes a setting writes it down in the same transaction, within the job that changes it::

    audit.note(db, Deed(now, Act.CHANGED, Subject.POLICY, by, space, policy.id, policy.name,
                        changes=changes(before, after, secret={"key"})))

with ``note`` of :mod:`app.server.store.sqlite.audit`; what only reads calls :meth:`AuditLog.note`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from app.core.audit import Deed, Subject
from app.core.model import PersonId

PART_S = 3_600.0
"""s within which the parts of one export follow each other; what comes later has a line of its own."""
DEEDS = 200
"""Lines that are read at once at most."""


@dataclass(frozen=True)
class Wanted:
    """Which lines are read, newest first.

    Attributes:
        before: the number of the line that the page before ended with.
        since, until: server time, s.
    """

    before: int | None = None
    by: PersonId | None = None
    subject: Subject | None = None
    since: float | None = None
    until: float | None = None
    limit: int = DEEDS


@dataclass(frozen=True)
class DeedPage:
    """Attributes:
    deeds: with their numbers, newest first.
    more: whether there are older ones.
    """

    deeds: Sequence[tuple[int, Deed]]
    more: bool


class AuditLog(Protocol):
    async def note(self, deed: Deed) -> None:
        """It is on the disk when this returns. Raises StoreError: what it is about must not be done then."""
        ...

    async def note_part(self, deed: Deed, rows: int, after: str) -> None:
        """As :meth:`note`, of an export that is read part by part: one line says how many rows were read in
        all and whether that was everything, however far it comes.

        Args:
            deed: what was asked for; ``thing`` is where the next part begins, "" after the last one.
            after: where this one begins; "" for the first.
        """
        ...

    async def read(self, wanted: Wanted) -> DeedPage: ...
