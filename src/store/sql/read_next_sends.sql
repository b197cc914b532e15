SELECT contact_id, due_at, rank, id FROM send WHERE contact_id = ?1 AND due_at IS NOT NULL
