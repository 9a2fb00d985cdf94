"""``@handle``, ``@group``, ``@all``, ``@here`` in a text, and whom they mean.

The server decides from the text and the chosen recipients who may see a message; the client uses the
same code to colour mentions and to show whom a message will reach before it is sent.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping

from app.core.model import (
    ConversationId,
    Frozen,
    Group,
    GroupId,
    Person,
    PersonId,
    Recipients,
    SpaceId,
)

HANDLE = re.compile(r"[^\W_][\w.\-]{0,31}")
_MENTION = re.compile(r"(?<![\w@])@([^\W_][\w.\-]{0,31})")
ALL = "all"
HERE = "here"
RESERVED = frozenset({ALL, HERE})


class Mention(Frozen):
    """A mention in a text: ``text[start:end]`` is ``@`` and a handle."""

    start: int
    end: int
    person: PersonId | None = None
    group: GroupId | None = None
    everyone: bool = False
    here: bool = False


class Directory:
    """Handles to people and groups; case does not matter.

    A person's handle wins over a group's; the server never lets both exist.
    """

    def __init__(self, people: Mapping[PersonId, Person], groups: Mapping[GroupId, Group]) -> None:
        self.people = people
        self.groups = groups
        self._person_of = {p.handle.casefold(): p.id for p in people.values()}
        self._group_of = {g.handle.casefold(): g.id for g in groups.values()}

    def find(self, handle: str, start: int = 0) -> Mention | None:
        """What ``handle`` means, as a mention that begins at ``start``."""
        end, key = start + 1 + len(handle), handle.casefold()
        if key in self._person_of:
            return Mention(start, end, person=self._person_of[key])
        if key in self._group_of:
            return Mention(start, end, group=self._group_of[key])
        if key == ALL:
            return Mention(start, end, everyone=True)
        if key == HERE:
            return Mention(start, end, here=True)
        return None

    def mentions(self, text: str) -> Iterator[Mention]:
        """Known mentions from left to right. ``@mia.`` at the end of a sentence means ``mia``."""
        for match in _MENTION.finditer(text):
            handle = match.group(1)
            while handle:
                if found := self.find(handle, match.start()):
                    yield found
                    break
                if handle[-1] not in ".-_":
                    break
                handle = handle[:-1]


def addressed(directory: Directory, text: str, to: Recipients) -> Recipients:
    """``to`` and everybody mentioned in ``text``, sorted, each once."""
    found = list(directory.mentions(text))
    return Recipients(
        people=tuple(sorted({*to.people, *(m.person for m in found if m.person)})),
        groups=tuple(sorted({*to.groups, *(m.group for m in found if m.group)})),
        everyone=to.everyone or any(m.everyone for m in found),
        here=to.here or any(m.here for m in found),
    )


def between(groups: Mapping[GroupId, Group], author: PersonId, to: Recipients) -> Recipients:
    """Whom a conversation is between: the author added, members of a named group not named again.

    So an answer of any of them to the same recipients falls into the same conversation.
    """
    if to.everyone or to.here:
        return Recipients(everyone=to.everyone, here=to.here and not to.everyone)
    covered = {member for group in to.groups if group in groups for member in groups[group].members}
    people = {*to.people, author} - covered
    return Recipients(people=tuple(sorted(people)), groups=tuple(sorted(to.groups)))


def conversation_id(space: SpaceId, with_: Recipients) -> ConversationId:
    """The same people and groups in the same space always have the same conversation."""
    parts = [space, "*" if with_.everyone else "", "!" if with_.here else ""]
    parts += [f"p{person}" for person in with_.people] + [f"g{group}" for group in with_.groups]
    return ConversationId(hashlib.blake2b("\x1f".join(parts).encode(), digest_size=12).hexdigest())


def expand(
    groups: Mapping[GroupId, Group],
    to: Recipients,
    everybody: frozenset[PersonId],
    present: frozenset[PersonId],
) -> frozenset[PersonId]:
    """The people behind ``to``, as the groups are now."""
    members = {m for g in to.groups if g in groups for m in groups[g].members}
    return (
        frozenset({*to.people, *members})
        | (everybody if to.everyone else frozenset())
        | (present if to.here else frozenset())
    ) & everybody
