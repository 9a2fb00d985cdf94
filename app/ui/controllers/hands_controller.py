"""Raised hands: the queue, one's own hand, answers, and why a hand went down."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from app.core.commands import AnswerEscalation, EndEscalation, RaiseEscalation
from app.core.model import AnswerKind, EndReason, Escalation, EscalationId, Level, PersonId
from app.net.client import Link
from app.ui.bridge import Bridge
from app.ui.controllers.asking import Asking, Outcome, new_id
from app.ui.i18n import tr
from app.ui.models.hands import HandRow, HandsModel, waiting_rows
from app.ui.models.waiting import Hold, unsent_for
from app.ui.panels import hand_card as card
from app.ui.panels.hands_words import alone_words
from app.ui.port import ClientPort
from app.ui.words import end_words


class HandsController(QObject):
    """Signals:
    own_changed: one's own hand was raised, lowered or answered (see :attr:`own`).
    queue_changed: how many hands are raised, and whether a red one is among them.
    chat_wanted: the person to talk with, and the id of the hand it is about.
    locate_wanted: the person to show on the map.
    ended: one's own hand went down; the reason in words.
    approached: this person asked to be shown walking to a hand.
    timeline_wanted: the id of a hand whose timeline is to be shown.
    left_alone: everything was tried for one's own hand and nobody is available, in words; said once.
    again_wanted: the id of a hand that is to be raised after all.
    taken_back: one's own hand was taken back before it was up.

    Args:
        wall: s since the epoch on this machine, as the outbox counts.
    """

    own_changed = Signal()
    queue_changed = Signal(int, bool)
    chat_wanted = Signal(str, str)
    locate_wanted = Signal(str)
    ended = Signal(str)
    approached = Signal()
    timeline_wanted = Signal(str)
    left_alone = Signal(str)
    again_wanted = Signal(str)
    taken_back = Signal()

    def __init__(
        self,
        model: HandsModel,
        client: ClientPort,
        bridge: Bridge,
        asking: Asking,
        wall: Callable[[], float],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._model, self._client, self._asking, self._wall = model, client, asking, wall
        self._alone = False
        for signal in (
            bridge.replaced,
            bridge.hands_changed,
            bridge.ladder_changed,
            bridge.directory_changed,
            bridge.occupants_changed,
            bridge.outbox_changed,
            bridge.connection_changed,
        ):
            signal.connect(self.refresh)
        bridge.hand_ended.connect(self._hand_ended)

    def refresh(self, *_: object) -> None:
        space, me = self._client.space, self._client.me
        if space is None or me is None:
            self._model.show(())
            self.queue_changed.emit(0, False)
        else:
            outbox, connection = self._client.outbox, self._client.connection
            offset = self._client.server_now() - self._wall()
            waiting = waiting_rows(space, me, outbox, connection, offset)
            self._model.refresh(space, me, self._client.map, waiting, unsent_for(outbox, connection))
            hands = space.escalations.values()
            self.queue_changed.emit(len(hands), any(e.level is Level.RED for e in hands))
        self._say_alone()
        self.own_changed.emit()

    def _say_alone(self) -> None:
        row = self._model.own
        alone = row is not None and row.alone
        if row is not None and alone and not self._alone:
            self.left_alone.emit(alone_words(row))
        self._alone = alone

    @property
    def own(self) -> Escalation | None:
        """One's own raised hand."""
        space, me = self._client.space, self._client.me
        return space.escalation_of(me.me) if space and me else None

    @property
    def mine(self) -> tuple[HandRow, ...]:
        """One's own hands as they are shown, those included that are not up."""
        return tuple(row for row in self._model.rows if row.mine)

    @property
    def waiting(self) -> HandRow | None:
        """One's own hand that goes up as soon as there is a connection."""
        rows = (row for row in self._model.rows if row.hold not in (None, Hold.ASKED))
        return next(rows, None)

    def act(self, hand: str, action: str) -> None:
        """Do what a card, the map or a key asks for."""
        if action == card.AGAIN:
            self.again_wanted.emit(hand)
            return
        if action == card.LOWER and any(row.id == hand and row.hold for row in self._model.rows):
            self.take_back(hand)
            return
        space = self._client.space
        escalation = space.escalations.get(EscalationId(hand)) if space else None
        if escalation is None:
            return
        if action == card.APPROACH:
            self.approach(escalation.id)
        elif action == card.CHAT:
            self.chat(escalation.id, escalation.raiser)
        elif action == card.DECLINE:
            self.answer(escalation.id, AnswerKind.DECLINE)
        elif action == card.LOCATE:
            self.locate_wanted.emit(escalation.raiser)
        elif action == card.LOWER:
            self.lower()
        elif action == card.TIMELINE:
            self.timeline_wanted.emit(escalation.id)

    def approach(self, hand: str) -> None:
        """Say that one comes; the map walks when the place to stand is known."""
        self.answer(EscalationId(hand), AnswerKind.APPROACH, done=self.approached.emit)

    def chat(self, hand: EscalationId, raiser: PersonId) -> None:
        """Say that one talks to the raiser, and open the chat with them."""
        self.answer(hand, AnswerKind.CHAT)
        self.chat_wanted.emit(raiser, hand)

    def answer(
        self,
        hand: EscalationId,
        kind: AnswerKind,
        *,
        done: Callable[[], None] | None = None,
        failed: Outcome | None = None,
    ) -> None:
        self._asking.do(AnswerEscalation(hand, kind), done=done, failed=failed)

    def raise_hand(
        self,
        command: RaiseEscalation,
        *,
        done: Callable[[], None] | None = None,
        failed: Outcome | None = None,
    ) -> None:
        self._asking.do(command, command_id=new_id(), done=done, failed=failed)

    def lower(self) -> None:
        if self.own is None:
            return
        command = EndEscalation(self.own.id)
        if all(entry.command != command for entry in self._client.outbox):  # asked for once is enough
            self._asking.do(command)
        if self._client.connection.link is not Link.PROTECTED:
            self._asking.say(tr("Your hand is lowered when the connection is back."))

    def take_back(self, hand: str) -> None:
        """A hand that waits is not raised; one that may be up already is lowered."""
        entry = next((entry for entry in self._client.outbox if entry.id == hand), None)
        if entry is None:
            return
        self._client.drop(hand)
        if entry.tries:
            self._asking.quietly(EndEscalation(EscalationId(hand)))
        self.taken_back.emit()

    def _hand_ended(self, escalation: Escalation, reason: EndReason) -> None:
        me = self._client.me
        if me is not None and escalation.raiser == me.me:
            self.ended.emit(end_words(reason))
