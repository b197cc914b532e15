SELECT count(*) FROM enrolment WHERE rank = ?1 AND due_at <= ?2
