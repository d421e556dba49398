-- An alert store. Epochs are numbers of the journal; amounts are thousandths of dong, scores
-- ten-thousandths; times are milliseconds since 1970-01-01T00:00Z, but those that are text, which are
-- written as in the line.

CREATE TABLE meta (
    one             INTEGER PRIMARY KEY CHECK (one = 1),
    schema_version  INTEGER NOT NULL,
    journal_id      BLOB NOT NULL CHECK (length(journal_id) = 16),
    generation      INTEGER NOT NULL,
    -- None before the first epoch.
    committed_epoch INTEGER,
    clock_day       INTEGER
) STRICT;

-- Rows are added and changed, never removed.
CREATE TABLE alerts (
    alert_id           TEXT PRIMARY KEY CHECK (length(alert_id) = 32),
    reason             TEXT NOT NULL,
    class              TEXT NOT NULL,
    severity           TEXT NOT NULL,
    subject_kind       TEXT NOT NULL,
    subject_id         TEXT NOT NULL,
    amount             INTEGER NOT NULL,
    grade              INTEGER,
    cause              TEXT,
    score              INTEGER,
    misuse_probability INTEGER,
    priority           INTEGER NOT NULL,
    raised_at          TEXT NOT NULL,
    raised_epoch       INTEGER NOT NULL,
    changed_epoch      INTEGER NOT NULL,
    state              TEXT NOT NULL CHECK (state IN ('active', 'withdrawn', 'archived')),
    line               TEXT NOT NULL
) STRICT;

-- The one index beside the key: each more would cost a commit two more pages an alert. The queue of all
-- reasons is put together of theirs.
CREATE INDEX alerts_queue ON alerts (state, reason, priority DESC, alert_id, class);

-- Rows are added only.
CREATE TABLE history (
    id       INTEGER PRIMARY KEY,
    epoch    INTEGER NOT NULL,
    alert_id TEXT NOT NULL,
    kind     TEXT NOT NULL CHECK (kind IN ('raised', 'changed', 'withdrawn')),
    at       TEXT NOT NULL,
    reason   TEXT NOT NULL,
    line     TEXT NOT NULL,
    UNIQUE (epoch, alert_id)
) STRICT;

-- The text of a refused row is in the journal, under its epoch and ordinal.
CREATE TABLE rejects (
    epoch             INTEGER NOT NULL,
    ordinal           INTEGER NOT NULL,
    source            TEXT NOT NULL,
    stream            TEXT NOT NULL,
    file              TEXT,
    row               INTEGER NOT NULL,
    code              TEXT NOT NULL,
    message           TEXT NOT NULL,
    received_at       INTEGER NOT NULL,
    state             TEXT NOT NULL CHECK (state IN ('open', 'repaired', 'dismissed')),
    repaired_by_epoch INTEGER,
    PRIMARY KEY (epoch, ordinal)
) STRICT;

CREATE INDEX rejects_state ON rejects (state, epoch, ordinal);

CREATE TABLE positions (
    source    TEXT NOT NULL,
    partition TEXT NOT NULL,
    position  TEXT NOT NULL,
    epoch     INTEGER NOT NULL,
    PRIMARY KEY (source, partition)
) STRICT, WITHOUT ROWID;

CREATE TABLE requests (
    principal   TEXT NOT NULL,
    key_digest  BLOB NOT NULL CHECK (length(key_digest) = 32),
    body_digest BLOB NOT NULL CHECK (length(body_digest) = 32),
    epoch       INTEGER NOT NULL,
    response    TEXT NOT NULL,
    received_at INTEGER NOT NULL,
    PRIMARY KEY (principal, key_digest)
) STRICT;

CREATE INDEX requests_age ON requests (received_at);

CREATE TABLE epochs (
    epoch     INTEGER PRIMARY KEY,
    digest    BLOB NOT NULL CHECK (length(digest) = 32),
    at        INTEGER NOT NULL,
    rows      INTEGER NOT NULL,
    raised    INTEGER NOT NULL,
    changed   INTEGER NOT NULL,
    withdrawn INTEGER NOT NULL
) STRICT;
