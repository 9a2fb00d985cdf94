"""A client's beats: when to ask the server for a sign of life, and when its answer is overdue."""

from __future__ import annotations

from app.core.limits import ANSWER_AFTER, HEARTBEAT


class Beats:
    """Times are s, monotonic.

    Args:
        first: s until the first beat; drawn by each client, so that those who come back together do not
            beat together ever after.
    """

    def __init__(self, now: float, first: float) -> None:
        self._due = now + first
        self._number = 0
        self._deadline: float | None = None

    def is_due(self, now: float) -> bool:
        return now >= self._due

    def next(self, now: float, within: float = ANSWER_AFTER) -> int:
        """The number of the beat that is sent now; its answer is overdue after ``within`` s."""
        self._number += 1
        self._due = now + HEARTBEAT
        deadline = now + within
        self._deadline = deadline if self._deadline is None else min(self._deadline, deadline)
        return self._number

    def answered(self, number: int, now: float) -> None:
        """The server has seen this beat; a newer one may still be on its way."""
        self._deadline = None if number >= self._number else now + ANSWER_AFTER

    def hold(self, now: float) -> None:
        """A large frame is arriving, and the answer can only come behind it."""
        if self._deadline is not None:
            self._deadline = max(self._deadline, now + ANSWER_AFTER)

    def overdue(self, now: float) -> bool:
        """A beat was not answered in time: nobody reads what is sent, even if something still comes."""
        return self._deadline is not None and now >= self._deadline
