SELECT max(entered_at) FROM enrolment WHERE contact_id = ?1 AND sequence_id = ?2
