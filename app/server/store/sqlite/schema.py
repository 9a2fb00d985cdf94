"""Tables of the SQLite store, as numbered migrations.

A migration is never changed once it was released: a new one is added at the end.
"""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Callable

import msgspec

from app.server.store.base import StoreError
from app.server.store.sqlite import schema_alerts
from app.server.store.sqlite.schema_attempts import ATTEMPTS
from app.server.store.sqlite.schema_audit import AUDIT, ERASURES, PRIVACY
from app.server.store.sqlite.schema_cases import CASES, TRIALS
from app.server.store.sqlite.schema_contacts import CONTACTS, FORMER_NUMBERS
from app.server.store.sqlite.schema_history import HISTORY
from app.server.store.sqlite.schema_hooks import HOOKS, HOOKS_GROWN, OUTSIDE_KNOWN
from app.server.store.sqlite.schema_lines import FORWARD_CELLS, LINES
from app.server.store.sqlite.schema_permissions import PERMISSIONS
from app.server.store.sqlite.schema_policies import POLICIES
from app.server.store.sqlite.schema_servers import SERVERS, STEPS

_FIRST = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;

CREATE TABLE people (
    id TEXT PRIMARY KEY,
    handle TEXT NOT NULL,
    handle_key TEXT NOT NULL UNIQUE,                 -- casefolded
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    disabled INTEGER NOT NULL DEFAULT 0,
    picture TEXT REFERENCES assets (id),
    credentials INTEGER NOT NULL DEFAULT 1           -- rises when everything is signed out
) STRICT, WITHOUT ROWID;
CREATE TABLE groups (
    id TEXT PRIMARY KEY,
    handle TEXT NOT NULL,
    handle_key TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE group_members (
    group_id TEXT NOT NULL REFERENCES groups (id) ON DELETE CASCADE,
    person TEXT NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    PRIMARY KEY (group_id, person)
) STRICT, WITHOUT ROWID;
CREATE TABLE spaces (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    map TEXT NOT NULL REFERENCES maps (id)
) STRICT, WITHOUT ROWID;
CREATE TABLE space_members (
    space TEXT NOT NULL REFERENCES spaces (id) ON DELETE CASCADE,
    person TEXT NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    PRIMARY KEY (space, person)
) STRICT, WITHOUT ROWID;
CREATE TABLE maps (id TEXT PRIMARY KEY, document BLOB NOT NULL) STRICT;
CREATE TABLE assets (id TEXT PRIMARY KEY, data BLOB NOT NULL) STRICT;

-- What a space remembers of a person who is away from it.
CREATE TABLE desks (
    space TEXT NOT NULL REFERENCES spaces (id) ON DELETE CASCADE,
    person TEXT NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    seat TEXT,
    x INTEGER,                                       -- px
    y INTEGER,
    status TEXT NOT NULL DEFAULT 'available',
    entered_at REAL NOT NULL DEFAULT 0,
    PRIMARY KEY (space, person)
) STRICT, WITHOUT ROWID;

CREATE TABLE sessions (
    token_hash BLOB PRIMARY KEY,
    person TEXT NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    device TEXT NOT NULL,
    created_at REAL NOT NULL,
    used_at REAL NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE streams (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    seq INTEGER NOT NULL DEFAULT 0,
    checkpoint_at INTEGER NOT NULL DEFAULT 0,
    checkpoint BLOB
) STRICT;
CREATE TABLE events (
    stream INTEGER NOT NULL REFERENCES streams (id) ON DELETE CASCADE,
    seq INTEGER NOT NULL,
    at REAL NOT NULL,
    payload BLOB NOT NULL,
    PRIMARY KEY (stream, seq)
) STRICT, WITHOUT ROWID;
CREATE TABLE commands (
    person TEXT NOT NULL,
    id TEXT NOT NULL,
    fingerprint BLOB NOT NULL,
    at REAL NOT NULL,
    PRIMARY KEY (person, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX commands_at ON commands (at);

-- The history that lists, search and reports read; written together with the events it follows from.
CREATE TABLE escalations (
    id TEXT PRIMARY KEY,
    space TEXT NOT NULL,
    raiser TEXT NOT NULL,
    level TEXT NOT NULL,
    message TEXT NOT NULL,
    raised_at REAL NOT NULL,
    answered_at REAL,                                -- the first answer that helps
    ended_at REAL,
    reason TEXT
) STRICT;
CREATE INDEX escalations_space ON escalations (space, raised_at);
CREATE TABLE answers (
    escalation TEXT NOT NULL REFERENCES escalations (id) ON DELETE CASCADE,
    number INTEGER NOT NULL,                         -- in the order given
    person TEXT NOT NULL,
    kind TEXT NOT NULL,
    at REAL NOT NULL,
    PRIMARY KEY (escalation, number)
) STRICT, WITHOUT ROWID;
CREATE TABLE conversations (id TEXT PRIMARY KEY, between_whom BLOB NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE messages (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    conversation TEXT NOT NULL REFERENCES conversations (id),
    sent_at REAL NOT NULL,
    search_key TEXT NOT NULL,                        -- core.text.search_key of the text
    payload BLOB NOT NULL
) STRICT;
CREATE INDEX messages_conversation ON messages (conversation, sent_at);
CREATE TABLE message_audience (
    person TEXT NOT NULL,
    sent_at REAL NOT NULL,
    message INTEGER NOT NULL REFERENCES messages (number) ON DELETE CASCADE,
    PRIMARY KEY (person, sent_at, message)
) STRICT, WITHOUT ROWID;
CREATE INDEX message_audience_message ON message_audience (message);
CREATE VIRTUAL TABLE message_search USING fts5(
    search_key, content='messages', content_rowid='number', tokenize='trigram'
);
"""

_ROSTER = {
    "people": "handle, name, role, disabled, picture, credentials",
    "groups": "handle, name",
    "group_members": "group_id, person",
    "spaces": "name, map",
    "space_members": "space, person",
}
"""The columns that the running server follows; a password that is hashed anew is none of them."""


def _first(connection: sqlite3.Connection) -> None:
    _run(connection, _FIRST)
    # Whoever changes the directory, the running server notices: by one number.
    connection.execute("INSERT INTO meta VALUES ('roster', '1')")
    for table, columns in _ROSTER.items():
        for name, change in (("insert", "INSERT"), ("update", f"UPDATE OF {columns}"), ("delete", "DELETE")):
            connection.execute(
                f"CREATE TRIGGER roster_{table}_{name} AFTER {change} ON {table} BEGIN "
                "UPDATE meta SET value = CAST(value AS INTEGER) + 1 WHERE key = 'roster'; END"
            )
    connection.execute("INSERT INTO meta VALUES ('epoch', ?)", (secrets.token_hex(8),))


_SESSIONS = """
-- One for each sign-in; its tokens change with each use, and it ends when an outdated one is used again.
CREATE TABLE families (
    id TEXT PRIMARY KEY,
    person TEXT NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    device TEXT NOT NULL,
    created_at REAL NOT NULL,
    used_at REAL NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX families_person ON families (person);
CREATE TABLE tokens (
    hash BLOB PRIMARY KEY,
    family TEXT NOT NULL REFERENCES families (id) ON DELETE CASCADE,
    retired_at REAL                                  -- when another one was used instead
) STRICT, WITHOUT ROWID;
CREATE INDEX tokens_family ON tokens (family);

INSERT INTO families SELECT substr(hex(token_hash), 1, 16), person, device, created_at, used_at FROM sessions;
INSERT INTO tokens SELECT token_hash, substr(hex(token_hash), 1, 16), NULL FROM sessions;
DROP TABLE sessions;

-- Who is who at a provider of identities: bound to its own name for a person, never to an address.
CREATE TABLE identities (
    issuer TEXT NOT NULL,
    subject TEXT NOT NULL,
    person TEXT NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    PRIMARY KEY (issuer, subject)
) STRICT, WITHOUT ROWID;
CREATE INDEX identities_person ON identities (person);
"""


def _sessions(connection: sqlite3.Connection) -> None:
    _run(connection, _SESSIONS)


def _parents(connection: sqlite3.Connection) -> None:
    _run(connection, "ALTER TABLE tokens ADD COLUMN parent BLOB;  -- the one whose use brought it\n")


def _audit(connection: sqlite3.Connection) -> None:
    _run(connection, AUDIT)


def _alerts(connection: sqlite3.Connection) -> None:
    schema_alerts.with_search_keys(connection)
    _run(connection, schema_alerts.ALERTS)


def _contacts(connection: sqlite3.Connection) -> None:
    _run(connection, CONTACTS)


def _lines(connection: sqlite3.Connection) -> None:
    _run(connection, LINES)


def _policies(connection: sqlite3.Connection) -> None:
    _run(connection, POLICIES)


def _hooks(connection: sqlite3.Connection) -> None:
    _run(connection, HOOKS)


def _cases(connection: sqlite3.Connection) -> None:
    _run(connection, CASES)


def _permissions(connection: sqlite3.Connection) -> None:
    _run(connection, PERMISSIONS)


def _privacy(connection: sqlite3.Connection) -> None:
    _run(connection, PRIVACY)


def _history(connection: sqlite3.Connection) -> None:
    _run(connection, HISTORY)


def _erasures(connection: sqlite3.Connection) -> None:
    _run(connection, ERASURES)
    for key, traits in connection.execute("SELECT key, traits FROM erasures").fetchall():
        whole = {"type": "person", "person": key} | msgspec.msgpack.decode(traits)
        connection.execute(
            "UPDATE erasures SET traits = ? WHERE key = ?", (msgspec.msgpack.encode(whole), key)
        )


def _hooks_grown(connection: sqlite3.Connection) -> None:
    _run(connection, HOOKS_GROWN)


def _servers(connection: sqlite3.Connection) -> None:
    _run(connection, SERVERS)


def _attempts(connection: sqlite3.Connection) -> None:
    _run(connection, ATTEMPTS)


def _outside_known(connection: sqlite3.Connection) -> None:
    _run(connection, OUTSIDE_KNOWN)


def _trials(connection: sqlite3.Connection) -> None:
    _run(connection, TRIALS)
    for case, state in connection.execute("SELECT id, state FROM cases").fetchall():
        if msgspec.msgpack.decode(state).get("tester") is not None:
            connection.execute("UPDATE cases SET trial = 1 WHERE id = ?", (case,))
            connection.execute("UPDATE sends SET trial = 1 WHERE case_id = ?", (case,))


def _steps(connection: sqlite3.Connection) -> None:
    _run(connection, STEPS)


def _former_numbers(connection: sqlite3.Connection) -> None:
    _run(connection, FORMER_NUMBERS)


def _forward_cells(connection: sqlite3.Connection) -> None:
    _run(connection, FORWARD_CELLS)


MIGRATIONS: tuple[Callable[[sqlite3.Connection], None], ...] = (
    _first,
    _sessions,
    _parents,
    _audit,
    _alerts,
    _contacts,
    _lines,
    _policies,
    _hooks,
    _cases,
    _permissions,
    _privacy,
    _history,
    _erasures,
    _hooks_grown,
    _servers,
    _attempts,
    _trials,
    _steps,
    _outside_known,
    _former_numbers,
    _forward_cells,
)


def migrate(connection: sqlite3.Connection) -> None:
    """Bring a database to this program's version, in one transaction.

    Raises:
        StoreError: it was written by a newer program.
    """
    connection.execute("BEGIN IMMEDIATE")
    try:
        present: int = connection.execute("PRAGMA user_version").fetchone()[0]
        if present > len(MIGRATIONS):
            raise StoreError("the database was made by a newer version of Handraise")
        for number, migration in enumerate(MIGRATIONS[present:], present + 1):
            migration(connection)
            connection.execute(f"PRAGMA user_version = {number}")
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def _run(connection: sqlite3.Connection, script: str) -> None:
    """Like ``executescript``, which would commit the transaction first."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            connection.execute(statement)
            statement = ""
