-- Everything is sealed now.
ALTER TABLE alerts DROP COLUMN subject_id;
ALTER TABLE alerts DROP COLUMN line;
ALTER TABLE history DROP COLUMN line;
