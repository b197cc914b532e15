INSERT INTO booking (id, contact_id, status, generation, starts_at, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
ON CONFLICT (id) DO UPDATE SET contact_id = ?2, status = ?3, generation = ?4, starts_at = ?5, body = ?6
