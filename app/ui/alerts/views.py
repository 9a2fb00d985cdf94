"""What is shown of somebody who calls, as plain values: in the pop-up, the notification, the tray."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from app.core.model import AssetId, EscalationId, MessageId, PersonId, Status


class Phase(enum.StrEnum):
    RINGING = "ringing"
    CALLING = "calling"
    """A priority message that was neither read nor answered."""
    CALM = "calm"
    CLOSED = "closed"


@dataclass(frozen=True)
class Raiser:
    """Who calls, as shown.

    Attributes:
        where: the zone or seat in words; empty when unknown.
        status: ``None`` when the person is not in the space any more.
        own_group: shares a mention group with the person at this screen (rings through a snooze).
    """

    id: PersonId
    name: str
    where: str = ""
    status: Status | None = None
    auto_away: bool = False
    picture: AssetId | None = None
    own_group: bool = False


@dataclass(frozen=True)
class AlertView:
    """What one card of the pop-up shows, as plain values.

    Attributes:
        coming: who is on the way, or said by phone or otherwise that they come.
        pending: the answer that was given here and is not yet confirmed.
        refusal: the sentence of the last answer that was refused.
        call: how often it has called again.
        sounding: a priority message sounds just now.
    """

    id: EscalationId | MessageId
    raiser: Raiser
    message: str
    raised_at: float
    phase: Phase
    coming: tuple[str, ...] = ()
    chatting: tuple[str, ...] = ()
    declined: tuple[str, ...] = ()
    unreached: tuple[str, ...] = ()
    pending: str | None = None
    refusal: str = ""
    test: bool = False
    call: int = 0
    sounding: bool = False

    @property
    def ringing(self) -> bool:
        return self.phase is Phase.RINGING

    @property
    def priority(self) -> bool:
        return self.phase is Phase.CALLING

    @property
    def calling(self) -> str:
        """Another one each time that it calls again."""
        return f"{self.id} {self.call}"
