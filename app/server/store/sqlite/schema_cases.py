"""Tables of the policy engine: cases, their timelines, what is to be sent."""

from __future__ import annotations

CASES = """
CREATE TABLE cases (
    id TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    space TEXT NOT NULL,
    state BLOB NOT NULL,                             -- core.cases.Case
    version INTEGER NOT NULL DEFAULT 1,              -- rises with whatever matters to what is due
    waiting INTEGER NOT NULL,                        -- open, and nobody has answered
    opened_at REAL NOT NULL,
    exhausted_at REAL,
    ended_at REAL,
    next_look REAL,                                  -- NULL: time changes nothing
    looked_at REAL NOT NULL,                         -- in the future: the clock was set back
    lease_owner TEXT,
    lease_until REAL NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX cases_next ON cases (next_look) WHERE next_look IS NOT NULL;
CREATE INDEX cases_looked ON cases (looked_at) WHERE next_look IS NOT NULL;
CREATE INDEX cases_suspect ON cases (id)
    WHERE ended_at IS NULL AND next_look IS NULL AND waiting AND exhausted_at IS NULL;
CREATE INDEX cases_audit ON cases (id) WHERE ended_at IS NULL;
CREATE INDEX cases_open ON cases (kind, waiting, opened_at) WHERE ended_at IS NULL;
-- Whose going makes it likely that a case can go on at once; only while it is open.
CREATE TABLE case_called (
    person TEXT NOT NULL,
    case_id TEXT NOT NULL REFERENCES cases (id) ON DELETE CASCADE,
    PRIMARY KEY (person, case_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX case_called_case ON case_called (case_id);
CREATE TABLE case_notes (
    number INTEGER PRIMARY KEY,
    case_id TEXT NOT NULL REFERENCES cases (id) ON DELETE CASCADE,
    at REAL NOT NULL,
    note BLOB NOT NULL                               -- core.cases.Note
) STRICT;
CREATE INDEX case_notes_case ON case_notes (case_id, number);

-- What gateways are to send, and what became of it.
CREATE TABLE sends (
    id TEXT PRIMARY KEY,
    case_id TEXT NOT NULL REFERENCES cases (id) ON DELETE CASCADE,
    channel TEXT NOT NULL,
    send BLOB NOT NULL,                              -- core.cases.Send
    state TEXT NOT NULL DEFAULT 'waiting',
    reason TEXT NOT NULL DEFAULT '',
    reference TEXT NOT NULL DEFAULT '',              -- the gateway's own name for it
    attempts INTEGER NOT NULL DEFAULT 0,
    tried_at REAL NOT NULL DEFAULT 0,                -- the first time
    next_try REAL,                                   -- NULL: nothing more is to be done about it
    until REAL NOT NULL,                             -- when the next step's turn comes
    changed_at REAL NOT NULL,
    lease_owner TEXT,
    lease_until REAL NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX sends_next ON sends (next_try) WHERE next_try IS NOT NULL;
CREATE INDEX sends_case ON sends (case_id);
CREATE INDEX sends_reference ON sends (reference) WHERE reference <> '';
CREATE INDEX sends_state ON sends (state);
"""

TRIALS = """
ALTER TABLE cases ADD COLUMN trial INTEGER NOT NULL DEFAULT 0;  -- a test, which no figure counts
ALTER TABLE sends ADD COLUMN trial INTEGER NOT NULL DEFAULT 0;
DROP INDEX cases_open;
CREATE INDEX cases_open ON cases (kind, waiting, opened_at) WHERE ended_at IS NULL AND NOT trial;
DROP INDEX sends_state;
CREATE INDEX sends_state ON sends (state) WHERE NOT trial;
CREATE INDEX sends_capped ON sends (changed_at) WHERE reason LIKE 'cap@_%' ESCAPE '@' AND NOT trial;
"""
