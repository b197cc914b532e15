-- Runs whose sequence left the plan are not due until it comes back.
UPDATE enrolment SET until_at = coalesce(until_at, due_at), due_at = NULL
WHERE sequence_id = ?1 AND ended_at IS NULL AND due_at IS NOT NULL
