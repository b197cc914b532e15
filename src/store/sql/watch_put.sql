INSERT INTO watch (contact_id, trigger_id, subject_id, armed_at, due_at, opening, mark) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
ON CONFLICT (contact_id, trigger_id, subject_id) DO UPDATE SET armed_at = ?4, due_at = ?5, opening = ?6, mark = ?7
