"""Policies in a simulation: what each seed runs, and whether it is run as it says (promises P7 and P8)."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field

from app.core import events as ev
from app.core.case_steps import LAST_WAIT
from app.core.cases import CaseId, Mark, Move, Note
from app.core.model import GroupId, Level, PersonId, Recipients, Taken
from app.core.policy import (
    Action,
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
from app.server.store.base import Batch

LATE = 10.0
"""s that a step may be late where nothing but a crash hinders the engine (promise P7)."""
LOOKS = 3
"""Every so many looks the database itself is looked into."""


def policy_of(dice: random.Random, people: Mapping[str, PersonId], groups: Mapping[str, GroupId]) -> Policy:
    """Short delays, since a storm is short."""

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

    delays = (0.0, 1.0, 3.0, 8.0)
    steps = [PolicyStep(dice.choice(delays), action()) for _ in range(dice.choice((0, 1, 2, 4)))]
    return Policy(
        PolicyId("simulated"),
        "Simulated",
        CaseKind.ESCALATION,
        tuple(steps),
        again=dice.choice((0, 0, 1)),
        come_within=dice.choice((None, 30.0)),
    )


def is_step(note: Note) -> bool:
    """Each step makes one such line, whether or not it reached anybody."""
    repeated = note.mark is Mark.REPEATED or (note.mark is Mark.SKIPPED and note.what is Taken.REPEAT)
    return note.what is not None and not repeated


@dataclass
class Known:
    """One case, as the events tell of it.

    Attributes:
        turn, step: which step comes next, in which run of all of them.
        helping: whose answers hold.
    """

    raiser: PersonId
    open: bool = True
    turn: int = 0
    step: int = 0
    helping: set[PersonId] = field(default_factory=set)


class PolicyChecks:
    """Attributes:
    policy: what is run for every hand.
    """

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
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
            self._happened(entry.event)
        return wrong

    def _happened(self, event: ev.SpaceEvent | ev.PersonalEvent) -> None:
        match event:
            case ev.EscalationRaised(escalation=hand) if hand.level is Level.RED:
                self._cases[CaseId(hand.id)] = Known(hand.raiser)
            case ev.EscalationAnswered(escalation=hand_id, answer=answer):
                known = self._cases.get(CaseId(hand_id))
                if known is not None and answer.kind.helps and answer.person != known.raiser:
                    known.helping.add(answer.person)
                elif known is not None:
                    known.helping.discard(answer.person)
            case ev.EscalationEnded(escalation=hand_id):
                if CaseId(hand_id) in self._cases:
                    self._cases[CaseId(hand_id)].open = False
            case _:
                pass

    def _moved(self, move: Move) -> str:
        known = self._cases[move.case.id]
        if any(note.mark is Mark.CAME_BACK for note in move.notes):
            known.helping.clear()
            known.turn = known.step = 0
        done = [note for note in move.notes if note.what is not None]
        if done and (not known.open or known.helping):
            return f"{move.case.id}: {done} after {known}"
        for note in done:
            if is_step(note):
                if note.step != known.step:
                    return f"{move.case.id}: step {note.step}, and {known.step} comes next"
                known.step += 1
                if known.step == len(self.policy.steps) and known.turn < self.policy.again:
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
            sql = "SELECT id, next_look, waiting AND exhausted_at IS NULL FROM cases WHERE ended_at IS NULL"
            rows = db.execute(sql).fetchall()
        longest = max((LAST_WAIT, *(step.after for step in self.policy.steps))) + 2.0
        overdue = {}
        for case, at, waits in rows:
            if waits and at is None:
                return f"{case} is open, nobody answered, and nobody will look"
            # Overdue, or so far off that the clock must have been set back.
            if at is not None and not wall <= at <= wall + longest + LEASE:
                overdue[case] = self._overdue.get(case, now)
                if now - max(overdue[case], well_since) > LATE:
                    return f"{case} waits since {overdue[case]:.1f}: {at - wall:.1f} s from now"
        self._overdue = overdue
        return ""
