"""Tables of contacts, people's phones, and what was texted and called."""

from __future__ import annotations

CONTACTS = """
CREATE TABLE contacts (
    id TEXT PRIMARY KEY,
    space TEXT NOT NULL REFERENCES spaces (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    address TEXT NOT NULL,
    shown TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX contacts_space ON contacts (space);
CREATE TABLE phones (
    person TEXT PRIMARY KEY REFERENCES people (id) ON DELETE CASCADE,
    number TEXT NOT NULL,                            -- E.164, verified
    verified_at REAL NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE phone_codes (
    person TEXT PRIMARY KEY REFERENCES people (id) ON DELETE CASCADE,
    number TEXT NOT NULL,
    code_hash BLOB NOT NULL,
    made_at REAL NOT NULL,
    until REAL NOT NULL,
    tries INTEGER NOT NULL DEFAULT 0                 -- that were wrong
) STRICT, WITHOUT ROWID;
CREATE TABLE quiet_hours (
    person TEXT PRIMARY KEY REFERENCES people (id) ON DELETE CASCADE,
    start INTEGER NOT NULL,                          -- minutes after midnight
    end INTEGER NOT NULL,
    zone TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Texts and calls of the last hour and some more, for the caps.
CREATE TABLE charges (
    number INTEGER PRIMARY KEY,
    at REAL NOT NULL,
    channel TEXT NOT NULL,
    target TEXT NOT NULL,                            -- of the number, a hash
    person TEXT,
    contact TEXT
) STRICT;
CREATE INDEX charges_at ON charges (at);
CREATE INDEX charges_target ON charges (target, at);
CREATE INDEX charges_person ON charges (person, at);

-- With which code which text message can be answered, from the number it was sent to.
CREATE TABLE answer_codes (
    target TEXT NOT NULL,
    code TEXT NOT NULL,
    send TEXT NOT NULL,
    at REAL NOT NULL,
    PRIMARY KEY (target, code)
) STRICT, WITHOUT ROWID;
CREATE INDEX answer_codes_send ON answer_codes (target, send);

-- What a gateway reported once and may report again: texts that came in.
CREATE TABLE handled (sid TEXT PRIMARY KEY, at REAL NOT NULL) STRICT, WITHOUT ROWID;
"""

FORMER_NUMBERS = """
-- Numbers that were somebody's own, by which they may still be found in what was written and texted.
CREATE TABLE former_numbers (
    person TEXT NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    number TEXT NOT NULL,
    left_at REAL NOT NULL,
    PRIMARY KEY (person, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX former_numbers_left ON former_numbers (left_at);
"""
