"""Asks for and changes what is kept of people, for admins."""

from __future__ import annotations

from collections.abc import Coroutine
from pathlib import Path
from typing import Any, TypeVar

from PySide6.QtCore import QLocale, QObject, QStandardPaths
from PySide6.QtWidgets import QFileDialog, QWidget

from app.core.model import PersonId, Role
from app.core.privacy import Kept
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
from app.core.questions import Blob, Done, Query, Result
from app.net.shelf import write_whole
from app.tasks import Workers
from app.ui.controllers.asking import Failed, Spawn, failure_words
from app.ui.i18n import tr
from app.ui.port import ClientPort
from app.ui.privacy.page import PrivacyDialog
from app.ui.question import ask
from app.ui.theme import Theme
from app.ui.widgets import Tone

R = TypeVar("R", bound=Result)
WRITING_S = 30.0


class PrivacyController(QObject):
    """Attributes:
    dialog: the one that is open.
    """

    def __init__(
        self, client: ClientPort, theme: Theme, spawn: Spawn, locale: QLocale, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._client, self._theme, self._spawn, self._locale = client, theme, spawn, locale
        self._workers = Workers("personal export", 1)
        self._lines: list[AuditLine] = []
        self.dialog: PrivacyDialog | None = None

    def open(self, parent: QWidget) -> None:
        """For admins; for others it does nothing."""
        person, space = self._client.person, self._client.space
        if space is None or person is None or person.role is not Role.ADMIN:
            return
        if self.dialog is not None:
            self.dialog.activateWindow()
            return
        others = [one for one in space.people.values() if one.id != person.id]
        dialog = self.dialog = PrivacyDialog(others, self._theme.tokens, self._locale, parent)
        dialog.finished.connect(self._closed)
        dialog.days_chosen.connect(lambda kind, days: self._do(self._set(Kept(kind), days)))
        dialog.export_wanted.connect(self._choose_file)
        dialog.erase_wanted.connect(self._confirm)
        dialog.older_wanted.connect(lambda: self._do(self._read()))
        dialog.open()
        self._lines = []
        self._do(self._begin())

    def _closed(self) -> None:
        self.dialog = None

    def _do(self, doing: Coroutine[Any, Any, None]) -> None:
        self._spawn(doing, "data protection")

    async def _ask(self, question: Query, answer: type[R]) -> R | None:
        """``None``: it was said why not."""
        try:
            return await self._client.ask(question, answer)
        except Failed as error:
            if self.dialog is not None:
                self.dialog.say(failure_words(error))
            return None

    async def _begin(self) -> None:
        await self._show_days(GetRetention())
        await self._read()

    async def _set(self, kind: Kept, days: int) -> None:
        await self._show_days(SetRetention(kind, days or None))

    async def _show_days(self, question: Query) -> None:
        kept = await self._ask(question, RetentionNow)
        if kept is not None and self.dialog is not None:
            self.dialog.show_days(dict(kept.days))

    async def _read(self) -> None:
        """The next page of the audit log."""
        before = self._lines[-1].number if self._lines else None
        page = await self._ask(GetAudit(before), AuditPage)
        space = self._client.space
        if page is not None and self.dialog is not None and space is not None:
            self._lines += page.lines
            self.dialog.show_log(self._lines, space.people, page.more)

    # One person

    def _choose_file(self, person: str) -> None:
        if self.dialog is None:
            return
        documents = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
        chooser = QFileDialog(self.dialog, tr("Export one person’s data"), documents)
        chooser.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        chooser.setDefaultSuffix("zip")
        chooser.setNameFilter("*.zip")
        chooser.selectFile(f"handraise-{person}.zip")
        chooser.fileSelected.connect(lambda path: self._do(self.export(PersonId(person), Path(path))))
        chooser.open()

    async def export(self, person: PersonId, target: Path) -> None:
        blob = await self._ask(ExportPerson(person), Blob)
        if blob is None:
            return
        try:
            await self._workers.run(lambda: write_whole(target, blob.data), timeout_s=WRITING_S)
        except (OSError, TimeoutError) as error:
            reason = error.strerror or type(error).__name__
            self._say(tr("The file was not written: {reason}", reason=reason), Tone.PROBLEM)
        else:
            self._say(tr("Written to {file}.", file=target), Tone.GOOD)

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

        ask(self.dialog, title, words, tr("Erase"), agreed, self._theme.tokens)

    async def _erase(self, person: PersonId, handle: str) -> None:
        if await self._ask(ErasePerson(person, handle), Done) is None:
            return
        if self.dialog is not None:
            self.dialog.erased(person)
        self._say(tr("Nothing that is kept says who it was any more."), Tone.GOOD)

    def _say(self, words: str, tone: Tone) -> None:
        if self.dialog is not None:
            self.dialog.say(words, tone)
