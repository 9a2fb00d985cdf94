"""What one person alone may know, and the one way it changes: :meth:`PersonState.apply`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import msgspec

from app.core import events as ev
from app.core.characters import line
from app.core.limits import CONVERSATION_TAIL, RECENT_PHRASES, REDS
from app.core.model import (
    Alert,
    Conversation,
    ConversationId,
    Device,
    EndReason,
    EscalationId,
    Frozen,
    PersonId,
    Rung,
    Step,
)
from app.core.space import with_answer


class DeviceRung(Frozen, array_like=True):
    """How far an alert has come on one machine."""

    device: Device
    rung: Rung


class LadderLine(Frozen, array_like=True):
    """One recipient of my alert.

    Attributes:
        rung: the furthest one, on whatever machine.
        devices: the machines it was sent to, the first one first.
    """

    person: PersonId
    rung: Rung = Rung.STORED
    devices: tuple[DeviceRung, ...] = ()

    def climbed(self, step: Step) -> LadderLine:
        """The same line when the step is not new."""
        devices = self.devices if step.device is None else _with_device(self.devices, step.device, step.rung)
        rung = max(self.rung, step.rung)
        if devices is self.devices and rung is self.rung:
            return self
        return LadderLine(self.person, rung, devices)


def _with_device(devices: tuple[DeviceRung, ...], device: Device, rung: Rung) -> tuple[DeviceRung, ...]:
    known = next((d for d in devices if d.device.id == device.id), None)
    if known is None:
        return (*devices, DeviceRung(device, rung))
    if rung <= known.rung:
        return devices
    return tuple(DeviceRung(device, rung) if d is known else d for d in devices)


class Ladder(Frozen):
    """How far the alert of my own hand has come at each recipient."""

    escalation: EscalationId
    lines: tuple[LadderLine, ...]

    def line_of(self, person: PersonId) -> LadderLine | None:
        return next((line for line in self.lines if line.person == person), None)

    def rung_of(self, person: PersonId) -> Rung | None:
        line = self.line_of(person)
        return line.rung if line else None

    def climb(self, steps: Iterable[Step]) -> tuple[Ladder, tuple[Step, ...]]:
        """The ladder after these steps, and those of them that were news."""
        lines = {line.person: line for line in self.lines}
        news = []
        for step in steps:
            before = lines.get(step.person)
            after = before.climbed(step) if before else None
            if after is not None and after is not before:
                lines[step.person] = after
                news.append(step)
        return (Ladder(self.escalation, tuple(lines.values())) if news else self), tuple(news)


class PersonSnapshot(Frozen):
    """A person's own state at one number of their personal stream.

    Attributes:
        phrases: my last distinct escalation messages, newest first.
        reds: when I raised my last red hands, server time (s), oldest first; ``limits.REDS`` at most.
    """

    me: PersonId
    alerts: tuple[Alert, ...] = ()
    ladders: tuple[Ladder, ...] = ()
    phrases: tuple[str, ...] = ()
    conversations: tuple[Conversation, ...] = ()
    reds: tuple[float, ...] = ()


class AlertTouched(Frozen):
    """An alert began to call me, or was answered."""

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
        self.reds = snapshot.reds

    def snapshot(self) -> PersonSnapshot:
        return PersonSnapshot(
            me=self.me,
            alerts=tuple(self.alerts.values()),
            ladders=tuple(self.ladders.values()),
            phrases=self.phrases,
            conversations=tuple(sorted(self.conversations.values(), key=lambda c: c.id)),
            reds=self.reds,
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


_APPLY: dict[type, Callable[[PersonState, Any], tuple[PersonChange, ...]]] = {
    ev.AlertRaised: PersonState._alert,
    ev.AlertAnswered: PersonState._alert_answered,
    ev.AlertEnded: PersonState._alert_ended,
    ev.LadderStarted: PersonState._ladder,
    ev.LadderClimbed: PersonState._climbed,
    ev.LadderEnded: PersonState._ladder_ended,
    ev.PhraseUsed: PersonState._phrase,
    ev.MessageArrived: PersonState._message,
    ev.ConversationRead: PersonState._read,
}
