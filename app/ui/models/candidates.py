"""What ``@`` can mean while it is being typed, and whom a message will reach before it is sent."""

from __future__ import annotations

import re
from dataclasses import dataclass

from app.core.mentions import ALL, HERE, addressed, expand
from app.core.model import GroupId, PersonId, Recipients
from app.core.space import SpaceState
from app.core.text import search_key
from app.ui.i18n import tr, trn
from app.ui.models import matching
from app.ui.models.people import matches
from app.ui.models.rows import RowModel
from app.ui.words import in_a_row, listed, name_of, presence_words

AT_MOST = 8
"""Candidates offered at a time."""
_TYPED = re.compile(r"(?<![\w@])@([\w.\-]*)$")


@dataclass(frozen=True)
class Candidate:
    """Somebody or some people that ``@`` may mean.

    Attributes:
        handle: what is written for it, without ``@``.
        detail: who that is, in a few words.
        person: ``None`` for groups, all and here.
    """

    handle: str
    title: str
    detail: str
    person: PersonId | None = None
    group: GroupId | None = None
    here: bool = False

    @property
    def key(self) -> str:
        return self.handle

    @property
    def spoken(self) -> str:
        return in_a_row((self.title, self.detail))


class CandidatesModel(RowModel[Candidate]):
    """The offers as a Qt model."""


def typed_mention(before: str) -> str | None:
    """What is typed after the ``@`` right before the cursor; ``None`` if no mention is being typed."""
    found = _TYPED.search(before)
    return found.group(1) if found else None


def candidates(space: SpaceState, me: PersonId, typed: str) -> tuple[Candidate, ...]:
    """The best matches: those that begin with what is typed first, people who are here before others."""
    found: list[tuple[tuple[bool, bool, bool, str], Candidate]] = []
    key = search_key(typed)
    for person in space.people.values():
        if person.id == me or not matches(person, typed):
            continue
        occupant = space.occupants.get(person.id)
        begins = matching.begins(typed, person.name, person.handle)
        candidate = Candidate(
            person.handle, person.name, presence_words(occupant), person=person.id, here=occupant is not None
        )
        found.append(((not begins, False, occupant is None, search_key(person.name)), candidate))
    for group in space.groups.values():
        if not matching.matches(typed, group.name, group.handle):
            continue
        begins = matching.begins(typed, group.name, group.handle)
        detail = trn("{n} person", "{n} people", len(group.members))
        candidate = Candidate(group.handle, group.name, detail, group=group.id, here=True)
        found.append(((not begins, not typed, False, search_key(group.name)), candidate))
    for handle, title, people in (
        (ALL, tr("Everyone"), len(space.people)),
        (HERE, tr("Everyone here"), len(space.occupants)),
    ):
        if handle.startswith(key) or key in search_key(title):
            detail = trn("{n} person", "{n} people", people)
            rank = (not handle.startswith(key), True, False, handle)
            found.append((rank, Candidate(handle, title, detail, here=True)))
    found.sort(key=lambda pair: pair[0])
    return tuple(candidate for _, candidate in found[:AT_MOST])


@dataclass(frozen=True)
class Reach:
    """Whom a message would reach.

    Attributes:
        to: as it would be addressed.
        people: everybody who would see it, without oneself.
        absent: those of them who are not here now (they see it when they come back).
    """

    to: Recipients
    people: frozenset[PersonId]
    absent: frozenset[PersonId]


def reach(space: SpaceState, me: PersonId, text: str, to: Recipients) -> Reach:
    """As the server will decide it, with the same code."""
    full = addressed(space.directory, text, to)
    present = frozenset(p for p in space.occupants if space.is_here(p))
    people = expand(space.groups, full, frozenset(space.people), present) - {me}
    return Reach(full, people, frozenset(p for p in people if not space.is_here(p)))


def reach_words(space: SpaceState, reached: Reach) -> str:
    """“Mia Sato and Ben will see this”, and who of them is not here."""
    if not reached.people:
        return tr("Nobody yet: write @ and a name")
    names = sorted(name_of(space, person) for person in reached.people)
    who = trn("{names} will see this", "{names} will see this", len(names), names=listed(names, 2))
    if not reached.absent:
        return who
    if len(reached.people) == 1:
        return tr("{who}, not here now", who=who)
    return tr("{who}; not here now: {n}", who=who, n=len(reached.absent))


def call_words(space: SpaceState, reached: Reach) -> str:
    """Whom a priority message would call, and who of them is not here."""
    if not reached.people:
        return tr("Nobody yet: write @ and a name")
    if len(reached.people) == 1:
        (only,) = reached.people
        who = tr("Calls {name} aloud until read", name=name_of(space, only))
        return tr("{who}, not here now", who=who) if reached.absent else who
    who = trn("Calls {n} person aloud until read", "Calls {n} people aloud until read", len(reached.people))
    return tr("{who}; not here now: {n}", who=who, n=len(reached.absent)) if reached.absent else who
