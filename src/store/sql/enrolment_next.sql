SELECT min(due_at) FROM enrolment WHERE rank = ?1 AND due_at IS NOT NULL
