-- People who sign in, and their sessions. Times are milliseconds since 1970-01-01T00:00Z.
CREATE TABLE user (
    -- Never given twice.
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE,
    display_name TEXT NOT NULL,
    role TEXT NOT NULL,
    -- Codes with commas between; nothing for all.
    provinces TEXT NOT NULL,
    language TEXT NOT NULL,
    state TEXT NOT NULL,
    -- Argon2id, as a PHC string.
    password TEXT,
    totp BLOB CHECK (length(totp) = 20),
    -- The last step of 30 seconds whose code was used.
    totp_step INTEGER,
    setup_digest BLOB CHECK (length(setup_digest) = 32),
    setup_expires_at INTEGER,
    -- Shown to the person, and not confirmed yet.
    setup_totp BLOB CHECK (length(setup_totp) = 20),
    failed INTEGER NOT NULL DEFAULT 0,
    failed_at INTEGER NOT NULL DEFAULT 0,
    locked_until INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL,
    changed_at INTEGER NOT NULL
) STRICT;

CREATE TABLE session (
    -- Of what the browser has.
    digest BLOB PRIMARY KEY CHECK (length(digest) = 32),
    user INTEGER NOT NULL REFERENCES user (id),
    csrf BLOB NOT NULL CHECK (length(csrf) = 32),
    created_at INTEGER NOT NULL,
    seen_at INTEGER NOT NULL,
    verified_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX session_of_user ON session (user);

-- Failed attempts at names that nobody has, counted like those of users, by a keyed digest. A name itself is not kept:
-- it may be a password at the wrong place.
CREATE TABLE stranger (
    bucket INTEGER PRIMARY KEY CHECK (bucket BETWEEN 0 AND 4095),
    failed INTEGER NOT NULL,
    failed_at INTEGER NOT NULL,
    locked_until INTEGER NOT NULL
) STRICT;

-- What the digests are keyed with, so that nobody outside knows which names share a place.
CREATE TABLE stranger_key (
    key BLOB NOT NULL CHECK (length(key) = 32)
) STRICT;

INSERT INTO stranger_key (key) VALUES (randomblob(32));
