"""The only place where what changed in the client becomes Qt signals.

Changes are gathered and told once in each turn of the event loop, so that a burst of events redraws
every view once.
"""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal

from app.core import person as own
from app.core import space as shared
from app.core.inbox import LinesTouched, TalkNews
from app.core.model import ConversationId, EscalationId, PersonId, Place
from app.net.changes import SomebodyAnswers
from app.net.client import ClientChange, ConnectionChanged, OutboxChanged, PlacesMoved, StateReplaced
from app.ui.port import ClientPort


class Bridge(QObject):
    """Signals:
    replaced: everything is to be read anew (a snapshot, another space); comes before all others.
    connection_changed: ``client.connection`` is another one.
    outbox_changed: what was asked for and has no answer, or whether it is kept, is another.
    space_changed: the name or the map of the space.
    directory_changed: somebody's name, role or picture, or a group.
    occupants_changed: the people whose presence, status, zone or seat changed (a frozenset).
    places_moved: where people are now (dict of PersonId to Place, px); the newest of each.
    hands_changed: hands were raised, answered, reached somebody, or ended.
    hand_raised: the id of a new hand.
    hand_ended: the escalation as it last was, and the reason.
    alerts_changed: what calls me changed.
    ladder_changed: how far the alert of my own hand has come.
    priorities_changed: more is known of my own priority messages.
    phrases_changed: my recent messages.
    conversations_changed: the conversations in which something arrived or was read (a frozenset).
    message_arrived: the conversation in which a message just arrived.
    waiting_changed: what waits in the space besides hands.
    case_noted: the id of an alert whose timeline has more lines.
    inbox_changed: a line, or a conversation with a customer.
    somebody_answers: the conversation, and who is writing to the customer just now.
    """

    replaced = Signal()
    connection_changed = Signal()
    outbox_changed = Signal()
    space_changed = Signal()
    directory_changed = Signal()
    occupants_changed = Signal(object)
    places_moved = Signal(object)
    hands_changed = Signal()
    hand_raised = Signal(str)
    hand_ended = Signal(object, object)
    alerts_changed = Signal()
    ladder_changed = Signal()
    priorities_changed = Signal()
    phrases_changed = Signal()
    conversations_changed = Signal(object)
    message_arrived = Signal(str)
    waiting_changed = Signal()
    case_noted = Signal(str)
    inbox_changed = Signal()
    somebody_answers = Signal(str, str)

    def __init__(self, client: ClientPort, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._changes: list[ClientChange] = []
        self._turn = QTimer(self)
        self._turn.setSingleShot(True)
        self._turn.setInterval(0)
        self._turn.timeout.connect(self.tell)
        self._stop = client.listen(self._gather)

    def close(self) -> None:
        """Nothing is told any more."""
        self._stop()
        self._turn.stop()
        self._changes.clear()

    def _gather(self, changes: tuple[ClientChange, ...]) -> None:
        self._changes.extend(changes)
        if not self._turn.isActive():
            self._turn.start()

    def tell(self) -> None:
        """Tell everything gathered; by itself in the next turn of the loop."""
        self._turn.stop()
        changes, self._changes = self._changes, []
        kinds = {type(change) for change in changes}
        if StateReplaced in kinds:
            self.replaced.emit()
        if ConnectionChanged in kinds:
            self.connection_changed.emit()
        if OutboxChanged in kinds:
            self.outbox_changed.emit()
        if shared.SpaceTouched in kinds:
            self.space_changed.emit()
        if shared.DirectoryTouched in kinds:
            self.directory_changed.emit()
        self._tell_occupants(changes)
        self._tell_hands(changes, kinds)
        self._tell_own(changes, kinds)
        self._tell_inbox(changes, kinds)

    def _tell_occupants(self, changes: list[ClientChange]) -> None:
        people: set[PersonId] = set()
        places: dict[PersonId, Place] = {}
        for change in changes:
            if isinstance(change, shared.OccupantTouched | shared.OccupantGone):
                people.add(change.person)
            elif isinstance(change, PlacesMoved):
                places.update(change.places)
        if people:
            self.occupants_changed.emit(frozenset(people))
        if places:
            self.places_moved.emit(places)

    def _tell_hands(self, changes: list[ClientChange], kinds: set[type]) -> None:
        if kinds & {shared.EscalationTouched, shared.EscalationGone}:
            self.hands_changed.emit()
        if shared.WaitingTouched in kinds:
            self.waiting_changed.emit()
        for change in changes:
            if isinstance(change, shared.EscalationTouched) and change.new:
                self.hand_raised.emit(EscalationId(change.escalation))
            elif isinstance(change, shared.EscalationGone):
                self.hand_ended.emit(change.escalation, change.reason)

    def _tell_inbox(self, changes: list[ClientChange], kinds: set[type]) -> None:
        if kinds & {LinesTouched, TalkNews}:
            self.inbox_changed.emit()
        for change in changes:
            if isinstance(change, SomebodyAnswers):
                self.somebody_answers.emit(change.talk, change.person)

    def _tell_own(self, changes: list[ClientChange], kinds: set[type]) -> None:
        if kinds & {own.AlertTouched, own.AlertGone, own.CallTouched}:
            self.alerts_changed.emit()
        if own.LadderTouched in kinds:
            self.ladder_changed.emit()
        if own.PriorityTouched in kinds:
            self.priorities_changed.emit()
        if own.PhrasesTouched in kinds:
            self.phrases_changed.emit()
        touched: set[ConversationId] = set()
        arrived: list[ConversationId] = []
        for change in changes:
            if isinstance(change, own.ConversationTouched):
                touched.add(change.conversation)
                if change.arrived and change.conversation not in arrived:
                    arrived.append(change.conversation)
        if touched:
            self.conversations_changed.emit(frozenset(touched))
        for conversation in arrived:
            self.message_arrived.emit(conversation)
        for case in {change.case for change in changes if isinstance(change, shared.CaseTouched)}:
            self.case_noted.emit(case)
