"""Cases as rows: opened, answered and ended with the events, claimed by one, moved by version."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import msgspec
import pytest

from app.core.calls import Answered, PhoneWay, Pursuit
from app.core.cases import CALL, SMS, CaseId, Mark, Outcome, SendId, SendState
from app.core.events import (
    Left,
    LinkLost,
    LinkRestored,
    PriorityAnswered,
    PriorityPursued,
    PriorityStarted,
)
from app.core.mentions import conversation_id
from app.core.model import AnswerKind, Message, MessageId, Recipients
from app.core.policy import BUILT_IN, AnswerWay, Call, CaseKind, Notify, PolicyId, Reached, Text
from app.server.delivery.base import Receipt
from app.server.store.base import StaleError
from app.server.store.sqlite import cases, outbox
from app.server.store.sqlite.schema import MIGRATIONS, migrate
from app.server.store.sqlite.store import FILE
from tests.helpers.case_rows import HAND, LEASE, OWNER, Rows
from tests.helpers.running import Ids
from tests.helpers.tale import START, policy


@pytest.fixture
def rows(data: Path, ids: Ids) -> Iterator[Rows]:
    made = Rows(data, ids)
    yield made
    made.db.close()


def texts(rows: Rows) -> None:
    """Policy: a text message to whom the hand calls after a minute, a call after two more."""
    called = Reached(called=True)
    rows.assign(policy((60.0, Text(called)), (120.0, Call(called))))


def test_a_red_hand_opens_a_case_that_nobody_needs_to_look_at_before_its_first_step(rows: Rows) -> None:
    rows.raised()
    assert rows.case().policy == BUILT_IN[CaseKind.ESCALATION]
    assert rows.next_look() == 60.0
    assert [note.mark for note in rows.notes()] == [Mark.OPENED, Mark.CALLED]
    rows.now += 59.9
    assert rows.claim() == []


def test_a_hand_that_reaches_nobody_is_looked_at_at_once(rows: Rows) -> None:
    rows.raised(HAND, rows.ids.bob, unreached=[rows.ids.bob])
    assert rows.next_look() == 0.0


def test_a_persons_own_policy_goes_before_that_of_the_space_and_a_case_keeps_its_version(rows: Rows) -> None:
    of_space = policy((30.0, Notify(Recipients(people=(rows.ids.dev,)))))
    of_ann = msgspec.structs.replace(of_space, id=PolicyId("of ann"), name="Ann's", steps=())
    rows.assign(of_space)
    rows.assign(of_ann, "somebody else")
    rows.raised()
    assert rows.case().policy == of_space
    rows.assign(of_ann, rows.ids.ann)
    rows.raised(CaseId("next"))
    assert rows.case(CaseId("next")).policy == of_ann
    rows.assign(msgspec.structs.replace(of_ann, version=3, name="Renamed"), rows.ids.ann)
    rows.raised(CaseId("third"))
    assert rows.case(CaseId("third")).policy.version == 3
    assert rows.case(CaseId("next")).policy == of_ann


def test_answered_and_ended_with_the_events(rows: Rows) -> None:
    rows.raised()
    rows.now += 5.0
    rows.answered(rows.ids.bob, AnswerKind.APPROACH)
    assert rows.next_look() is None
    rows.ended()
    assert rows.case().outcome is Outcome.RESOLVED
    assert [note.mark for note in rows.notes()][2:] == [Mark.ANSWERED, Mark.ENDED]
    rows.now += 3_600.0
    assert rows.claim() == []


def test_two_engines_never_get_the_same_case(rows: Rows) -> None:
    for number in range(20):
        rows.raised(CaseId(f"hand {number}"))
    rows.now += 60.0
    first = [claimed.case.id for claimed in rows.claim("one", 12)]
    second = [claimed.case.id for claimed in rows.claim("other", 12)]
    assert (len(first), len(second)) == (12, 8)
    assert not set(first) & set(second)
    assert rows.claim("one") == []


def test_a_lease_ends_and_a_late_engine_changes_nothing_any_more(rows: Rows) -> None:
    texts(rows)
    rows.raised()
    rows.now += 60.0
    (slow,) = rows.claim("one")
    rows.now += LEASE
    (fast,) = rows.claim("other")
    rows.move(fast)
    with pytest.raises(StaleError):
        rows.move(slow)
    assert len(outbox.of_case(rows.db, HAND)) == 2  # bob and chie, once


def test_an_answer_that_was_stored_meanwhile_wins(rows: Rows) -> None:
    texts(rows)
    rows.raised()
    rows.now += 60.0
    (claimed,) = rows.claim()
    rows.answered(rows.ids.bob, AnswerKind.CHAT)
    with pytest.raises(StaleError):
        rows.move(claimed)
    assert outbox.of_case(rows.db, HAND) == []


@pytest.mark.parametrize("event", [LinkLost, Left])
def test_who_goes_may_make_a_case_hopeless_and_it_is_looked_at_in_time(
    rows: Rows, event: type[LinkLost] | type[Left]
) -> None:
    rows.raised()
    rows.now += 10.0
    rows.happens(LinkLost(rows.ids.chie, rows.now) if event is LinkLost else Left(rows.ids.chie))
    assert rows.next_look() == (30.0 if event is LinkLost else 10.0)
    rows.happens(LinkRestored(rows.ids.chie), Left(rows.ids.dev))  # dev is not called
    assert rows.next_look() == (30.0 if event is LinkLost else 10.0)


def test_a_server_that_starts_and_finds_all_lost_hurries_nothing(rows: Rows) -> None:
    rows.raised()
    rows.happens(LinkLost(rows.ids.bob, rows.now), LinkLost(rows.ids.chie, rows.now))
    assert rows.next_look() == 60.0
    rows.now += 30.0
    rows.happens(Left(rows.ids.bob))
    assert rows.next_look() == 30.0


def test_a_clock_that_was_set_back_stalls_neither_cases_nor_leases_nor_sends(rows: Rows) -> None:
    texts(rows)
    rows.raised()
    rows.now += 60.0
    rows.move(rows.claim()[0])
    assert rows.claim(OWNER) == []
    (one, two) = outbox.claim(rows.db, OWNER, rows.now, LEASE, 10)
    rows.now -= 86_400.0
    (claimed,) = rows.claim()
    outcome = rows.move(claimed)
    assert outcome.dues == ()
    assert outcome.next_look == rows.now + 120.0
    again = outbox.claim(rows.db, OWNER, rows.now, LEASE, 10)
    assert {kept.send.id for kept in again} == {one.send.id, two.send.id}


# Sends


def test_what_was_not_sent_yet_is_not_sent_once_somebody_answered(rows: Rows) -> None:
    texts(rows)
    rows.raised()
    rows.now += 60.0
    rows.move(rows.claim()[0])
    (begun,) = outbox.claim(rows.db, OWNER, rows.now, LEASE, 1)
    rows.answered(rows.ids.bob, AnswerKind.APPROACH)
    states = {kept.send.id: kept.state for kept in outbox.of_case(rows.db, HAND)}
    assert sorted(states.values()) == [SendState.CANCELLED, SendState.WAITING]
    assert states[begun.send.id] is SendState.WAITING  # whoever has begun asks right before
    assert not outbox.begin(rows.db, begun.send.id, OWNER, rows.now)
    states = {kept.send.id: kept.state for kept in outbox.of_case(rows.db, HAND)}
    assert set(states.values()) == {SendState.CANCELLED}
    assert [note.mark for note in rows.notes()][-3:] == [Mark.ANSWERED, Mark.CANCELLED, Mark.CANCELLED]
    assert rows.case().hopes == ()


def test_what_may_have_left_before_a_crash_is_asked_about_although_somebody_answered(rows: Rows) -> None:
    texts(rows)
    rows.raised()
    rows.now += 60.0
    rows.move(rows.claim()[0])
    (begun,) = outbox.claim(rows.db, OWNER, rows.now, LEASE, 1)
    assert outbox.begin(rows.db, begun.send.id, OWNER, rows.now)
    rows.now += LEASE + 1.0  # and whoever handed it over is dead
    rows.answered(rows.ids.bob, AnswerKind.APPROACH)
    states = {kept.send.id: kept.state for kept in outbox.of_case(rows.db, HAND)}
    assert sorted(states.values()) == [SendState.CANCELLED, SendState.WAITING]
    (again,) = outbox.claim(rows.db, OWNER, rows.now, LEASE, 10)
    assert (again.send.id, again.attempts) == (begun.send.id, 1)
    assert not outbox.begin(rows.db, again.send.id, OWNER, rows.now)
    found = outbox.find(rows.db, again.send.id)
    assert found is not None
    assert found.state is SendState.CANCELLED, "the gateway was asked before, and never had it"


def test_only_the_owner_of_a_lease_begins(rows: Rows) -> None:
    texts(rows)
    rows.raised(HAND, rows.ids.bob)
    rows.now += 60.0
    rows.move(rows.claim()[0])
    (kept,) = outbox.claim(rows.db, "one", rows.now, LEASE, 10)
    assert outbox.claim(rows.db, "other", rows.now + LEASE, LEASE, 10) == [kept]
    assert not outbox.begin(rows.db, kept.send.id, "one", rows.now)
    assert outbox.begin(rows.db, kept.send.id, "other", rows.now)
    (begun,) = outbox.of_case(rows.db, HAND)
    assert (begun.attempts, begun.tried_at) == (1, rows.now)


def test_who_lost_a_lease_undoes_nothing_of_who_has_it_now(rows: Rows) -> None:
    """One hung before it began; the other was refused by the gateway for now, and means to try again."""
    texts(rows)
    rows.raised(HAND, rows.ids.bob)
    rows.now += 60.0
    rows.move(rows.claim()[0])
    (kept,) = outbox.claim(rows.db, "one", rows.now, LEASE, 10)
    rows.now += LEASE
    outbox.claim(rows.db, "other", rows.now, LEASE, 10)
    nothing, failed = Receipt(SendState.WAITING), Receipt(SendState.FAILED, reason="cap_server", over=True)
    for held in (True, False):
        for said in (nothing, failed):
            assert not outbox.settle(rows.db, kept.send.id, said, rows.now, owner="one")
            assert outbox.next_try(rows.db) is not None, f"nobody would ever send it (held: {held})"
        outbox.settle(rows.db, kept.send.id, nothing, rows.now, rows.now + 5.0, owner="other")
    rows.now += 5.0
    (again,) = outbox.claim(rows.db, "other", rows.now, LEASE, 10)
    assert again.state is SendState.WAITING
    # What one of them knows to have left has left, whoever holds it.
    assert outbox.settle(rows.db, kept.send.id, Receipt(SendState.SENT, "SM1"), rows.now, owner="one")
    (sent,) = outbox.of_case(rows.db, HAND)
    assert (sent.state, sent.reference) == (SendState.SENT, "SM1")


def test_a_send_that_fails_leaves_no_hope_and_the_case_is_looked_at_at_once(rows: Rows) -> None:
    texts(rows)
    rows.raised(HAND, rows.ids.bob)
    rows.here.clear()
    rows.happens(Left(rows.ids.bob))
    rows.move(rows.claim()[0])
    (kept,) = outbox.claim(rows.db, OWNER, rows.now, LEASE, 10)
    assert kept.until == rows.now + 120.0
    rows.now += 5.0
    outbox.settle(
        rows.db, kept.send.id, Receipt(SendState.WAITING, reason="busy"), rows.now, rows.now + 10.0, OWNER
    )
    assert rows.claim() == []
    assert outbox.next_try(rows.db) == rows.now + 10.0
    assert outbox.claim(rows.db, OWNER, rows.now + 9.0, LEASE, 10) == []
    rows.now += 10.0
    (kept,) = outbox.claim(rows.db, OWNER, rows.now, LEASE, 10)
    failed = Receipt(SendState.FAILED, reason="phone_refused")
    assert outbox.settle(rows.db, kept.send.id, failed, rows.now, owner=OWNER)
    assert outbox.next_try(rows.db) is None
    outcome = rows.move(rows.claim()[0])
    assert [send.channel for send in outcome.sends] == [CALL]
    told = [(note.mark, note.reason) for note in rows.notes() if note.channel]
    assert told == [(Mark.FAILED, "phone_refused")]


def test_reports_come_twice_and_late_and_what_is_known_does_not_become_less(rows: Rows) -> None:
    texts(rows)
    rows.raised(HAND, rows.ids.bob)
    rows.now += 60.0
    rows.move(rows.claim()[0])
    (kept,) = outbox.claim(rows.db, OWNER, rows.now, LEASE, 10)
    send = kept.send.id
    assert outbox.settle(rows.db, send, Receipt(SendState.UNKNOWN), rows.now, rows.now + 5.0, OWNER)
    assert outbox.settle(rows.db, send, Receipt(SendState.DELIVERED, "SM1"), rows.now)
    for late in (SendState.SENT, SendState.DELIVERED, SendState.UNKNOWN):
        assert not outbox.settle(rows.db, send, Receipt(late, "SM1"), rows.now)
    assert outbox.claim_reference(rows.db, "sends", send, "SM1")
    assert not outbox.claim_reference(rows.db, "sends", "another", "SM1")
    assert outbox.next_try(rows.db) is None
    assert rows.case().hopes == (send,)
    assert outbox.settle(rows.db, send, Receipt(SendState.DELIVERED, over=True), rows.now)
    assert rows.case().hopes == ()
    marks = [note.mark for note in rows.notes() if note.channel]
    assert marks == [Mark.UNKNOWN, Mark.DELIVERED]
    assert not outbox.settle(rows.db, SendId("unknown"), Receipt(SendState.SENT), rows.now)


# Priority messages


def message(rows: Rows) -> Message:
    to = Recipients(people=(rows.ids.ann, rows.ids.bob, rows.ids.chie))
    talk = conversation_id(rows.ids.space, to)
    return Message(
        MessageId("m"), rows.ids.space, talk, rows.ids.ann, "Come, please", rows.now, to, priority=True
    )


def started(rows: Rows) -> Message:
    sent = message(rows)
    rows.tells(rows.ids.ann, PriorityStarted(sent, (rows.ids.bob, rows.ids.chie)))
    return sent


def test_a_priority_message_opens_a_case_and_is_over_when_all_have_read_it(rows: Rows) -> None:
    sent, case = started(rows), CaseId("m")
    assert set(rows.case(case).called) == {rows.ids.bob, rows.ids.chie}
    assert rows.next_look(case) == 0.0  # nobody has seen yet whether they are there
    for person in (rows.ids.bob, rows.ids.chie):
        assert rows.case(case).open
        rows.tells(rows.ids.ann, PriorityAnswered(sent.id, Answered(AnswerWay.READ, rows.now, person)))
    assert rows.case(case).outcome is Outcome.RESOLVED


def test_an_answer_is_told_to_many_and_counts_once(rows: Rows) -> None:
    sent, case = started(rows), CaseId("m")
    answer = PriorityAnswered(sent.id, Answered(AnswerWay.KEY, rows.now, rows.ids.bob))
    for person in (rows.ids.bob, rows.ids.ann, rows.ids.chie):
        rows.tells(person, answer)
    assert not rows.case(case).open
    assert [note.mark for note in rows.notes(case)].count(Mark.ANSWERED) == 1


def test_its_author_has_it_texted_and_forwarded(rows: Rows) -> None:
    sent, case = started(rows), CaseId("m")
    rows.now += 30.0
    by_phone = Pursuit(rows.now, (rows.ids.bob,), (PhoneWay.CALL, PhoneWay.TEXT), by_hand=True)
    rows.tells(rows.ids.ann, PriorityPursued(sent.id, by_phone))
    made = outbox.of_case(rows.db, case)
    assert sorted(kept.send.channel for kept in made) == [CALL, SMS]
    assert {kept.send.text for kept in made} == {"Ann Field: Come, please"}
    assert set(rows.case(case).hopes) == {kept.send.id for kept in made}
    before = rows.case(case).called
    rows.tells(rows.ids.ann, PriorityPursued(sent.id, Pursuit(rows.now, (rows.ids.dev,), by_hand=True)))
    assert rows.case(case).called == (*before, rows.ids.dev)
    # What the policy did is told in the same way, and comes with a move.
    rows.tells(rows.ids.ann, PriorityPursued(sent.id, Pursuit(rows.now, (rows.ids.eva,), (PhoneWay.TEXT,))))
    assert len(outbox.of_case(rows.db, case)) == 2


def test_tests_that_an_older_program_began_are_known_as_such(tmp_path: Path) -> None:
    at = next(number for number, one in enumerate(MIGRATIONS) if one.__name__ == "_trials")
    case = "INSERT INTO cases (id, kind, space, state, waiting, opened_at, looked_at) VALUES "
    send = "INSERT INTO sends (id, case_id, channel, send, until, changed_at) VALUES "
    with closing(sqlite3.connect(tmp_path / FILE, isolation_level=None)) as db:
        for migration in MIGRATIONS[:at]:
            migration(db)
        db.execute(f"PRAGMA user_version = {at}")
        for number, tester in (("real", None), ("test", "bob")):
            state = msgspec.msgpack.encode({"tester": tester} if tester else {})
            db.execute(case + "(?, 'line', 'space', ?, 1, 0, 0)", (number, state))
            db.execute(send + "(?1, ?1, 'sms', x'', 0, 0)", (number,))
        migrate(db)
        for table in ("cases", "sends"):
            assert db.execute(f"SELECT id FROM {table} WHERE trial").fetchall() == [("test",)]


# The auditor


def test_a_case_without_a_valid_next_look_is_found_and_mended(rows: Rows) -> None:
    rows.raised(CaseId("well"))
    for number, at in enumerate(("NULL", "next_look + 1000")):
        case = CaseId(f"ill {number}")
        rows.raised(case)
        rows.db.execute(f"UPDATE cases SET next_look = {at} WHERE id = ?", (case,))
    rows.raised(CaseId("answered"))
    rows.answered(rows.ids.bob, AnswerKind.APPROACH, CaseId("answered"))
    rows.now += 75.0
    wrong, after = cases.forgotten(rows.db, CaseId(""), rows.now, 100)
    assert (sorted(wrong), after) == (["ill 0", "ill 1"], "")
    health = cases.health(rows.db, rows.now, 10.0)
    assert (health.open, health.waiting) == ({"escalation": 4}, 3)
    assert (health.oldest_waiting, health.late, health.latest) == (START, 1, 15.0)
    cases.mend(rows.db, wrong, rows.now)
    assert cases.forgotten(rows.db, CaseId(""), rows.now, 100) == ((), "")
    assert rows.notes(CaseId("ill 0"))[-1].mark is Mark.MENDED
    assert len(rows.claim()) == 3


def test_an_auditor_goes_through_all_cases_page_by_page(rows: Rows) -> None:
    for number in range(5):
        rows.raised(CaseId(f"case {number}"))
    rows.db.execute("UPDATE cases SET next_look = next_look + 1000")
    seen: list[CaseId] = []
    after = CaseId("")
    for page in range(3):
        wrong, after = cases.forgotten(rows.db, after, rows.now, 2)
        seen += wrong
        assert (after == "") == (page == 2)
    assert seen == [f"case {number}" for number in range(5)]
