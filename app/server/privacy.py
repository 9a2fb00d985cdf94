"""Answers to admins about what is kept of people, and the audit log; everything here is noted in it."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from typing import Any

from app.core.audit import Act, Change, Deed, Subject
from app.core.errors import Code, Refused
from app.core.limits import SERVER_FRAME_BYTES
from app.core.model import Person, PersonId, Role
from app.core.privacy_questions import (
    AuditLine,
    AuditPage,
    ErasePerson,
    ExportPerson,
    GetAudit,
    GetRetention,
    RetentionNow,
    SetRetention,
)
from app.core.questions import Blob, Done
from app.server.clock import Clock
from app.server.erasure import erase
from app.server.link import Link
from app.server.rights import signed_in
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

    async def _audit(self, link: Link, query: GetAudit) -> AuditPage:
        admin = self._admin(link)
        wanted = Wanted(before=query.before, subject=query.subject, by=query.by)
        page = await self._store.audit.read(wanted)
        if query.before is None:
            await self._note(admin, Act.READ, Subject.AUDIT)
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
        data = zipped(await self._store.privacy.exported(query.person))
        return blob(data)

    async def _erase(self, link: Link, query: ErasePerson) -> Done:
        admin = self._admin(link)
        person = self._known(admin, query.person)
        if person.id == admin.id:
            raise Refused.of(Code.NOT_YOURSELF)
        if query.handle.removeprefix("@").casefold() != person.handle.casefold():
            raise Refused.of(Code.NOT_FOUND)
        await erase(self._store, person.id, admin.id, self._clock.now, self._spaces.feeds.stored)
        await self._spaces.refresh()
        return Done()

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

    async def _note(self, admin: Person, act: Act, subject: Subject, person: PersonId | None = None) -> None:
        await self._store.audit.note(self._deed(admin, act, subject, person=person))

    def _deed(
        self,
        admin: Person,
        act: Act,
        subject: Subject,
        thing: str = "",
        person: PersonId | None = None,
        changes: tuple[Change, ...] = (),
    ) -> Deed:
        return Deed(
            self._clock.now(), act, subject, admin.id, thing=thing, name=thing, person=person, changes=changes
        )


def _days(days: int | None) -> str:
    return FOREVER if days is None else str(days)


def blob(data: bytes) -> Blob:
    """An export as an answer. Raises Refused ``export_too_large``."""
    if len(data) > SERVER_FRAME_BYTES // 2:
        raise Refused.of(Code.EXPORT_TOO_LARGE)
    return Blob(data)


def zipped(files: Mapping[str, Any]) -> bytes:
    """A zip with one JSON file for each."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, value in files.items():
            text = json.dumps(value, ensure_ascii=False, indent=2, default=_bytes)
            archive.writestr(f"{name}.json", text)
    return packed.getvalue()


def _bytes(value: object) -> str:
    return value.hex() if isinstance(value, bytes) else str(value)
