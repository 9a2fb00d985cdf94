"""Answers to admins about what is kept of people, and the audit log; everything here is noted in it."""

from __future__ import annotations

from collections.abc import Sequence

from app.core.audit import SET, Act, Change, Deed, Subject, changes
from app.core.characters import line
from app.core.errors import Code, Refused
from app.core.limits import NAME_CHARS, SERVER_FRAME_BYTES
from app.core.lines import LineId
from app.core.model import GroupId, Person, PersonId, Role, SpaceId
from app.core.privacy import Trace, Where
from app.core.privacy_questions import (
    AuditLine,
    AuditPage,
    Erased,
    ErasePerson,
    ExportPerson,
    GetAudit,
    GetRetention,
    GetTraces,
    RenameThing,
    RetentionNow,
    SetRetention,
    Traces,
)
from app.core.questions import Blob, Done
from app.server.clock import Clock
from app.server.erasure import erase, traces_of
from app.server.exports import export_person
from app.server.link import Link
from app.server.rights import administers, signed_in
from app.server.service import Service
from app.server.spaces import Spaces
from app.server.store.audit import Wanted
from app.server.store.base import Store

FOREVER = "∞"


class PrivacyDesk:
    def __init__(self, store: Store, spaces: Spaces, clock: Clock) -> None:
        self._store, self._spaces, self._clock = store, spaces, clock

    def register(self, service: Service) -> None:
        service.answers(GetAudit, self._audit)
        service.answers(GetRetention, self._retention)
        service.answers(SetRetention, self._set_retention)
        service.answers(ExportPerson, self._export)
        service.answers(ErasePerson, self._erase)
        service.answers(GetTraces, self._traces)
        service.answers(RenameThing, self._rename)

    async def _audit(self, link: Link, query: GetAudit) -> AuditPage:
        admin = self._admin(link)
        wanted = Wanted(before=query.before, subject=query.subject, by=query.by)
        page = await self._store.audit.read(wanted)
        asked = {"before": query.before, "subject": query.subject}
        await self._note(admin, Act.READ, Subject.AUDIT, query.by, changes({}, asked))
        lines = [AuditLine(number, deed) for number, deed in page.deeds if self._concerns(admin, deed)]
        return AuditPage(tuple(lines), page.more)

    def _concerns(self, admin: Person, deed: Deed) -> bool:
        """What counts everywhere, and what happened in the admin's own spaces, to people there."""
        mine = {space.id for space in self._spaces.roster.spaces_of(admin.id)}
        known = self._spaces.roster.people
        strange = deed.person in known and deed.person not in self._spaces.neighbours(admin.id)
        return (deed.space is None or deed.space in mine) and not strange

    async def _retention(self, link: Link, _: GetRetention) -> RetentionNow:
        self._admin(link)
        return await self._now()

    async def _set_retention(self, link: Link, query: SetRetention) -> RetentionNow:
        admin = self._admin(link)
        before = (await self._store.privacy.days())[query.kind]
        if before != query.days:
            change = Change("days", _days(before), _days(query.days))
            deed = self._deed(admin, Act.CHANGED, Subject.RETENTION, query.kind, changes=(change,))
            await self._store.privacy.set_days(query.kind, query.days, deed)
        return await self._now()

    async def _now(self) -> RetentionNow:
        return RetentionNow(tuple((await self._store.privacy.days()).items()))

    async def _export(self, link: Link, query: ExportPerson) -> Blob:
        admin = self._admin(link)
        self._known(admin, query.person)
        await self._note(admin, Act.EXPORTED, Subject.PERSON, query.person)
        return blob(await export_person(self._store, query.person))

    async def _traces(self, link: Link, query: GetTraces) -> Traces:
        admin = self._admin(link)
        self._known(admin, query.person)
        await self._note(admin, Act.READ, Subject.PERSON, query.person)
        traits = await self._store.privacy.traits(query.person)
        if traits is None:
            raise Refused.of(Code.NOT_FOUND)
        return Traces(self._seen(admin, await traces_of(self._store, traits)))

    def _seen(self, admin: Person, traces: Sequence[Trace]) -> tuple[Trace, ...]:
        """Those of the admin's spaces."""
        roster = self._spaces.roster
        return tuple(one for one in traces if one.space is None or administers(roster, admin.id, one.space))

    async def _rename(self, link: Link, query: RenameThing) -> Done:
        admin = self._admin(link)
        known, subject, space = self._thing(query.where, query.thing)
        if known is None or (space is not None and not administers(self._spaces.roster, admin.id, space)):
            raise Refused.of(Code.NOT_FOUND)
        name = line(query.name, NAME_CHARS).strip()
        if not name:
            raise Refused.of(Code.NAME_MISSING)
        if name != known:
            # What it was called is what is to be forgotten: the log says that it changed.
            changed = (Change("name", SET, SET),)
            deed = self._deed(admin, Act.CHANGED, subject, query.thing, changes=changed, name=name)
            if not await self._store.privacy.rename(query.where, query.thing, name, deed):
                raise Refused.of(Code.NOT_FOUND)
            await self._spaces.refresh()
        return Done()

    def _thing(self, where: Where, thing: str) -> tuple[str | None, Subject, SpaceId | None]:
        """What it is called, what it is, and where; of what is renamed here."""
        roster = self._spaces.roster
        match where:
            case Where.GROUP:
                group = roster.groups.get(GroupId(thing))
                return group.name if group else None, Subject.GROUP, None
            case Where.SPACE:
                space = roster.spaces.get(SpaceId(thing))
                return space.name if space else None, Subject.SPACE, SpaceId(thing)
            case Where.LINE:
                line_ = roster.lines.get(LineId(thing))
                return (line_.name, Subject.LINE, line_.space) if line_ else (None, Subject.LINE, None)
            case _:
                return None, Subject.PERSON, None

    async def _erase(self, link: Link, query: ErasePerson) -> Erased:
        admin = self._admin(link)
        person = self._known(admin, query.person)
        if person.id == admin.id:
            raise Refused.of(Code.NOT_YOURSELF)
        if query.handle.removeprefix("@").casefold() != person.handle.casefold():
            raise Refused.of(Code.NOT_FOUND)
        erased = await erase(self._store, person.id, admin.id, self._clock.now, self._spaces.feeds.stored)
        if erased is None:
            raise Refused.of(Code.NOT_FOUND)
        await self._spaces.refresh()
        return Erased(self._seen(admin, erased.traces), erased.overwritten)

    def _known(self, admin: Person, person: PersonId) -> Person:
        known = self._spaces.roster.people.get(person)
        if known is None or person not in self._spaces.neighbours(admin.id):
            raise Refused.of(Code.NOT_FOUND)
        return known

    def _admin(self, link: Link) -> Person:
        """Raises Refused ``not_found``: for others there is nothing like that."""
        me = self._spaces.roster.people.get(signed_in(link))
        if me is None or me.role is not Role.ADMIN:
            raise Refused.of(Code.NOT_FOUND)
        return me

    async def _note(
        self,
        admin: Person,
        act: Act,
        subject: Subject,
        person: PersonId | None = None,
        changed: tuple[Change, ...] = (),
    ) -> None:
        await self._store.audit.note(self._deed(admin, act, subject, person=person, changes=changed))

    def _deed(
        self,
        admin: Person,
        act: Act,
        subject: Subject,
        thing: str = "",
        person: PersonId | None = None,
        changes: tuple[Change, ...] = (),
        name: str = "",
    ) -> Deed:
        now, called = self._clock.now(), name or thing
        return Deed(now, act, subject, admin.id, None, thing, called, person, changes)


def _days(days: int | None) -> str:
    return FOREVER if days is None else str(days)


def blob(data: bytes) -> Blob:
    """An export as an answer. Raises Refused ``export_too_large``."""
    if len(data) > SERVER_FRAME_BYTES // 2:
        raise Refused.of(Code.EXPORT_TOO_LARGE)
    return Blob(data)
