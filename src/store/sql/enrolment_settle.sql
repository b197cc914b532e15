-- Runs that are on this revision wait for what they waited for, should another revision have come between.
UPDATE enrolment SET due_at = CASE WHEN wait IN (0, 5) THEN coalesce(until_at, due_at) END, until_at = NULL
WHERE sequence_id = ?1 AND ended_at IS NULL AND object_id IS ?2
  AND (until_at IS NOT NULL OR (wait NOT IN (0, 5) AND due_at IS NOT NULL))
