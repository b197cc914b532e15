DELETE FROM watch WHERE contact_id = ?1 AND trigger_id = ?2 AND subject_id = ?3
