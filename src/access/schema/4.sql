-- Who of an identity provider is which user. What the provider calls a person is its own, and is not a name.
CREATE TABLE identity (
    issuer TEXT NOT NULL,
    subject TEXT NOT NULL,
    -- Of a user whom the provider brought: there is no password beside it.
    user INTEGER NOT NULL UNIQUE REFERENCES user (id),
    created_at INTEGER NOT NULL,
    PRIMARY KEY (issuer, subject)
) STRICT, WITHOUT ROWID;

-- What the provider calls its own session, where it began this one and says so.
ALTER TABLE session ADD COLUMN provider_session TEXT;
-- The browser that it is in, where its user signed in with their password.
ALTER TABLE session ADD COLUMN device BLOB CHECK (length(device) = 32);

-- Browsers in which users have signed in with their password. Failures in one are counted by themselves, so that nobody
-- else locks its user out of it.
CREATE TABLE device (
    -- Of what the browser has.
    digest BLOB PRIMARY KEY CHECK (length(digest) = 32),
    user INTEGER NOT NULL REFERENCES user (id),
    -- When its user last signed in with it.
    seen_at INTEGER NOT NULL,
    failed INTEGER NOT NULL DEFAULT 0,
    failed_at INTEGER NOT NULL DEFAULT 0,
    locked_until INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;

CREATE INDEX device_of_user ON device (user);
