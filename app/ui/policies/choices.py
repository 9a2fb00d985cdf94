"""Whom a step can name, and a step from what was chosen; no Qt."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from app.core.calls import PhoneWay
from app.core.model import GroupId, Person, PersonId, Recipients
from app.core.policy import (
    Action,
    Call,
    Contact,
    ContactId,
    ContactKind,
    Forward,
    Notify,
    Post,
    Reached,
    Repeat,
    Text,
)
from app.core.policy_questions import Policies
from app.core.policy_rules import Known
from app.core.space import SpaceState
from app.ui.escalation.choices import EscalationChoices, Offer, offer_keys, offers, recipients
from app.ui.i18n import N_, tr, tr_template
from app.ui.policies.sentences import Names
from app.ui.words import in_a_row

ALL, HERE, CALLED = "all", "here", "called"
"""Keys of what is no single person, group or contact."""
CONTACT_ICONS = {ContactKind.PHONE: "phone", ContactKind.APPRISE: "send", ContactKind.WEBHOOK: "link"}
CONTACT_WORDS = {
    ContactKind.PHONE: N_("Phone"),
    ContactKind.APPRISE: N_("Service"),
    ContactKind.WEBHOOK: N_("Webhook"),
}
ACTION_WORDS: Mapping[type[Action], str] = {
    Notify: N_("Alert in Handraise"),
    Repeat: N_("Alert everybody again"),
    Text: N_("Send a text message"),
    Call: N_("Call by phone"),
    Forward: N_("Hand over to one person"),
    Post: N_("Tell a service or a webhook"),
}


@dataclass(frozen=True)
class Choices:
    """Everything the editor knows of a space."""

    people: EscalationChoices = field(default_factory=EscalationChoices)
    contacts: tuple[Contact, ...] = ()
    phones: frozenset[PersonId] = frozenset()
    ways: frozenset[PhoneWay] = frozenset()

    @property
    def names(self) -> Names:
        return Names(
            {person.id: person for person, _ in self.people.people},
            {group.id: group for group in self.people.groups},
            {contact.id: contact for contact in self.contacts},
        )

    def known(self, names: Iterable[str] = ()) -> Known:
        """``names``: of the other policies."""
        return Known(
            frozenset(person.id for person, _ in self.people.people),
            {group.id: group for group in self.people.groups},
            {contact.id: contact for contact in self.contacts},
            self.phones,
            frozenset(name.casefold() for name in names),
            self.ways,
        )


def choices_of(space: SpaceState, policies: Policies) -> Choices:
    people = EscalationChoices(
        tuple((person, space.occupants.get(person.id)) for person in space.people.values()),
        tuple(space.groups.values()),
    )
    return Choices(people, policies.contacts, frozenset(policies.phones), frozenset(policies.ways))


# What is offered


def step_offers(choices: Choices, action: Action) -> dict[str, Offer]:
    """What can be chosen for an action like this; what it names and is gone stays to be seen."""
    everybody = offers(choices.people)
    made: dict[str, Offer] = {}
    match action:
        case Notify():
            made[ALL] = Offer(ALL, tr("Everyone"), "all", "", True)
            made[HERE] = Offer(HERE, tr("Everyone here"), "here", "", True)
            made |= everybody
        case Text() | Call():
            made[CALLED] = Offer(CALLED, tr("Everybody alerted so far"), "", "", True, icon="bell")
            made |= _contacts(choices, ContactKind.PHONE)
            made |= {key: _by_phone(choices, offer) for key, offer in everybody.items()}
        case Forward():
            made |= {key: offer for key, offer in everybody.items() if offer.person is not None}
        case Post():
            made |= _contacts(choices, ContactKind.APPRISE, ContactKind.WEBHOOK)
        case Repeat():
            pass
    return made | {key: _gone(key, choices.names) for key in chosen_keys(action) if key not in made}


def people_offers(choices: Choices, taken: Iterable[PersonId] = ()) -> dict[str, Offer]:
    """Single people; those named already, even if they have left."""
    made = {key: offer for key, offer in offers(choices.people).items() if offer.person is not None}
    keys = offer_keys(Recipients(people=tuple(taken)))
    return made | {key: _gone(key, choices.names) for key in keys if key not in made}


def _contacts(choices: Choices, *kinds: ContactKind) -> dict[str, Offer]:
    return {
        f"c:{contact.id}": Offer(
            f"c:{contact.id}",
            contact.name,
            "",
            contact_words(contact),
            True,
            icon=CONTACT_ICONS[contact.kind],
        )
        for contact in choices.contacts
        if contact.kind in kinds
    }


def contact_words(contact: Contact) -> str:
    """“Phone …789”"""
    return in_a_row((tr_template(CONTACT_WORDS[contact.kind], {}), contact.shown), " ")


def _by_phone(choices: Choices, offer: Offer) -> Offer:
    """The same, with whether their phones are known."""
    if offer.person is not None:
        can = offer.person.id in choices.phones
        detail = tr("Own phone") if can else tr("No verified phone number")
        return Offer(offer.key, offer.name, offer.handle, detail, can, offer.person, offer.occupant)
    group = next((g for g in choices.people.groups if g.id == offer.group), None)
    members = group.members if group else ()
    known = len(choices.phones.intersection(members))
    words = tr("{n} of {total} with a phone", n=known, total=len(members))
    return Offer(offer.key, offer.name, offer.handle, words, known > 0, group=offer.group)


def _gone(key: str, names: Names) -> Offer:
    kind, _, number = key.partition(":")
    if kind == "p":
        person = Person(PersonId(number), "", names.person(PersonId(number)))
        return Offer(key, person.name, "", tr("Not in this space"), False, person)
    if kind == "g":
        group = GroupId(number)
        return Offer(key, names.group(group), "", tr("Not in this space"), False, group=group)
    return Offer(key, names.contact(ContactId(number)), "", tr("Removed"), False, icon="link-off")


# Keys and actions


def chosen_keys(action: Action) -> tuple[str, ...]:
    """Under which keys those are offered whom an action names."""
    match action:
        case Notify(to=to):
            return _recipient_keys(to)
        case Text(to=reached) | Call(to=reached):
            contacts = tuple(f"c:{contact}" for contact in reached.contacts)
            return (*([CALLED] if reached.called else []), *_recipient_keys(reached.to), *contacts)
        case Forward(to=person):
            return offer_keys(Recipients(people=(person,))) if person else ()
        case Post(contact=contact):
            return (f"c:{contact}",) if contact else ()
        case Repeat():
            return ()


def _recipient_keys(to: Recipients) -> tuple[str, ...]:
    whole = [key for key, meant in ((ALL, to.everyone), (HERE, to.here)) if meant]
    return (*whole, *offer_keys(to))


def with_chosen(action: Action, chosen: Iterable[Offer]) -> Action:
    """The same action for others."""
    picked = tuple(chosen)
    keys = [offer.key for offer in picked]
    to = recipients(picked)
    contacts = tuple(ContactId(key[2:]) for key in keys if key.startswith("c:"))
    match action:
        case Notify():
            return Notify(Recipients(to.people, to.groups, ALL in keys, HERE in keys))
        case Text() | Call():
            return type(action)(Reached(to, contacts, CALLED in keys))
        case Forward():
            return Forward(to.people[-1] if to.people else PersonId(""))
        case Post():
            return Post(contacts[-1] if contacts else ContactId(""))
        case Repeat():
            return action


def turned_into(action: Action, kind: type[Action]) -> Action:
    """Another kind of action for the same people, as far as it can name them."""
    to = _named(action)
    if kind is Notify:
        return Notify(to)
    if kind is Text or kind is Call:
        reached = action.to if isinstance(action, Text | Call) else Reached(to)
        return Text(reached) if kind is Text else Call(reached)
    if kind is Forward:
        return Forward(to.people[0] if to.people else PersonId(""))
    if kind is Post:
        return Post(ContactId(""))
    return Repeat(60.0, 3)


def _named(action: Action) -> Recipients:
    match action:
        case Notify(to=to):
            return to
        case Text(to=reached) | Call(to=reached):
            return reached.to
        case Forward(to=person) if person:
            return Recipients(people=(person,))
        case _:
            return Recipients()


def named_offers(choices: Choices) -> dict[str, Offer]:
    """People and groups whom an alert can call."""
    return offers(choices.people)
