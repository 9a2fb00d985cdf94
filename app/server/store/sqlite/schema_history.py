"""What finds alerts in a long history: by their words, by person and group, by time; triggers keep it, so
that whatever changes or deletes an alert changes or deletes what finds it.

Alerts get a number of their own for it: SQLite may renumber the rows of a table that has none.
"""

from __future__ import annotations

from app.server.store.sqlite.schema_alerts import OUTCOME

NOT_ANSWERED = "(helped_at IS NULL OR nobody_at >= helped_at)"
"""An outcome other than ``answered``, in the words of the index ``alerts_unanswered``."""

_NUMBERED = f"""
ALTER TABLE alert_groups RENAME TO old_groups;
ALTER TABLE alert_answers RENAME TO old_answers;
ALTER TABLE alerts RENAME TO old_alerts;
CREATE TABLE alerts (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    space TEXT NOT NULL,
    asked_by TEXT,                                   -- NULL: a customer
    level TEXT,                                      -- of a hand
    text TEXT NOT NULL,                              -- empty for a priority message: it is between few
    search_key TEXT NOT NULL,                        -- core.text.search_key of the text
    opened_at REAL NOT NULL,
    answered_at REAL,                                -- the first answer that helps
    answered_by TEXT,
    way TEXT,
    helped_at REAL,                                  -- the latest
    nobody_at REAL,                                  -- all that was to be tried has been tried
    ended_at REAL,
    reason TEXT,
    outcome TEXT NOT NULL GENERATED ALWAYS AS (
        {OUTCOME}) VIRTUAL
) STRICT;
CREATE TABLE alert_groups (
    alert TEXT NOT NULL REFERENCES alerts (id) ON DELETE CASCADE,
    group_id TEXT NOT NULL,
    PRIMARY KEY (alert, group_id)
) STRICT, WITHOUT ROWID;
CREATE TABLE alert_answers (
    alert TEXT NOT NULL REFERENCES alerts (id) ON DELETE CASCADE,
    number INTEGER NOT NULL,                         -- in the order given
    person TEXT NOT NULL,
    kind TEXT NOT NULL,
    at REAL NOT NULL,
    PRIMARY KEY (alert, number)
) STRICT, WITHOUT ROWID;
"""
_COPIED = """
INSERT INTO alerts (id, kind, space, asked_by, level, text, search_key, opened_at, answered_at, answered_by,
    way, helped_at, nobody_at, ended_at, reason)
SELECT id, kind, space, asked_by, level, text, search_key, opened_at, answered_at, answered_by,
    way, helped_at, nobody_at, ended_at, reason FROM old_alerts ORDER BY opened_at, id;
INSERT INTO alert_groups SELECT alert, group_id FROM old_groups;
INSERT INTO alert_answers SELECT alert, number, person, kind, at FROM old_answers;
DROP TABLE old_groups;
DROP TABLE old_answers;
DROP TABLE old_alerts;
CREATE INDEX alert_groups_group ON alert_groups (group_id);
CREATE INDEX alert_answers_person ON alert_answers (person);
-- One for lists and figures: what they filter by is read from it, and the row only where it is shown.
CREATE INDEX alerts_time ON alerts (
    space, opened_at, id, kind, level, answered_at, helped_at, nobody_at, ended_at);
CREATE INDEX alerts_asked_by ON alerts (asked_by, space, opened_at, id);
CREATE INDEX alerts_open ON alerts (space, opened_at, id) WHERE ended_at IS NULL;
CREATE INDEX alerts_ended ON alerts (ended_at) WHERE ended_at IS NOT NULL;
"""
_UNANSWERED = f"""
CREATE INDEX alerts_unanswered ON alerts (
    space, opened_at, id, kind, level, answered_at, helped_at, nobody_at, ended_at) WHERE {NOT_ANSWERED};
"""

