"""What is kept of people, and for how long; the server enforces it (:mod:`app.server.retention`)."""

from __future__ import annotations

import enum

DAY = 24 * 3600.0
"""s"""
MOST_DAYS = 36_500


class Kept(enum.StrEnum):
    """Kinds of data that are kept for a while."""

    HANDS = "hands"
    CASES = "cases"
    NOTES = "notes"
    SENDS = "sends"
    MESSAGES = "messages"
    LINES = "lines"
    WEBHOOKS = "webhooks"
    AUDIT = "audit"


DEFAULT_DAYS: dict[Kept, int | None] = {
    Kept.HANDS: 730,
    Kept.CASES: 365,
    Kept.NOTES: 365,
    Kept.SENDS: 90,
    Kept.MESSAGES: 730,
    Kept.LINES: 365,
    Kept.WEBHOOKS: 30,
    Kept.AUDIT: 1_095,
}
"""Days; ``None``: for ever."""
