"""How a person, or a customer, is taken out of texts and of values as they are stored.

Pure: the server walks through what it has (:mod:`app.server.erasure`).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from app.core.lines import CustomerId
from app.core.model import PersonId


def alias_of(person: PersonId) -> tuple[str, str]:
    """Handle and name that stand for a person who was erased."""
    short = re.sub(r"[^0-9a-z]", "", str(person).casefold())[:12] or "x"
    return f"former-{short}", f"Former colleague {short}"


_OWN_WORDS = {"author": "text", "raiser": "message", "asked_by": "text"}
"""Who wrote it -> the field with their words, in the values of the core."""
_TALK_WORDS = {"conversation": "text", "topic": "text"}
"""The conversation with a customer that it belongs to -> the field with the customer's words."""
_BETWEEN_DIGITS = r"[\s\-.()/\u2010-\u2015]{0,3}"
_LEAST_DIGITS = 7
"""Fewer than these are found only where the country or a 0 stands before them: they may be anything."""

_LEAST_LETTERS = 3


@dataclass(frozen=True)
class PhoneNumber:
    """Attributes:
    country: its code, without the plus; empty for what is no usual number, such as a short code.
    national: the rest, as dialled from abroad.
    """

    country: str
    national: str


@dataclass(frozen=True)
class _Word:
    """Attributes:
    inside: a pattern without a look at what stands around it.
    before, after: the look.
    stands: what stands there from now on.
    """

    inside: str
    stands: str
    before: str = ""
    after: str = ""


class Eraser:
    """Takes words out of texts and of values as they are stored.

    Args:
        ids: whoever they stand in concerns the eraser, too.
    """

    def __init__(self, words: Sequence[_Word], ids: Collection[str]) -> None:
        # The longest first, so that none is taken for a part of another one.
        ordered = sorted(words, key=lambda word: len(word.inside), reverse=True)
        self._words = [
            (re.compile(word.before + word.inside + word.after, re.IGNORECASE), word.stands)
            for word in ordered
        ]
        self._any = re.compile("|".join(word.inside for word in ordered) or "(?!)", re.IGNORECASE)
        self._ids = [key.encode() for key in ids if key]

    def text(self, text: str) -> str:
        for pattern, stands in self._words:
            text = pattern.sub(stands, text)
        return text

    def concerns(self, data: bytes) -> bool:
        """Whether there can be anything to take out of it; cheaper than doing it.

        Nothing is looked for around a word: the byte before it in packed data is its length, which may look
        like a letter or a digit.
        """
        if any(key in data for key in self._ids):
            return True
        return self._any.search(data.decode("utf-8", "replace")) is not None

    def value(self, value: Any) -> Any:
        """A value made of maps, lists and texts, without them; the same one if there is nothing of them."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, list | tuple):
            return [self.value(part) for part in value]
        if isinstance(value, dict):
            return self._map({key: self.value(part) for key, part in value.items()}, value)
        return value

    def wrote(self, person: str | None) -> bool:
        """Whether what this person wrote is to go."""
        return False

    def _map(self, after: dict[Any, Any], before: dict[Any, Any]) -> dict[Any, Any]:
        """A map whose parts are done. ``before``: as it was."""
        return after


class PersonEraser(Eraser):
    """Attributes:
    handle, name: what stands for them from now on.

    Args:
        names: handles and names, those of today first.
        numbers: of their phones.
        namesakes: people who have one of the names, and keep it.
    """

    def __init__(
        self,
        person: PersonId,
        names: Sequence[tuple[str, str]],
        numbers: Collection[PhoneNumber] = (),
        namesakes: Collection[PersonId] = (),
    ) -> None:
        self.person = person
        self.handle, self.name = alias_of(person)
        self._namesakes = frozenset(namesakes)
        words = []
        for handle, name in dict.fromkeys(names):
            if handle:
                inside = f"@{re.escape(handle)}"
                words.append(_Word(inside, f"@{self.handle}", r"(?<!\w)", r"(?![\w\-]|\.\w)"))
            if name:
                words.append(_name(name, self.name))
        super().__init__([*words, *map(_number, numbers)], (person,))

    def wrote(self, person: str | None) -> bool:
        return person == self.person

    def _map(self, after: dict[Any, Any], before: dict[Any, Any]) -> dict[Any, Any]:
        if "handle" in before and before.get("id") == self.person:
            after |= {"handle": self.handle, "name": self.name}
            after.pop("picture", None)
        elif "handle" in before and before.get("id") in self._namesakes:
            after |= {"handle": before["handle"], "name": before.get("name", "")}
        if before.get("me") == self.person and "phrases" in before:
            after.pop("phrases")
        for who, words in _OWN_WORDS.items():
            if words in before and self.person in (before.get(who), _id_in(before.get(who))):
                after[words] = ""
        return after


class CustomerEraser(Eraser):
    """Takes a customer's number out wherever somebody wrote it, and what they wrote out of what was told of
    their conversations; those themselves are forgotten by :class:`app.core.line_events.TalkForgotten`."""

    def __init__(self, number: PhoneNumber, talks: Collection[CustomerId]) -> None:
        self._talks = frozenset(talks)
        super().__init__([_number(number)], talks)

    def _map(self, after: dict[Any, Any], before: dict[Any, Any]) -> dict[Any, Any]:
        for which, words in _TALK_WORDS.items():
            if before.get(which) in self._talks and words in before:
                after[words] = ""
        return after


def _id_in(value: Any) -> Any:
    """Of somebody who is told of by id, handle and name."""
    return value.get("id") if isinstance(value, dict) else None


def _name(name: str, stands: str) -> _Word:
    """Not within a longer word, where the script has words that one can see."""
    pattern = re.escape(name)
    return _Word(pattern, stands, r"(?<![\w@])", r"(?!\w)") if name.isascii() else _Word(pattern, stands)


def _number(number: PhoneNumber) -> _Word:
    """As people write it: with or without country, zero, blanks and dashes; not within other digits."""
    if not number.country:
        return _Word(re.escape(number.national), "…", r"(?<!\w)", r"(?!\w)")
    gap = _BETWEEN_DIGITS
    abroad = rf"(?:\+|00)?{number.country}{gap}(?:0{gap})?"
    rest = gap.join(number.national)
    optional = "?" if len(number.national) >= _LEAST_DIGITS else ""
    return _Word(rf"(?:{abroad}|\(?0{gap}){optional}{rest}", "…", r"(?<!\d)", r"(?!\d)")


def parts_of(names: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    """Handles, and names with each of their words, by which somebody may be meant; the short ones are not."""
    found: dict[str, None] = {}
    for handle, name in names:
        for word in (handle, name, *name.split()):
            bare = word.strip(".,;:!?()'\"")
            if len(bare) >= (_LEAST_LETTERS if bare.isascii() else 2):
                found[bare.casefold()] = None
    return tuple(found)
