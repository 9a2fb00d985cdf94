"""Writing the table of alerts, in the transaction of what it follows from."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

from app.core.cases import Case
from app.core.model import (
    Answer,
    EndReason,
    Escalation,
    EscalationId,
    GroupId,
    OutsideAnswer,
    SpaceId,
)
from app.core.policy import CaseKind
from app.core.text import search_key


def raised(db: sqlite3.Connection, space: SpaceId, hand: Escalation) -> None:
    sql = (
        "INSERT INTO alerts (id, kind, space, asked_by, level, text, search_key, opened_at) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
    )
    values = (hand.id, CaseKind.ESCALATION, space, hand.raiser, hand.level, hand.message)
    db.execute(sql, (*values, search_key(hand.message), hand.raised_at))
    called(db, hand.id, hand.recipients.groups)


def called(db: sqlite3.Connection, alert: str, groups: Iterable[GroupId]) -> None:
    """The alert is addressed to these groups."""
    db.executemany("INSERT OR IGNORE INTO alert_groups VALUES (?, ?)", ((alert, group) for group in groups))


def answered(db: sqlite3.Connection, hand: EscalationId, answer: Answer) -> None:
    sql = (
        "INSERT INTO alert_answers (alert, number, person, kind, at) SELECT ?1, "
        "1 + (SELECT count(*) FROM alert_answers WHERE alert = ?1), ?2, ?3, ?4"
    )
    db.execute(sql, (hand, answer.person, answer.kind, answer.at))
    if answer.kind.helps:
        _helped(db, hand, answer.at, answer.person, answer.kind)


def answered_outside(db: sqlite3.Connection, hand: EscalationId, answer: OutsideAnswer) -> None:
    """By whoever is known by a contact or as a program alone."""
    sql = "INSERT INTO outside_answers (alert, name, contact, kind, at) VALUES (?, ?, ?, ?, ?)"
    db.execute(sql, (hand, answer.name, answer.contact, answer.kind, answer.at))
    if answer.kind.helps:
        _helped(db, hand, answer.at, None, answer.kind)


def ended(db: sqlite3.Connection, hand: EscalationId, reason: EndReason, at: float) -> None:
    db.execute("UPDATE alerts SET ended_at = ?, reason = ? WHERE id = ?", (at, reason, hand))


def followed(db: sqlite3.Connection, case: Case) -> None:
    """What the case says of its alert now; a priority message or a line's message gets its row by it."""
    if case.tester is not None:
        return  # history tells of what happened
    sql = (
        "INSERT OR IGNORE INTO alerts (id, kind, space, asked_by, text, search_key, opened_at) "
        "VALUES (?, ?, ?, ?, ?, ?, ?)"
    )
    text = "" if case.kind is CaseKind.PRIORITY else case.text  # it is between few people
    values = (case.id, case.kind, case.space, case.asked_by, text, search_key(text))
    db.execute(sql, (*values, case.opened_at))
    if case.answer is not None:
        _helped(db, case.id, case.answer.at, case.answer.person, case.answer.way)
    sql = "UPDATE alerts SET nobody_at = ?, ended_at = coalesce(ended_at, ?) WHERE id = ?"
    db.execute(sql, (case.exhausted_at, case.ended_at, case.id))


def _helped(db: sqlite3.Connection, alert: str, at: float, person: str | None, way: str) -> None:
    sql = (
        "UPDATE alerts SET helped_at = max(coalesce(helped_at, ?2), ?2), "
        "answered_by = iif(answered_at IS NULL, ?3, answered_by), "
        "way = iif(answered_at IS NULL, ?4, way), answered_at = coalesce(answered_at, ?2) WHERE id = ?1"
    )
    db.execute(sql, (alert, at, person, way))
