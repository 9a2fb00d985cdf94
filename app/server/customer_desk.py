"""Answers to admins about one customer, by phone number: what there is of them, their export, their erasure.

Only the end of a number stands in the audit log. Whoever is not an admin of a space with a line that the
customer wrote to learns nothing.
"""

from __future__ import annotations

from collections.abc import Sequence

from app.core.audit import Act, Deed, Subject
from app.core.errors import Code, Refused
from app.core.model import PersonId
from app.core.privacy_questions import (
    CustomerFound,
    CustomerTalk,
    EraseCustomer,
    Erased,
    ExportCustomer,
    FindCustomer,
)
from app.core.questions import Blob
from app.server.clock import Clock
from app.server.delivery.numbers import Numbers, masked
from app.server.erasure import erase_customer
from app.server.exports import zipped
from app.server.link import Link
from app.server.privacy import blob
from app.server.rights import admin, administers
from app.server.service import Service
from app.server.spaces import Spaces
from app.server.store.base import Store
from app.server.store.privacy import KnownTalk


class CustomerDesk:
    def __init__(self, store: Store, spaces: Spaces, clock: Clock, numbers: Numbers) -> None:
        self._store, self._spaces, self._clock, self._numbers = store, spaces, clock, numbers

    def register(self, service: Service) -> None:
        service.answers(FindCustomer, self._find)
        service.answers(ExportCustomer, self._export)
        service.answers(EraseCustomer, self._erase)

    async def _find(self, link: Link, query: FindCustomer) -> CustomerFound:
        by, number, talks = await self._known(link, query.number)
        await self._note(by, Act.READ, number)
        found = [
            CustomerTalk(talk.name, talk.texts, talk.first_at, talk.last_at, talk.open) for talk in talks
        ]
        return CustomerFound(masked(number), tuple(found))

    async def _export(self, link: Link, query: ExportCustomer) -> Blob:
        by, number, _ = await self._known(link, query.number)
        await self._note(by, Act.EXPORTED, number)
        return blob(zipped(await self._store.privacy.exported_customer(number)))

    async def _erase(self, link: Link, query: EraseCustomer) -> Erased:
        by, number, _ = await self._known(link, query.number)
        told = self._spaces.feeds.stored
        erased = await erase_customer(self._store, number, by, self._clock.now, told)
        if erased is None:
            raise Refused.of(Code.NOT_FOUND)
        return erased

    async def _known(self, link: Link, typed: str) -> tuple[PersonId, str, Sequence[KnownTalk]]:
        """Who asks, the number (E.164), the conversations in their spaces. Raises Refused ``not_found``."""
        roster = self._spaces.roster
        by = admin(roster, link)
        number = self._numbers.sought(typed)
        talks = [
            talk for talk in await self._store.privacy.customer(number) if administers(roster, by, talk.space)
        ]
        if not talks:
            raise Refused.of(Code.NOT_FOUND)
        return by, number, talks

    async def _note(self, by: PersonId, act: Act, number: str) -> None:
        await self._store.audit.note(Deed(self._clock.now(), act, Subject.CUSTOMER, by, name=masked(number)))
