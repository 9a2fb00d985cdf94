"""Changes the own password, lists and ends the devices that are signed in."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from app.core.errors import Code, Refused
from app.core.model import Person
from app.net.problems import ConnectionProblem
from app.ui.account import AccountDialog
from app.ui.controllers.asking import Spawn, failure_words
from app.ui.i18n import tr
from app.ui.port import AccountPort
from app.ui.theme import Theme


class AccountController(QObject):
    """The dialog is made anew each time; ``dialog`` is the one that is open.

    Signals:
        failed: a sentence about what was asked for in a dialog that is closed meanwhile.
    """

    failed = Signal(str)

    def __init__(
        self, client: AccountPort, spawn: Spawn, theme: Theme, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._client, self._spawn, self._theme = client, spawn, theme
        self.dialog: AccountDialog | None = None

    def open(self, parent: QWidget, person: Person) -> None:
        if self.dialog is not None:
            self.dialog.activateWindow()
            return
        dialog = self.dialog = AccountDialog(person.handle, person.name, self._theme.tokens, parent)
        dialog.finished.connect(self._closed)
        dialog.password_chosen.connect(
            lambda current, new: self._spawn(self._change(current, new), "change the password")
        )
        dialog.device_ended.connect(lambda device: self._spawn(self._end(device), "sign out a device"))
        dialog.open()
        self._spawn(self._list(), "list the devices")

    def _closed(self) -> None:
        self.dialog = None

    async def _change(self, current: str, new: str) -> None:
        problem: Refused | ConnectionProblem | None = None
        ended = 0
        try:
            ended = await self._client.change_password(current, new)
        except (Refused, ConnectionProblem) as error:
            problem = error
        if self.dialog is None:
            if problem is not None:
                self.failed.emit(tr("Your password was not changed: {reason}", reason=failure_words(problem)))
        elif problem is None:
            self.dialog.changed(ended)
            await self._list()
        else:
            wrong = isinstance(problem, Refused) and problem.refusal.code is Code.WRONG_PASSWORD
            self.dialog.refuse(failure_words(problem), current=wrong)

    async def _end(self, device: str) -> None:
        try:
            await self._client.end_device(device)
        except (Refused, ConnectionProblem) as error:
            self._say(error)
        await self._list()

    async def _list(self) -> None:
        try:
            devices = await self._client.devices()
        except (Refused, ConnectionProblem) as error:
            self._say(error)
            return
        if self.dialog is not None:
            self.dialog.show_devices(devices)

    def _say(self, error: Refused | ConnectionProblem) -> None:
        if self.dialog is not None:
            self.dialog.say_devices(failure_words(error))
