-- What identifies people is sealed: of each alert its subject and its line, of history the lines.

-- What tells the key from others, and nothing of it.
ALTER TABLE meta ADD COLUMN key_check BLOB CHECK (length(key_check) = 32);
-- 1 until the tables were written anew, so that nothing that was plain is left in the place of what is sealed.
ALTER TABLE meta ADD COLUMN has_plain_left INTEGER NOT NULL DEFAULT 0;
ALTER TABLE alerts ADD COLUMN sealed BLOB NOT NULL DEFAULT x'';
ALTER TABLE history ADD COLUMN sealed BLOB NOT NULL DEFAULT x'';
