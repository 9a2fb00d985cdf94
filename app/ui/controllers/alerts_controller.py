"""Alerts that call this person: from the state to the channels, and the answers back."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from app import stages
from app.core.calls import Call
from app.core.commands import AnswerEscalation, MarkRead, ReportCall, ReportRung
from app.core.errors import Refused
from app.core.model import Alert, AnswerKind, EscalationId, MessageId, PersonId, Rung, SpaceId
from app.net.client import Link
from app.net.problems import ConnectionProblem, NotSent
from app.ui.alerts.call_state import CallAnswer, IncomingCall
from app.ui.alerts.center import Alerts
from app.ui.alerts.state import Incoming
from app.ui.alerts.views import Raiser
from app.ui.bridge import Bridge
from app.ui.controllers.asking import Asking, failure_words
from app.ui.i18n import tr
from app.ui.models.waiting import Hold, waiting_hands
from app.ui.port import ClientPort
from app.ui.words import name_of, where_words


class AlertsController(QObject):
    """Signals:
    chat_wanted: the raiser, and the hand it is about.
    message_wanted: the conversation of a priority message.
    approached: an answer "I come" was accepted; the walk is worth seeing.
    """

    chat_wanted = Signal(str, str)
    message_wanted = Signal(str)
    approached = Signal()

    def __init__(
        self, alerts: Alerts, client: ClientPort, bridge: Bridge, asking: Asking, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._alerts, self._client, self._asking = alerts, client, asking
        for signal in (
            bridge.replaced,
            bridge.alerts_changed,
            bridge.directory_changed,
            bridge.occupants_changed,
            bridge.hands_changed,
        ):
            signal.connect(self.refresh)
        bridge.connection_changed.connect(self._tell_connection)
        for signal in (bridge.connection_changed, bridge.outbox_changed):
            signal.connect(self._tell_me)
        alerts.answer_requested.connect(self._answer)
        alerts.shown.connect(self._shown)

    def refresh(self, *_: object) -> None:
        """Show what the state says now."""
        me = self._client.me
        calls = [self._calling(call) for call in me.calls.values()] if me else []
        self._alerts.set_alerts([self._incoming(a) for a in me.alerts.values()] if me else [], calls)
        self._tell_me()
        self._tell_connection()

    def _incoming(self, alert: Alert) -> Incoming:
        space, escalation = self._client.space, alert.escalation
        here = space if space is not None and space.space.id == alert.space else None
        if here is not None and escalation.id in here.escalations:
            # The space knows more: who else was called, who cannot come, who was not reached.
            escalation = here.escalations[escalation.id]
            alert = Alert(alert.space, escalation)
        concerned = {a.person for a in escalation.answers} | set(escalation.notified) | {escalation.raiser}
        names = {p: name_of(space, p) for p in concerned if space and p in space.people}
        return Incoming(alert, self._raiser(escalation.raiser, alert.space), names)

    def _calling(self, call: Call) -> IncomingCall:
        return IncomingCall(call, self._raiser(call.message.author, call.message.space))

    def _raiser(self, who: PersonId, space_id: SpaceId) -> Raiser:
        """Somebody who calls from a space, as shown."""
        space, me = self._client.space, self._client.me
        here = space if space is not None and space.space.id == space_id else None
        occupant = here.occupants.get(who) if here else None
        person = space.people.get(who) if space else None
        groups = space.groups.values() if space else ()
        return Raiser(
            id=who,
            name=name_of(space, who),
            where=where_words(self._client.map, occupant) if here else self._space_name(space_id),
            status=occupant.status if occupant else None,
            auto_away=occupant.auto_away if occupant else False,
            picture=person.picture if person else None,
            own_group=any(me and {me.me, who} <= set(g.members) for g in groups),
        )

    def _space_name(self, space_id: SpaceId) -> str:
        return next((s.name for s in self._client.spaces if s.id == space_id), "")

    def _tell_me(self) -> None:
        space, me = self._client.space, self._client.me
        if space is None or me is None:
            self._alerts.set_me(None, False)
            return
        occupant = space.occupants.get(me.me)
        held = (hold for _, hold in waiting_hands(space, self._client.outbox, self._client.connection))
        waits = any(hold is not Hold.ASKED for hold in held)
        up = space.escalation_of(me.me) is not None
        self._alerts.set_me(occupant.status if occupant else None, up, waits)
        walk = self._client.walk
        inside = occupant is not None and walk is not None and occupant.zone in walk.meeting_rooms
        self._alerts.set_in_meeting_room(inside)

    def _tell_connection(self) -> None:
        link = self._client.connection.link
        words = tr("Protected") if link is Link.PROTECTED else tr("NOT PROTECTED")
        self._alerts.set_connection(link in (Link.PROTECTED, Link.OFFLINE), words)

    # The person's answers

    def _shown(self, alert: str) -> None:
        """The pop-up is really on a screen: the raiser, or author, may know."""
        stages.note(stages.SHOWN, alert)
        me = self._client.me
        if me is not None and alert in me.calls:
            self._asking.quietly(ReportCall(MessageId(alert), Rung.SHOWN))
        else:
            self._asking.quietly(ReportRung(EscalationId(alert), Rung.SHOWN))

    def _answer(self, alert: str, kind: AnswerKind | CallAnswer) -> None:
        if isinstance(kind, CallAnswer):
            call = self._client.me.calls.get(MessageId(alert)) if self._client.me else None
            if call is not None:
                self._asking.spawn(self._read(call, kind), "read a priority message")
            return
        known = self._client.me.alerts.get(EscalationId(alert)) if self._client.me else None
        if known is not None:
            self._asking.spawn(self._answer_from(known, kind), "answer an alert")

    async def _read(self, call: Call, kind: CallAnswer) -> None:
        """It is read where it stands. One from another space is opened there, to be answered."""
        message, space = call.message, self._client.space
        try:
            if kind is CallAnswer.OPEN and (space is None or space.space.id != message.space):
                await self._client.open_space(message.space)
            await self._client.do(MarkRead(message.conversation, message.sent_at))
        except (Refused, NotSent, ConnectionProblem) as error:
            self._alerts.answer_refused(call.id, failure_words(error))
            return
        if kind is CallAnswer.OPEN:
            self.message_wanted.emit(message.conversation)

    async def _answer_from(self, alert: Alert, kind: AnswerKind) -> None:
        """A hand in another space is answered there: one has to be in it to come or to talk."""
        hand = alert.escalation
        space = self._client.space
        try:
            if space is None or space.space.id != alert.space:
                await self._client.open_space(alert.space)
            await self._client.do(AnswerEscalation(hand.id, kind))
        except (Refused, NotSent, ConnectionProblem) as error:
            self._alerts.answer_refused(hand.id, failure_words(error))
            return
        if kind is AnswerKind.CHAT:
            self.chat_wanted.emit(PersonId(hand.raiser), hand.id)
        elif kind is AnswerKind.APPROACH:
            self.approached.emit()
