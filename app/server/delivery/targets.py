"""Whom a send reaches where: looked up when it is sent, so that no number lies about in between."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from app.core.cases import Send
from app.core.errors import Code, Refused
from app.core.model import PersonId, SpaceId
from app.core.policy import ContactKind
from app.server.clock import Clock
from app.server.delivery.carriers import PAID
from app.server.delivery.quiet import quiet_until
from app.server.store.contacts import ContactStore

CHANNELS = {
    ContactKind.PHONE: PAID,
    ContactKind.APPRISE: frozenset({"post", "apprise"}),
    ContactKind.WEBHOOK: frozenset({"post", "webhook"}),
}
"""What can be sent to each kind of contact."""


@dataclass(frozen=True)
class Target:
    """Attributes:
    channel: which gateway carries it.
    sender: number that it comes from, where that is not the server's own.
    """

    channel: str
    address: str
    sender: str = ""


Finder = Callable[[Send], Awaitable[Target]]
"""Raises Refused with the reason where there is nobody to reach."""


class Targets:
    """Args:
    known: whether a person may sign in here.
    """

    def __init__(self, contacts: ContactStore, clock: Clock, known: Callable[[PersonId], bool]) -> None:
        self._contacts, self._clock, self._known = contacts, clock, known
        self._finders: dict[str, Finder] = {}

    def add(self, prefix: str, finder: Finder) -> None:
        """Contacts whose id begins so are somebody else's, such as the cell phone of a line."""
        self._finders[prefix] = finder

    async def find(self, send: Send, space: SpaceId) -> Target:
        """Raises Refused ``no_number``, ``quiet_hours``, ``contact_gone``; StoreError."""
        for prefix, finder in self._finders.items():
            if send.contact is not None and send.contact.startswith(prefix):
                return await finder(send)
        if send.person is not None:
            return Target(send.channel, await self._number(send.person))
        contact = await self._contacts.contact(send.contact) if send.contact is not None else None
        if contact is None or contact.space != space:
            raise Refused.of(Code.CONTACT_GONE)
        kind = contact.contact.kind
        if send.channel not in CHANNELS[kind]:
            raise Refused.of(Code.CONTACT_GONE)
        return Target(send.channel if kind is ContactKind.PHONE else kind.value, contact.address)

    async def _number(self, person: PersonId) -> str:
        phone = await self._contacts.phone(person)
        if not phone.number or not self._known(person):
            raise Refused.of(Code.NO_NUMBER)
        if quiet_until(phone.quiet, self._clock.now()) is not None:
            raise Refused.of(Code.QUIET_HOURS)
        return phone.number
