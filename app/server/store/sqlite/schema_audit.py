"""Tables of what is written down of those who administer."""

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
