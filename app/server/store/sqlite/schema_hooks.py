"""Tables of what other programs have to do with this one."""

from __future__ import annotations

HOOKS = """
CREATE TABLE integrations (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    token_hash BLOB NOT NULL UNIQUE,
    shown TEXT NOT NULL,                             -- the end of the token
    actions TEXT NOT NULL,                           -- with spaces between
    space TEXT REFERENCES spaces (id) ON DELETE CASCADE,
    made_at REAL NOT NULL,
    made_by TEXT,                                    -- NULL: the command line of the server
    used_at REAL
) STRICT, WITHOUT ROWID;
CREATE TABLE api_answers (
    integration TEXT NOT NULL REFERENCES integrations (id) ON DELETE CASCADE,
    key TEXT NOT NULL,
    at REAL NOT NULL,
    fingerprint BLOB NOT NULL,
    status INTEGER NOT NULL,
    body BLOB NOT NULL,
    PRIMARY KEY (integration, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX api_answers_at ON api_answers (at);

CREATE TABLE webhooks (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    shown TEXT NOT NULL,                             -- the host of the address
    url TEXT NOT NULL,
    secret BLOB NOT NULL,
    events TEXT NOT NULL,                            -- with spaces between
    space TEXT REFERENCES spaces (id) ON DELETE CASCADE,  -- NULL: all of them
    made_at REAL NOT NULL,
    made_by TEXT,
    off_at REAL,
    last INTEGER NOT NULL DEFAULT 0,                 -- number of the newest message
    due_at REAL,                                     -- of the next attempt, 0 at once; NULL: nothing waits
    failures INTEGER NOT NULL DEFAULT 0,             -- attempts in a row that failed
    failing_since REAL,
    trouble TEXT,                                    -- what the last attempt came to, if it failed
    status INTEGER,
    owner TEXT,                                      -- who sends to it, until when
    held_until REAL NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
CREATE INDEX webhooks_due ON webhooks (due_at);
CREATE TABLE hook_posts (
    webhook TEXT NOT NULL REFERENCES webhooks (id) ON DELETE CASCADE,
    number INTEGER NOT NULL,
    id TEXT NOT NULL,
    event TEXT NOT NULL,
    at REAL NOT NULL,
    body BLOB NOT NULL,
    state TEXT NOT NULL,
    tries INTEGER NOT NULL DEFAULT 0,
    done_at REAL,
    trouble TEXT,
    status INTEGER,
    PRIMARY KEY (webhook, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX hook_posts_waiting ON hook_posts (webhook, number) WHERE state = 'waiting';
CREATE INDEX hook_posts_at ON hook_posts (at);
"""

HOOKS_GROWN = """
ALTER TABLE webhooks ADD COLUMN texts INTEGER NOT NULL DEFAULT 0;  -- it is told what was written
CREATE TABLE webhook_secrets (                       -- that were before the one of the webhook
    webhook TEXT NOT NULL REFERENCES webhooks (id) ON DELETE CASCADE,
    until REAL NOT NULL,                             -- when it signs nothing any more
    secret BLOB NOT NULL
) STRICT;
CREATE INDEX webhook_secrets_webhook ON webhook_secrets (webhook);
CREATE TABLE outside_answers (                       -- of those who are known by a contact or program alone
    alert TEXT NOT NULL REFERENCES alerts (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    at REAL NOT NULL
) STRICT;
CREATE INDEX outside_answers_alert ON outside_answers (alert);
"""

OUTSIDE_KNOWN = """
ALTER TABLE outside_answers ADD COLUMN contact TEXT; -- its id, as it may be renamed; of a program, none
"""
