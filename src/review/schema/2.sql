-- Format 2.

-- Many alerts that are acted on as one. The alerts of a batch are those that its author saw, each as they saw it.
CREATE TABLE batch (
    number       INTEGER PRIMARY KEY AUTOINCREMENT,
    at           INTEGER NOT NULL,
    actor        TEXT NOT NULL,
    role         TEXT NOT NULL,
    -- The provinces of its alerts, separated by `,`: of others' batches nobody sees those of other provinces.
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
CREATE INDEX batch_proposed ON batch (number) WHERE state = 'proposed';

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
CREATE TABLE second_look (
    -- The number of the event that proposed.
    proposal INTEGER NOT NULL REFERENCES event (number),
    actor    TEXT NOT NULL,
    at       INTEGER NOT NULL,
    verdict  TEXT NOT NULL,
    PRIMARY KEY (proposal, actor)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER second_look_stays BEFORE UPDATE ON second_look BEGIN
    SELECT raise(ABORT, 'what was found stays');
END;
CREATE TRIGGER second_look_is_kept BEFORE DELETE ON second_look BEGIN
    SELECT raise(ABORT, 'what was found is kept');
END;

-- What an approver had found before.
ALTER TABLE event ADD COLUMN look TEXT;

-- What was typed in a month, until the month is erased.
CREATE INDEX event_typed ON event (at, alert_id) WHERE note IS NOT NULL AND batch IS NULL;

-- How fast somebody approves.
CREATE INDEX event_approval ON event (actor, at) WHERE action = 'approve';

-- What the machine said of an alert from an epoch on, until the next: what is compared between two looks. An epoch that the
-- desk passed over has none: whoever looked, did so at one that it did not.
CREATE TABLE version (
    alert_id           TEXT NOT NULL,
    epoch              INTEGER NOT NULL,
    class              TEXT NOT NULL,
    severity           TEXT NOT NULL,
    amount             INTEGER NOT NULL,
    grade              INTEGER,
    cause              TEXT,
    score              INTEGER,
    misuse_probability INTEGER,
    priority           INTEGER NOT NULL,
    service_day        INTEGER,
    state              TEXT NOT NULL CHECK (state IN ('active', 'withdrawn', 'archived')),
    digest             BLOB NOT NULL CHECK (length(digest) = 16),
    PRIMARY KEY (alert_id, epoch)
) STRICT, WITHOUT ROWID;

CREATE INDEX version_epoch ON version (epoch, alert_id);

INSERT INTO version
    SELECT alert_id, changed_epoch, class, severity, amount, grade, cause, score, misuse_probability, priority, service_day,
        state, digest
    FROM item;

-- Up to where somebody has seen a place: a list, what they have, an alert.
CREATE TABLE seen_place (
    who         TEXT NOT NULL,
    place       TEXT NOT NULL,
    -- What differences are taken from: an epoch, the number of an event, a time.
    epoch       INTEGER NOT NULL,
    event       INTEGER NOT NULL,
    at          INTEGER NOT NULL,
    -- Up to where differences were shown last: they are taken from there once there is another.
    shown_epoch INTEGER NOT NULL,
    shown_event INTEGER NOT NULL,
    shown_at    INTEGER NOT NULL,
    PRIMARY KEY (who, place)
) STRICT, WITHOUT ROWID;

CREATE INDEX event_actor ON event (actor, alert_id) WHERE actor IS NOT NULL;

-- Assertions of portals that were used, until they expire: none is good twice. The digest is keyed.
CREATE TABLE used_assertion (
    digest BLOB PRIMARY KEY CHECK (length(digest) = 16),
    until  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX used_assertion_until ON used_assertion (until);

-- What citizens asked for in the last hour, which bounds what they ask for next.
CREATE TABLE portal_request (
    at     INTEGER NOT NULL,
    portal TEXT NOT NULL,
    -- A pseudonym.
    person BLOB NOT NULL CHECK (length(person) = 16)
) STRICT;

CREATE INDEX portal_request_person ON portal_request (person, at);
CREATE INDEX portal_request_portal ON portal_request (portal, at);
CREATE INDEX portal_request_at ON portal_request (at);

-- What citizens say is wrong in their records.
CREATE TABLE correction (
    reference   TEXT PRIMARY KEY CHECK (length(reference) = 32),
    at          INTEGER NOT NULL,
    due_day     INTEGER NOT NULL,
    portal      TEXT NOT NULL,
    -- A pseudonym.
    person      BLOB NOT NULL CHECK (length(person) = 16),
    stream      TEXT NOT NULL,
    field       TEXT NOT NULL,
    -- Encrypted, as all that was typed: the number of whom it is about, what is right, and more about it.
    subject     BLOB NOT NULL,
    should_be   BLOB NOT NULL,
    note        BLOB,
    state       TEXT NOT NULL CHECK (state IN ('received', 'in_review', 'accepted', 'refused')),
    handler     TEXT,
    answer      BLOB,
    answered_at INTEGER,
    version     INTEGER NOT NULL,
    CHECK ((state = 'received') = (handler IS NULL)),
    CHECK ((state IN ('accepted', 'refused')) = (answer IS NOT NULL)),
    CHECK ((answer IS NULL) = (answered_at IS NULL))
) STRICT;

CREATE INDEX correction_list ON correction (state, due_day, reference);
CREATE INDEX correction_of_person ON correction (person, at);

-- Under which pseudonyms alerts of that person are: as a citizen, and as each participant that they are.
CREATE TABLE correction_person (
    person    BLOB NOT NULL CHECK (length(person) = 16),
    reference TEXT NOT NULL REFERENCES correction (reference),
    PRIMARY KEY (person, reference)
) STRICT, WITHOUT ROWID;

-- What was done about them.
CREATE TABLE correction_event (
    number    INTEGER PRIMARY KEY AUTOINCREMENT,
    at        INTEGER NOT NULL,
    reference TEXT NOT NULL REFERENCES correction (reference),
    -- The portal, where the citizen did it.
    actor     TEXT NOT NULL,
    role      TEXT NOT NULL,
    action    TEXT NOT NULL CHECK (action IN ('request', 'start', 'release', 'accept', 'refuse', 'reveal')),
    epoch     INTEGER NOT NULL
) STRICT;

CREATE INDEX correction_event_reference ON correction_event (reference, number);
CREATE INDEX correction_event_actor ON correction_event (actor, at);

CREATE TRIGGER correction_event_stays BEFORE UPDATE ON correction_event BEGIN
    SELECT raise(ABORT, 'what was done stays');
END;
CREATE TRIGGER correction_event_is_kept BEFORE DELETE ON correction_event BEGIN
    SELECT raise(ABORT, 'what was done is kept');
END;
CREATE TRIGGER correction_is_kept BEFORE DELETE ON correction BEGIN
    SELECT raise(ABORT, 'what was asked for is kept');
END;
CREATE TRIGGER correction_answer_stays BEFORE UPDATE ON correction WHEN OLD.answer IS NOT NULL BEGIN
    SELECT raise(ABORT, 'what was answered stays');
END;

-- Whether all that the alert store has was here once: of what fills a desk for the first time no receiver is told.
ALTER TABLE meta ADD COLUMN is_filled INTEGER NOT NULL DEFAULT 0 CHECK (is_filled IN (0, 1));
UPDATE meta SET is_filled = 1 WHERE projected_epoch IS NOT NULL;

-- What receivers of webhooks are to be told of alerts: written with what changed, removed once all have it. Nothing in it is
-- of a person.
CREATE TABLE webhook_message (
    number   INTEGER PRIMARY KEY AUTOINCREMENT,
    -- The same at each attempt, and for the same change again.
    id       TEXT NOT NULL,
    at       INTEGER NOT NULL,
    kind     TEXT NOT NULL CHECK (kind IN ('raised', 'changed', 'withdrawn', 'archived')),
    alert_id TEXT NOT NULL,
    reason   TEXT NOT NULL,
    severity TEXT NOT NULL,
    priority INTEGER NOT NULL,
    state    TEXT NOT NULL CHECK (state IN ('active', 'withdrawn', 'archived')),
    epoch    INTEGER NOT NULL
) STRICT;

-- How often something was told of an alert, which tells its messages apart.
CREATE TABLE webhook_alert (
    alert_id TEXT PRIMARY KEY,
    told     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- The receivers of the configuration.
CREATE TABLE webhook_receiver (
    name      TEXT PRIMARY KEY,
    -- A keyed digest of what the configuration says of it.
    settings  BLOB NOT NULL CHECK (length(settings) = 16),
    -- The number of the last message that it has, or does not want.
    delivered INTEGER NOT NULL,
    -- It said that nothing is expected there any more.
    is_stopped INTEGER NOT NULL CHECK (is_stopped IN (0, 1))
) STRICT, WITHOUT ROWID;

-- Since when months are due to be erased by the schedule.
CREATE TABLE scheduled_erasure (
    month TEXT PRIMARY KEY,
    at    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Months that are erased and are in the access log: of what arrived, or of what people typed.
CREATE TABLE erased_month (
    kind  TEXT NOT NULL CHECK (kind IN ('journal', 'review')),
    month TEXT NOT NULL,
    at    INTEGER NOT NULL,
    PRIMARY KEY (kind, month)
) STRICT, WITHOUT ROWID;
