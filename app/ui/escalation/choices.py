"""What the escalation dialog offers, whom a choice reaches, and how that is said; no Qt."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from app.core.errors import SENTENCES, Code
from app.core.limits import RECENT_PHRASES
from app.core.mentions import expand
from app.core.model import Group, GroupId, Occupant, Person, PersonId, Recipients
from app.core.person import PersonState
from app.core.space import SpaceState
from app.core.text import search_key
from app.ui.i18n import tr, tr_template, trn
from app.ui.models.matching import begins, matches
from app.ui.reach_words import LOUD, lost_words
from app.ui.words import in_a_row, listed, presence_words

AT_MOST = 50
"""Offers shown at a time; typing a letter more finds the rest."""
NOBODY = PersonId("")


@dataclass(frozen=True, slots=True)
class EscalationChoices:
    """Everything the dialog knows of the space.

    Attributes:
        people: members of the space, with their presence if they are in it.
        me: who raises the hand; never offered, never counted.
        recents: my last distinct messages, newest first.
    """

    people: tuple[tuple[Person, Occupant | None], ...] = ()
    groups: tuple[Group, ...] = ()
    me: PersonId = NOBODY
    recents: tuple[str, ...] = ()


def choices_of(space: SpaceState, person: PersonState) -> EscalationChoices:
    return EscalationChoices(
        people=tuple((p, space.occupants.get(p.id)) for p in space.people.values()),
        groups=tuple(space.groups.values()),
        me=person.me,
        recents=person.phrases[:RECENT_PHRASES],
    )


@dataclass(frozen=True, slots=True)
class Offer:
    """A person, a group, or something else that can be chosen.

    Attributes:
        key: tells it from all others; ``detail``: presence in words.
        handle: empty where it has none.
        reachable: somebody behind it is here.
        icon: what it is drawn with where it is no person.
    """

    key: str
    name: str
    handle: str
    detail: str
    reachable: bool
    person: Person | None = None
    occupant: Occupant | None = None
    group: GroupId | None = None
    icon: str = "group"

    @property
    def at_handle(self) -> str:
        return f"@{self.handle}" if self.handle else ""

    @property
    def spoken(self) -> str:
        return in_a_row((self.name, self.at_handle, self.detail))


def is_here(occupant: Occupant | None) -> bool:
    """In the space, with a connection: an alert arrives at once."""
    return occupant is not None and occupant.connected


def offers(choices: EscalationChoices) -> dict[str, Offer]:
    """Everybody and every group that can be chosen, by key."""
    present = {person.id for person, occupant in choices.people if is_here(occupant)}
    made = [_group_offer(group, choices.me, present) for group in choices.groups]
    made += [_person_offer(p, occupant) for p, occupant in choices.people if p.id != choices.me]
    return {offer.key: offer for offer in made}


def _person_offer(person: Person, occupant: Occupant | None) -> Offer:
    words, here = presence_words(occupant), is_here(occupant)
    return Offer(f"p:{person.id}", person.name, person.handle, words, here, person, occupant)


def _group_offer(group: Group, me: PersonId, present: Iterable[PersonId]) -> Offer:
    others = set(group.members) - {me}
    here = len(others.intersection(present))
    words = tr("{n} of {total} here", n=here, total=len(others)) if others else tr("No members besides you")
    return Offer(f"g:{group.id}", group.name, group.handle, words, here > 0, group=group.id)


def offer_keys(to: Recipients) -> tuple[str, ...]:
    """The keys under which recipients are offered."""
    return (*(f"g:{group}" for group in to.groups), *(f"p:{person}" for person in to.people))


def what_to_type(all_offers: Iterable[Offer]) -> str:
    """For an empty field: what can be chosen with it; "" where nothing can."""
    known = tuple(all_offers)
    people = any(offer.person is not None for offer in known)
    groups = any(offer.group is not None for offer in known)
    contacts = any(offer.key.startswith("c:") for offer in known)
    if contacts:
        return tr("@name, @group or a contact") if people else tr("Name of a contact")
    return tr("@name or @group") if groups else tr("@name") if people else ""


def search(all_offers: Iterable[Offer], typed: str, taken: Iterable[str] = ()) -> tuple[Offer, ...]:
    """The best first: those that begin with what is typed, groups, who is here, then by name."""
    gone = frozenset(taken)
    found = [o for o in all_offers if o.key not in gone and matches(typed, o.name, o.handle)]
    found.sort(
        key=lambda o: (
            not begins(typed, o.name, o.handle),
            o.group is None,
            not o.reachable,
            search_key(o.name),
            o.key,
        )
    )
    return tuple(found[:AT_MOST])


def recipients(chosen: Iterable[Offer]) -> Recipients:
    """The chips as recipients, in the order in which they were chosen."""
    kept = tuple(chosen)
    return Recipients(
        people=tuple(o.person.id for o in kept if o.person is not None),
        groups=tuple(o.group for o in kept if o.group is not None),
    )


@dataclass(frozen=True, slots=True)
class Reach:
    """Whom an alert calls, and who would not hear it now.

    Attributes:
        people: everybody behind the recipients but the raiser; ``absent``: those of them not here.
        deserted: handles of chosen groups with members, none of whom is here.
        muffled: by what their machines lack, those who are here and may not notice it.
    """

    people: frozenset[PersonId]
    absent: frozenset[PersonId]
    deserted: tuple[str, ...] = ()
    muffled: tuple[tuple[str, tuple[PersonId, ...]], ...] = ()


def reach(choices: EscalationChoices, to: Recipients) -> Reach:
    """As the server expands it, with the same code."""
    everybody = frozenset(person.id for person, _ in choices.people)
    present = frozenset(person.id for person, occupant in choices.people if is_here(occupant))
    groups = {group.id: group for group in choices.groups}
    people = expand(groups, to, everybody, present) - {choices.me}
    chosen = (groups[g] for g in to.groups if g in groups)
    deserted = tuple(
        g.handle for g in chosen if (others := set(g.members) - {choices.me}) and not others & present
    )
    return Reach(people, people - present, deserted, _muffled(choices, people & present))


def _muffled(
    choices: EscalationChoices, people: frozenset[PersonId]
) -> tuple[tuple[str, tuple[PersonId, ...]], ...]:
    by_loss: dict[str, list[PersonId]] = {}
    for person, occupant in choices.people:
        lost = lost_words(occupant.reach, LOUD) if occupant and person.id in people else ""
        if lost:
            by_loss.setdefault(lost, []).append(person.id)
    return tuple((lost, tuple(who)) for lost, who in by_loss.items())


def why_not(to: Recipients, reached: Reach) -> str:
    """Why a red escalation to these cannot be executed; empty when it can."""
    if not to:
        return tr_template(SENTENCES[Code.NO_RECIPIENTS], {})
    if not reached.people:
        return tr_template(SENTENCES[Code.NOBODY_NOTIFIED], {})
    return ""


def reach_words(choices: EscalationChoices, to: Recipients) -> tuple[str, str]:
    """Who is called or will not be reached, and what happens then; the second is empty if all are here."""
    reached = reach(choices, to)
    names = {person.id: person.name for person, _ in choices.people}
    if not reached.people:
        return "", ""
    muffled = _losses(reached, names)
    if not reached.absent:
        who = listed(sorted(names[p] for p in reached.people), 2)
        called = trn("{names} will be called.", "{names} will be called.", len(reached.people), names=who)
        return tr(" ").join([called, *muffled]), ""
    return tr(" ").join([_absence(reached, names), *muffled]), tr(
        "They are alerted as soon as they come back; your hand stays visible to everyone here."
    )


def _losses(reached: Reach, names: dict[PersonId, str]) -> list[str]:
    """“Aiko: no sound on their machine.”"""
    return [
        trn(
            "{names}: {lost} on their machine.",
            "{names}: {lost} on their machines.",
            len(people),
            names=listed(sorted(names[p] for p in people), 2),
            lost=lost,
        )
        for lost, people in reached.muffled
    ]


def _absence(reached: Reach, names: dict[PersonId, str]) -> str:
    absent, total = len(reached.absent), len(reached.people)
    deserted = [tr("Nobody of @{group} is here.", group=handle) for handle in reached.deserted]
    if absent < total:
        some = trn("{n} of {total} is offline.", "{n} of {total} are offline.", absent, total=total)
        return tr(" ").join([some, *deserted])
    if len(reached.deserted) == 1:
        return deserted[0]
    if total == 1:
        return tr("{name} is offline.", name=names[next(iter(reached.absent))])
    return tr("None of the {n} people you chose is here.", n=total)
