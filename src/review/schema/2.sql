-- Format 2.

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
CREATE INDEX correction_person ON correction (person, at);

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
