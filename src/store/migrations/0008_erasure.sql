-- People who were erased: only their number is left (D).
ALTER TABLE contact ADD COLUMN erased_at INTEGER;
-- Addresses of theirs, as hashes keyed with the secret of the database: known again when they come back, not to be read.
CREATE TABLE suppression (
  hash BLOB NOT NULL PRIMARY KEY,
  at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
