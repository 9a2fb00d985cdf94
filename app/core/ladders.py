"""How far one's own alerts and priority messages have come at each of those whom they call."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from app.core.calls import Answered, Pursuit
from app.core.model import Device, EscalationId, Frozen, Heard, Message, MessageId, PersonId, Rung, Step
from app.core.policy import AnswerWay


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
    """How far the alert of my own hand has come at each recipient.

    Attributes:
        pursuits: whom phones and addresses were tried for since nobody answered, oldest first.
    """

    escalation: EscalationId
    lines: tuple[LadderLine, ...]
    pursuits: tuple[Pursuit, ...] = ()

    def line_of(self, person: PersonId) -> LadderLine | None:
        return next((line for line in self.lines if line.person == person), None)

    def rung_of(self, person: PersonId) -> Rung | None:
        line = self.line_of(person)
        return line.rung if line else None

    def climb(self, steps: Iterable[Step]) -> tuple[Ladder, tuple[Step, ...]]:
        """The ladder after these steps, and those of them that were news."""
        lines, news = _climb(self.lines, steps)
        return (msgspec.structs.replace(self, lines=lines) if news else self), news

    def widened(self, people: Iterable[PersonId]) -> Ladder:
        return msgspec.structs.replace(self, lines=(*self.lines, *map(LadderLine, people)))

    def pursued(self, pursuit: Pursuit) -> Ladder:
        return msgspec.structs.replace(self, pursuits=(*self.pursuits, pursuit))


def _climb(
    lines: tuple[LadderLine, ...], steps: Iterable[Step]
) -> tuple[tuple[LadderLine, ...], tuple[Step, ...]]:
    """The lines after these steps, and those of them that were news."""
    by_person = {line.person: line for line in lines}
    news = []
    for step in steps:
        before = by_person.get(step.person)
        after = before.climbed(step) if before else None
        if after is not None and after is not before:
            by_person[step.person] = after
            news.append(step)
    return (tuple(by_person.values()) if news else lines), tuple(news)


def with_news(known: tuple[Heard, ...], heard: Heard) -> tuple[Heard, ...]:
    """What is known of each way. Older news that comes later changes nothing."""
    before = next((one for one in known if one.what is heard.what), None)
    if before is not None and before.news >= heard.news:
        return known
    return (*(one for one in known if one is not before), heard)


class SentPriority(Frozen):
    """My own priority message: how far it has come at each of those whom it calls.

    Attributes:
        answers: who has read or answered it, and how; each once, by their latest.
        pursuits: what was done since nobody answered, oldest first.
        exhausted_at: everything was done and nobody was available, s.
        heard: what is known of the texts, calls and messages elsewhere that were sent.
    """

    message: Message
    lines: tuple[LadderLine, ...]
    answers: tuple[Answered, ...] = ()
    pursuits: tuple[Pursuit, ...] = ()
    exhausted_at: float | None = None
    heard: tuple[Heard, ...] = ()

    @property
    def id(self) -> MessageId:
        return self.message.id

    @property
    def people(self) -> tuple[PersonId, ...]:
        """Whom it calls, those included to whom it was handed on."""
        return tuple(line.person for line in self.lines)

    @property
    def answer(self) -> Answered | None:
        """The first answer that is more than having read it."""
        return next((a for a in self.answers if a.way is not AnswerWay.READ), None)

    @property
    def unread(self) -> tuple[PersonId, ...]:
        """Who has neither read nor answered it."""
        done = {answer.person for answer in self.answers}
        return tuple(person for person in self.people if person not in done)

    @property
    def waiting(self) -> bool:
        """Nobody has answered, and somebody has not even read it: more can be done."""
        return self.answer is None and bool(self.unread)

    def climb(self, steps: Iterable[Step]) -> tuple[SentPriority, tuple[Step, ...]]:
        """See :meth:`Ladder.climb`."""
        lines, news = _climb(self.lines, steps)
        return (msgspec.structs.replace(self, lines=lines) if news else self), news

    def answered(self, answer: Answered) -> SentPriority:
        others = (a for a in self.answers if a.person != answer.person or answer.person is None)
        lines = self.lines
        if answer.person is not None:
            lines, _ = _climb(lines, [Step(answer.person, Rung.ANSWERED)])
        return msgspec.structs.replace(self, lines=lines, answers=(*others, answer))

    def told_of(self, heard: Heard) -> SentPriority:
        return msgspec.structs.replace(self, heard=with_news(self.heard, heard))

    def pursued(self, pursuit: Pursuit) -> SentPriority:
        """Whom it was handed on to is called from now on as well."""
        fresh = () if pursuit.ways else tuple(p for p in pursuit.people if p not in self.people)
        lines = (*self.lines, *map(LadderLine, fresh))
        return msgspec.structs.replace(self, lines=lines, pursuits=(*self.pursuits, pursuit))
