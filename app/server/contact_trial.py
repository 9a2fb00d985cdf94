"""A test that a supervisor sends to a contact of the space, to see whether it arrives."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from app.core.audit import Act, Deed, Subject
from app.core.errors import Code, Refused
from app.core.phone_questions import TryContact
from app.core.policy import ContactId, ContactKind
from app.core.questions import Done
from app.server.clock import Clock
from app.server.link import Link
from app.server.rights import supervisor_of
from app.server.service import Service
from app.server.spaces import Spaces
from app.server.store.base import Store

CHANNELS = {ContactKind.PHONE: "sms", ContactKind.APPRISE: "apprise", ContactKind.WEBHOOK: "webhook"}
TryOut = Callable[[str, str, ContactId], Awaitable[None]]
"""Sends a test over a channel to an address."""


class ContactTrial:
    def __init__(self, store: Store, spaces: Spaces, clock: Clock, try_out: TryOut) -> None:
        self._store, self._spaces, self._clock, self._try_out = store, spaces, clock, try_out

    def register(self, service: Service) -> None:
        service.answers(TryContact, self._try)

    async def _try(self, link: Link, query: TryContact) -> Done:
        by = supervisor_of(self._spaces.roster, link, query.space)
        kept = await self._store.contacts.contact(query.contact)
        if kept is None or kept.space != query.space:
            raise Refused.of(Code.NOT_FOUND)
        contact = kept.contact
        deed = Deed(self._clock.now(), Act.TESTED, Subject.CONTACT, by, query.space, contact.id, contact.name)
        await self._store.audit.note(deed)
        await self._try_out(CHANNELS[contact.kind], kept.address, contact.id)
        return Done()
