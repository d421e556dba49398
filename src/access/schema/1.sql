-- What is kept of tokens. Times are milliseconds since 1970-01-01T00:00Z, days are counted from 1970-01-01.
CREATE TABLE token (
    id TEXT PRIMARY KEY,
    digest BLOB NOT NULL CHECK (length(digest) = 32),
    name TEXT,
    role TEXT NOT NULL,
    streams TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER,
    revoked_at INTEGER,
    last_used_day INTEGER
) STRICT, WITHOUT ROWID;
