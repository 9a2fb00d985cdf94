"""The table of alerts that history, board and charts read: one row for each hand, priority message or line's
message, in the place of the one for hands alone."""

from __future__ import annotations

import sqlite3

from app.core.text import search_key

OUTCOME = """CASE WHEN nobody_at >= coalesce(helped_at, nobody_at) THEN 'nobody'
    WHEN helped_at IS NOT NULL THEN 'answered'
    WHEN ended_at IS NULL THEN 'waiting' ELSE 'withdrawn' END"""
"""What the column of that name holds. In its own words a query is answered from an index alone, where SQLite
would fetch the whole row for the column."""

ALERTS = f"""
CREATE TABLE alerts (
    id TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    space TEXT NOT NULL,
    asked_by TEXT,                                   -- NULL: a customer
    level TEXT,                                      -- of a hand
    text TEXT NOT NULL,                              -- empty for a priority message: it is between few
    search_key TEXT NOT NULL,                        -- core.text.search_key of the text
    opened_at REAL NOT NULL,
    answered_at REAL,                                -- the first answer that helps
    answered_by TEXT,
    way TEXT,
    helped_at REAL,                                  -- the latest
    nobody_at REAL,                                  -- all that was to be tried has been tried
    ended_at REAL,
    reason TEXT,
    outcome TEXT NOT NULL GENERATED ALWAYS AS (
        {OUTCOME}) VIRTUAL
) STRICT;
CREATE INDEX alerts_space ON alerts (space, opened_at, id);
CREATE INDEX alerts_figures ON alerts (
    space, opened_at, kind, level, answered_at, helped_at, nobody_at, ended_at);
CREATE INDEX alerts_asked_by ON alerts (asked_by, space, opened_at, id);
CREATE INDEX alerts_open ON alerts (space, opened_at, id) WHERE ended_at IS NULL;
CREATE INDEX alerts_unanswered ON alerts (space, opened_at, id)
    WHERE helped_at IS NULL OR nobody_at IS NOT NULL;
CREATE TABLE alert_groups (
    alert TEXT NOT NULL REFERENCES alerts (id) ON DELETE CASCADE,
    group_id TEXT NOT NULL,
    PRIMARY KEY (alert, group_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX alert_groups_group ON alert_groups (group_id);

INSERT INTO alerts (id, kind, space, asked_by, level, text, search_key, opened_at, answered_at, helped_at,
    ended_at, reason) SELECT id, 'escalation', space, raiser, level, message, search_key(message), raised_at,
    answered_at, answered_at, ended_at, reason FROM escalations;
CREATE TABLE alert_answers (
    alert TEXT NOT NULL REFERENCES alerts (id) ON DELETE CASCADE,
    number INTEGER NOT NULL,                         -- in the order given
    person TEXT NOT NULL,
    kind TEXT NOT NULL,
    at REAL NOT NULL,
    PRIMARY KEY (alert, number)
) STRICT, WITHOUT ROWID;
INSERT INTO alert_answers SELECT escalation, number, person, kind, at FROM answers;
CREATE INDEX alert_answers_person ON alert_answers (person);
UPDATE alerts SET (answered_by, way) = (
    SELECT person, kind FROM alert_answers
    WHERE alert = alerts.id AND kind <> 'decline' ORDER BY number LIMIT 1);
DROP TABLE answers;
DROP TABLE escalations;
"""


def with_search_keys(connection: sqlite3.Connection) -> None:
    """Rows are copied by SQL alone, which does not know how texts are compared."""
    connection.create_function("search_key", 1, search_key, deterministic=True)
