"""Shows and saves the escalation of the lines of a space, for those who supervise it."""

from __future__ import annotations

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from app.core.errors import Code, Refused
from app.core.line_questions import GetLineSettings, LineSettings, SetLineEscalation
from app.core.lines import LineId
from app.core.questions import Done
from app.net.problems import ConnectionProblem
from app.ui.controllers.asking import Asking, failure_words
from app.ui.i18n import tr
from app.ui.line_settings import LineSettingsDialog
from app.ui.port import ClientPort
from app.ui.theme import Theme

ABOUT_NUMBER = (Code.PHONE_INVALID, Code.PHONE_NOT_ALLOWED, Code.NUMBER_NEEDED, Code.OWN_LINE)


class LineSettingsController(QObject):
    """The dialog is made anew each time; ``dialog`` is the one that is open."""

    def __init__(self, client: ClientPort, asking: Asking, theme: Theme, parent: QObject) -> None:
        super().__init__(parent)
        self._client, self._asking, self._theme = client, asking, theme
        self.dialog: LineSettingsDialog | None = None

    def open(self, parent: QWidget) -> None:
        if self.dialog is not None:
            self.dialog.activateWindow()
            return
        dialog = self.dialog = LineSettingsDialog(self._theme.tokens, parent)
        dialog.finished.connect(self._closed)
        dialog.saved.connect(self._save)
        dialog.open()
        self._asking.spawn(self._list(), "the lines' settings")

    def _closed(self) -> None:
        self.dialog = None

    def _save(self, line: str, on: bool, minutes: int, cell: str) -> None:
        asked = SetLineEscalation(LineId(line), on, minutes, cell)
        self._asking.spawn(self._set(asked), "a line's setting")

    async def _set(self, asked: SetLineEscalation) -> None:
        try:
            await self._client.ask(asked, Done)
        except (Refused, ConnectionProblem) as error:
            if self.dialog is None:
                self._asking.say(tr("The setting was not saved: {reason}", reason=failure_words(error)))
            else:
                number = isinstance(error, Refused) and error.refusal.code in ABOUT_NUMBER
                self.dialog.refuse(failure_words(error), number=number)
            return
        await self._list()
        if self.dialog is not None:
            on = tr("Saved. It counts for messages that come from now on.")
            self.dialog.say(on if asked.enabled else tr("Saved. Nothing is forwarded any more."))

    async def _list(self) -> None:
        space = self._client.space
        if space is None:
            return
        try:
            settings = await self._client.ask(GetLineSettings(space.space.id), LineSettings)
        except (Refused, ConnectionProblem) as error:
            if self.dialog is not None:
                self.dialog.say(failure_words(error), problem=True)
            return
        if self.dialog is not None:
            self.dialog.show_lines(settings.lines)
