UPDATE enrolment SET open = 0 WHERE id = ?1 AND open = 1 AND ended_at IS NOT NULL
