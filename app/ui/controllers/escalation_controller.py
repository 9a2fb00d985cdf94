"""The Escalation button: opens the dialog, or lowers the hand that is up."""

from __future__ import annotations

import math

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from app.core.commands import RaiseEscalation
from app.core.limits import RED_AGAIN
from app.core.model import Level, Recipients
from app.core.text import whole
from app.net.client import Link
from app.ui.bridge import Bridge
from app.ui.controllers.hands_controller import HandsController
from app.ui.escalation.choices import choices_of
from app.ui.escalation_dialog import EscalationDialog
from app.ui.i18n import tr
from app.ui.panels.look import Look
from app.ui.port import ClientPort
from app.ui.question import ask
from app.ui.toolbar import Toolbar


class EscalationController(QObject):
    """Attributes:
    dialog: the card above the button.
    """

    def __init__(
        self,
        host: QWidget,
        toolbar: Toolbar,
        client: ClientPort,
        bridge: Bridge,
        hands: HandsController,
        look: Look,
    ) -> None:
        super().__init__(host)
        self._host = host
        self._toolbar, self._client, self._hands = toolbar, client, hands
        self.dialog = EscalationDialog(look.theme.tokens, look.paint_face, host)
        self.dialog.execute.connect(self._execute)
        self._look = look
        look.changed.connect(self._follow_look)
        bridge.replaced.connect(self._refresh)
        bridge.directory_changed.connect(self._refresh)
        bridge.occupants_changed.connect(self._refresh)
        bridge.phrases_changed.connect(self._refresh)
        bridge.connection_changed.connect(self._connection)
        hands.taken_back.connect(lambda: self.dialog.set_busy(False))

    def _follow_look(self) -> None:
        self.dialog.set_tokens(self._look.theme.tokens)

    def press(self) -> None:
        """What the button and its key do."""
        if self._hands.own is not None:
            self._hands.lower()
        elif self._hands.waiting is not None:
            self._hands.take_back(self._hands.waiting.id)
        elif self.dialog.isVisible():
            self.dialog.close_panel()
        else:
            self._fill()
            self._connection()
            self.dialog.open_above(self._toolbar.escalation_button)

    def propose(self, command: RaiseEscalation) -> bool:
        """Open the dialog with this in it, for the person to execute; ``False``: it is in use."""
        if not self.dialog.untouched:
            return False
        if not self.dialog.isVisible():
            self.press()
        self.dialog.fill_in(command.level, command.message, command.recipients)
        return True

    def give_back(self, command: RaiseEscalation, reason: str) -> bool:
        """The same with what was refused, and why; ``False`` also while the own hand is up."""
        given = self._hands.own is None and self.propose(command)
        if given:
            self.dialog.show_refusal(reason)
        return given

    def _fill(self) -> None:
        space, me = self._client.space, self._client.me
        if space is not None and me is not None:
            self.dialog.set_choices(choices_of(space, me))

    def _refresh(self, *_: object) -> None:
        if self.dialog.isVisible():
            self._fill()

    def _connection(self) -> None:
        self.dialog.set_connected(self._client.connection.link is Link.PROTECTED)

    def _execute(self, level: Level, message: str, recipients: Recipients) -> None:
        command = RaiseEscalation(level, whole(message), recipients)
        if not self.asks_first(level):
            self._raise(command)
            return
        seconds = int(self._since_last_red())
        words = tr("You raised a red hand {n} s ago. The people were called. Call again?", n=seconds)
        tokens = self._look.theme.tokens
        question = ask(
            self._host, tr("Call again?"), words, tr("Call again"), lambda: self._raise(command), tokens
        )
        question.rejected.connect(lambda: self.dialog.set_busy(False))

    def asks_first(self, level: Level) -> bool:
        """Whether the same people may be called twice for one thing, so that the person is asked."""
        return level is Level.RED and self._since_last_red() < RED_AGAIN

    def _since_last_red(self) -> float:
        """s since the own hand was red the last time it was raised."""
        reds = self._client.me.reds if self._client.me else ()
        return max(0.0, self._client.server_now() - reds[-1]) if reds else math.inf

    def _raise(self, command: RaiseEscalation) -> None:
        self._hands.raise_hand(command, done=self.dialog.done, failed=self._failed)

    def _failed(self, reason: str) -> None:
        """A closed dialog stays closed where the hand waits for a word: that is asked over the map, with all
        that was written here."""
        asked = (entry.command for entry in self._client.outbox if entry.aside)
        if self.dialog.isHidden() and any(isinstance(command, RaiseEscalation) for command in asked):
            self.dialog.done()
        else:
            self.dialog.show_refusal(reason)
