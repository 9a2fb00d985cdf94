"""Tables of policies and of whom they are run for."""

from __future__ import annotations

POLICIES = """
CREATE TABLE policies (
    space TEXT NOT NULL REFERENCES spaces (id) ON DELETE CASCADE,
    id TEXT NOT NULL,
    kind TEXT NOT NULL,
    name_key TEXT NOT NULL,                          -- casefolded
    version INTEGER NOT NULL,
    payload BLOB NOT NULL,
    changed_at REAL NOT NULL,
    changed_by TEXT,
    PRIMARY KEY (space, id),                         -- an id tells nothing about other spaces
    UNIQUE (space, kind, name_key)
) STRICT, WITHOUT ROWID;
CREATE TABLE assignments (
    space TEXT NOT NULL REFERENCES spaces (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    person TEXT NOT NULL,                            -- '': everybody
    policy TEXT NOT NULL,
    PRIMARY KEY (space, kind, person),
    FOREIGN KEY (space, policy) REFERENCES policies (space, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX assignments_policy ON assignments (space, policy);
"""
