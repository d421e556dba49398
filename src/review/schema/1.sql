-- Alerts as people work on them. Times are milliseconds since 1970-01-01T00:00Z, days are counted from 1970-01-01, amounts
-- are thousandths of dong, scores ten-thousandths, epochs numbers of the journal.

CREATE TABLE meta (
    one             INTEGER PRIMARY KEY CHECK (one = 1),
    -- Tells whether the key is the one that notes and groups were made with.
    key_check       BLOB NOT NULL CHECK (length(key_check) = 32),
    -- The machine's axis is that of the alert store after this epoch; none before the first.
    projected_epoch INTEGER,
    -- When that epoch was sealed.
    projected_at    INTEGER
) STRICT;

-- An alert with both axes. Rows are added and changed, never removed.
CREATE TABLE item (
    alert_id           TEXT PRIMARY KEY CHECK (length(alert_id) = 32),
    -- The machine's axis.
    reason             TEXT NOT NULL,
    class              TEXT NOT NULL,
    severity           TEXT NOT NULL,
    subject_kind       TEXT NOT NULL,
    facility           TEXT,
    province           TEXT,
    person             BLOB,
    card               BLOB,
    masked             TEXT NOT NULL,
    amount             INTEGER NOT NULL,
    grade              INTEGER,
    cause              TEXT,
    score              INTEGER,
    misuse_probability INTEGER,
    priority           INTEGER NOT NULL,
    service_day        INTEGER,
    raised_at          INTEGER NOT NULL,
    raised_epoch       INTEGER NOT NULL,
    changed_epoch      INTEGER NOT NULL,
    state              TEXT NOT NULL CHECK (state IN ('active', 'withdrawn', 'archived')),
    digest             BLOB NOT NULL CHECK (length(digest) = 16),
    -- People's axis.
    work               TEXT NOT NULL CHECK (work IN ('new', 'assigned', 'in_review', 'waiting', 'snoozed', 'escalated',
                                                     'proposed', 'returned', 'closed', 'reopened')),
    assignee           TEXT,
    since              INTEGER NOT NULL,
    until_day          INTEGER,
    due_day            INTEGER NOT NULL,
    verdict            TEXT,
    decided_state      TEXT,
    decided_digest     BLOB,
    decided_epoch      INTEGER,
    proposer           TEXT,
    version            INTEGER NOT NULL,
    -- The list on which it is; `left` is on none.
    place              TEXT NOT NULL GENERATED ALWAYS AS (
        CASE
            WHEN work = 'closed' AND (digest <> decided_digest OR (state = 'withdrawn') <> (decided_state = 'withdrawn')) THEN 'recheck'
            WHEN work = 'closed' THEN 'closed'
            WHEN state = 'withdrawn' AND work IN ('new', 'assigned') THEN 'left'
            WHEN work IN ('new', 'reopened') THEN 'open'
            WHEN work = 'escalated' THEN 'escalated'
            WHEN work = 'proposed' THEN 'proposed'
            ELSE 'under_way'
        END) STORED,
    -- Only what is closed or proposed has a verdict, and what is closed has one with what it was decided on.
    CHECK ((verdict IS NULL) = (decided_digest IS NULL)),
    CHECK (work <> 'closed' OR verdict IS NOT NULL)
) STRICT;

-- The queue: in order, with what lists filter by.
CREATE INDEX item_queue ON item (place, priority DESC, alert_id, reason, class, province, due_day, raised_epoch);
CREATE INDEX item_reason ON item (place, reason, priority DESC, alert_id, province, raised_epoch);
CREATE INDEX item_assignee ON item (assignee, work) WHERE assignee IS NOT NULL;
CREATE INDEX item_facility ON item (facility, priority DESC, alert_id) WHERE facility IS NOT NULL;
CREATE INDEX item_person ON item (person) WHERE person IS NOT NULL;
CREATE INDEX item_card ON item (card) WHERE card IS NOT NULL;
CREATE INDEX item_until ON item (until_day) WHERE until_day IS NOT NULL;

