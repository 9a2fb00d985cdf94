"""Somebody is erased while an engine has a case of theirs, or one that names them, in its hands."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.core.cases import CaseId, Outcome, SendState
from app.core.events import EscalationRaised
from app.core.model import Escalation, EscalationId, Level, PersonId
from app.core.policy import Reached, Text
from app.server.erasure import eraser_of
from app.server.store.base import StaleError
from app.server.store.privacy import TABLES
from app.server.store.sqlite import erasure, outbox
from tests.helpers.case_rows import HAND, OWNER, Rows
from tests.helpers.running import Ids
from tests.helpers.tale import policy


@pytest.fixture
def rows(data: Path, ids: Ids) -> Iterator[Rows]:
    made = Rows(data, ids)
    called = Reached(called=True)
    made.assign(policy((60.0, Text(called)), (120.0, Text(called))))
    yield made
    made.db.close()


def erased(db: sqlite3.Connection, person: PersonId, now: float) -> None:
    """All that is done in the tables."""
    traits = erasure.traits(db, person)
    assert traits is not None
    with db:
        db.execute("BEGIN IMMEDIATE")
        erasure.withdraw(db, person, now)
        for table in TABLES:
            after: tuple[object, ...] | None = ()
            while after is not None:
                after = erasure.rows(db, eraser_of(traits), erasure.TABLES[table], after)


def test_who_holds_a_case_from_before_does_not_write_the_name_back(rows: Rows) -> None:
    bob = erasure.traits(rows.db, rows.ids.bob)
    assert bob is not None
    said = f"{bob.name} knows this customer"
    hand = Escalation(EscalationId(HAND), rows.ids.ann, Level.RED, rows.now, said, notified=(rows.ids.chie,))
    rows.happens(EscalationRaised(hand))
    rows.now += 60.0
    (held,) = rows.claim()
    erased(rows.db, rows.ids.bob, rows.now)
    with pytest.raises(StaleError):
        rows.move(held)
    assert bob.name not in rows.case().text
    assert outbox.of_case(rows.db, HAND) == []
    rows.now += 10.0
    rows.move(rows.claim()[0])  # with what is left of it, the step is run all the same
    (sent,) = outbox.of_case(rows.db, HAND)
    assert "knows this customer" in sent.send.text
    assert bob.name not in sent.send.text


def test_nobody_is_called_for_who_was_erased(rows: Rows) -> None:
    rows.raised()
    rows.raised(CaseId("later"))
    rows.now += 60.0
    held, other = rows.claim()
    rows.move(held)
    erased(rows.db, rows.ids.ann, rows.now)
    with pytest.raises(StaleError):
        rows.move(other)
    for case in (held.case.id, other.case.id):
        assert (rows.case(case).outcome, rows.case(case).text) == (Outcome.WITHDRAWN, "")
    sends = outbox.of_case(rows.db, held.case.id)
    assert {(kept.state, kept.send.text) for kept in sends} == {(SendState.CANCELLED, "")}
    rows.now += 600.0
    assert rows.claim() == []
    assert outbox.claim(rows.db, OWNER, rows.now, 10.0, 10) == []
