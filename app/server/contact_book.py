"""The contacts of a space: the duty phone, mail and chat addresses, webhooks that a policy's steps reach."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import msgspec

from app.core.audit import Act, Deed, Subject, changes
from app.core.errors import Code, Refused
from app.core.model import PersonId, SpaceId
from app.core.phone_questions import Contacts, DeleteContact, ListContacts, SaveContact, Saved
from app.core.policy import Contact, ContactId, ContactKind
from app.core.questions import Done
from app.server.clock import Clock, Entropy
from app.server.delivery.apprise import check_address
from app.server.delivery.numbers import Numbers, masked
from app.server.hooks.addresses import contact_host
from app.server.link import Link
from app.server.rights import supervisor_of
from app.server.service import Service
from app.server.spaces import Spaces
from app.server.store.base import Store
from app.server.store.contacts import KeptContact
from app.tasks import Workers

CONTACTS = 200
"""Contacts of a space at most."""
CHECK_S = 20.0
"""s that an address may take to be checked."""


@dataclass(frozen=True)
class Reachable:
    """What this server may reach: which phone numbers, and whether webhooks inside its own network."""

    numbers: Numbers
    inside: bool = False


def kept(
    space: SpaceId, number: ContactId, name: str, kind: ContactKind, address: str, may: Reachable
) -> KeptContact:
    """A contact that was looked through. Takes seconds the first time that it is an Apprise address.

    Raises:
        Refused: ``phone_…``, ``address_…``, ``secret_invalid``, ``name_missing``.
    """
    address, name = address.strip(), name.strip()
    if not name:
        raise Refused.of(Code.NAME_MISSING)
    match kind:
        case ContactKind.PHONE:
            address = may.numbers.read(address)
            shown = masked(address)
        case ContactKind.APPRISE:
            check_address(address)
            shown = f"{address.partition(':')[0]}://…"
        case ContactKind.WEBHOOK:
            shown = contact_host(address, inside=may.inside)
    return KeptContact(space, Contact(number, name, kind, shown), address)


class ContactBook:
    """Answers supervisors and admins of a space."""

    def __init__(self, store: Store, spaces: Spaces, clock: Clock, entropy: Entropy, may: Reachable) -> None:
        self._contacts, self._spaces = store.contacts, spaces
        self._clock, self._entropy, self._may = clock, entropy, may
        self._workers = Workers("contact check", 1)

    def register(self, service: Service) -> None:
        service.answers(ListContacts, self._list)
        service.answers(SaveContact, self._save)
        service.answers(DeleteContact, self._delete)

    async def _list(self, link: Link, query: ListContacts) -> Contacts:
        supervisor_of(self._spaces.roster, link, query.space)
        return Contacts(tuple(known.contact for known in await self._contacts.of_space(query.space)))

    async def _save(self, link: Link, query: SaveContact) -> Saved:
        by = supervisor_of(self._spaces.roster, link, query.space)
        before = await self._find(query.space, query.contact) if query.contact else None
        if before is None and len(await self._contacts.of_space(query.space)) >= CONTACTS:
            raise Refused.of(Code.TOO_MANY_CONTACTS, limit=CONTACTS)
        number = query.contact or ContactId(self._entropy(8).hex())
        address = query.address
        if not address.strip() and before is not None and before.contact.kind is query.kind:
            address = before.address
        check = partial(kept, query.space, number, query.name, query.kind, address, self._may)
        try:
            after = await self._workers.run(check, timeout_s=CHECK_S)
        except TimeoutError as error:
            raise Refused.of(Code.TOO_FAST) from error
        await self._contacts.save(after, self._deed(by, before, after))
        return Saved(after.contact)

    async def _delete(self, link: Link, query: DeleteContact) -> Done:
        by = supervisor_of(self._spaces.roster, link, query.space)
        before = await self._find(query.space, query.contact)
        await self._contacts.delete(before, self._deed(by, before, None))
        return Done()

    async def _find(self, space: SpaceId, contact: ContactId) -> KeptContact:
        found = await self._contacts.contact(contact)
        if found is None or found.space != space:
            raise Refused.of(Code.NOT_FOUND)
        return found

    def _deed(self, by: PersonId, before: KeptContact | None, after: KeptContact | None) -> Deed:
        return contact_deed(self._clock.now(), by, before, after)


def contact_deed(
    now: float, by: PersonId | None, before: KeptContact | None, after: KeptContact | None
) -> Deed:
    """That a contact was made (there was none before), changed, or removed (there is none after)."""
    act = Act.ADDED if before is None else Act.CHANGED if after is not None else Act.REMOVED
    about = after or before
    assert about is not None
    changed = changes(_fields(before), _fields(after), secret={"address"})
    contact = about.contact
    return Deed(now, act, Subject.CONTACT, by, about.space, contact.id, contact.name, changes=changed)


def _fields(known: KeptContact | None) -> dict[str, object]:
    if known is None:
        return {}
    return {**msgspec.structs.asdict(known.contact), "address": known.address}
