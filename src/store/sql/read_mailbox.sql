-- The latest messages before one.
SELECT outcome_id, contact_id, channel_id, at, body FROM message
WHERE outcome_id < ?1 ORDER BY outcome_id DESC LIMIT ?2
