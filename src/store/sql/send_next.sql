SELECT min(due_at) FROM send WHERE rank = ?1 AND due_at IS NOT NULL
