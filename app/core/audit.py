"""What is written down of those who change settings, and of those who read or export what others did."""

from __future__ import annotations

import enum
from collections.abc import Collection, Mapping

import msgspec

from app.core.characters import LABEL_CHARS, line
from app.core.model import Frozen, PersonId, SpaceId, shown_as

VALUE_CHARS = 400
"""Characters of a value that are kept."""


class Act(enum.StrEnum):
    ADDED = "added"
    CHANGED = "changed"
    REMOVED = "removed"
    READ = "read"
    EXPORTED = "exported"
    ERASED = "erased"
    RESENT = "resent"
    TESTED = "tested"


class Subject(enum.StrEnum):
    """What was changed or read."""

    PERSON = "person"
    GROUP = "group"
    SPACE = "space"
    POLICY = "policy"
    ASSIGNMENT = "assignment"
    CONTACT = "contact"
    LINE = "line"
    CUSTOMER = "customer"
    PHONE = "phone"
    PERMISSION = "permission"
    HOOK = "hook"
    INTEGRATION = "integration"
    HISTORY = "history"
    RETENTION = "retention"
    AUDIT = "audit"


class Change(Frozen):
    """One field, from what to what; of a secret only whether there is one. Where something was read,
    ``after`` says what was asked for."""

    field: str
    before: str = ""
    after: str = ""

    def __post_init__(self) -> None:
        shown_as(self, before=line(self.before, VALUE_CHARS), after=line(self.after, VALUE_CHARS))


class Deed(Frozen):
    """Attributes:
    at: server time, s.
    by: who did it; ``None``: at the server itself, by its command line. Who came in by single sign-on is
        told of what the provider made of them, too.
    space: where it counts; ``None``: everywhere.
    thing: the id of what was changed, such as that of a policy.
    name: what that is called; never a person's name, which is looked up by ``person``.
    person: whom it is about.
    """

    at: float
    act: Act
    subject: Subject
    by: PersonId | None = None
    space: SpaceId | None = None
    thing: str = ""
    name: str = ""
    person: PersonId | None = None
    changes: tuple[Change, ...] = ()

    def __post_init__(self) -> None:
        shown_as(self, name=line(self.name, LABEL_CHARS))


SET, NOT_SET = "•••", ""


def changes(
    before: Mapping[str, object], after: Mapping[str, object], secret: Collection[str] = ()
) -> tuple[Change, ...]:
    """The fields that differ, as text.

    Args:
        secret: fields of which nothing but their being there is said: keys, addresses, whole numbers.
    """
    found = []
    for field in dict.fromkeys((*before, *after)):
        old, new = before.get(field), after.get(field)
        if old == new:
            continue
        shown = _hidden if field in secret else _text
        found.append(Change(field, shown(old), shown(new)))
    return tuple(found)


def _hidden(value: object) -> str:
    return SET if value else NOT_SET


def _text(value: object) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()
