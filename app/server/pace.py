"""How much one client may ask for: a token bucket for each kind of request."""

from __future__ import annotations

from app.core.model import PersonId


class Bucket:
    """Fills with ``rate`` a second up to ``burst``; each request takes one.

    ``now`` is monotonic, s.
    """

    __slots__ = ("_at", "_burst", "_level", "_rate")

    def __init__(self, rate: float, burst: int, now: float) -> None:
        self._rate, self._burst = rate, burst
        self._level = float(burst)
        self._at = now

    def take(self, now: float) -> bool:
        self._level = min(self._burst, self._level + (now - self._at) * self._rate)
        self._at = now
        if self._level < 1.0:
            return False
        self._level -= 1.0
        return True


class Pace:
    """The buckets of one connection, or of one person over all their connections.

    A person is never that fast; a script is slowed down, then shown out.
    """

    __slots__ = ("_patience", "attaches", "commands", "queries", "sign_ins", "signs", "users", "walks")

    def __init__(self, now: float) -> None:
        self.commands = Bucket(20.0, 60, now)
        self.walks = Bucket(15.0, 30, now)
        self.queries = Bucket(20.0, 400, now)  # a new map may name hundreds of pictures
        self.sign_ins = Bucket(1.0, 5, now)
        self.attaches = Bucket(2.0, 30, now)  # each may cost a snapshot, and many machines come back at once
        self.signs = Bucket(100.0, 1_000, now)  # of life, and acknowledgements
        self._patience = Bucket(20.0, 200, now)
        self.users = 0

    def flooding(self, now: float) -> bool:
        """Call for each request that came too fast; True when enough is enough."""
        return not self._patience.take(now)


class Paces:
    """The pace of each person who is connected: what one connection may not, ten may not either."""

    def __init__(self) -> None:
        self._paces: dict[PersonId, Pace] = {}

    def __len__(self) -> int:
        return len(self._paces)

    def enter(self, person: PersonId, now: float) -> Pace:
        """The person's pace, for one more connection."""
        pace = self._paces.setdefault(person, Pace(now))
        pace.users += 1
        return pace

    def leave(self, person: PersonId) -> None:
        """One of the person's connections has ended."""
        pace = self._paces[person]
        pace.users -= 1
        if not pace.users:
            del self._paces[person]
