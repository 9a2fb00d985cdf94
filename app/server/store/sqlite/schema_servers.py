"""Tables of the servers that work on this store."""

from __future__ import annotations

SERVERS = """
CREATE TABLE servers (
    id TEXT PRIMARY KEY,
    place TEXT NOT NULL,                             -- where it listens
    beats INTEGER NOT NULL DEFAULT 0                 -- rises while it lives
) STRICT, WITHOUT ROWID;
-- Who is connected through which of them.
CREATE TABLE attendances (
    space TEXT NOT NULL,
    person TEXT NOT NULL,
    server TEXT NOT NULL REFERENCES servers (id) ON DELETE CASCADE,
    PRIMARY KEY (space, person, server)
) STRICT, WITHOUT ROWID;
CREATE INDEX attendances_server ON attendances (server);
"""

STEPS = """
-- Where somebody was seen last: a number that rises with whatever is written of the space, and through whom.
ALTER TABLE desks ADD COLUMN step INTEGER NOT NULL DEFAULT 0;
ALTER TABLE desks ADD COLUMN step_by TEXT NOT NULL DEFAULT '';
"""
