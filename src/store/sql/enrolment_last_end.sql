SELECT max(ended_at) FROM enrolment
WHERE contact_id = ?1 AND sequence_id = ?2 AND subject_id = ?3 AND ended_at IS NOT NULL AND flags & 2
