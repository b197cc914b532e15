SELECT contact_id, due_at, rank, id, sequence_id, step_id, flags FROM enrolment
WHERE contact_id = ?1 AND open = 1 AND due_at IS NOT NULL
