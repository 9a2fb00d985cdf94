"""What is kept of people, for how long, and how a person is taken out of what was kept.

Pure: the server decides when (:mod:`app.server.retention`) and walks through what it has
(:mod:`app.server.erasure`).
"""

from __future__ import annotations

import enum
import re
from collections.abc import Collection
from typing import Any

from app.core.model import PersonId

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


def alias_of(person: PersonId) -> tuple[str, str]:
    """Handle and name that stand for a person who was erased."""
    short = re.sub(r"[^0-9a-z]", "", str(person).casefold())[:12] or "x"
    return f"former-{short}", f"Former colleague {short}"


_OWN_WORDS = {"author": "text", "raiser": "message", "asked_by": "text"}
"""Who wrote it -> the field with their words, in the values of the core."""


class Eraser:
    """Takes one person out of texts and of values as they are stored.

    Args:
        numbers: of phones, in each way in which they may be written down.
    """

    def __init__(self, person: PersonId, handle: str, name: str, numbers: Collection[str] = ()) -> None:
        self.person = person
        self.handle, self.name = alias_of(person)
        words = [(rf"(?<!\w)@{re.escape(handle)}(?![\w\-]|\.\w)", f"@{self.handle}")] if handle else []
        if name:
            words.append((_whole(name), self.name))
        words += [(re.escape(number), "…") for number in sorted(filter(None, numbers), key=len, reverse=True)]
        self._words = [(re.compile(pattern, re.IGNORECASE), stands) for pattern, stands in words]

    def text(self, text: str) -> str:
        for pattern, stands in self._words:
            text = pattern.sub(stands, text)
        return text

    def concerns(self, data: bytes) -> bool:
        """Whether there can be anything of the person in it; cheaper than taking it out."""
        if self.person.encode() in data:
            return True
        text = data.decode("utf-8", "replace")
        return any(pattern.search(text) for pattern, _ in self._words)

    def value(self, value: Any) -> Any:
        """A value made of maps, lists and texts, without the person; the same one if they are not in it."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, list | tuple):
            return [self.value(part) for part in value]
        if isinstance(value, dict):
            return self._map(value)
        return value

    def _map(self, value: dict[Any, Any]) -> dict[Any, Any]:
        after = {key: self.value(part) for key, part in value.items()}
        if value.get("id") == self.person and "handle" in value:
            after |= {"handle": self.handle, "name": self.name}
            after.pop("picture", None)
        if value.get("me") == self.person and "phrases" in value:
            after.pop("phrases")
        for who, words in _OWN_WORDS.items():
            if value.get(who) == self.person and words in value:
                after[words] = ""
        return after


def _whole(name: str) -> str:
    """Not within a longer word, where the script has words that one can see."""
    pattern = re.escape(name)
    return rf"(?<![\w@]){pattern}(?!\w)" if name.isascii() else pattern
