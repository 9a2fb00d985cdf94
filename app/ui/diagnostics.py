"""Keeps a note of the states that the program was in, and saves the diagnostics zip where the person says."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QObject, QStandardPaths
from PySide6.QtWidgets import QFileDialog, QWidget

from app import __version__, diagnostics
from app.logs import STATES
from app.net.changes import ConnectionChanged, ConnectionState
from app.net.client import ClientChange
from app.tasks import Workers
from app.ui.alerts.troubles import Degraded
from app.ui.controllers.asking import Spawn
from app.ui.folders import Folders
from app.ui.i18n import tr
from app.ui.port import ClientPort

states = logging.getLogger(STATES)
SAVING_S = 30.0
Say = Callable[[str, bool], None]
"""Shows a sentence, and whether it is a problem."""


class StateLog:
    """Follows the connection and the channels of alerts; codes only, no sentence with a name in it."""

    def __init__(self, client: ClientPort) -> None:
        self._client = client
        self._last = ""
        self._stop = client.listen(self._heard)
        states.info("started: %s", __version__)

    def close(self) -> None:
        self._stop()
        states.info("ended")

    def degraded(self, channels: Sequence[Degraded]) -> None:
        """These channels of alerts do not work now."""
        states.info("alerts: %s", ", ".join(f"{d.channel} {d.reason}" for d in channels) or "all channels")

    def _heard(self, changes: tuple[ClientChange, ...]) -> None:
        if any(isinstance(change, ConnectionChanged) for change in changes):
            told = _codes(self._client.connection)
            if told != self._last:
                self._last = told
                states.info("connection: %s", told)


def _codes(state: ConnectionState) -> str:
    problem = state.problem.code.value if state.problem is not None else ""
    refusal = state.refusal.code.value if state.refusal is not None else ""
    return " ".join(filter(None, (state.link.value, problem, refusal)))


class DiagnosticsSaver(QObject):
    """Args:
    spawn: runs the coroutine that writes the file.
    """

    def __init__(self, folders: Folders, spawn: Spawn, parent: QObject) -> None:
        super().__init__(parent)
        self._folders, self._spawn = folders, spawn
        self._workers = Workers("diagnostics", 1)

    def ask(self, parent: QWidget, say: Say) -> QFileDialog:
        """Let the person choose where; then it is written, and said."""
        downloads = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DownloadLocation)
        dialog = QFileDialog(parent, tr("Save diagnostics"), downloads)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("zip")
        dialog.setNameFilter("*.zip")
        dialog.selectFile(file_name(time.time()))
        dialog.fileSelected.connect(lambda path: self.save(Path(path), say))
        dialog.open()
        return dialog

    def save(self, target: Path, say: Say) -> None:
        self._spawn(self._save(target, say), "save diagnostics")

    async def _save(self, target: Path, say: Say) -> None:
        folders = self._folders
        kept = {"this": folders.preferences}
        try:
            await self._workers.run(lambda: diagnostics.write(target, folders.logs, kept), timeout_s=SAVING_S)
        except (OSError, TimeoutError) as error:
            reason = error.strerror or type(error).__name__
            say(tr("The diagnostics were not saved: {reason}", reason=reason), True)
        else:
            say(tr("Saved as {file}. It contains no message, password or phone number.", file=target), False)


def file_name(at: float) -> str:
    """With the local time ``at`` (s since the epoch)."""
    return time.strftime("handraise-diagnostics-%Y-%m-%d-%H%M.zip", time.localtime(at))


def save_here(target: Path, logs: Path | None) -> tuple[int, str]:
    """``handraise diagnostics``: the exit code, and the sentence to print."""
    folders = Folders.of("default")
    found = folders.settings.parent.glob(f"*/{folders.preferences.name}")
    profiles = {file.parent.name: file for file in found}
    try:
        diagnostics.write(target, logs or folders.logs, profiles)
    except OSError as error:
        return 1, f"{target} cannot be written: {error.strerror or error}."
    return 0, f"Saved as {target}. It contains no message, password or phone number."
