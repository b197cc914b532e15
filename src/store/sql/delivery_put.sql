INSERT INTO delivery (id, source_id, dedupe, received_at, state, why, remarks, body)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
ON CONFLICT (dedupe, source_id) DO NOTHING
