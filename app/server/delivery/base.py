"""What the engine needs of a gateway, and what a gateway says afterwards.

A gateway is asked to send, answers what it knows at once, and reports the rest when it learns of it (status
callbacks, key presses, replies). A time-out is an answer too: *unknown*, reconciled later by reference.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from app.core.cases import CaseId, SendId, SendState


class GatewayError(Exception):
    """It was certainly not sent.

    Attributes:
        reason: a few words for a person, without numbers or texts.
        retry_after: s after which trying again makes sense; ``None``: it never does.
    """

    def __init__(self, reason: str, retry_after: float | None = None) -> None:
        super().__init__(reason)
        self.reason, self.retry_after = reason, retry_after


class GatewayUnsureError(Exception):
    """It may have been sent: the answer did not come. ``reason`` as above."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Parcel:
    """One thing to send, with the number or address filled in.

    Attributes:
        channel: ``sms``, ``call``, ``apprise`` or ``webhook``.
        address: E.164 number, Apprise URL or https address; never logged.
        text: what is said.
        sender: number it comes from, where that is not the server's own (a line's).
        code: short code with which a text message can be answered.
        case: what it is about; ``None`` for a verification code or a test.
    """

    id: SendId
    channel: str
    address: str
    text: str
    sender: str = ""
    code: str = ""
    case: CaseId | None = None


@dataclass(frozen=True)
class Receipt:
    """What the gateway said at once. ``reference``: its own name for it, such as a SID."""

    state: SendState
    reference: str = ""


class Gateway(Protocol):
    """Carries parcels of one or more channels."""

    async def send(self, parcel: Parcel) -> Receipt:
        """Raises GatewayError, GatewayUnsureError."""
        ...

    async def look_up(self, parcel: Parcel, reference: str) -> Receipt | None:
        """What became of it (``reference`` may be empty where the answer was lost); ``None``: nothing is
        known. Raises GatewayError, GatewayUnsureError."""
        ...

    async def close(self) -> None: ...
