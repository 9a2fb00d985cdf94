"""Tables of permissions: the organisation's settings, and people's own."""

from __future__ import annotations

PERMISSIONS = """
CREATE TABLE rights (right TEXT PRIMARY KEY, least TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE own_rights (
    person TEXT NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    right TEXT NOT NULL,
    allowed INTEGER NOT NULL,
    PRIMARY KEY (person, right)
) STRICT, WITHOUT ROWID;
""" + "".join(
    f"CREATE TRIGGER roster_{table}_{change.lower()} AFTER {change} ON {table} BEGIN "
    "UPDATE meta SET value = CAST(value AS INTEGER) + 1 WHERE key = 'roster'; END;\n"
    for table in ("rights", "own_rights")
    for change in ("INSERT", "UPDATE", "DELETE")
)
"""Whoever changes them, the running servers notice, as with all of the roster."""
