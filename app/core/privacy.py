"""What is kept of people, and for how long; the server enforces it (:mod:`app.server.retention`)."""

from __future__ import annotations

import enum

from app.core.characters import LABEL_CHARS, line
from app.core.model import Frozen, SpaceId, shown_as

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


class Where(enum.StrEnum):
    """What somebody's name may stand in that others typed."""

    GROUP = "group"
    SPACE = "space"
    LINE = "line"
    POLICY = "policy"
    CONTACT = "contact"
    INTEGRATION = "integration"
    WEBHOOK = "webhook"
    MAP = "map"
    """A room or a seat."""
    MESSAGE = "message"
    HAND = "hand"
    TEXT = "text"
    """To or from a customer, or a note of it."""


class Trace(Frozen):
    """A name, or a part of it, stands there.

    Attributes:
        name: of the thing; empty for texts, which are only counted.
        thing: its id.
        space: where it belongs; ``None``: everywhere.
        count: of texts.
    """

    where: Where
    name: str = ""
    thing: str = ""
    space: SpaceId | None = None
    count: int = 1

    def __post_init__(self) -> None:
        shown_as(self, name=line(self.name, LABEL_CHARS))
