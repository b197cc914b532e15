-- Runs of a sequence that changed are looked at now; their own moment is kept.
UPDATE enrolment SET until_at = coalesce(until_at, due_at), due_at = ?3
WHERE sequence_id = ?1 AND ended_at IS NULL AND object_id IS NOT ?2
