"""What is due in a case that nobody answers: ``(case, now, who is around) -> the case, what is done, and when
to look again``.

Pure, and safe to ask at any time: a delay counts from when the step before it was really run, so a clock
that jumps, or a machine that slept, neither skips a step nor runs one twice; and a clock that was set back
begins the present delay anew.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass

import msgspec

from app.core.calls import Pursuit
from app.core.cases import CALL, POST, SMS, Case, Due, Mark, Note, Outcome, Repeating, Send, SendId
from app.core.model import PersonId, Recipients, Taken
from app.core.policy import Call, CaseKind, ContactId, Forward, Notify, Post, Reached, Repeat, Text

LAST_WAIT = 60.0
"""s that the last step has for an answer before nobody counts as available."""
LINK_LOST = 20.0
"""s for which somebody whose connection was lost still counts as there: a network that stumbles, or a server
that starts again, sends nobody text messages."""
BACKWARDS = 1.0
"""s that a clock may go back (several servers, small corrections) before a delay begins anew."""


@dataclass(frozen=True)
class Around:
    """Who could answer now.

    Attributes:
        reachable: whether a person has a machine on which an alert would show.
        members: the people behind recipients, as groups are now.
        words: what phones are told about a case.
    """

    reachable: Callable[[PersonId], bool]
    members: Callable[[Recipients], Collection[PersonId]]
    words: Callable[[Case], str]


@dataclass(frozen=True)
class Advanced:
    """What became of a case.

    Attributes:
        dues: what was done, in order; the program's screens are to tell.
        nobody: it has just become plain that nobody is available.
        next_look: s; ``None`` when time changes nothing any more.
    """

    case: Case
    dues: tuple[Due, ...]
    notes: tuple[Note, ...]
    sends: tuple[Send, ...]
    nobody: bool
    next_look: float | None


def advance(case: Case, now: float, around: Around) -> Advanced:
    """Everything that is due at ``now`` (s)."""
    run = _Run(_with_clock(case, now), now, around)
    while run.one():
        pass
    return run.outcome()


def next_look(case: Case) -> float | None:
    """When time alone changes something, s."""
    if not case.open:
        return None
    if case.answers:
        return _back_at(case)
    times = []
    repeating = case.repeating
    if repeating is not None and repeating.left:
        times.append(repeating.at)
    if case.step < len(case.policy.steps):
        times.append(case.since + case.policy.steps[case.step].after)
    elif _exhausts(case) and not (repeating and repeating.left):
        times.append(max(case.since + LAST_WAIT, repeating.at if repeating else 0.0))
    return min(times, default=None)


def _back_at(case: Case) -> float | None:
    within = case.policy.come_within
    if case.arrived or case.back or within is None:
        return None
    return case.since + within


def _exhausts(case: Case) -> bool:
    """A line's message waits in its inbox: nobody was asked to come."""
    return case.exhausted_at is None and case.kind is not CaseKind.LINE


def hopeless(case: Case, around: Around) -> bool:
    """Everybody who was called declined or is not there, and nothing that was sent may bring an answer."""
    if not case.called or case.hopes:
        return False
    return all(person in case.declined or not around.reachable(person) for person in case.called)


def _with_clock(case: Case, now: float) -> Case:
    """A clock that was set back must not make a case wait until it is where it was."""
    if case.since - now > BACKWARDS:
        case = msgspec.structs.replace(case, since=now)
    repeating = case.repeating
    if repeating is not None and repeating.at - now > repeating.every + BACKWARDS:
        repeating = Repeating(repeating.every, repeating.left, now + repeating.every)
        case = msgspec.structs.replace(case, repeating=repeating)
    return case


@dataclass(frozen=True)
class ByHand:
    """What became of a case whose asker had more done."""

    case: Case
    notes: tuple[Note, ...]
    sends: tuple[Send, ...]


def by_hand(case: Case, pursuit: Pursuit, words: str) -> ByHand:
    """Its asker reaches further, whatever the policy does: by phone, by telling contacts, or, where neither
    is meant, by calling people in the program from now on.

    Args:
        words: what phones are told.
    """
    now, people, targets = pursuit.at, pursuit.people, pursuit.targets
    channels: tuple[str, ...] = pursuit.ways or ((POST,) if targets else ())
    whom: list[tuple[PersonId | None, ContactId | None]] = [(person, None) for person in people]
    whom += [(None, contact) for contact in targets]
    sends, notes = [], []
    for channel in channels:
        place, what = f"{case.id}.hand.{now:.6f}.{channel}", _TAKEN[channel]
        if people:
            notes.append(Note(now, Mark.STEP, people, channel=channel, what=what))
        notes += [Note(now, Mark.STEP, contact=c, channel=channel, what=what) for c in targets]
        for person, contact in whom:
            name = SendId(f"{place}.{person or contact}")
            sends.append(Send(name, case.id, str(channel), words, person, contact))
    if channels:
        hopes = tuple(send.id for send in sends if send.channel != POST)
        changed = msgspec.structs.replace(case, hopes=(*case.hopes, *hopes))
        return ByHand(changed, tuple(notes), tuple(sends))
    new = tuple(person for person in people if person not in case.called)
    changed = msgspec.structs.replace(case, called=(*case.called, *new))
    return ByHand(changed, (Note(now, Mark.FORWARDED, people, what=Taken.FORWARD),), ())


_TAKEN = {SMS: Taken.TEXT, CALL: Taken.CALL, POST: Taken.POST}


def case_words(case: Case, asker: str) -> str:
    """What phones are told: who asks, and what.

    Args:
        asker: the name; "" for a customer.
    """
    return ": ".join(part for part in (asker, case.text) if part)


