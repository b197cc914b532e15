SELECT due_at, contact_id FROM watch WHERE due_at <= ?1 ORDER BY due_at, contact_id
