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

ERASURES = """
ALTER TABLE erasures RENAME COLUMN person TO key;      -- a person, or a customer
-- By which somebody may still be found in what was written; as long as they are there.
CREATE TABLE former_names (
    person TEXT NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    handle TEXT NOT NULL,
    name TEXT NOT NULL,
    PRIMARY KEY (person, handle, name)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER former_names_kept AFTER UPDATE OF handle, name ON people
    WHEN old.handle <> new.handle OR old.name <> new.name BEGIN
    INSERT OR IGNORE INTO former_names VALUES (old.id, old.handle, old.name); END;
ALTER TABLE cases ADD COLUMN wordless INTEGER NOT NULL DEFAULT 0;  -- what it repeats was forgotten
CREATE INDEX cases_worded ON cases (kind, opened_at) WHERE wordless = 0 AND ended_at IS NOT NULL;
CREATE INDEX alerts_worded ON alerts (opened_at) WHERE kind = 'line' AND text <> '';
CREATE INDEX customers_number ON customers (number);
"""
