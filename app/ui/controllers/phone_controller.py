"""Asks the server about one's own phone, for the dialog that shows it."""

from __future__ import annotations

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from app.core.phone_questions import (
    GetMyPhone,
    MyPhone,
    QuietHours,
    RemoveMyPhone,
    SetMyPhone,
    SetQuietHours,
    TryMyPhone,
    VerifyMyPhone,
)
from app.core.questions import Query
from app.ui.controllers.asking import Failed, Spawn, failure_words
from app.ui.i18n import tr
from app.ui.phone_dialog import PhoneDialog
from app.ui.port import ClientPort
from app.ui.theme import Theme


class PhoneController(QObject):
    """The dialog is made anew each time; ``dialog`` is the one that is open."""

    def __init__(self, client: ClientPort, spawn: Spawn, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._client, self._spawn, self._theme = client, spawn, theme
        self.dialog: PhoneDialog | None = None

    def open(self, parent: QWidget) -> None:
        if self.dialog is not None:
            self.dialog.activateWindow()
            return
        dialog = self.dialog = PhoneDialog(self._theme.tokens, parent)
        dialog.finished.connect(self._closed)
        dialog.number_chosen.connect(lambda number: self._ask(SetMyPhone(number[:40])))
        dialog.code_brought.connect(lambda code: self._ask(VerifyMyPhone(code[:16])))
        dialog.removed.connect(lambda: self._ask(RemoveMyPhone()))
        dialog.quiet_chosen.connect(self._set_quiet)
        dialog.test_wanted.connect(self._test)
        dialog.open()
        self._ask(GetMyPhone())

    def _closed(self) -> None:
        self.dialog = None

    def _set_quiet(self, hours: QuietHours | None) -> None:
        self._ask(SetQuietHours(hours))

    def _test(self, call: bool) -> None:
        self._ask(TryMyPhone(call), tr("You are being called.") if call else tr("A test message was sent."))

    def _ask(self, question: Query, done: str = "") -> None:
        self._spawn(self._show(question, done), type(question).__name__)

    async def _show(self, question: Query, done: str) -> None:
        try:
            phone = await self._client.ask(question, MyPhone)
        except Failed as error:
            if self.dialog is not None:
                self.dialog.say(failure_words(error))
            return
        if self.dialog is not None:
            self.dialog.show_phone(phone)
            if done:
                self.dialog.say(done, problem=False)
