"""Tables of lines: which there are, conversations with customers, and what is forwarded."""

from __future__ import annotations

LINES = """
CREATE TABLE lines (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    number TEXT NOT NULL UNIQUE,                     -- E.164
    space TEXT NOT NULL REFERENCES spaces (id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE TRIGGER roster_lines_insert AFTER INSERT ON lines BEGIN
    UPDATE meta SET value = CAST(value AS INTEGER) + 1 WHERE key = 'roster'; END;
CREATE TRIGGER roster_lines_update AFTER UPDATE ON lines BEGIN
    UPDATE meta SET value = CAST(value AS INTEGER) + 1 WHERE key = 'roster'; END;
CREATE TRIGGER roster_lines_delete AFTER DELETE ON lines BEGIN
    UPDATE meta SET value = CAST(value AS INTEGER) + 1 WHERE key = 'roster'; END;

CREATE TABLE line_settings (
    line TEXT PRIMARY KEY REFERENCES lines (id) ON DELETE CASCADE,
    enabled INTEGER NOT NULL,
    cell TEXT NOT NULL,                              -- E.164
    minutes INTEGER NOT NULL,
    version INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE customers (
    id TEXT PRIMARY KEY,
    line TEXT NOT NULL REFERENCES lines (id) ON DELETE CASCADE,
    number TEXT NOT NULL,                            -- E.164
    UNIQUE (line, number)
) STRICT, WITHOUT ROWID;
CREATE TABLE talks (
    id TEXT PRIMARY KEY REFERENCES customers (id) ON DELETE CASCADE,
    line TEXT NOT NULL REFERENCES lines (id) ON DELETE CASCADE,
    active_at REAL NOT NULL,
    talk BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX talks_line ON talks (line, active_at);
CREATE TABLE line_texts (
    id TEXT PRIMARY KEY,
    talk TEXT NOT NULL REFERENCES talks (id) ON DELETE CASCADE,
    at REAL NOT NULL,
    text BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX line_texts_talk ON line_texts (talk, at);
-- Replies that a gateway is to send, and what became of them.
CREATE TABLE line_sends (
    id TEXT PRIMARY KEY REFERENCES line_texts (id) ON DELETE CASCADE,
    talk TEXT NOT NULL,
    line TEXT NOT NULL,
    text TEXT NOT NULL,
    state TEXT NOT NULL DEFAULT 'waiting',
    reason TEXT NOT NULL DEFAULT '',
    reference TEXT NOT NULL DEFAULT '',              -- the gateway's own name for it
    attempts INTEGER NOT NULL DEFAULT 0,
    tried_at REAL NOT NULL DEFAULT 0,
    next_try REAL,                                   -- NULL: nothing more is to be done about it
    until REAL NOT NULL,
    lease_owner TEXT,
    lease_until REAL NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
CREATE INDEX line_sends_next ON line_sends (next_try) WHERE next_try IS NOT NULL;
CREATE INDEX line_sends_reference ON line_sends (reference) WHERE reference <> '';
CREATE TABLE line_forwards (
    text TEXT PRIMARY KEY REFERENCES line_texts (id) ON DELETE CASCADE,
    line TEXT NOT NULL REFERENCES lines (id) ON DELETE CASCADE,
    talk TEXT NOT NULL,
    at REAL NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX line_forwards_line ON line_forwards (line, at);
"""

FORWARD_CELLS = """
CREATE TABLE line_forward_cells (                    -- for as long as what is answered from there is a note
    line TEXT NOT NULL REFERENCES lines (id) ON DELETE CASCADE,
    cell TEXT NOT NULL,                              -- the number that it went to, a hash
    text TEXT NOT NULL REFERENCES line_texts (id) ON DELETE CASCADE,
    talk TEXT NOT NULL,
    at REAL NOT NULL,
    PRIMARY KEY (line, cell, text)
) STRICT, WITHOUT ROWID;
CREATE INDEX line_forward_cells_at ON line_forward_cells (at);
CREATE INDEX line_forward_cells_text ON line_forward_cells (text);
"""
