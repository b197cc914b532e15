-- Runs of a campaign about which somebody decided are looked at now, as if its sequence had changed.
UPDATE enrolment SET until_at = coalesce(until_at, due_at), due_at = ?2, object_id = NULL
WHERE sequence_id = ?1 AND ended_at IS NULL
