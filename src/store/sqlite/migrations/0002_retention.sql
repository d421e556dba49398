-- Alerts are archived when a claim that they rest on is retired, and retired claims are restored.

-- A check cannot be changed: the table is made anew.
CREATE TABLE history_archived (
    id       INTEGER PRIMARY KEY,
    epoch    INTEGER NOT NULL,
    alert_id TEXT NOT NULL,
    kind     TEXT NOT NULL CHECK (kind IN ('raised', 'changed', 'withdrawn', 'archived')),
    at       TEXT NOT NULL,
    reason   TEXT NOT NULL,
    line     TEXT NOT NULL,
    UNIQUE (epoch, alert_id)
) STRICT;
INSERT INTO history_archived (id, epoch, alert_id, kind, at, reason, line)
    SELECT id, epoch, alert_id, kind, at, reason, line FROM history ORDER BY id;
DROP TABLE history;
ALTER TABLE history_archived RENAME TO history;

ALTER TABLE epochs ADD COLUMN archived INTEGER NOT NULL DEFAULT 0;

-- Rows are added only.
CREATE TABLE restored (
    epoch     INTEGER NOT NULL,
    stream    TEXT NOT NULL,
    facility  TEXT NOT NULL,
    -- Text in UTF-8, which may hold a NUL.
    visit_id  BLOB NOT NULL,
    until_day INTEGER NOT NULL,
    PRIMARY KEY (epoch, stream, facility, visit_id)
) STRICT, WITHOUT ROWID;
