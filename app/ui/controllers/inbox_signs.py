"""Who is writing to a customer just now: signs that come now and then, and hold for a while."""

from __future__ import annotations

from collections.abc import Collection

from app.core.lines import CustomerId
from app.core.model import PersonId

SAY_EVERY_S = 4.0
"""s between two signs that one is writing."""
SAID_FOR_S = 9.0
"""s for which such a sign holds."""


class WritingSigns:
    """Times are the server's, s."""

    def __init__(self) -> None:
        self._answering: dict[CustomerId, dict[PersonId, float]] = {}
        self._said_at = 0.0

    def __bool__(self) -> bool:
        return bool(self._answering)

    def forget(self) -> None:
        """Perhaps another space."""
        self._answering = {}

    def heard(self, talk: CustomerId, person: PersonId, now: float) -> None:
        self._answering.setdefault(talk, {})[person] = now

    def to_be_said(self, now: float) -> bool:
        """Whether it is time to tell the others that one is writing; it counts as told then."""
        if now - self._said_at < SAY_EVERY_S:
            return False
        self._said_at = now
        return True

    def who(self, now: float) -> dict[CustomerId, Collection[PersonId]]:
        """Without those whose sign is too old."""
        for key in tuple(self._answering):
            still = {who: at for who, at in self._answering[key].items() if now - at < SAID_FOR_S}
            if still:
                self._answering[key] = still
            else:
                del self._answering[key]
        return {key: people.keys() for key, people in self._answering.items()}
