-- Runs whose sequence is back wait for what they waited for.
UPDATE enrolment SET due_at = until_at, until_at = NULL
WHERE sequence_id = ?1 AND ended_at IS NULL AND due_at IS NULL AND until_at IS NOT NULL