class _Run:
    """One look at a case: does what is due, one thing after the other."""

    def __init__(self, case: Case, now: float, around: Around) -> None:
        self.case, self.now, self.around = case, now, around
        self.dues: list[Due] = []
        self.notes: list[Note] = []
        self.sends: list[Send] = []
        self.nobody = False

    def outcome(self) -> Advanced:
        return Advanced(
            self.case,
            tuple(self.dues),
            tuple(self.notes),
            tuple(self.sends),
            self.nobody,
            next_look(self.case),
        )

    def one(self) -> bool:
        """Do one thing that is due; False when there is none."""
        case = self.case
        if not case.open:
            return False
        if case.answers:
            return self._come_back()
        return self._repeat() or self._step() or self._exhaust()

    def _change(self, **changed: object) -> None:
        self.case = msgspec.structs.replace(self.case, **changed)

    def _note(self, mark: Mark, people: Iterable[PersonId] = (), what: Taken | None = None) -> None:
        self.notes.append(Note(self.now, mark, tuple(people), what=what, step=self.case.step))

    # An answer that was a promise

    def _come_back(self) -> bool:
        at = _back_at(self.case)
        if at is None or at > self.now:
            return False
        promised = tuple(a.person for a in self.case.answers if a.person is not None)
        self._change(
            answers=(), back=True, step=0, round=0, since=self.now, repeating=None, exhausted_at=None
        )
        self.notes.append(Note(self.now, Mark.CAME_BACK, promised))
        self.dues.append(Due(Taken.CAME_BACK, 0, 0, again=self._callable()))
        return True

    # Repeats, beside the steps

    def _repeat(self) -> bool:
        repeating = self.case.repeating
        if repeating is None or not repeating.left or repeating.at > self.now:
            return False
        again = self._callable()
        self._change(
            repeating=Repeating(repeating.every, repeating.left - 1, self.now + repeating.every),
            calls=self.case.calls + 1,
        )
        self._note(Mark.REPEATED if again else Mark.SKIPPED, again, Taken.REPEAT)
        self.dues.append(Due(Taken.REPEAT, self.case.step, self.case.round, self.case.calls, again=again))
        return True

    def _callable(self) -> tuple[PersonId, ...]:
        """Whom calling again may move."""
        quiet = {*self.case.declined, *self.case.read}
        return tuple(person for person in self.case.called if person not in quiet)

    # Steps

    def _step(self) -> bool:
        case = self.case
        if case.step >= len(case.policy.steps):
            return False
        step = case.policy.steps[case.step]
        if case.since + step.after > self.now and not hopeless(case, self.around):
            return False
        match step.action:
            case Notify(to):
                self._call_here(Taken.NOTIFY, to)
            case Forward(to=person):
                self._call_here(Taken.FORWARD, Recipients(people=(person,)))
            case Repeat(every, times):
                self._change(repeating=Repeating(every, times, self.now))
                self._note(Mark.STEP, (), Taken.REPEAT)
                self.dues.append(Due(Taken.REPEAT, case.step, case.round))
            case Text(to=reached):
                self._send(Taken.TEXT, SMS, self._people_behind(reached), reached.contacts)
            case Call(to=reached):
                self._send(Taken.CALL, CALL, self._people_behind(reached), reached.contacts)
            case Post(contact):
                self._send(Taken.POST, POST, (), (contact,))
        self._on()
        return True

    def _on(self) -> None:
        step, turn = self.case.step + 1, self.case.round
        if step == len(self.case.policy.steps) and turn < self.case.policy.again:
            step, turn = 0, turn + 1
        self._change(step=step, round=turn, since=self.now)

    def _call_here(self, what: Taken, to: Recipients) -> None:
        people = [person for person in sorted(self.around.members(to)) if person != self.case.asked_by]
        new = tuple(person for person in people if person not in self.case.called)
        again = tuple(person for person in self._callable() if person in people)
        self._change(called=(*self.case.called, *new))
        mark = Mark.FORWARDED if what is Taken.FORWARD else Mark.CALLED
        self._note(mark if new or again else Mark.SKIPPED, (*new, *again), what)
        if new or again:
            self.dues.append(Due(what, self.case.step, self.case.round, called=new, again=again))

    def _people_behind(self, reached: Reached) -> list[PersonId]:
        people = {*self.around.members(reached.to), *(self.case.called if reached.called else ())}
        return sorted(people - {*self.case.declined, self.case.asked_by})

    def _send(
        self, what: Taken, channel: str, people: Iterable[PersonId], contacts: Iterable[ContactId]
    ) -> None:
        case, words = self.case, self.around.words(self.case)
        place = f"{case.id}.{int(case.back)}.{case.round}.{case.step}"
        targets: list[tuple[PersonId | None, ContactId | None]] = [(person, None) for person in people]
        targets += [(None, contact) for contact in contacts]
        sends = []
        for person, contact in targets:
            name = SendId(f"{place}.{channel}.{person or contact}")
            sends.append(Send(name, case.id, channel, words, person, contact, case.step))
        self._note(Mark.STEP if sends else Mark.SKIPPED, people, what)
        if not sends:
            return
        self.sends += sends
        if channel != POST:
            self._change(hopes=(*case.hopes, *(send.id for send in sends)))
        self.dues.append(Due(what, case.step, case.round, sends=tuple(send.id for send in sends)))

    def _exhaust(self) -> bool:
        case = self.case
        if case.step < len(case.policy.steps) or not _exhausts(case):
            return False
        at = next_look(case)
        over = at is not None and at <= self.now and not (case.repeating and case.repeating.left)
        if not over and not hopeless(case, self.around):
            return False
        self._change(exhausted_at=self.now)
        if case.tester is not None:
            self._change(ended_at=self.now, outcome=Outcome.WITHDRAWN)
        self._note(Mark.NOBODY)
        self.nobody = True
        return True
