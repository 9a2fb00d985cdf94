"""Lists, changes, tests and removes the contacts of a space."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from app.core.errors import Refused
from app.core.model import SpaceId
from app.core.phone_questions import (
    Contacts,
    DeleteContact,
    ListContacts,
    SaveContact,
    Saved,
    TryContact,
)
from app.core.policy import Contact, ContactId, ContactKind, Policy, users_of
from app.core.questions import Done
from app.net.problems import ConnectionProblem
from app.ui.controllers.asking import Spawn, failure_words
from app.ui.i18n import tr, trn
from app.ui.panels.look import Look
from app.ui.policies.contacts import ContactsDialog
from app.ui.port import ClientPort
from app.ui.question import ask
from app.ui.widgets import Tone
from app.ui.words import listed

FAILED = (Refused, ConnectionProblem)


class ContactsController(QObject):
    """Signals:
    changed: a contact came, went or is another one.
    """

    changed = Signal()

    def __init__(self, client: ClientPort, look: Look, spawn: Spawn, parent: QObject) -> None:
        super().__init__(parent)
        self._client, self._look, self._spawn = client, look, spawn
        self._space = SpaceId("")
        self._contacts: Sequence[Contact] = ()
        self._policies: Callable[[], Iterable[Policy]] = tuple
        self.dialog: ContactsDialog | None = None

    def open(self, parent: QWidget, space: SpaceId, policies: Callable[[], Iterable[Policy]]) -> None:
        """``policies``: those of the space as they are known then; they may name contacts."""
        if self.dialog is not None:
            self.dialog.activateWindow()
            return
        self._space, self._policies = space, policies
        dialog = self.dialog = ContactsDialog(self._look.theme.tokens, parent)
        dialog.finished.connect(self._closed)
        dialog.save_wanted.connect(
            lambda number, name, kind, address: self._spawn(
                self._save(ContactId(number), name, kind, address), "save a contact"
            )
        )
        dialog.delete_wanted.connect(self._ask_to_delete)
        dialog.test_wanted.connect(
            lambda number: self._spawn(self._test(ContactId(number)), "test a contact")
        )
        dialog.open()
        self._spawn(self._list(), "list the contacts")

    def _closed(self) -> None:
        self.dialog = None

    def _say(self, words: str, tone: Tone = Tone.PROBLEM) -> None:
        if self.dialog is not None:
            self.dialog.say(words, tone)

    async def _list(self) -> None:
        try:
            self._contacts = (await self._client.ask(ListContacts(self._space), Contacts)).contacts
        except FAILED as error:
            self._say(failure_words(error))
            return
        if self.dialog is not None:
            self.dialog.show_contacts(self._contacts)

    async def _save(self, number: ContactId, name: str, kind: ContactKind, address: str) -> None:
        question = SaveContact(self._space, name, kind, address, number)
        try:
            saved = await self._client.ask(question, Saved)
        except FAILED as error:
            if self.dialog is not None:
                self.dialog.refuse(failure_words(error))
            return
        if self.dialog is not None:
            self.dialog.saved(saved.contact)
        self.changed.emit()
        await self._list()

    def _ask_to_delete(self, number: str) -> None:
        contact = next((c for c in self._contacts if c.id == number), None)
        if contact is None or self.dialog is None:
            return
        users = users_of(contact.id, self._policies())
        words = tr("No policy reaches it.")
        if users:
            words = trn(
                "{policies} reaches it; its step is passed over from now on.",
                "{policies} reach it; their steps are passed over from now on.",
                len(users),
                policies=listed([f"“{name}”" for name in users]),
            )
        title = tr("Remove {name}?", name=contact.name)
        tokens = self._look.theme.tokens
        ask(self.dialog, title, words, tr("Remove"), lambda: self._delete(contact), tokens)

    def _delete(self, contact: Contact) -> None:
        self._spawn(self._delete_now(contact), "remove a contact")

    async def _delete_now(self, contact: Contact) -> None:
        try:
            await self._client.ask(DeleteContact(self._space, contact.id), Done)
        except FAILED as error:
            self._say(failure_words(error))
            return
        self._say(tr("{name} is removed.", name=contact.name), Tone.GOOD)
        self.changed.emit()
        await self._list()

    async def _test(self, number: ContactId) -> None:
        name = next((contact.name for contact in self._contacts if contact.id == number), "")
        try:
            await self._client.ask(TryContact(self._space, number), Done)
        except FAILED as error:
            self._say(failure_words(error))
        else:
            self._say(tr("A test is on its way to {name}. Did it arrive?", name=name), Tone.GOOD)
        if self.dialog is not None:
            self.dialog.tested(number)
