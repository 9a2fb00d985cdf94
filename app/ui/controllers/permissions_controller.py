"""Asks the server about permissions, for the dialog in which admins set them."""

from __future__ import annotations

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from app.core.model import PersonId
from app.core.permission_questions import GetPermissions, PermissionsNow, SetOwnRight, SetPermission
from app.core.permissions import Least, Right
from app.core.questions import Query
from app.ui.controllers.asking import Failed, Spawn, failure_words
from app.ui.permissions_dialog import PermissionsDialog
from app.ui.port import ClientPort
from app.ui.theme import Theme


class PermissionsController(QObject):
    """The dialog is made anew each time; ``dialog`` is the one that is open."""

    def __init__(self, client: ClientPort, spawn: Spawn, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._client, self._spawn, self._theme = client, spawn, theme
        self.dialog: PermissionsDialog | None = None

    def open(self, parent: QWidget) -> None:
        if self.dialog is not None:
            self.dialog.activateWindow()
            return
        space = self._client.space
        people = sorted(space.people.values(), key=lambda p: p.name.casefold()) if space else []
        dialog = self.dialog = PermissionsDialog(people, self._theme.tokens, parent)
        dialog.finished.connect(self._closed)
        dialog.least_chosen.connect(self._set)
        dialog.own_chosen.connect(self._set_own)
        dialog.open()
        self._ask(GetPermissions())

    def _closed(self) -> None:
        self.dialog = None

    def _set(self, right: Right, least: Least) -> None:
        self._ask(SetPermission(right, least))

    def _set_own(self, person: str, right: Right, allowed: bool | None) -> None:
        self._ask(SetOwnRight(PersonId(person), right, allowed))

    def _ask(self, question: Query) -> None:
        self._spawn(self._show(question), type(question).__name__)

    async def _show(self, question: Query) -> None:
        try:
            now = await self._client.ask(question, PermissionsNow)
        except Failed as error:
            if self.dialog is not None:
                self.dialog.say(failure_words(error))
            return
        if self.dialog is not None:
            self.dialog.show_permissions(now)
