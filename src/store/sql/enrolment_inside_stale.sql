-- Those of them who stand on another revision than this one.
SELECT DISTINCT contact_id FROM enrolment
WHERE sequence_id = ?1 AND contact_id > ?2 AND ended_at IS NULL AND object_id IS NOT ?4 ORDER BY contact_id LIMIT ?3
