INSERT INTO booking (id, contact_id, status, generation, starts_at, body, kind, host, clinic)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
ON CONFLICT (id) DO UPDATE SET contact_id = ?2, status = ?3, generation = ?4, starts_at = ?5, body = ?6, kind = ?7, host = ?8,
  clinic = ?9
