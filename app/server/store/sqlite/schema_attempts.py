"""The table of failed sign-ins, by what they were counted for."""

from __future__ import annotations

ATTEMPTS = """
CREATE TABLE attempts (
    kind TEXT NOT NULL,
    name BLOB NOT NULL,                              -- a hash
    failures INTEGER NOT NULL,
    at REAL NOT NULL,                                -- of the last one
    PRIMARY KEY (kind, name)
) STRICT, WITHOUT ROWID;
CREATE INDEX attempts_at ON attempts (kind, at);
"""
