"""Native notifications of all that calls (:mod:`.notes`); withdrawn as soon as it rests.

They come on top of the pop-up: when the desktop has no notification service, or it fails, that is
reported as a trouble and nothing else changes. That one was sent is no proof that anybody saw it.
"""

from __future__ import annotations

import asyncio
import html
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

from desktop_notifier import Button, DesktopNotifier, Icon, Notification, Urgency
from PySide6.QtCore import QObject, Signal

from app.tasks import Tasks
from app.ui.alerts.notes import Note
from app.ui.alerts.notification_service import (
    CALL_SECONDS,
    Desktop,
    ServiceWatch,
    Word,
    body_is_markup,
)

log = logging.getLogger(__name__)

Markup = Callable[[], Awaitable[bool]]


class Notifier(Protocol):
    """The part of desktop-notifier that is used here."""

    async def send_notification(self, notification: Notification) -> str: ...

    async def clear(self, identifier: str) -> None: ...

    async def get_current_notifications(self) -> list[str]: ...


class AlertNotifications(QObject):
    """Makes the notifications on the desktop match what calls.

    Attributes:
        trouble: empty, ``unavailable`` or ``do_not_disturb``.
        unknown: nothing is known to be wrong, and the desktop does not tell whether it shows them.

    Signals:
        trouble_changed: with the new :attr:`trouble`; also when :attr:`unknown` changed.
        answered: (escalation id, AnswerKind) or (message id, CallAnswer), a button was pressed.
        opened: (the note's id), the notification itself was clicked, or the button that opens.
    """

    trouble_changed = Signal(str)
    answered = Signal(str, object)
    opened = Signal(str)

    def __init__(
        self,
        parent: QObject | None = None,
        *,
        notifier: Callable[[], Notifier] | None = None,
        markup: Markup | None = None,
        icon: Icon | None = None,
        desktop: Desktop | None = None,
    ) -> None:
        super().__init__(parent)
        self.trouble = ""
        self.unknown = True
        self._failed = False  # the last one sent
        self._sending: str | None = None
        self._service = ServiceWatch(desktop, self)
        self._service.word_changed.connect(self._judge)
        self._service.replaced.connect(self._replaced)
        self._make = notifier or (lambda: DesktopNotifier("Handraise", app_icon=icon))
        self._markup = markup or body_is_markup
        self._notifier: Notifier | None = None
        self._tasks = Tasks("notifications")
        self._wanted: dict[str, Note] = {}
        self._shown: dict[str, str] = {}
        self._gave_up: set[str] = set()
        self._working = False
        logging.getLogger("desktop_notifier").setLevel(logging.INFO)  # at debug it logs message texts

    def show(self, notes: Sequence[Note]) -> None:
        """Exactly these are wanted now. Needs the running loop."""
        self._wanted = {note.key: note for note in notes}
        self._gave_up &= self._wanted.keys()
        if not self._working and self._differs():
            self._working = True
            self._tasks.spawn(self._make_it_so(), name="make it so")

    def probe(self) -> None:
        """Find out, from before the first alert on, whether there is a service that shows something."""
        self._service.start()

    async def idle(self) -> None:
        """Wait until the desktop shows what is wanted, or that was given up."""
        await self._tasks.idle()

    async def close(self) -> None:
        """Withdraw what is shown, as far as the service lets us."""
        self._wanted = {}
        await self._settle()
        await self._service.close()
        await self._tasks.close()

    def _replaced(self) -> None:
        """A new service knows nothing of what the former one showed: say it again."""
        self._shown = {a: note for a, note in self._shown.items() if a == self._sending}
        self._gave_up.clear()
        self._notifier = None
        self._failed = False
        self._judge()
        self.show(tuple(self._wanted.values()))

    # -- reconciling -----------------------------------------------------------------------------

    def _differs(self) -> bool:
        return self._next_to_show() is not None or any(a not in self._wanted for a in self._shown)

    def _next_to_show(self) -> Note | None:
        missing = (n for a, n in self._wanted.items() if a not in self._shown and a not in self._gave_up)
        return next(missing, None)

    async def _make_it_so(self) -> None:
        try:
            await self._settle()
        finally:
            self._working = False

    async def _settle(self) -> None:
        # What is wanted may change while a call is under way: compare anew after each one.
        while self._differs():
            stale = next((a for a in self._shown if a not in self._wanted), None)
            if stale is not None:
                await self._withdraw(self._shown.pop(stale))
                continue
            note = self._next_to_show()
            if note is None:
                continue
            self._sending = note.key
            if not await self._send(note):
                self._gave_up.add(note.key)  # said once; the pop-up and the sound are there
            self._sending = None

    async def _send(self, note: Note) -> bool:
        dispatched: list[bool] = []
        try:
            async with asyncio.timeout(CALL_SECONDS):
                if self._notifier is None:
                    self._notifier = self._make()
                body = html.escape(note.body, quote=False) if await self._markup() else note.body
                made = self._notification(note, body, lambda: dispatched.append(True))
                self._shown[note.key] = made.identifier
                # It logs and swallows its errors; only the callback tells success.
                await self._notifier.send_notification(made)
        except Exception:  # whatever a foreign service does, the alert goes on
            log.warning("the notification service failed", exc_info=True)
        if not dispatched:
            self._shown.pop(note.key, None)
            self._notifier = None  # the next one starts with a fresh connection
        self._failed = not dispatched
        self._judge()
        return bool(dispatched)

    async def _withdraw(self, identifier: str) -> None:
        notifier = self._notifier
        if notifier is None:
            return
        try:
            async with asyncio.timeout(CALL_SECONDS):
                # Clearing one that its reader has closed is an error in desktop-notifier.
                if identifier in await notifier.get_current_notifications():
                    await notifier.clear(identifier)
        except Exception:  # it is gone with its service, or stays until it is clicked
            log.warning("a notification could not be withdrawn", exc_info=True)
            self._notifier = None

    def _notification(self, note: Note, body: str, dispatched: Callable[[], object]) -> Notification:
        def press(answer: object) -> Callable[[], None]:
            return lambda: (
                self.opened.emit(note.id) if answer is None else self.answered.emit(note.id, answer)
            )

        return Notification(
            title=note.title,
            message=body,
            urgency=Urgency.Critical if note.urgent else Urgency.Normal,
            buttons=tuple(Button(words, press(answer)) for words, answer in note.buttons),
            on_clicked=press(None),
            on_dispatched=dispatched,
        )

    def _judge(self) -> None:
        word = Word.UNAVAILABLE if self._failed else self._service.word
        trouble = word if word in (Word.UNAVAILABLE, Word.QUIET) else ""
        before = (self.trouble, self.unknown)
        self.trouble, self.unknown = str(trouble), word is Word.UNKNOWN
        if before != (self.trouble, self.unknown):
            self.trouble_changed.emit(self.trouble)
