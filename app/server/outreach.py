"""Escalating a priority message by hand: who could be reached by phone now, and doing it."""

from __future__ import annotations

from collections.abc import Iterable

from app.core.calls import PhoneWay
from app.core.commands import EscalateMessage
from app.core.errors import Code, Refusal, Refused, refuse
from app.core.ladders import SentPriority
from app.core.model import PersonId, SpaceId
from app.core.permission_questions import GetOutreach, Outreach, Outreached, PhoneState
from app.core.permissions import Right
from app.core.policy import Contact, ContactId, ContactKind
from app.core.priority import escalate, just_done
from app.server.clock import Clock
from app.server.delivery.carriers import Carriers
from app.server.delivery.quiet import quiet_until
from app.server.ledger import Asked, Ledger, Room
from app.server.link import Link
from app.server.rights import signed_in
from app.server.service import Service
from app.server.spaces import Spaces
from app.server.store.base import CommandRecord
from app.server.store.contacts import ContactStore


class Outreaching:
    """Looks numbers up for a rule that must not: it hears who has one and wants no quiet, and no more."""

    def __init__(
        self, contacts: ContactStore, carriers: Carriers, spaces: Spaces, ledger: Ledger, clock: Clock
    ) -> None:
        self._contacts, self._carriers = contacts, carriers
        self._spaces, self._ledger, self._clock = spaces, ledger, clock

    def register(self, service: Service) -> None:
        service.answers(GetOutreach, self._get)
        service.carries_out(EscalateMessage, self._escalate)

    async def _get(self, link: Link, query: GetOutreach) -> Outreach:
        person = signed_in(link)
        sent = await self._sent(person, query.message)
        if sent is None or self._room(person, sent) is None:
            raise Refused.of(Code.NOT_FOUND)
        roster, now = self._spaces.roster, self._clock.now()
        me = roster.people.get(person)
        members = roster.members.get(sent.message.space, frozenset())
        allowed = tuple(right for right in Right if me and roster.permissions.may(me, right))
        contacts = await self._contacts_of(sent.message.space) if Right.PHONES in allowed else {}
        return Outreach(
            tuple([await self._reached(who, now) for who in sent.unread if who in members]),
            allowed,
            self._carriers.ways,
            just_done(sent, PhoneWay, now, contacts),
            tuple(contacts.values()),
        )

    async def _escalate(self, link: Link, command: EscalateMessage, record: CommandRecord) -> Refusal | None:
        person = signed_in(link)
        sent = await self._sent(person, command.message)
        room = self._room(person, sent) if sent else None
        if sent is None or room is None:
            return refuse(Code.NOT_FOUND)
        missing = [way for way in command.ways if not self._carriers.has(way)]
        if missing:
            return refuse(Code.NO_PHONES)
        asked = Asked(
            lambda scene, now: escalate(scene, person, command, record.id, now),
            lambda _: {person},
            record,
            phones=await self._ready(sent.unread) if command.ways else frozenset(),
            contacts=await self._contacts_of(room.id) if command.contacts else {},
        )
        outcome = await self._ledger.commit(room, asked)
        return outcome if isinstance(outcome, Refusal) else None

    def _room(self, person: PersonId, sent: SentPriority) -> Room | None:
        """Where a message was sent, for its author as long as they belong there."""
        space = sent.message.space
        return self._spaces.room(space) if person in self._spaces.roster.members.get(space, ()) else None

    async def _contacts_of(self, space: SpaceId) -> dict[ContactId, Contact]:
        """Those that a person can be reached at, by name; a webhook is for programs."""
        known = [kept.contact for kept in await self._contacts.of_space(space)]
        return {contact.id: contact for contact in known if self._carried(contact)}

    def _carried(self, contact: Contact) -> bool:
        if contact.kind is ContactKind.PHONE:
            return bool(self._carriers.ways)
        return contact.kind is ContactKind.APPRISE and self._carriers.has(contact.kind)

    async def _sent(self, person: PersonId, message: str) -> SentPriority | None:
        state = (await self._spaces.feeds.person(person)).state
        return next((sent for sent in state.priorities.values() if sent.id == message), None)

    async def _ready(self, people: Iterable[PersonId]) -> frozenset[PersonId]:
        now = self._clock.now()
        states = [await self._reached(person, now) for person in people]
        return frozenset(reached.person for reached in states if reached.phone is PhoneState.READY)

    async def _reached(self, person: PersonId, now: float) -> Outreached:
        phone = await self._contacts.phone(person)
        if not phone.number:
            return Outreached(person, PhoneState.NONE)
        until = quiet_until(phone.quiet, now)
        return Outreached(person, PhoneState.READY if until is None else PhoneState.QUIET, until)
