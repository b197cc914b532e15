SELECT due_at, contact_id FROM send WHERE rank = ?1 AND due_at <= ?2 ORDER BY due_at, contact_id
