"""Priority messages at their author: who may send them, and escalating those that nobody answers."""

from __future__ import annotations

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from app.core.calls import PhoneWay
from app.core.commands import EscalateMessage
from app.core.ladders import SentPriority
from app.core.model import MessageId, PersonId
from app.core.permission_questions import GetOutreach, GetRights, Outreach, Rights
from app.core.permissions import Right
from app.core.policy import ContactId
from app.core.space import SpaceState
from app.ui.bridge import Bridge
from app.ui.controllers.asking import Asking, Failed, failure_words
from app.ui.escalate_dialog import Colleague, EscalateDialog
from app.ui.i18n import tr
from app.ui.models.priority import nobody_words
from app.ui.panels.composer import Composer
from app.ui.port import ClientPort
from app.ui.theme import Theme
from app.ui.words import name_of


class PriorityController(QObject):
    """The dialog is made anew each time; ``dialog`` is the one that is open.

    Args:
        composer: whose toggle is offered to those who may use it.
    """

    def __init__(
        self,
        composer: Composer,
        client: ClientPort,
        bridge: Bridge,
        asking: Asking,
        theme: Theme,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._composer, self._client, self._asking, self._theme = composer, client, asking, theme
        self.dialog: EscalateDialog | None = None
        self._about: MessageId | None = None
        self._told: set[MessageId] | None = None
        composer.allow_priority("")
        bridge.priorities_changed.connect(self._look)
        bridge.replaced.connect(self._look)

    # Who may send them

    def look_at_rights(self) -> None:
        """Ask what the person may do; until the answer is there the offer stands as it was."""
        self._asking.spawn(self._rights(), "rights")

    async def _rights(self) -> None:
        try:
            rights = await self._client.ask(GetRights(), Rights)
        except Failed:
            return  # the server says it when something is sent
        allowed = Right.PRIORITY in rights.mine
        why_not = tr("Your organisation does not let you send priority messages.")
        self._composer.allow_priority("" if allowed else why_not)

    # Escalating

    def escalate(self, message: str, parent: QWidget) -> None:
        """Offer what can be done about one's own message."""
        space, sent = self._client.space, self._sent(MessageId(message))
        if space is None or sent is None or not sent.waiting:
            return
        if self.dialog is not None:
            self.dialog.activateWindow()
            return
        names = {person: name_of(space, person) for person in sent.people}
        colleagues = self._colleagues(space, sent)
        dialog = EscalateDialog(sent.message.text, names, colleagues, self._theme.tokens, parent)
        self.dialog, self._about = dialog, sent.id
        dialog.finished.connect(self._closed)
        dialog.chosen.connect(self._do)
        dialog.open()
        self._asking.spawn(self._outreach(sent.id), "outreach")

    def _say_nobody(self) -> None:
        """Once for each message, and not again for those that were so when the window opened."""
        space, me = self._client.space, self._client.me
        if space is None or me is None:
            self._told = None
            return
        alone = {sent.id for sent in me.priorities.values() if sent.exhausted_at is not None and sent.waiting}
        for message in alone - self._told if self._told is not None else ():
            self._asking.say(nobody_words(space, me.priorities[message]))
        self._told = alone

    def _sent(self, message: MessageId | None) -> SentPriority | None:
        me = self._client.me
        return me.priorities.get(message) if me is not None and message is not None else None

    def _colleagues(self, space: SpaceState, sent: SentPriority) -> list[Colleague]:
        known = {*sent.people, sent.message.author}
        others = (person for person in space.people.values() if person.id not in known)
        made = (Colleague(person.id, person.name, space.is_here(person.id)) for person in others)
        return sorted(made, key=lambda colleague: (not colleague.here, colleague.name.casefold()))

    def _closed(self) -> None:
        self.dialog = self._about = None

    async def _outreach(self, message: MessageId) -> None:
        try:
            outreach = await self._client.ask(GetOutreach(message), Outreach)
        except Failed as error:
            if self.dialog is not None:
                self.dialog.say(failure_words(error))
            return
        if self.dialog is not None and self._about == message:
            self.dialog.set_outreach(outreach)

    def _do(self, ways: tuple[PhoneWay, ...], forward: str, contacts: tuple[ContactId, ...]) -> None:
        if self._about is not None:
            to = PersonId(forward) if forward else None
            command = EscalateMessage(self._about, ways, to, contacts)
            self._asking.do(command, done=self._done, failed=self._failed)

    def _done(self) -> None:
        if self.dialog is not None:
            self.dialog.accept()

    def _failed(self, reason: str) -> None:
        if self.dialog is not None:
            self.dialog.say(reason)
        else:
            self._asking.say(reason)

    def _look(self) -> None:
        """Somebody may have answered while the dialog is open; or everything was tried in vain."""
        self._say_nobody()
        sent = self._sent(self._about)
        if self.dialog is not None and (sent is None or not sent.waiting):
            self.dialog.set_over()
