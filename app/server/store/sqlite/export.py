"""Everything that the database has of one person, as values for JSON."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from typing import Any

import msgspec

from app.core.model import PersonId
from app.server.store.sqlite import erasure

_ROWS = {
    "profile": "SELECT id, handle, name, role, disabled, picture FROM people WHERE id = ?1",
    "spaces": "SELECT s.id, s.name, d.seat, d.status, d.entered_at FROM space_members m "
    "JOIN spaces s ON s.id = m.space LEFT JOIN desks d ON d.space = s.id AND d.person = m.person "
    "WHERE m.person = ?1 ORDER BY s.name",
    "groups": "SELECT g.id, g.handle, g.name FROM group_members m JOIN groups g ON g.id = m.group_id "
    "WHERE m.person = ?1 ORDER BY g.handle",
    "devices": "SELECT device, created_at, used_at FROM families WHERE person = ?1 ORDER BY created_at",
    "single_sign_on": "SELECT issuer, subject FROM identities WHERE person = ?1",
    "phone": "SELECT number, verified_at FROM phones WHERE person = ?1",
    "earlier_phones": "SELECT number, left_at FROM former_numbers WHERE person = ?1 ORDER BY left_at",
    "earlier_names": "SELECT handle, name FROM former_names WHERE person = ?1 ORDER BY handle, name",
    "quiet_hours": "SELECT start, end, zone FROM quiet_hours WHERE person = ?1",
    "rights": "SELECT right, allowed FROM own_rights WHERE person = ?1",
    "calls_and_texts_charged": "SELECT at, channel FROM charges WHERE person = ?1 ORDER BY at",
    "alerts": "SELECT id, kind, space, level, text, opened_at, answered_at, way, nobody_at, ended_at, reason "
    "FROM alerts WHERE asked_by = ?1 ORDER BY opened_at",
    "answers": "SELECT n.alert, n.kind, n.at FROM alert_answers n WHERE n.person = ?1 ORDER BY n.at",
    "called_by": "SELECT case_id FROM case_called WHERE person = ?1",
}
"""File -> its rows; each row is an object with the names of the columns."""
_VALUES = {
    "messages": "SELECT m.payload FROM message_audience a JOIN messages m ON m.number = a.message "
    "WHERE a.person = ?1 ORDER BY a.sent_at",
    "timelines": "SELECT n.note FROM case_called c JOIN case_notes n ON n.case_id = c.case_id "
    "WHERE c.person = ?1 AND instr(n.note, CAST(?1 AS BLOB)) "
    "UNION ALL SELECT n.note FROM alerts a JOIN case_notes n ON n.case_id = a.id WHERE a.asked_by = ?1",
    "line_texts": "SELECT text FROM line_texts WHERE instr(text, CAST(?1 AS BLOB)) ORDER BY at",
}
"""File -> values of the core."""


def exported(db: sqlite3.Connection, person: PersonId) -> Mapping[str, Any]:
    found: dict[str, Any] = {}
    for name, sql in _ROWS.items():
        cursor = db.execute(sql, (person,))
        columns = [column[0] for column in cursor.description]
        found[name] = [dict(zip(columns, row, strict=True)) for row in cursor]
    for name, sql in _VALUES.items():
        found[name] = [msgspec.msgpack.decode(value) for (value,) in db.execute(sql, (person,))]
    found["line_texts"] = [text for text in found["line_texts"] if text.get("author") == person]
    found["texts_and_calls"] = _sends(db, person)
    found["contacts"] = _contacts(db, person)
    found["audit"] = _audit(db, person)
    return found


def _sends(db: sqlite3.Connection, person: PersonId) -> list[dict[str, Any]]:
    """What was sent to their phone."""
    sql = (
        "SELECT send, state, reason, tried_at, changed_at FROM sends "
        "WHERE instr(send, CAST(? AS BLOB)) ORDER BY changed_at"
    )
    sends = [
        msgspec.msgpack.decode(send) | {"state": state, "reason": reason, "tried_at": tried, "changed_at": at}
        for send, state, reason, tried, at in db.execute(sql, (person,))
    ]
    return [send for send in sends if send.get("person") == person]


def _contacts(db: sqlite3.Connection, person: PersonId) -> list[dict[str, str]]:
    """Contacts of policies, and cell phones of lines, with a number of theirs."""
    sql = (
        "SELECT 'contact', name, address FROM contacts WHERE address = ?1 UNION ALL "
        "SELECT 'line', l.name, s.cell FROM line_settings s JOIN lines l ON l.id = s.line WHERE s.cell = ?1"
    )
    return [
        dict(zip(("of", "name", "number"), row, strict=True))
        for number in erasure.numbers_of(db, person)
        for row in db.execute(sql, (number,))
    ]


def _audit(db: sqlite3.Connection, person: PersonId) -> list[dict[str, Any]]:
    sql = (
        "SELECT at, act, subject, by, space, thing, name, person, changes FROM audit "
        "WHERE by = ?1 OR person = ?1 ORDER BY number"
    )
    cursor = db.execute(sql, (person,))
    columns = [column[0] for column in cursor.description]
    lines = [dict(zip(columns, row, strict=True)) for row in cursor]
    return [line | {"changes": msgspec.msgpack.decode(line["changes"])} for line in lines]
