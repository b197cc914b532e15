SELECT trigger_id, subject_id, armed_at, due_at, opening FROM watch WHERE contact_id = ?1
