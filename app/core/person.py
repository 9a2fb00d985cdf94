"""What one person alone may know, and the one way it changes: :meth:`PersonState.apply`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from app.core import events as ev
from app.core.characters import line
from app.core.limits import CONVERSATION_TAIL, RECENT_PHRASES
from app.core.model import (
    Alert,
    Conversation,
    ConversationId,
    EndReason,
    Escalation,
    EscalationId,
    Frozen,
    PersonId,
    Rung,
)
from app.core.space import with_answer, with_reached


class Ladder(Frozen):
    """How far the alert of my own hand has come at each recipient."""

    escalation: EscalationId
    rungs: tuple[tuple[PersonId, Rung], ...]

    def rung_of(self, person: PersonId) -> Rung | None:
        return dict(self.rungs).get(person)


class PersonSnapshot(Frozen):
    """A person's own state at one number of their personal stream.

    Attributes:
        phrases: my last distinct escalation messages, newest first.
    """

    me: PersonId
    alerts: tuple[Alert, ...] = ()
    ladders: tuple[Ladder, ...] = ()
    phrases: tuple[str, ...] = ()
    conversations: tuple[Conversation, ...] = ()


class AlertTouched(Frozen):
    """An alert began to call me, was answered, or reached somebody."""

    escalation: EscalationId
    new: bool = False


class AlertGone(Frozen):
    alert: Alert
    reason: EndReason


class LadderTouched(Frozen):
    escalation: EscalationId


class PhrasesTouched(Frozen):
    pass


class ConversationTouched(Frozen):
    """A message arrived (``arrived``), or messages were read."""

    conversation: ConversationId
    arrived: bool = False


PersonChange = AlertTouched | AlertGone | LadderTouched | PhrasesTouched | ConversationTouched


class PersonState:
    """Alerts that call me, my hand's ladder, my recent phrases, my mention chats."""

    def __init__(self, snapshot: PersonSnapshot) -> None:
        self.me = snapshot.me
        self.alerts = {a.escalation.id: a for a in snapshot.alerts}
        self.ladders = {ladder.escalation: ladder for ladder in snapshot.ladders}
        self.phrases = tuple(line(phrase) for phrase in snapshot.phrases)
        self.conversations = {c.id: c for c in snapshot.conversations}

    def snapshot(self) -> PersonSnapshot:
        return PersonSnapshot(
            me=self.me,
            alerts=tuple(self.alerts.values()),
            ladders=tuple(self.ladders.values()),
            phrases=self.phrases,
            conversations=tuple(sorted(self.conversations.values(), key=lambda c: c.id)),
        )

    @property
    def unread(self) -> int:
        """Unread messages in all conversations."""
        return sum(c.unread for c in self.conversations.values())

    def apply(self, event: ev.PersonalEvent) -> tuple[PersonChange, ...]:
        """Fold one event; returns what a view may have to redraw."""
        return _APPLY[type(event)](self, event)

    def _alert(self, event: ev.AlertRaised) -> tuple[PersonChange, ...]:
        self.alerts[event.alert.escalation.id] = event.alert
        return (AlertTouched(event.alert.escalation.id, new=True),)

    def _alert_answered(self, event: ev.AlertAnswered) -> tuple[PersonChange, ...]:
        return self._change_alert(event.escalation, lambda e: with_answer(e, event.answer))

    def _alert_reached(self, event: ev.AlertReached) -> tuple[PersonChange, ...]:
        return self._change_alert(event.escalation, lambda e: with_reached(e, event.people))

    def _alert_ended(self, event: ev.AlertEnded) -> tuple[PersonChange, ...]:
        gone = self.alerts.pop(event.escalation, None)
        return (AlertGone(gone, event.reason),) if gone else ()

    def _ladder(self, event: ev.LadderStarted) -> tuple[PersonChange, ...]:
        rungs = tuple((person, Rung.STORED) for person in event.people)
        self.ladders[event.escalation] = Ladder(event.escalation, rungs)
        return (LadderTouched(event.escalation),)

    def _rung(self, event: ev.RungReached) -> tuple[PersonChange, ...]:
        ladder = self.ladders.get(event.escalation)
        if ladder is None:
            return ()
        rungs = tuple((p, max(r, event.rung) if p == event.person else r) for p, r in ladder.rungs)
        self.ladders[event.escalation] = Ladder(event.escalation, rungs)
        return (LadderTouched(event.escalation),)

    def _ladder_ended(self, event: ev.LadderEnded) -> tuple[PersonChange, ...]:
        return (LadderTouched(event.escalation),) if self.ladders.pop(event.escalation, None) else ()

    def _phrase(self, event: ev.PhraseUsed) -> tuple[PersonChange, ...]:
        others = (phrase for phrase in self.phrases if phrase != event.text)
        self.phrases = (event.text, *others)[:RECENT_PHRASES]
        return (PhrasesTouched(),)

    def _message(self, event: ev.MessageArrived) -> tuple[PersonChange, ...]:
        message = event.message
        known = self.conversations.get(message.conversation) or Conversation(
            id=message.conversation, space=message.space, with_=event.with_
        )
        mine = message.author == self.me
        self.conversations[known.id] = msgspec.structs.replace(
            known,
            last=(*known.last, message)[-CONVERSATION_TAIL:],
            unread=0 if mine else known.unread + 1,
            read_at=message.sent_at if mine else known.read_at,
        )
        return (ConversationTouched(known.id, arrived=True),)

    def _read(self, event: ev.ConversationRead) -> tuple[PersonChange, ...]:
        known = self.conversations.get(event.conversation)
        if known is None:
            return ()
        self.conversations[known.id] = msgspec.structs.replace(
            known, read_at=event.read_at, unread=event.unread
        )
        return (ConversationTouched(known.id),)

    def _change_alert(
        self, escalation: EscalationId, change: Callable[[Escalation], Escalation]
    ) -> tuple[PersonChange, ...]:
        alert = self.alerts.get(escalation)
        if alert is None:
            return ()
        self.alerts[escalation] = msgspec.structs.replace(alert, escalation=change(alert.escalation))
        return (AlertTouched(escalation),)


_APPLY: dict[type, Callable[[PersonState, Any], tuple[PersonChange, ...]]] = {
    ev.AlertRaised: PersonState._alert,
    ev.AlertAnswered: PersonState._alert_answered,
    ev.AlertReached: PersonState._alert_reached,
    ev.AlertEnded: PersonState._alert_ended,
    ev.LadderStarted: PersonState._ladder,
    ev.RungReached: PersonState._rung,
    ev.LadderEnded: PersonState._ladder_ended,
    ev.PhraseUsed: PersonState._phrase,
    ev.MessageArrived: PersonState._message,
    ev.ConversationRead: PersonState._read,
}
