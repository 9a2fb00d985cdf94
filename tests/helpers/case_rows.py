"""Cases as rows: what happens in a space is written as a server writes it, and an engine without a server
looks at what is due."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from pathlib import Path

import msgspec

from app.core import wire
from app.core.case_steps import Advanced, Around, advance
from app.core.cases import Case, CaseId, Move, Note
from app.core.events import EscalationAnswered, EscalationEnded, EscalationRaised, PersonalEvent, SpaceEvent
from app.core.model import Answer, AnswerKind, EndReason, Escalation, EscalationId, Level, PersonId, SpaceId
from app.core.policy import Policy
from app.server.store.base import Batch, Entry
from app.server.store.cases import Claimed
from app.server.store.keys import person_stream, space_stream
from app.server.store.sqlite import cases, streams
from app.server.store.sqlite.store import FILE, connect
from tests.helpers.running import Ids
from tests.helpers.tale import START

OWNER = "this server"
LEASE = 10.0
HAND = CaseId("hand")


class Rows:
    """Attributes:
    db: the database of a furnished data folder.
    now: server time, s.
    here: who could answer.
    """

    def __init__(self, data: Path, ids: Ids) -> None:
        self.db: sqlite3.Connection = connect(data / FILE)
        self.ids, self.now = ids, START
        self.here: set[PersonId] = {ids.ann, ids.bob, ids.chie, ids.dev}

    def happens(self, *events: SpaceEvent, to: PersonId | None = None, then: Sequence[Move] = ()) -> None:
        """In the space; or ``to`` somebody alone."""
        self.append(to, events, then)

    def tells(self, person: PersonId, *events: PersonalEvent) -> None:
        self.append(person, events, ())

    def append(
        self, to: PersonId | None, events: Sequence[SpaceEvent | PersonalEvent], moves: Sequence[Move]
    ) -> None:
        stream = space_stream(self.ids.space) if to is None else person_stream(to)
        entries = [Entry(stream, event, wire.encode(event)) for event in events]
        with self.db:
            self.db.execute("BEGIN IMMEDIATE")
            streams.append(self.db, Batch(self.ids.space, self.now, entries, {}, moves=moves))

    def raised(self, hand: CaseId = HAND, *people: PersonId, unreached: Sequence[PersonId] = ()) -> None:
        """Ann raises a red hand for both supervisors, or for ``people``."""
        notified = people or (self.ids.bob, self.ids.chie)
        escalation = Escalation(
            EscalationId(hand),
            self.ids.ann,
            Level.RED,
            self.now,
            "Customer shouts",
            notified=notified,
            unreached=tuple(unreached),
        )
        self.happens(EscalationRaised(escalation))

    def answered(self, who: PersonId, kind: AnswerKind, hand: CaseId = HAND) -> None:
        self.happens(EscalationAnswered(EscalationId(hand), Answer(who, kind, self.now)))

    def ended(self, hand: CaseId = HAND) -> None:
        self.happens(EscalationEnded(EscalationId(hand), EndReason.BUTTON, self.now))

    def case(self, case: CaseId = HAND) -> Case:
        found = cases.find(self.db, case)
        assert found is not None
        return found

    def notes(self, case: CaseId = HAND) -> Sequence[Note]:
        return cases.timeline(self.db, case)

    def next_look(self, case: CaseId = HAND) -> float | None:
        """s from the start."""
        ((at,),) = self.db.execute("SELECT next_look FROM cases WHERE id = ?", (case,)).fetchall()
        return None if at is None else at - START

    def claim(self, owner: str = OWNER, limit: int = 100) -> Sequence[Claimed]:
        return cases.claim(self.db, owner, self.now, LEASE, limit)

    def advance(self, claimed: Claimed) -> Advanced:
        around = Around(
            lambda person: person in self.here, lambda to: set(to.people), lambda case: f"Ann: {case.text}"
        )
        return advance(claimed.case, self.now, around)

    def move(self, claimed: Claimed) -> Advanced:
        """What an engine does with a claimed case. Raises StaleError."""
        outcome = self.advance(claimed)
        move = Move(outcome.case, claimed.version, outcome.next_look, outcome.notes, outcome.sends)
        self.happens(then=[move])
        return outcome

    def assign(self, policy: Policy, person: str = "") -> None:
        assign(self.db, self.ids.space, policy, person)


def assign(db: sqlite3.Connection, space: SpaceId, policy: Policy, person: str = "") -> None:
    """``policy`` is run from now on; ``person``: for what they do alone."""
    whose = (space, policy.kind, person, policy.id)
    sql = "INSERT OR REPLACE INTO policies VALUES (?, ?, ?, ?, ?, ?, ?, NULL)"
    row = (space, policy.id, policy.kind, policy.name, policy.version, msgspec.msgpack.encode(policy), START)
    db.execute("PRAGMA foreign_keys = OFF")  # a policy is replaced as a whole
    db.execute(sql, row)
    db.execute("INSERT OR REPLACE INTO assignments VALUES (?, ?, ?, ?)", whose)
    db.execute("PRAGMA foreign_keys = ON")
