"""Contacts of spaces from the server's own command line. See :class:`app.server.admin.Admin`."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from app.core.errors import Refused
from app.core.limits import NAME_CHARS
from app.core.model import SpaceId
from app.core.policy import Contact, ContactId, ContactKind, users_of
from app.server.admin import Admin, AdminError
from app.server.clock import Clock, SystemClock
from app.server.contact_book import CONTACTS, Reachable, contact_deed, kept
from app.server.store.contacts import KeptContact
from app.server.store.sqlite import contacts, policies


class ContactAdmin:
    """Every method raises AdminError, and has changed nothing then.

    Args:
        may: what the server may reach.
    """

    def __init__(self, admin: Admin, may: Reachable, clock: Clock | None = None) -> None:
        self._admin, self._may, self._now = admin, may, (clock or SystemClock()).now

    def contacts(self, space: str) -> list[Contact]:
        """By name."""
        with self._admin.change():
            return [known.contact for known in self._of(self._admin.space_called(space))]

    def add(self, space: str, name: str, kind: ContactKind, address: str) -> Contact:
        """A name may be there twice, as in the window."""
        number = ContactId(self._admin.entropy(8).hex())
        made = self._looked_through(lambda: kept(SpaceId(""), number, _short(name), kind, address, self._may))
        with self._admin.change():
            where = self._admin.space_called(space)
            if len(self._of(where)) >= CONTACTS:
                raise AdminError(f"There can be at most {CONTACTS} contacts.")
            self._save(None, KeptContact(where, made.contact, made.address))
            return made.contact

    def change(
        self,
        space: str,
        contact: str,
        *,
        name: str | None = None,
        kind: ContactKind | None = None,
        address: str | None = None,
    ) -> Contact:
        """By id or name. Another kind needs another address.

        Args:
            address: ``None``: it stays.
        """
        with self._admin.change():
            before = self._find(space, contact)
        old = before.contact
        what = old.kind if kind is None else kind
        if address is None and what is not old.kind:
            raise AdminError("Another kind of contact needs another address.")
        where, called = before.address if address is None else address, old.name if name is None else name
        after = self._looked_through(
            lambda: kept(before.space, old.id, _short(called), what, where, self._may)
        )
        with self._admin.change():
            if self._find(space, old.id) != before:
                raise AdminError(f"{old.name} was changed meanwhile. Nothing was changed now.")
            if after != before:
                self._save(before, after)
            return after.contact

    def remove(self, space: str, contact: str) -> tuple[str, list[str]]:
        """By id or name; returns its name, and the names of the policies that reached it."""
        with self._admin.change() as registry:
            known = self._find(space, contact)
            stored = registry.run(lambda db: policies.of_space(db, known.space))
            deed = contact_deed(self._now(), None, known, None)
            registry.run(lambda db: contacts.delete(db, known, deed))
            return known.contact.name, users_of(known.contact.id, (one.policy for one in stored))

    def _looked_through(self, check: Callable[[], KeptContact]) -> KeptContact:
        """Outside of any transaction: the first Apprise address takes seconds."""
        try:
            return check()
        except Refused as refused:
            raise AdminError(str(refused)) from refused

    def _save(self, before: KeptContact | None, after: KeptContact) -> None:
        deed = contact_deed(self._now(), None, before, after)
        self._admin.registry.run(lambda db: contacts.save(db, after, deed))

    def _of(self, space: SpaceId) -> Sequence[KeptContact]:
        return self._admin.registry.run(lambda db: contacts.of_space(db, space))

    def _find(self, space: str, contact: str) -> KeptContact:
        """Within a change."""
        known = self._of(self._admin.space_called(space))
        found = [one for one in known if contact in (one.contact.id, one.contact.name)]
        if len(found) > 1:
            raise AdminError(f"More than one contact is called {contact}; give its id.")
        if not found:
            raise AdminError(f"There is no contact called {contact} in {space}.")
        return found[0]


def _short(name: str) -> str:
    if len(name.strip()) > NAME_CHARS:
        raise AdminError(f"A name has between 1 and {NAME_CHARS} characters.")
    return name
