"""What the engine needs of a gateway, and what a gateway says afterwards.

A gateway is asked to send, answers what it knows at once, and reports the rest when it learns of it (status
callbacks, key presses, replies). A time-out is an answer too: *unknown*, reconciled later by reference.
"""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from app.core.cases import CaseId, SendId, SendState
from app.core.lines import Media


class GatewayError(Exception):
    """It was certainly not sent.

    Attributes:
        reason: a code of :class:`app.core.errors.Code`, whose sentence a person reads; or the gateway's own
            words, without numbers of phones.
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
        channel: ``sms``, ``call``, ``apprise`` or ``webhook``: which gateway carries it.
        address: E.164 number, Apprise URL or https address; never logged.
        text: what is said.
        sender: number it comes from, where that is not the server's own (a line's).
        code: short code with which a text message can be answered.
        case: what it is about; ``None`` for a verification code or a test.
        since: when it was first tried, s; 0 before that.
    """

    id: SendId
    channel: str
    address: str
    text: str
    sender: str = ""
    code: str = ""
    case: CaseId | None = None
    since: float = 0.0


@dataclass(frozen=True)
class Receipt:
    """What the gateway said at once.

    Attributes:
        reference: its own name for it, such as a SID.
        reason: why it failed; as above.
        over: it can bring no answer any more, such as a call that nobody took.
    """

    state: SendState
    reference: str = ""
    reason: str = ""
    over: bool = False


@dataclass(frozen=True)
class TextIn:
    """A text message that came in.

    Attributes:
        id: the gateway's name for it; a repeated one is the same message.
        number: which of our numbers it was sent to, E.164.
        sender: whose number it came from, E.164; a name where a company sent it.
    """

    id: str
    number: str
    sender: str
    text: str
    media: tuple[Media, ...] = ()


class Reply(enum.StrEnum):
    """What came of a key press or of a reply."""

    COMING = "coming"
    DECLINED = "declined"
    OVER = "over"
    TESTED = "tested"
    UNKNOWN = "unknown"
    """The code is none."""
    TAKEN = "taken"
    """It was for a line; nothing is said."""
    NOTHING_FORWARDED = "nothing_forwarded"
    """It came from a line's cell phone, to which nothing was forwarded lately."""


class Switchboard(Protocol):
    """Takes what phones say. All of it may be said more than once, late, and in any order."""

    async def reported(self, send: SendId, receipt: Receipt) -> None:
        """A gateway says what became of something it sent."""
        ...

    async def pressed(self, send: SendId, coming: bool) -> Reply:
        """Somebody pressed a key during a call."""
        ...

    async def texted(self, text: TextIn) -> Reply | None:
        """A text message came in; ``None``: nothing is to be said to it."""
        ...


class Gateway(Protocol):
    """Carries parcels of one or more channels."""

    async def send(self, parcel: Parcel) -> Receipt:
        """Raises GatewayError, GatewayUnsureError."""
        ...

    async def look_up(self, parcel: Parcel, reference: str) -> Sequence[Receipt]:
        """What became of it. Where the answer was lost (``reference`` is empty), everything that it may have
        become, also when that is something else's. Raises GatewayError, GatewayUnsureError."""
        ...

    async def close(self) -> None: ...
