-- Format 2.

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
CREATE TABLE look (
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
