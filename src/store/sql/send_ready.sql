SELECT contact_id, id FROM send WHERE channel_id = ?1 AND state = 2 ORDER BY rank, planned_at, id LIMIT ?2
