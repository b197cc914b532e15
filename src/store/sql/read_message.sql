SELECT outcome_id, contact_id, channel_id, at, body FROM message
WHERE outcome_id = ?1
