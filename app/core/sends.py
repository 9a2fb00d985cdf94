"""How far something has come that was sent to a phone or an address."""

from __future__ import annotations

import enum
from typing import NewType

ContactId = NewType("ContactId", str)


class SendState(enum.StrEnum):
    """What is known of something that was sent; never a guess."""

    WAITING = "waiting"
    SENT = "sent"
    DELIVERED = "delivered"
    FAILED = "failed"
    UNKNOWN = "unknown"
    CANCELLED = "cancelled"
