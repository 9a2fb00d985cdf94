"""Answers about permissions: everybody's own, and for admins who may what."""

from __future__ import annotations

from app.core.audit import Act, Change, Deed, Subject
from app.core.errors import Code, Refused
from app.core.model import Person, PersonId, Role
from app.core.permission_questions import (
    GetPermissions,
    GetRights,
    PermissionsNow,
    Rights,
    SetOwnRight,
    SetPermission,
)
from app.core.permissions import Right
from app.server.clock import Clock
from app.server.link import Link
from app.server.rights import signed_in
from app.server.service import Service
from app.server.spaces import Spaces
from app.server.store.base import Store

OWN = {True: "allowed", False: "denied", None: "organisation"}
"""A person's own setting, as the audit log has it."""


class PermissionDesk:
    """Everything it changes is followed at once here, and within a second by other servers."""

    def __init__(self, store: Store, spaces: Spaces, clock: Clock) -> None:
        self._permissions, self._spaces, self._clock = store.permissions, spaces, clock

    def register(self, service: Service) -> None:
        service.answers(GetRights, self._rights)
        service.answers(GetPermissions, self._get)
        service.answers(SetPermission, self._set)
        service.answers(SetOwnRight, self._set_own)

    async def _rights(self, link: Link, _: GetRights) -> Rights:
        roster = self._spaces.roster
        me = roster.people.get(signed_in(link))
        return Rights(tuple(right for right in Right if me and roster.permissions.may(me, right)))

    async def _get(self, link: Link, _: GetPermissions) -> PermissionsNow:
        return self._now(self._admin(link))

    async def _set(self, link: Link, query: SetPermission) -> PermissionsNow:
        admin = self._admin(link)
        before = self._spaces.roster.permissions.least(query.right)
        if before is not query.least:
            deed = self._deed(admin, query.right, Change("least", before, query.least))
            await self._permissions.set_least(query.right, query.least, deed)
            await self._spaces.refresh()
        return self._now(admin)

    async def _set_own(self, link: Link, query: SetOwnRight) -> PermissionsNow:
        admin = self._admin(link)
        if query.person not in self._spaces.neighbours(admin.id):
            raise Refused.of(Code.NOT_FOUND)
        before = self._spaces.roster.permissions.own(query.person, query.right)
        if before is not query.allowed:
            change = Change("own", OWN[before], OWN[query.allowed])
            deed = self._deed(admin, query.right, change, query.person)
            await self._permissions.set_own(query.person, query.right, query.allowed, deed)
            await self._spaces.refresh()
        return self._now(admin)

    def _admin(self, link: Link) -> Person:
        """Raises Refused ``not_found``: for others there are no such settings."""
        me = self._spaces.roster.people.get(signed_in(link))
        if me is None or me.role is not Role.ADMIN:
            raise Refused.of(Code.NOT_FOUND)
        return me

    def _now(self, admin: Person) -> PermissionsNow:
        known, seen = self._spaces.roster.permissions, self._spaces.neighbours(admin.id)
        own = tuple(own for own in known.exceptions if own.person in seen)
        return PermissionsNow(known.priority, known.phones, own)

    def _deed(self, admin: Person, right: Right, change: Change, person: PersonId | None = None) -> Deed:
        now = self._clock.now()
        return Deed(
            now,
            Act.CHANGED,
            Subject.PERMISSION,
            admin.id,
            thing=right,
            name=right,
            person=person,
            changes=(change,),
        )