-- What was done about alerts.
CREATE TABLE event (
    number   INTEGER PRIMARY KEY AUTOINCREMENT,
    at       INTEGER NOT NULL,
    alert_id TEXT NOT NULL REFERENCES item (alert_id),
    -- None where time did it.
    actor    TEXT,
    role     TEXT,
    action   TEXT NOT NULL,
    from_    TEXT NOT NULL,
    to_      TEXT NOT NULL,
    assignee TEXT,
    until_day INTEGER,
    verdict  TEXT,
    -- Encrypted.
    note     BLOB,
    digest   BLOB NOT NULL CHECK (length(digest) = 16),
    epoch    INTEGER NOT NULL,
    -- The number of the first event of those that were done as one.
    bulk     INTEGER,
    CHECK ((actor IS NULL) = (role IS NULL))
) STRICT;

CREATE INDEX event_alert ON event (alert_id, number);

CREATE TRIGGER event_stays BEFORE UPDATE ON event BEGIN
    SELECT raise(ABORT, 'what was done stays');
END;
CREATE TRIGGER event_is_kept BEFORE DELETE ON event BEGIN
    SELECT raise(ABORT, 'what was done is kept');
END;

-- What was shown unmasked, to whom and why; never what it said.
CREATE TABLE reveal (
    number     INTEGER PRIMARY KEY AUTOINCREMENT,
    at         INTEGER NOT NULL,
    alert_id   TEXT NOT NULL REFERENCES item (alert_id),
    actor      TEXT NOT NULL,
    role       TEXT NOT NULL,
    purpose    TEXT NOT NULL CHECK (purpose IN ('identity_check', 'contact_provider', 'compare_records',
                                                'data_subject_request', 'court_or_inspection', 'other_documented')),
    -- Encrypted.
    note       BLOB,
    -- Which of the rows behind the alert, from 1 on.
    row_number INTEGER NOT NULL CHECK (row_number > 0),
    -- The names of the fields, separated by `;`.
    fields     TEXT NOT NULL CHECK (fields <> ''),
    -- Whom the row is about, as a pseudonym.
    subject    BLOB,
    epoch      INTEGER NOT NULL,
    CHECK (purpose <> 'other_documented' OR note IS NOT NULL)
) STRICT;

CREATE INDEX reveal_alert ON reveal (alert_id, number);
CREATE INDEX reveal_actor ON reveal (actor, at);

CREATE TRIGGER reveal_stays BEFORE UPDATE ON reveal BEGIN
    SELECT raise(ABORT, 'what was shown stays');
END;
CREATE TRIGGER reveal_is_kept BEFORE DELETE ON reveal BEGIN
    SELECT raise(ABORT, 'what was shown is kept');
END;

-- Searches of the last hour, which bound the next; whom they were for is in the access log.
CREATE TABLE search (
    at    INTEGER NOT NULL,
    actor TEXT NOT NULL
) STRICT;

CREATE INDEX search_actor ON search (actor, at);

-- Which citizens are which persons of the insurance, both as pseudonyms.
CREATE TABLE citizen (
    citizen BLOB NOT NULL CHECK (length(citizen) = 16),
    person  BLOB NOT NULL CHECK (length(person) = 16),
    PRIMARY KEY (citizen, person)
) STRICT, WITHOUT ROWID;

CREATE INDEX citizen_person ON citizen (person, citizen);

-- What the machine did to alerts: when each was raised, changed, withdrawn, archived, and what by.
CREATE TABLE change (
    alert_id TEXT NOT NULL,
    epoch    INTEGER NOT NULL,
    at       INTEGER NOT NULL,
    kind     TEXT NOT NULL CHECK (kind IN ('raised', 'changed', 'withdrawn', 'archived')),
    -- The streams of the rows that it was caused by, separated by `;`.
    causes   TEXT NOT NULL,
    PRIMARY KEY (alert_id, epoch)
) STRICT, WITHOUT ROWID;

CREATE INDEX change_epoch ON change (epoch, alert_id, kind);
