-- Where a run stands is for what was decided; what started it and what it read is personal.
UPDATE enrolment SET started_by = NULL, taken = NULL, worth = NULL, open = CASE WHEN ended_at IS NULL THEN open ELSE 0 END
WHERE contact_id = ?1
