SELECT id FROM plan_object WHERE kind = ?1 AND name_id = ?2 AND hash = ?3
