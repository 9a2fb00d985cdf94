"""What the map is told about people: plain values, already worked out from the space's state."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from PySide6.QtGui import QImage

from app.core.model import EscalationId, Level, PersonId, Role, Status, ZoneId


@dataclass(frozen=True, slots=True)
class Hand:
    """A raised hand as the map shows it.

    Attributes:
        raised_at: s since the epoch, by the clock the view was given.
        coming: how many people are on the way.
    """

    escalation: EscalationId
    level: Level
    raised_at: float
    message: str = ""
    coming: int = 0


@dataclass(frozen=True, slots=True)
class Avatar:
    """One person on the map.

    Attributes:
        picture: square enough to be cut to a circle; at least 96 px wide looks best.
        lost: the connection is lost, the grace time runs.
        lost_channels: what of an alert does not reach them, in words.
        zone: the zone the person stands in, for the rooms' occupancy and for assistive technology.
    """

    id: PersonId
    name: str
    status: Status = Status.AVAILABLE
    auto_away: bool = False
    role: Role = Role.AGENT
    picture: QImage | None = None
    is_self: bool = False
    lost: bool = False
    lost_channels: str = ""
    zone: ZoneId | None = None
    hand: Hand | None = None

    @property
    def initials(self) -> str:
        return initials(self.name)


@dataclass(frozen=True, slots=True)
class Hit:
    """What lies under a point: somebody, and whether it is their hand (bubble or pointer) or the face."""

    person: PersonId
    hand: bool


def reading_order(avatars: Iterable[Avatar]) -> list[PersonId]:
    """Hands first, red before yellow, the longest waiting first; then by name."""

    def rank(avatar: Avatar) -> tuple[bool, bool, float, str, str]:
        hand = avatar.hand
        red = hand is not None and hand.level is Level.RED
        return (hand is None, not red, hand.raised_at if hand else 0.0, avatar.name.casefold(), avatar.id)

    return [avatar.id for avatar in sorted(avatars, key=rank)]


def initials(name: str) -> str:
    """One or two letters for a face: of the first and last word, or one character of kana or kanji."""
    words = [word for word in name.split() if word[0].isalnum()]
    if not words:
        return name.strip()[:1].upper() or "?"
    first = words[0][0].upper()
    if ord(first) > 0x2E80:  # CJK: the family name comes first, and one character is as wide as two letters
        return first
    return first + words[-1][0].upper() if len(words) > 1 else words[0][:2].title()
