"""Writes what the history shows into a CSV file, where the person says."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import QObject, QStandardPaths
from PySide6.QtWidgets import QFileDialog, QWidget

from app.core.model import GroupId, SpaceId
from app.core.report_questions import AlertFilter, Alerts, ExportAlerts
from app.net.shelf import write_whole
from app.tasks import Workers
from app.ui.controllers.asking import Failed, Spawn, failure_words
from app.ui.i18n import tr, trn
from app.ui.port import ClientPort
from app.ui.reports.csv_file import beginning, csv_bytes

T = TypeVar("T")
WRITING_S = 30.0
Say = Callable[[str, bool], None]
"""Shows a sentence, and whether it is a problem."""


class HistoryExporter(QObject):
    """Args:
    spawn: runs the coroutine that asks and writes.
    """

    def __init__(self, client: ClientPort, spawn: Spawn, parent: QObject) -> None:
        super().__init__(parent)
        self._client, self._spawn = client, spawn
        self._workers = Workers("history export", 1)

    def ask(self, parent: QWidget, space: SpaceId, only: AlertFilter, say: Say) -> QFileDialog:
        """Let the person choose where; then it is written, and said."""
        documents = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
        dialog = QFileDialog(parent, tr("Export the history"), documents)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("csv")
        dialog.setNameFilter("*.csv")
        dialog.selectFile(time.strftime("handraise-history-%Y-%m-%d.csv"))
        dialog.fileSelected.connect(
            lambda path: self._spawn(self.save(Path(path), space, only, say), "export the history")
        )
        dialog.open()
        return dialog

    async def save(self, target: Path, space: SpaceId, only: AlertFilter, say: Say) -> None:
        """Ask for all of it, page by page, and write it whole: all of it is there, or nothing.

        The window stays free: cells are made, and the file is written, in a thread.
        """
        try:
            parts, count = await self._parts(space, only, say)
            await self._aside(lambda: write_whole(target, b"".join(parts)))
        except Failed as error:
            say(failure_words(error), True)
        except (OSError, TimeoutError) as error:
            reason = error.strerror or type(error).__name__
            say(tr("The file was not written: {reason}", reason=reason), True)
        else:
            words = trn("{n} alert written to {file}", "{n} alerts written to {file}", count, file=target)
            say(words, False)

    async def _parts(self, space: SpaceId, only: AlertFilter, say: Say) -> tuple[list[bytes], int]:
        """The file in parts, and how many alerts there are in it."""
        state = self._client.space
        groups: dict[GroupId, str] = {g.id: g.handle for g in state.groups.values()} if state else {}
        parts, count, after = [beginning()], 0, None
        while True:
            page = await self._client.ask(ExportAlerts(space, only, after), Alerts)
            parts.append(await self._aside(partial(csv_bytes, page.records, dict(page.names), groups)))
            count, after = count + len(page.records), page.more
            if after is None:
                return parts, count
            say(trn("{n} alert read so far…", "{n} alerts read so far…", count), False)

    async def _aside(self, work: Callable[[], T]) -> T:
        return await self._workers.run(work, timeout_s=WRITING_S)
