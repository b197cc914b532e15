-- Sequences that somebody is in, by one look into the index each.
WITH RECURSIVE inside (id) AS (
  SELECT min(sequence_id) FROM enrolment WHERE ended_at IS NULL
  UNION ALL
  SELECT (SELECT min(sequence_id) FROM enrolment WHERE ended_at IS NULL AND sequence_id > inside.id) FROM inside
  WHERE inside.id IS NOT NULL
)
SELECT id FROM inside WHERE id IS NOT NULL
