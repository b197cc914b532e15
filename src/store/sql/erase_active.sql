SELECT id, sequence_id FROM enrolment WHERE contact_id = ?1 AND open = 1 AND ended_at IS NULL
