"""Asks for and changes what is kept of people and customers, for admins."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, TypeVar

from PySide6.QtCore import QLocale, QObject, QStandardPaths
from PySide6.QtWidgets import QFileDialog, QWidget

from app.core.errors import Code, Refused
from app.core.model import PersonId
from app.core.privacy import Kept, Where
from app.core.privacy_questions import (
    AuditLine,
    AuditPage,
    CustomerFound,
    EraseCustomer,
    Erased,
    ErasePerson,
    ExportCustomer,
    ExportPerson,
    FindCustomer,
    GetAudit,
    GetRetention,
    GetTraces,
    RenameThing,
    RetentionNow,
    SetRetention,
    Traces,
)
from app.core.questions import Blob, Done, Query, Result
from app.net.shelf import write_whole
from app.tasks import Workers
from app.ui.controllers.asking import Failed, Spawn, admin_here, failure_words
from app.ui.i18n import tr
from app.ui.panels.look import Look
from app.ui.port import ClientPort
from app.ui.privacy.page import PrivacyDialog
from app.ui.question import ask
from app.ui.widgets import Tone

R = TypeVar("R", bound=Result)
WRITING_S = 30.0


class PrivacyController(QObject):
    """Attributes:
    dialog: the one that is open.
    """

    def __init__(
        self, client: ClientPort, look: Look, spawn: Spawn, locale: QLocale, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._client, self._look, self._spawn, self._locale = client, look, spawn, locale
        self._workers = Workers("personal export", 1)
        self._lines: list[AuditLine] = []
        self.dialog: PrivacyDialog | None = None

    def open(self, parent: QWidget) -> None:
        """For admins; for others it does nothing."""
        admin = admin_here(self._client)
        if admin is None:
            return
        if self.dialog is not None:
            self.dialog.activateWindow()
            return
        person, space = admin
        others = [one for one in space.people.values() if one.id != person.id]
        dialog = self.dialog = PrivacyDialog(others, self._look, self._locale, parent)
        dialog.finished.connect(self._closed)
        self._connect(dialog)
        dialog.open()
        self._lines = []
        self._do(self._begin())

    def _connect(self, dialog: PrivacyDialog) -> None:
        dialog.kept.days_chosen.connect(lambda kind, days: self._do(self._set(Kept(kind), days)))
        person, customer, log = dialog.person, dialog.customer, dialog.log
        person.export_wanted.connect(
            lambda who: self._choose_file(who, lambda path: self.export(PersonId(who), path))
        )
        person.traces_wanted.connect(lambda who: self._do(self._traces(PersonId(who))))
        person.erase_wanted.connect(self._confirm)
        person.name_chosen.connect(lambda *what: self._do(self._rename(*what)))
        customer.find_wanted.connect(lambda number: self._do(self._find(number)))
        customer.export_wanted.connect(
            lambda number: self._choose_file(
                "customer", lambda path: self._export(ExportCustomer(number), path)
            )
        )
        customer.erase_wanted.connect(self._confirm_customer)
        log.older_wanted.connect(lambda: self._do(self._read()))
        log.subject_chosen.connect(lambda: self._do(self._read(anew=True)))

    def _closed(self) -> None:
        self.dialog = None

    def _do(self, doing: Coroutine[Any, Any, None]) -> None:
        self._spawn(doing, "data protection")

    async def _ask(self, question: Query, answer: type[R]) -> R | None:
        """``None``: it was said why not."""
        try:
            return await self._client.ask(question, answer)
        except Failed as error:
            self._say(failure_words(error), Tone.PROBLEM)
            return None

    async def _begin(self) -> None:
        await self._show_days(GetRetention())
        await self._read()

    async def _set(self, kind: Kept, days: int) -> None:
        await self._show_days(SetRetention(kind, days or None))

    async def _show_days(self, question: Query) -> None:
        kept = await self._ask(question, RetentionNow)
        if kept is not None and self.dialog is not None:
            self.dialog.kept.show_days(dict(kept.days))

    async def _read(self, *, anew: bool = False) -> None:
        """The next page of the audit log."""
        dialog = self.dialog
        if dialog is None:
            return
        known = [] if anew else self._lines
        subject = dialog.log.subject
        page = await self._ask(GetAudit(known[-1].number if known else None, subject), AuditPage)
        space = self._client.space
        if page is not None and self.dialog is dialog and space is not None:
            self._lines = [*known, *page.lines]
            dialog.log.show_log(self._lines, space.people, page.more)

    # Exports

    def _choose_file(self, name: str, export: Callable[[Path], Coroutine[Any, Any, None]]) -> None:
        if self.dialog is None:
            return
        documents = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
        chooser = QFileDialog(self.dialog, tr("Export one person’s data"), documents)
        chooser.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        chooser.setDefaultSuffix("zip")
        chooser.setNameFilter("*.zip")
        chooser.selectFile(f"handraise-{name}.zip")
        chooser.fileSelected.connect(lambda path: self._do(export(Path(path))))
        chooser.open()

    async def export(self, person: PersonId, target: Path) -> None:
        await self._export(ExportPerson(person), target)

    async def _export(self, question: Query, target: Path) -> None:
        blob = await self._ask(question, Blob)
        if blob is None:
            return
        try:
            await self._workers.run(lambda: write_whole(target, blob.data), timeout_s=WRITING_S)
        except (OSError, TimeoutError) as error:
            reason = error.strerror or type(error).__name__
            self._say(tr("The file was not written: {reason}", reason=reason), Tone.PROBLEM)
        else:
            self._say(tr("Written to {file}.", file=target), Tone.GOOD)

    # One person

    async def _traces(self, person: PersonId) -> None:
        found = await self._ask(GetTraces(person), Traces)
        if found is not None and self.dialog and self.dialog.person.chosen == person:
            self.dialog.person.show_traces(found.traces)

    async def _rename(self, where: str, thing: str, name: str) -> None:
        if await self._ask(RenameThing(Where(where), thing, name), Done) is not None:
            self._say(tr("It is called {name} now.", name=name), Tone.GOOD)

    def _confirm(self, person: str) -> None:
        space = self._client.space
        known = space.people.get(PersonId(person)) if space is not None else None
        if known is None or self.dialog is None:
            return
        words = tr("{name} is signed out everywhere, and nothing brings the name back.", name=known.name)
        title = tr("Erase {name} for good?", name=known.name)
        number, handle = known.id, known.handle

        def agreed() -> None:
            self._do(self._erase(number, handle))

        ask(self.dialog, title, words, tr("Erase"), agreed, self._look.theme.tokens)

    async def _erase(self, person: PersonId, handle: str) -> None:
        erased = await self._ask(ErasePerson(person, handle), Erased)
        if erased is None or self.dialog is None:
            return
        name = self.dialog.person.erased(person)
        self.dialog.person.show_traces(erased.traces, name)
        self._say_erased(erased)

    # One customer

    async def _find(self, number: str) -> None:
        if self.dialog is not None:
            self.dialog.customer.nothing()
        try:
            found = await self._client.ask(FindCustomer(number), CustomerFound)
        except Refused as error:
            unknown = tr("No customer of your lines has this number. Is the country code right?")
            known = error.refusal.code is not Code.NOT_FOUND
            self._say(failure_words(error) if known else unknown, Tone.PROBLEM)
        except Failed as error:
            self._say(failure_words(error), Tone.PROBLEM)
        else:
            self._say("", Tone.INFO)
            if self.dialog is not None:
                self.dialog.customer.show_found(number, found)

    def _confirm_customer(self, number: str) -> None:
        if self.dialog is None:
            return
        words = tr("Their conversations are gone on every line, and nothing brings them back.")
        title = tr("Erase the customer {number} for good?", number=number)

        def agreed() -> None:
            self._do(self._erase_customer(number))

        ask(self.dialog, title, words, tr("Erase"), agreed, self._look.theme.tokens)

    async def _erase_customer(self, number: str) -> None:
        erased = await self._ask(EraseCustomer(number), Erased)
        if erased is None or self.dialog is None:
            return
        self.dialog.customer.nothing()
        self.dialog.customer.number.clear()
        self._say_erased(erased)

    def _say_erased(self, erased: Erased) -> None:
        words = tr("Nothing that is kept says who it was any more.")
        if not erased.overwritten:
            words += " " + tr(
                "Another program is reading the database: the last traces in its file are overwritten when "
                "that ends."
            )
        self._say(words, Tone.GOOD)

    def _say(self, words: str, tone: Tone) -> None:
        if self.dialog is not None:
            self.dialog.say(words, tone)
