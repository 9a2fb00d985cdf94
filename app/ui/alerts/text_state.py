"""Decides how customers' texts are told to the person at this screen. Pure: no Qt, no clock.

Rules: a conversation that is this person's, or nobody's who is here, tells of itself with one gentle sound
and one native notification when something new came, until somebody looked at it. So does one that a
colleague gives to this person, also if it was told just before that a text came. What comes at once is
told together, and a customer who writes line after line is told once. Nothing of this takes the keyboard
focus or stands over other windows: nobody is in need. Times are s since the epoch as the server's clock says.
"""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass

from app.core.lines import CustomerId

SOUND_SECONDS = 4.0
"""s in which the sound is heard once, also where an output takes 2 s to begin."""
APART_SECONDS = 20.0
"""s between two tellings, however many customers write."""
AGAIN_SECONDS = 120.0
"""s for which a conversation that was told, and that nobody looked at, is told of no more."""


class TextTelling(enum.StrEnum):
    """How somebody wants to be told of customers' texts."""

    SOUND = "sound"
    NOTIFICATION = "notification"
    COUNT = "count"
    """The number in the Inbox alone."""


@dataclass(frozen=True)
class Waiting:
    """A conversation in which something new came, as shown.

    Attributes:
        at: when the newest message came, or it was given to this person, s.
    giver: by whom it was given; empty where it was not; ``given_at``: when, s.
    """

    id: CustomerId
    title: str
    text: str
    at: float
    giver: str = ""
    given_at: float = float("-inf")


@dataclass(frozen=True)
class TextsView:
    """What is told now.

    Attributes:
        number: another one each time that it is to be told anew.
        waiting: what was told and nobody looked at, the newest first; never empty.
    """

    number: int
    waiting: tuple[Waiting, ...]
    sounding: bool = False


class TextState:
    """Which conversations are told of, and whether that sounds."""

    def __init__(self) -> None:
        self.telling = TextTelling.SOUND
        self.calm = False
        self._place = ""
        self._present: dict[CustomerId, Waiting] = {}
        self._known: dict[CustomerId, float] = {}
        self._told: dict[CustomerId, float] = {}
        self._fresh: set[CustomerId] = set()
        self._number = 0
        self._last = float("-inf")
        self._sounds_until = float("-inf")

    def update(self, place: str, present: Sequence[Waiting], calm: bool, now: float) -> None:
        """Take all that wait now.

        Args:
            place: the space; what already waits in another one on coming in is not told.
            calm: the person is on a call, busy or away: nothing sounds.
        """
        self.calm = calm
        if place != self._place:
            self._place = place
            self._known = {waiting.id: waiting.at for waiting in present}
            self._told, self._fresh = {}, set()
        self._present = {waiting.id: waiting for waiting in present}
        ids = self._present.keys()
        self._told = {talk: at for talk, at in self._told.items() if talk in ids}
        self._fresh &= ids
        for waiting in present:
            known = self._known.get(waiting.id, float("-inf"))
            if waiting.at > known:
                self._known[waiting.id] = waiting.at
                told = self._told.get(waiting.id, float("-inf"))
                if waiting.given_at > known or now - told >= AGAIN_SECONDS:
                    self._fresh.add(waiting.id)

    def look(self, now: float, snoozed: bool) -> TextsView | None:
        """What is told at ``now``; what came during a snooze is told together at its end."""
        if self.telling is TextTelling.COUNT:
            self._told, self._fresh = {}, set()
        if snoozed:
            return None
        if self._fresh and now - self._last >= APART_SECONDS:
            self._tell(now)
        told = sorted((self._present[talk] for talk in self._told), key=lambda w: (-w.at, w.id))
        return TextsView(self._number, tuple(told), now < self._sounds_until) if told else None

    def next_look(self, now: float) -> float | None:
        """When the sound ends, or what came meanwhile is told, s."""
        times = [self._sounds_until] if self._told else []
        times += [self._last + APART_SECONDS] if self._fresh else []
        return min((at for at in times if at > now), default=None)

    def _tell(self, now: float) -> None:
        self._number += 1
        self._last = now
        self._told |= dict.fromkeys(self._fresh, now)
        self._fresh = set()
        if self.telling is TextTelling.SOUND and not self.calm:
            self._sounds_until = now + SOUND_SECONDS
