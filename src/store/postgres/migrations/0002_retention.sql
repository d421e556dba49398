-- Alerts are archived when a claim that they rest on is retired, and retired claims are restored.

ALTER TABLE history DROP CONSTRAINT history_kind_check;
ALTER TABLE history ADD CONSTRAINT history_kind_check
    CHECK (kind IN ('raised', 'changed', 'withdrawn', 'archived'));

ALTER TABLE epochs ADD COLUMN archived bigint NOT NULL DEFAULT 0;

-- Rows are added only.
CREATE TABLE restored (
    epoch     bigint NOT NULL,
    stream    text COLLATE "C" NOT NULL,
    facility  text COLLATE "C" NOT NULL,
    -- Text in UTF-8, which may hold a NUL.
    visit_id  bytea NOT NULL,
    until_day bigint NOT NULL,
    PRIMARY KEY (epoch, stream, facility, visit_id)
);
