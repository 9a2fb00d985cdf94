"""Tables of what is written down of those who administer, and of how long things are kept."""

from __future__ import annotations

AUDIT = """
CREATE TABLE audit (
    number INTEGER PRIMARY KEY AUTOINCREMENT,        -- no number twice, whatever was forgotten
    at REAL NOT NULL,
    act TEXT NOT NULL,
    subject TEXT NOT NULL,
    by TEXT,                                         -- NULL: the command line of the server
    space TEXT,
    thing TEXT NOT NULL,
    name TEXT NOT NULL,
    person TEXT,
    changes BLOB NOT NULL
) STRICT;
CREATE INDEX audit_at ON audit (at);
CREATE INDEX audit_person ON audit (person);
"""

PRIVACY = """
CREATE TABLE retention (kind TEXT PRIMARY KEY, days INTEGER NOT NULL) STRICT, WITHOUT ROWID;  -- 0: for ever
-- What was known of who is being erased, until that is done.
CREATE TABLE erasures (person TEXT PRIMARY KEY, traits BLOB NOT NULL) STRICT, WITHOUT ROWID;
CREATE INDEX alerts_ended ON alerts (ended_at) WHERE ended_at IS NOT NULL;
CREATE INDEX cases_ended ON cases (ended_at) WHERE ended_at IS NOT NULL;
CREATE INDEX case_notes_at ON case_notes (at);
CREATE INDEX sends_changed ON sends (changed_at) WHERE next_try IS NULL;
CREATE INDEX messages_sent ON messages (sent_at);
CREATE INDEX line_texts_at ON line_texts (at);
"""
