"""Questions about lines: older conversations, older messages, and a customer's number."""

from __future__ import annotations

from app.core.audit import Act, Deed, Subject
from app.core.errors import Code, Refused
from app.core.line_questions import (
    Customer,
    GetCustomer,
    GetTalk,
    ListTalks,
    TalkPage,
    Talks,
)
from app.core.lines import CustomerId, Talk
from app.core.model import SpaceId
from app.server.clock import Clock
from app.server.delivery.numbers import masked
from app.server.link import Link
from app.server.service import Service
from app.server.spaces import Spaces
from app.server.store.base import Store


class LineDesk:
    """Answers whoever is in the space of a line. That somebody had a whole number shown is noted."""

    def __init__(self, store: Store, spaces: Spaces, clock: Clock) -> None:
        self._lines, self._audit, self._spaces, self._clock = store.lines, store.audit, spaces, clock

    def register(self, service: Service) -> None:
        service.answers(ListTalks, self._list)
        service.answers(GetTalk, self._texts)
        service.answers(GetCustomer, self._customer)

    async def _list(self, link: Link, query: ListTalks) -> Talks:
        talks, more = await self._lines.talks(_space(link), query.before)
        return Talks(tuple(talks), more)

    async def _texts(self, link: Link, query: GetTalk) -> TalkPage:
        talk = await self._talk(link, query.talk)
        texts, more = await self._lines.texts(talk.id, query.before)
        return TalkPage(talk, tuple(texts), more)

    async def _customer(self, link: Link, query: GetCustomer) -> Customer:
        talk = await self._talk(link, query.talk)
        number = await self._lines.number_of(talk.id)
        if number is None:
            raise Refused.of(Code.NOT_FOUND)
        line = self._spaces.roster.lines[talk.line]
        now, shown = self._clock.now(), masked(number)
        await self._audit.note(Deed(now, Act.READ, Subject.CUSTOMER, link.person, line.space, name=shown))
        return Customer(number)

    async def _talk(self, link: Link, key: CustomerId) -> Talk:
        """A conversation of the space in which the person is."""
        space, talk = _space(link), await self._lines.talk(key)
        line = self._spaces.roster.lines.get(talk.line) if talk is not None else None
        if talk is None or line is None or line.space != space:
            raise Refused.of(Code.NOT_FOUND)
        return talk


def _space(link: Link) -> SpaceId:
    """Where whoever asks is. Raises Refused ``not_found``."""
    if link.person is None or link.space is None:
        raise Refused.of(Code.NOT_FOUND)
    return link.space
