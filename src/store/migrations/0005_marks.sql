-- Who is remembered as inside a segment, or as put off, for rounds that compare sets: 0 inside, 1 put off.
ALTER TABLE watch ADD COLUMN mark INTEGER;
CREATE INDEX watch_mark ON watch (trigger_id, contact_id, mark) WHERE mark IS NOT NULL;
