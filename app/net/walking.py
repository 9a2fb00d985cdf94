"""Where the own avatar goes: ten places a second at most, the last always, and echoes told from news."""

from __future__ import annotations

from collections import deque

from app.core.limits import MOVES_PER_SECOND
from app.core.model import Place

INTERVAL = 1.0 / MOVES_PER_SECOND
SETTLED = 1.0
"""s without a step after which the server's word about the own place counts again."""


class Walking:
    """Times are s, monotonic.

    The server sends everybody's places to everybody, so also back what was sent here; by then the avatar
    has walked on. An echo is what was sent from here; anything else is news (another machine of the same
    person, or a place the server refused), and what the server says last wins once nobody walks.
    """

    def __init__(self) -> None:
        self._next: Place | None = None
        self._sent_at = float("-inf")
        self._sent: deque[Place] = deque(maxlen=10 * MOVES_PER_SECOND)
        self._told: Place | None = None  # the server's last word

    @property
    def waiting(self) -> bool:
        """A place is still to be sent."""
        return self._next is not None

    def go(self, place: Place) -> None:
        self._next = place

    def due_in(self, now: float) -> float:
        """s until the next place may be sent."""
        return max(0.0, self._sent_at + INTERVAL - now)

    def take(self, now: float) -> Place | None:
        """The place to send now, if there is one."""
        place, self._next = self._next, None
        if place is not None:
            self._sent_at = now
            self._sent.append(place)
        return place

    def heard(self, place: Place) -> Place | None:
        """The server says where the own avatar is. Returns the place if that is news."""
        self._told = place
        if place in self._sent:
            while self._sent.popleft() != place:
                pass
            return None
        if self.waiting:
            return None
        self._sent.clear()
        return place

    def settle(self, now: float) -> Place | None:
        """Call now and then. Returns the server's place if the last steps never arrived there."""
        if self.waiting or not self._sent or now - self._sent_at < SETTLED:
            return None
        self._sent.clear()
        return self._told

    def forget(self) -> None:
        """Another space, or another connection: echoes of earlier steps will not come."""
        self._sent.clear()
        self._told = None
