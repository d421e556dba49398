-- Many alerts that are acted on as one. The alerts of a batch are those that its author saw, each as they saw it.
CREATE TABLE batch (
    number       INTEGER PRIMARY KEY AUTOINCREMENT,
    at           INTEGER NOT NULL,
    actor        TEXT NOT NULL,
    role         TEXT NOT NULL,
    -- The provinces of its alerts, separated by `;`: of others' batches nobody sees those of other provinces.
    provinces    TEXT NOT NULL,
    action       TEXT NOT NULL,
    assignee     TEXT,
    verdict      TEXT,
    -- Encrypted.
    note         BLOB,
    state        TEXT NOT NULL CHECK (state IN ('proposed', 'under_way', 'done', 'returned', 'undoing', 'undone')),
    -- Who approved or returned it; nobody where one alone may.
    decided_at   INTEGER,
    decider      TEXT,
    decided_note BLOB,
    undone_at    INTEGER,
    undoer       TEXT,
    undoer_role  TEXT,
    undone_note  BLOB,
    CHECK (decider IS NULL OR decider <> actor)
) STRICT;

CREATE INDEX batch_to_do ON batch (number) WHERE state IN ('under_way', 'undoing');

CREATE TABLE batch_member (
    batch     INTEGER NOT NULL REFERENCES batch (number),
    alert_id  TEXT NOT NULL REFERENCES item (alert_id),
    -- As it was seen.
    version   INTEGER NOT NULL,
    digest    BLOB NOT NULL CHECK (length(digest) = 16),
    -- None while nothing came of it.
    outcome   TEXT CHECK (outcome IN ('done', 'moved', 'not_allowed', 'undone', 'kept')),
    -- Where people were with it before, and how often it had been acted on after.
    work      TEXT,
    assignee  TEXT,
    since     INTEGER,
    until_day INTEGER,
    due_day   INTEGER,
    verdict   TEXT,
    decided_state  TEXT,
    decided_digest BLOB,
    decided_epoch  INTEGER,
    proposer  TEXT,
    after     INTEGER,
    PRIMARY KEY (batch, alert_id),
    CHECK ((outcome IN ('done', 'undone', 'kept')) = (after IS NOT NULL) OR outcome IS NULL)
) STRICT, WITHOUT ROWID;

CREATE INDEX batch_member_to_do ON batch_member (batch, outcome);

-- The batch that an act was of.
ALTER TABLE event ADD COLUMN batch INTEGER REFERENCES batch (number);

-- Approvers' own verdicts on proposals, before they saw what was proposed: the first of each stands.
CREATE TABLE look (
    -- The number of the event that proposed.
    proposal INTEGER NOT NULL REFERENCES event (number),
    actor    TEXT NOT NULL,
    at       INTEGER NOT NULL,
    verdict  TEXT NOT NULL,
    PRIMARY KEY (proposal, actor)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER look_stays BEFORE UPDATE ON look BEGIN
    SELECT raise(ABORT, 'what was found stays');
END;
CREATE TRIGGER look_is_kept BEFORE DELETE ON look BEGIN
    SELECT raise(ABORT, 'what was found is kept');
END;

-- What an approver had found before.
ALTER TABLE event ADD COLUMN look TEXT;
