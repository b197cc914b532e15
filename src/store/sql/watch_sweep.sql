INSERT INTO watch (contact_id, trigger_id, subject_id, armed_at, due_at, opening)
SELECT contact.id, ?1, 0, ?2, ?2, ?3 FROM contact WHERE true
ON CONFLICT (contact_id, trigger_id, subject_id) DO UPDATE SET armed_at = ?2, due_at = ?2
