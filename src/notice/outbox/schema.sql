-- An outbox of change notices. Rows of notice are added and never changed or removed; a delivery is
-- what is known of one notice at one sink. Times are milliseconds since 1970-01-01T00:00Z.

CREATE TABLE meta (
    name  TEXT PRIMARY KEY,
    value ANY NOT NULL
) STRICT, WITHOUT ROWID;

-- A value of a record of a database, and the latest version about it. The head is no foreign key: SQLite
-- would look for it among all targets with each notice that is added.
CREATE TABLE target (
    id       INTEGER PRIMARY KEY,
    database TEXT NOT NULL,
    stream   TEXT NOT NULL,
    record   TEXT NOT NULL,
    field    TEXT NOT NULL,
    head     INTEGER NOT NULL,
    UNIQUE (database, stream, record, field)
) STRICT;

-- A version about a value: what is proposed, or that nothing is any more.
CREATE TABLE notice (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    target  INTEGER NOT NULL REFERENCES target (id),
    version INTEGER NOT NULL CHECK (version > 0),
    kind    TEXT NOT NULL CHECK (kind IN ('proposed', 'cancelled')),
    -- The idempotency key.
    key     TEXT NOT NULL UNIQUE,
    digest  BLOB NOT NULL,
    -- Names, separated by spaces.
    reasons TEXT NOT NULL,
    body    TEXT NOT NULL,
    made_at INTEGER NOT NULL,
    UNIQUE (target, version)
) STRICT;

-- Where notices of a database go.
CREATE TABLE sink (
    name            TEXT PRIMARY KEY,
    database        TEXT NOT NULL,
    kind            TEXT NOT NULL,
    -- Notices up to this one have a delivery where they need one.
    planned_through INTEGER NOT NULL DEFAULT 0,
    -- Failures in a row, and until when nothing is sent.
    failures        INTEGER NOT NULL DEFAULT 0,
    paused_until    INTEGER,
    last_error      TEXT,
    last_error_at   INTEGER,
    last_success_at INTEGER
) STRICT, WITHOUT ROWID;

CREATE TABLE delivery (
    notice          INTEGER NOT NULL REFERENCES notice (id),
    sink            TEXT NOT NULL REFERENCES sink (name),
    -- pending: to be sent; delivered: the sink took it; failed: the sink refused it for good;
    -- superseded: a later version took its place; unneeded: a cancellation of what was never sent.
    state           TEXT NOT NULL
        CHECK (state IN ('pending', 'delivered', 'failed', 'superseded', 'unneeded')),
    -- Attempts begun. One that is begun may have arrived.
    attempts        INTEGER NOT NULL DEFAULT 0,
    -- Attempts that the sink answered with a refusal.
    refusals        INTEGER NOT NULL DEFAULT 0,
    -- Since when it is to be sent.
    planned_at      INTEGER NOT NULL,
    next_attempt_at INTEGER NOT NULL,
    last_attempt_at INTEGER,
    delivered_at    INTEGER,
    last_error      TEXT,
    PRIMARY KEY (notice, sink)
) STRICT, WITHOUT ROWID;

CREATE INDEX delivery_due ON delivery (sink, state, next_attempt_at, notice);
