SELECT outcome_id, contact_id, channel_id, at, body FROM message
WHERE contact_id = ?1 ORDER BY outcome_id
