SELECT count(*) FROM send WHERE rank = ?1 AND due_at <= ?2
