"""What one person alone may know, and the one way it changes: :meth:`PersonState.apply`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from app.core import events as ev
from app.core.calls import Call
from app.core.characters import line
from app.core.ladders import Ladder, LadderLine, SentPriority
from app.core.limits import CONVERSATION_TAIL, PRIORITIES_KEPT, RECENT_PHRASES, REDS
from app.core.model import (
    Alert,
    Conversation,
    ConversationId,
    EndReason,
    EscalationId,
    Frozen,
    MessageId,
    PersonId,
)
from app.core.space import CaseTouched, called_again, with_answer, with_outside


class PersonSnapshot(Frozen):
    """A person's own state at one number of their personal stream.

    Attributes:
        phrases: my last distinct escalation messages, newest first.
        reds: when I raised my last red hands, server time (s), oldest first; ``limits.REDS`` at most.
        calls: priority messages that call me, oldest first.
        priorities: my own newest priority messages, oldest first; ``limits.PRIORITIES_KEPT`` at most.
    """

    me: PersonId
    alerts: tuple[Alert, ...] = ()
    ladders: tuple[Ladder, ...] = ()
    phrases: tuple[str, ...] = ()
    conversations: tuple[Conversation, ...] = ()
    reds: tuple[float, ...] = ()
    calls: tuple[Call, ...] = ()
    priorities: tuple[SentPriority, ...] = ()


class AlertTouched(Frozen):
    """An alert began to call me, or was answered, or calls me ``again``."""

    escalation: EscalationId
    new: bool = False
    again: bool = False


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


class CallTouched(Frozen):
    """A priority message calls me (``new``: for the first time), or does so no longer."""

    message: MessageId
    new: bool = False


class PriorityTouched(Frozen):
    """More is known of my own priority message."""

    message: MessageId


PersonChange = (
    AlertTouched
    | AlertGone
    | LadderTouched
    | PhrasesTouched
    | ConversationTouched
    | CallTouched
    | PriorityTouched
    | CaseTouched
)


class PersonState:
    """Alerts and messages that call me, how far my own have come, my recent phrases, my mention chats."""

    def __init__(self, snapshot: PersonSnapshot) -> None:
        self.me = snapshot.me
        self.alerts = {a.escalation.id: a for a in snapshot.alerts}
        self.ladders = {ladder.escalation: ladder for ladder in snapshot.ladders}
        self.phrases = tuple(line(phrase) for phrase in snapshot.phrases)
        self.conversations = {c.id: c for c in snapshot.conversations}
        self.reds = snapshot.reds
        self.calls = {call.id: call for call in snapshot.calls}
        self.priorities = {sent.id: sent for sent in snapshot.priorities}

    def snapshot(self) -> PersonSnapshot:
        return PersonSnapshot(
            me=self.me,
            alerts=tuple(self.alerts.values()),
            ladders=tuple(self.ladders.values()),
            phrases=self.phrases,
            conversations=tuple(sorted(self.conversations.values(), key=lambda c: c.id)),
            reds=self.reds,
            calls=tuple(self.calls.values()),
            priorities=tuple(self.priorities.values()),
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
        alert = self.alerts.get(event.escalation)
        if alert is None:
            return ()
        answered = with_answer(alert.escalation, event.answer)
        self.alerts[event.escalation] = msgspec.structs.replace(alert, escalation=answered)
        return (AlertTouched(event.escalation),)

    def _answered_outside(self, event: ev.AlertAnsweredOutside) -> tuple[PersonChange, ...]:
        alert = self.alerts.get(event.escalation)
        if alert is None:
            return ()
        answered = with_outside(alert.escalation, event.answer)
        self.alerts[event.escalation] = msgspec.structs.replace(alert, escalation=answered)
        return (AlertTouched(event.escalation),)

    def _repeated(self, event: ev.AlertRepeated) -> tuple[PersonChange, ...]:
        alert = self.alerts.get(event.escalation)
        if alert is None:
            return ()
        again = called_again(alert.escalation)
        self.alerts[event.escalation] = msgspec.structs.replace(
            alert, escalation=again, calls=alert.calls + 1
        )
        return (AlertTouched(event.escalation, again=True),)

    def _alert_ended(self, event: ev.AlertEnded) -> tuple[PersonChange, ...]:
        gone = self.alerts.pop(event.escalation, None)
        return (AlertGone(gone, event.reason),) if gone else ()

    def _ladder(self, event: ev.LadderStarted) -> tuple[PersonChange, ...]:
        self.ladders[event.escalation] = Ladder(event.escalation, tuple(map(LadderLine, event.people)))
        self.reds = (*self.reds, event.at)[-REDS:]
        return (LadderTouched(event.escalation),)

    def _climbed(self, event: ev.LadderClimbed) -> tuple[PersonChange, ...]:
        ladder = self.ladders.get(event.escalation)
        if ladder is None:
            return ()
        self.ladders[event.escalation], _ = ladder.climb(event.steps)
        return (LadderTouched(event.escalation),)

    def _widened(self, event: ev.LadderWidened) -> tuple[PersonChange, ...]:
        ladder = self.ladders.get(event.escalation)
        if ladder is None:
            return ()
        self.ladders[event.escalation] = ladder.widened(event.people)
        return (LadderTouched(event.escalation),)

    def _ladder_pursued(self, event: ev.LadderPursued) -> tuple[PersonChange, ...]:
        ladder = self.ladders.get(event.escalation)
        if ladder is None:
            return ()
        self.ladders[event.escalation] = ladder.pursued(event.pursuit)
        return (LadderTouched(event.escalation),)

    def _noted(self, event: ev.CaseNoted) -> tuple[PersonChange, ...]:
        return (CaseTouched(event.case),)

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
        # What was handed on in my name is no sign that I have read what others wrote there.
        mine = message.author == self.me
        spoke = mine and message.forwards is None
        self.conversations[known.id] = msgspec.structs.replace(
            known,
            last=(*known.last, message)[-CONVERSATION_TAIL:],
            unread=0 if spoke else known.unread + (not mine),
            read_at=message.sent_at if spoke else known.read_at,
        )
        touched = ConversationTouched(known.id, arrived=True)
        if spoke:
            return (touched, *self._end_calls(known.id, message.sent_at))
        if message.priority and not mine:
            call = Call(message, 0, message.sent_at)
            self.calls[call.id] = call
            self.calls = dict(list(self.calls.items())[-PRIORITIES_KEPT:])
            return (touched, CallTouched(call.id, new=True))
        return (touched,)

    def _read(self, event: ev.ConversationRead) -> tuple[PersonChange, ...]:
        known = self.conversations.get(event.conversation)
        if known is None:
            return ()
        self.conversations[known.id] = msgspec.structs.replace(
            known, read_at=event.read_at, unread=event.unread
        )
        return (ConversationTouched(known.id), *self._end_calls(known.id, event.read_at))

    def _forgotten(self, event: ev.MessagesForgotten) -> tuple[PersonChange, ...]:
        touched = []
        for known in tuple(self.conversations.values()):
            last = tuple(message for message in known.last if message.sent_at >= event.before)
            if len(last) < len(known.last):
                unread = min(known.unread, sum(message.author != self.me for message in last))
                self.conversations[known.id] = msgspec.structs.replace(known, last=last, unread=unread)
                touched.append(ConversationTouched(known.id))
        since = event.before
        self.calls = {i: c for i, c in self.calls.items() if c.message.sent_at >= since}
        self.priorities = {i: s for i, s in self.priorities.items() if s.message.sent_at >= since}
        return tuple(touched)

    def _end_calls(self, conversation: ConversationId, read_at: float) -> tuple[PersonChange, ...]:
        """I have seen everything in a conversation up to ``read_at`` (s)."""
        read = self.calls_in(conversation, read_at)
        for call in read:
            del self.calls[call.id]
        return tuple(CallTouched(call.id) for call in read)

    def calls_in(self, conversation: ConversationId, up_to: float) -> tuple[Call, ...]:
        """What calls me out of a conversation and was written up to then (s)."""
        mine = (c for c in self.calls.values() if c.message.conversation == conversation)
        return tuple(c for c in mine if c.message.sent_at <= up_to)

    def _priority(self, event: ev.PriorityStarted) -> tuple[PersonChange, ...]:
        message = event.message
        self.priorities[message.id] = SentPriority(message, tuple(map(LadderLine, event.people)))
        self.priorities = dict(list(self.priorities.items())[-PRIORITIES_KEPT:])
        return (PriorityTouched(message.id),)

    def _priority_climbed(self, event: ev.PriorityClimbed) -> tuple[PersonChange, ...]:
        return self._sent(event.message, lambda sent: sent.climb(event.steps)[0])

    def _priority_answered(self, event: ev.PriorityAnswered) -> tuple[PersonChange, ...]:
        gone = self.calls.pop(event.message, None)
        called: tuple[PersonChange, ...] = (CallTouched(event.message),) if gone else ()
        return (*called, *self._sent(event.message, lambda sent: sent.answered(event.answer)))

    def _priority_repeated(self, event: ev.PriorityRepeated) -> tuple[PersonChange, ...]:
        call = self.calls.get(event.message)
        if call is None:
            return ()
        self.calls[event.message] = Call(call.message, call.number + 1, event.at)
        return (CallTouched(event.message),)

    def _priority_pursued(self, event: ev.PriorityPursued) -> tuple[PersonChange, ...]:
        return self._sent(event.message, lambda sent: sent.pursued(event.pursuit))

    def _priority_heard(self, event: ev.PriorityHeard) -> tuple[PersonChange, ...]:
        return self._sent(event.message, lambda sent: sent.told_of(event.heard))

    def _priority_exhausted(self, event: ev.PriorityExhausted) -> tuple[PersonChange, ...]:
        return self._sent(event.message, lambda sent: msgspec.structs.replace(sent, exhausted_at=event.at))

    def _sent(
        self, message: MessageId, change: Callable[[SentPriority], SentPriority]
    ) -> tuple[PersonChange, ...]:
        sent = self.priorities.get(message)
        if sent is None:
            return ()
        self.priorities[message] = change(sent)
        return (PriorityTouched(message),)


_APPLY: dict[type, Callable[[PersonState, Any], tuple[PersonChange, ...]]] = {
    ev.AlertRaised: PersonState._alert,
    ev.AlertAnswered: PersonState._alert_answered,
    ev.AlertAnsweredOutside: PersonState._answered_outside,
    ev.AlertEnded: PersonState._alert_ended,
    ev.AlertRepeated: PersonState._repeated,
    ev.CaseNoted: PersonState._noted,
    ev.LadderStarted: PersonState._ladder,
    ev.LadderClimbed: PersonState._climbed,
    ev.LadderWidened: PersonState._widened,
    ev.LadderPursued: PersonState._ladder_pursued,
    ev.LadderEnded: PersonState._ladder_ended,
    ev.PhraseUsed: PersonState._phrase,
    ev.MessageArrived: PersonState._message,
    ev.ConversationRead: PersonState._read,
    ev.MessagesForgotten: PersonState._forgotten,
    ev.PriorityStarted: PersonState._priority,
    ev.PriorityClimbed: PersonState._priority_climbed,
    ev.PriorityAnswered: PersonState._priority_answered,
    ev.PriorityRepeated: PersonState._priority_repeated,
    ev.PriorityPursued: PersonState._priority_pursued,
    ev.PriorityHeard: PersonState._priority_heard,
    ev.PriorityExhausted: PersonState._priority_exhausted,
}
