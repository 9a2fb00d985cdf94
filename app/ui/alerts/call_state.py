"""Decides how priority messages call the person at this screen. Pure: no Qt, no clock.

Rules (product.md 4): a message stands on the screen from when it comes until it is read or answered,
anywhere. It sounds for a few seconds when it comes and each time that it calls again, on each machine once.
"Later" puts it away until it calls again. Times are s since the epoch as the server's clock says.
"""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass

from app.core.calls import Call
from app.core.model import MessageId
from app.ui.alerts.views import AlertView, Phase, Raiser

SOUND_SECONDS = 6.0
"""s that a call sounds: twice, and then it is quiet until it calls again."""


class CallAnswer(enum.StrEnum):
    """What a person does about a priority message that calls them."""

    OPEN = "open"
    """See it in its conversation, where one can write back; it counts as read."""
    READ = "read"
    LATER = "later"
    """Nobody is told; it calls again when its time comes."""


@dataclass(frozen=True)
class IncomingCall:
    """One priority message that calls, with who wrote it as shown."""

    call: Call
    raiser: Raiser

    @property
    def id(self) -> MessageId:
        return self.call.id


class CallState:
    """Which of them are on the screen, and which of those sound."""

    def __init__(self) -> None:
        self._present: tuple[IncomingCall, ...] = ()
        self._heard: dict[MessageId, tuple[int, float]] = {}
        self._later: dict[MessageId, int] = {}

    def __contains__(self, alert: str) -> bool:
        return any(incoming.id == alert for incoming in self._present)

    def update(self, present: Sequence[IncomingCall]) -> None:
        """Take all that call now: what is no longer among them was read or answered."""
        self._present = tuple(sorted(present, key=lambda i: (i.call.message.sent_at, i.id)))
        ids = {incoming.id for incoming in present}
        self._heard = {call: heard for call, heard in self._heard.items() if call in ids}
        self._later = {call: number for call, number in self._later.items() if call in ids}

    def look(self, now: float, snoozed: bool) -> tuple[tuple[AlertView, ...], int]:
        """What stands on the screen, oldest first, and how many a snooze keeps away."""
        views, muted = [], 0
        for incoming in self._present:
            if self._later.get(incoming.id, -1) >= incoming.call.number:
                continue
            if snoozed and not incoming.raiser.own_group:
                muted += 1
                continue
            views.append(self._view(incoming, now))
        return tuple(views), muted

    def later(self, alert: str) -> None:
        for incoming in self._present:
            if incoming.id == alert:
                self._later[incoming.id] = incoming.call.number

    def next_look(self, now: float) -> float | None:
        """When one of them falls silent, s."""
        ends = (since + SOUND_SECONDS for _, since in self._heard.values())
        return min((end for end in ends if end > now), default=None)

    def _view(self, incoming: IncomingCall, now: float) -> AlertView:
        call = incoming.call
        number, since = self._heard.get(incoming.id, (-1, now))
        if call.number > number:
            since = now
            self._heard[incoming.id] = (call.number, now)
        return AlertView(
            id=incoming.id,
            raiser=incoming.raiser,
            message=call.message.text,
            raised_at=call.message.sent_at,
            phase=Phase.CALLING,
            call=call.number,
            sounding=now - since < SOUND_SECONDS,
        )