_WORDS = """
-- Two characters stand behind each text, so that each of its own begins one of the index's words of three:
-- what is looked for may be shorter, as most Japanese words are.
CREATE VIEW alert_words AS SELECT number, search_key || char(31, 31) AS words FROM alerts;
CREATE VIRTUAL TABLE alert_search USING fts5(
    words, content='alert_words', content_rowid='number', tokenize='trigram case_sensitive 1'
);
CREATE VIRTUAL TABLE alert_terms USING fts5vocab(alert_search, instance);
CREATE TRIGGER alert_search_insert AFTER INSERT ON alerts BEGIN
    INSERT INTO alert_search (rowid, words) VALUES (NEW.number, NEW.search_key || char(31, 31));
END;
CREATE TRIGGER alert_search_update AFTER UPDATE OF search_key ON alerts
WHEN NEW.search_key <> OLD.search_key BEGIN
    INSERT INTO alert_search (alert_search, rowid, words)
        VALUES ('delete', OLD.number, OLD.search_key || char(31, 31));
    INSERT INTO alert_search (rowid, words) VALUES (NEW.number, NEW.search_key || char(31, 31));
END;
CREATE TRIGGER alert_search_delete AFTER DELETE ON alerts BEGIN
    INSERT INTO alert_search (alert_search, rowid, words)
        VALUES ('delete', OLD.number, OLD.search_key || char(31, 31));
END;
INSERT INTO alert_search (alert_search) VALUES ('rebuild');
"""

_WHO = """
CREATE TABLE alert_who (
    who TEXT NOT NULL,                               -- p:person who took part, g:group that was called
    hall TEXT NOT NULL,                              -- the alert's space, and when it began
    began REAL NOT NULL,
    alert TEXT NOT NULL,
    PRIMARY KEY (who, hall, began, alert)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER alert_who_asked AFTER INSERT ON alerts WHEN NEW.asked_by IS NOT NULL BEGIN
    INSERT OR IGNORE INTO alert_who VALUES ('p:' || NEW.asked_by, NEW.space, NEW.opened_at, NEW.id);
END;
CREATE TRIGGER alert_who_met AFTER INSERT ON alerts WHEN NEW.answered_by IS NOT NULL BEGIN
    INSERT OR IGNORE INTO alert_who VALUES ('p:' || NEW.answered_by, NEW.space, NEW.opened_at, NEW.id);
END;
CREATE TRIGGER alert_who_helped AFTER UPDATE OF answered_by ON alerts WHEN NEW.answered_by IS NOT NULL BEGIN
    INSERT OR IGNORE INTO alert_who VALUES ('p:' || NEW.answered_by, NEW.space, NEW.opened_at, NEW.id);
END;
CREATE TRIGGER alert_who_answered AFTER INSERT ON alert_answers BEGIN
    INSERT OR IGNORE INTO alert_who
        SELECT 'p:' || NEW.person, space, opened_at, id FROM alerts WHERE id = NEW.alert;
END;
CREATE TRIGGER alert_who_called AFTER INSERT ON alert_groups BEGIN
    INSERT OR IGNORE INTO alert_who
        SELECT 'g:' || NEW.group_id, space, opened_at, id FROM alerts WHERE id = NEW.alert;
END;
-- By its key, which saves an index as large as the table.
CREATE TRIGGER alert_who_gone BEFORE DELETE ON alerts BEGIN
    DELETE FROM alert_who WHERE hall = OLD.space AND began = OLD.opened_at AND alert = OLD.id AND who IN (
        SELECT 'p:' || OLD.asked_by UNION SELECT 'p:' || OLD.answered_by
        UNION SELECT 'p:' || person FROM alert_answers WHERE alert = OLD.id
        UNION SELECT 'g:' || group_id FROM alert_groups WHERE alert = OLD.id);
END;
INSERT INTO alert_who SELECT who, space, opened_at, id FROM (
    SELECT 'p:' || asked_by AS who, id AS alert FROM alerts WHERE asked_by IS NOT NULL
    UNION SELECT 'p:' || answered_by, id FROM alerts WHERE answered_by IS NOT NULL
    UNION SELECT 'p:' || person, alert FROM alert_answers
    UNION SELECT 'g:' || group_id, alert FROM alert_groups
) JOIN alerts ON alerts.id = alert;
"""

HISTORY = _NUMBERED + _COPIED + _UNANSWERED + _WORDS + _WHO
