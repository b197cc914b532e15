-- People inside a sequence, in the order of their numbers.
SELECT DISTINCT contact_id FROM enrolment
WHERE sequence_id = ?1 AND contact_id > ?2 AND ended_at IS NULL ORDER BY contact_id LIMIT ?3
