"""Policies in a simulation: what each seed runs, and whether it is run as it says (promises P7 and P8)."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Collection, Mapping
from contextlib import closing
from dataclasses import dataclass, field

import msgspec

from app.core import case_steps
from app.core import events as ev
from app.core import line_events as lev
from app.core.case_steps import LAST_WAIT
from app.core.cases import Case, CaseId, Mark, Move, Note, Send, SendId
from app.core.lines import CustomerId, LineId, TextKind, line_contact
from app.core.model import GroupId, Level, PersonId, Recipients, Taken
from app.core.policy import (
    Action,
    AnswerWay,
    Call,
    CaseKind,
    Forward,
    Notify,
    Policy,
    PolicyId,
    PolicyStep,
    Reached,
    Repeat,
    Text,
)
from app.server.engine import LEASE
from app.server.store.base import Batch, Entry
from app.server.store.keys import person_stream

LATE = 10.0
"""s that a step may be late where nothing but a crash hinders the engine (promise P7)."""
LOOKS = 3
"""Every so many looks the database itself is looked into."""
DELAYS = (0.0, 0.5, 1.0, 3.0, 8.0)
"""s; short, since a storm is short."""
Policies = Mapping[CaseKind, Policy]
Alike = tuple[str, str]
_case, _send = msgspec.msgpack.Decoder(Case), msgspec.msgpack.Decoder(Send)


def policies_of(
    dice: random.Random, people: Mapping[str, PersonId], groups: Mapping[str, GroupId], line: LineId
) -> Policies:
    def some() -> Recipients:
        if dice.random() < 0.5:
            return Recipients(groups=(dice.choice(list(groups.values())),))
        return Recipients(people=tuple(dice.sample(list(people.values()), dice.choice((1, 2)))))

    def action() -> Action:
        kind = dice.choice((Notify, Notify, Repeat, Text, Call, Forward))
        if kind is Repeat:
            return Repeat(10.0, dice.choice((1, 3)))
        if kind is Forward:
            return Forward(dice.choice(list(people.values())))
        if kind is Notify:
            return Notify(some())
        reached = Reached(some(), called=dice.random() < 0.5)
        return Text(reached) if kind is Text else Call(reached)

    def policy(kind: CaseKind, *steps: PolicyStep) -> Policy:
        return Policy(
            PolicyId(f"simulated-{kind.value}"),
            f"Simulated {kind.value}",
            kind,
            steps,
            again=dice.choice((0, 0, 1)),
            come_within=dice.choice((None, 30.0)),
        )

    def ladder(kind: CaseKind) -> Policy:
        length = dice.choice((0, 1, 2, 4))
        return policy(kind, *(PolicyStep(dice.choice(DELAYS), action()) for _ in range(length)))

    forward = PolicyStep(dice.choice(DELAYS), Text(Reached(contacts=(line_contact(line),))))
    return {
        CaseKind.ESCALATION: ladder(CaseKind.ESCALATION),
        CaseKind.PRIORITY: ladder(CaseKind.PRIORITY),
        CaseKind.LINE: policy(CaseKind.LINE, *([forward] if dice.random() < 0.8 else ())),
    }


def is_step(note: Note) -> bool:
    """Each step makes one such line, whether or not it reached anybody."""
    repeated = note.mark is Mark.REPEATED or (note.mark is Mark.SKIPPED and note.what is Taken.REPEAT)
    return note.what is not None and not repeated


@dataclass
class Known:
    """One case, as the events tell of it.

    Attributes:
        asked_by: who raised the hand or wrote the message; ``None``: a customer.
        topic: the conversation with the customer.
        turn, step: which step comes next, in which run of all of them.
        left: calls that are still to be repeated.
        helping: whose answers hold.
        unread: whom a priority message calls and who has not read it.
        nobody: it was said that nobody is available.
    """

    kind: CaseKind
    asked_by: PersonId | None = None
    topic: CustomerId | None = None
    open: bool = True
    turn: int = 0
    step: int = 0
    left: int = 0
    helping: set[PersonId | str] = field(default_factory=set)
    unread: set[PersonId] = field(default_factory=set)
    nobody: bool = False

    @property
    def answered(self) -> bool:
        return not self.open or bool(self.helping)


class PolicyChecks:
    """Attributes:
    policies: what is run for every hand, priority message and customer's text.
    """

    def __init__(self, policies: Policies) -> None:
        self.policies = policies
        self.renewed()

    def renewed(self) -> None:
        """There is another database."""
        self._cases: dict[CaseId, Known] = {}
        self._overdue: dict[CaseId, float] = {}
        self._looks = 0

    def committed(self, batch: Batch) -> str:
        """Returns what is wrong with it, if anything."""
        wrong = ""
        for move in batch.moves:
            wrong = wrong or self._moved(move)
        for entry in batch.entries:
            self._happened(entry)
        return wrong

    def begun(self, case: CaseId, send: SendId) -> str:
        """It is handed to a gateway next; the store said that the case waits. Returns what is wrong."""
        known = self._cases.get(case)
        return f"{send} is sent after {known}" if known is not None and known.answered else ""

    def _happened(self, entry: Entry) -> None:
        match entry.event:
            case ev.EscalationRaised(escalation=hand) if hand.level is Level.RED:
                self._cases[CaseId(hand.id)] = Known(CaseKind.ESCALATION, hand.raiser)
            case ev.EscalationAnswered(escalation=hand_id, answer=answer):
                known = self._cases.get(CaseId(hand_id))
                if known is not None and answer.kind.helps and answer.person != known.asked_by:
                    known.helping.add(answer.person)
                elif known is not None:
                    known.helping.discard(answer.person)
            case ev.EscalationAnsweredOutside(escalation=hand_id, answer=outside):
                self._cases[CaseId(hand_id)].helping.add(outside.name)
            case ev.EscalationEnded(escalation=hand_id):
                self._end(CaseId(hand_id))
            case ev.PriorityStarted(message=message, people=people):
                known = Known(CaseKind.PRIORITY, message.author, unread=set(people))
                self._cases[CaseId(message.id)] = known
            case ev.PriorityAnswered():
                self._message_answered(entry, entry.event)
            case ev.PriorityPursued(message=message_id, pursuit=pursuit) if not pursuit.ways:
                self._cases[CaseId(message_id)].unread.update(pursuit.people)
            case _:
                self._on_line(entry.event)

    def _message_answered(self, entry: Entry, event: ev.PriorityAnswered) -> None:
        known, answer = self._cases[CaseId(event.message)], event.answer
        if known.asked_by is None or entry.stream != person_stream(known.asked_by):
            return
        if answer.way is not AnswerWay.READ:
            known.open = False
        elif answer.person in known.unread:
            known.unread.discard(answer.person)
            known.open = known.open and bool(known.unread)

    def _on_line(self, event: ev.SpaceEvent | ev.PersonalEvent) -> None:
        match event:
            case lev.LineWritten(talk=talk, text=text) if text.kind is TextKind.IN:
                self._cases[CaseId(text.id)] = Known(CaseKind.LINE, topic=talk)
            case lev.TalkOptedOut(out=False) | lev.TalkForwarded() | lev.TalkReopened() | lev.LineSent():
                pass
            case (
                lev.LineWritten(talk=talk)
                | lev.TalkTouched(talk=talk)
                | lev.TalkAssigned(talk=talk)
                | lev.TalkResolved(talk=talk)
                | lev.TalkOptedOut(talk=talk)
            ):
                for case, known in self._cases.items():
                    if known.topic == talk:
                        self._end(case)
            case _:
                pass

    def _end(self, case: CaseId) -> None:
        if case in self._cases:
            self._cases[case].open = False

    def _moved(self, move: Move) -> str:
        known, policy = self._cases[move.case.id], self.policies[move.case.kind]
        if any(note.mark is Mark.CAME_BACK for note in move.notes):
            known.helping.clear()
            known.turn = known.step = known.left = 0
            known.nobody = False
        for note in move.notes:
            wrong = self._noted(known, policy, note)
            if wrong:
                return f"{move.case.id}: {wrong}"
        return ""

    def _noted(self, known: Known, policy: Policy, note: Note) -> str:
        if note.mark is Mark.NOBODY:
            if known.nobody or known.answered or known.step < len(policy.steps):
                return f"nobody is said to be available after {known}"
            known.nobody = True
        if note.what is None:
            return ""
        if known.answered:
            return f"{note} after {known}"
        if not is_step(note):
            known.left -= 1
            return "" if known.left >= 0 else f"{note} is once too often"
        if note.step != known.step:
            return f"step {note.step}, and {known.step} comes next"
        action = policy.steps[known.step].action
        if isinstance(action, Repeat):
            known.left = action.times
        known.step += 1
        if known.step == len(policy.steps) and known.turn < policy.again:
            known.turn, known.step = known.turn + 1, 0
        return ""

    def look(self, db_file: str, now: float, wall: float, well_since: float) -> str:
        """Whether open cases wait for something that comes.

        Args:
            now, wall: by the clock of the world and by that of the server, s.
            well_since: since when nothing hinders the engine.
        """
        self._looks += 1
        if self._looks % LOOKS:
            return ""
        with closing(sqlite3.connect(db_file)) as db:
            sql = "SELECT id, next_look, state FROM cases WHERE ended_at IS NULL"
            rows = db.execute(sql).fetchall()
        overdue = {}
        for case, at, state in rows:
            if at is None and case_steps.next_look(_case.decode(state)) is not None:
                return f"{case} is open, something is still to come, and nobody will look"
            # Overdue, or so far off that the clock must have been set back.
            if at is not None and not wall <= at <= wall + self._longest + LEASE:
                overdue[case] = self._overdue.get(case, now)
                if now - max(overdue[case], well_since) > LATE:
                    return f"{case} waits since {overdue[case]:.1f}: {at - wall:.1f} s from now"
        self._overdue = overdue
        return ""

    @property
    def _longest(self) -> float:
        steps = (step.after for policy in self.policies.values() for step in policy.steps)
        return max((LAST_WAIT, *steps)) + 2.0


def unsettled(
    db: sqlite3.Connection, taken: Mapping[SendId, bool], told: Collection[SendId], alike: Collection[Alike]
) -> str:
    """What is wrong with the states of what was sent, when everything is quiet; "" for nothing.

    Args:
        taken: what the gateway took; whether it did not fail there.
        told: what the gateway said to have arrived, and the server heard that.
        alike: channels and words of all that it took: of two with the same words for one phone, and of which
            no answer came, nobody can tell which it was.
    """
    rows = [
        (send, state, next_try, _send.decode(blob))
        for send, state, next_try, blob in db.execute("SELECT id, state, next_try, send FROM sends")
    ]
    exchanged = {
        (known.channel, known.text)
        for send, state, _, known in rows
        if state in ("sent", "delivered") and send not in taken
    }
    for send, state, next_try, known in rows:
        if state in ("sent", "delivered") and send not in taken and (known.channel, known.text) not in alike:
            return f"{send} is {state}, and the gateway has never had it"
        if (
            state in ("cancelled", "failed")
            and taken.get(send)
            and (known.channel, known.text) not in exchanged
        ):
            return f"{send} is {state}, and the gateway has it"
        if state == "waiting" and next_try is None:
            return f"{send} waits, and nobody will try"
        if send in told and state != "delivered":
            return f"{send} is {state}, and the gateway said that it arrived"
    return ""
