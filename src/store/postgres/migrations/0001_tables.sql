-- An alert store. Epochs are numbers of the journal; amounts are thousandths of dong, scores
-- ten-thousandths; times are milliseconds since 1970-01-01T00:00Z, but those that are text, which are
-- written as in the line. Texts are ordered by their bytes, as in every other store.

CREATE TABLE meta (
    one             bigint PRIMARY KEY CHECK (one = 1),
    schema_version  bigint NOT NULL,
    journal_id      bytea NOT NULL CHECK (octet_length(journal_id) = 16),
    generation      bigint NOT NULL,
    -- None before the first epoch.
    committed_epoch bigint,
    clock_day       bigint
);

-- Rows are added and changed, never removed.
CREATE TABLE alerts (
    alert_id           text COLLATE "C" PRIMARY KEY CHECK (length(alert_id) = 32),
    reason             text COLLATE "C" NOT NULL,
    class              text COLLATE "C" NOT NULL,
    severity           text COLLATE "C" NOT NULL,
    subject_kind       text COLLATE "C" NOT NULL,
    subject_id         text COLLATE "C" NOT NULL,
    amount             bigint NOT NULL,
    grade              bigint,
    cause              text COLLATE "C",
    score              bigint,
    misuse_probability bigint,
    priority           bigint NOT NULL,
    raised_at          text COLLATE "C" NOT NULL,
    raised_epoch       bigint NOT NULL,
    changed_epoch      bigint NOT NULL,
    state              text COLLATE "C" NOT NULL CHECK (state IN ('active', 'withdrawn', 'archived')),
    line               text COLLATE "C" NOT NULL
);

-- The one index beside the key: each more would cost a commit two more pages an alert. The queue of all
-- reasons is put together of theirs.
CREATE INDEX alerts_queue ON alerts (state, reason, priority DESC, alert_id, class);

-- Rows are added only.
CREATE TABLE history (
    epoch    bigint NOT NULL,
    alert_id text COLLATE "C" NOT NULL,
    kind     text COLLATE "C" NOT NULL CHECK (kind IN ('raised', 'changed', 'withdrawn')),
    at       text COLLATE "C" NOT NULL,
    reason   text COLLATE "C" NOT NULL,
    line     text COLLATE "C" NOT NULL,
    PRIMARY KEY (epoch, alert_id)
);

-- The text of a refused row is in the journal, under its epoch and ordinal.
CREATE TABLE rejects (
    epoch             bigint NOT NULL,
    ordinal           bigint NOT NULL,
    source            text COLLATE "C" NOT NULL,
    stream            text COLLATE "C" NOT NULL,
    file              text COLLATE "C",
    row               bigint NOT NULL,
    code              text COLLATE "C" NOT NULL,
    message           text COLLATE "C" NOT NULL,
    received_at       bigint NOT NULL,
    state             text COLLATE "C" NOT NULL CHECK (state IN ('open', 'repaired', 'dismissed')),
    repaired_by_epoch bigint,
    PRIMARY KEY (epoch, ordinal)
);

CREATE INDEX rejects_state ON rejects (state, epoch, ordinal);

CREATE TABLE positions (
    source    text COLLATE "C" NOT NULL,
    partition text COLLATE "C" NOT NULL,
    position  text COLLATE "C" NOT NULL,
    epoch     bigint NOT NULL,
    PRIMARY KEY (source, partition)
);

CREATE TABLE requests (
    principal   text COLLATE "C" NOT NULL,
    key_digest  bytea NOT NULL CHECK (octet_length(key_digest) = 32),
    body_digest bytea NOT NULL CHECK (octet_length(body_digest) = 32),
    epoch       bigint NOT NULL,
    response    text COLLATE "C" NOT NULL,
    received_at bigint NOT NULL,
    PRIMARY KEY (principal, key_digest)
);

CREATE INDEX requests_age ON requests (received_at);

CREATE TABLE epochs (
    epoch     bigint PRIMARY KEY,
    digest    bytea NOT NULL CHECK (octet_length(digest) = 32),
    at        bigint NOT NULL,
    rows      bigint NOT NULL,
    raised    bigint NOT NULL,
    changed   bigint NOT NULL,
    withdrawn bigint NOT NULL
);
